"""A server's couriers as a process of their own, to be killed: `python courier_process.py URL LEASE_S`."""

from __future__ import annotations

import random
import ssl
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network

from service import store as stores
from service.webhooks import Courier, Poster, Reach, Round, resolve


def main(url: str, lease_s: str) -> None:
    reach = Reach(networks=(ip_network("127.0.0.0/8"),), plain_http=True)
    courier = Courier(
        stores.build(url, master_key=bytes(range(32))).outbox,
        Poster(reach, resolve, ssl.create_default_context()),
        partial(datetime.now, UTC),
        random.random,
        lambda **_: None,
        timedelta(seconds=float(lease_s)),
    )
    Round(courier, hands=3, poll_s=0.05).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(120)


if __name__ == "__main__":
    main(*sys.argv[1:])
