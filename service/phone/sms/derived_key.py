"""Signatures by a key derived from the secret: AWS Signature Version 4, and Tencent's TC3, which follows it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping


def authorization(
    scheme: str, key: tuple[str, str], stamp: str, scope: str, signed: Mapping[str, str], body: bytes
) -> str:
    """The header `Authorization` of a POST to `/`.

    `scheme`: AWS4 or TC3; `key`: id and secret; `stamp`: the time as the scheme writes it; `scope`: what the key is
    derived for, from the day to the scheme's last word; `signed`: headers by lower-case name.
    """
    names = ";".join(sorted(signed))
    headers = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join(("POST", "/", "", headers, names, hashlib.sha256(body).hexdigest()))
    hashed = hashlib.sha256(request.encode()).hexdigest()
    secret = f"{scheme}{key[1]}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    to_sign = f"{scheme}-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}"
    signature = hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{scheme}-HMAC-SHA256 Credential={key[0]}/{scope}, SignedHeaders={names}, Signature={signature}"
