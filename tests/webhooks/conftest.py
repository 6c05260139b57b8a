"""A receiver on this machine, and a poster that reaches it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from http_receiver import Receiver, receiving

from service.webhooks import Limits, Poster, Reach, resolve

LOOPBACK = Reach(networks=(ip_network("127.0.0.0/8"),), plain_http=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def poster() -> Poster:
    return Poster(LOOPBACK, resolve, ssl.create_default_context(), Limits(deadline_s=5))
