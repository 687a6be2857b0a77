"""API keys as their user names them, and the keys of MACs that are made from them."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import cached_property

from .ed25519 import holds

_SHAPE = re.compile(
    r"vk1\.(?P<tenant_id>[a-z0-9][a-z0-9_-]{0,62})\.(?P<key_id>[0-9a-f]{16})"
    r"\.(?P<plan>free|paid|agent|local|control)\.(?P<expiry>0|[1-9][0-9]{0,11})\.(?P<signer_id>[0-9a-f]{8})"
    r"\.(?P<secret>[A-Za-z0-9_-]{43})\.(?P<signature>[A-Za-z0-9_-]{86})",
    re.ASCII,
)


class ApiKeyError(ValueError):
    """`code` is one of record.md's: malformed_key, unknown_signer, forged_key, expired_key."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _unbase64(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise ApiKeyError("malformed_key")
    return data


def _hkdf(key: bytes, info: bytes) -> bytes:
    """RFC 5869 with an empty salt, one block long."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


@dataclass(frozen=True)
class ApiKey:
    text: str
    tenant_id: str
    key_id: str
    plan: str
    expires_at: int
    signer_id: str
    secret: bytes
    signature: bytes

    @cached_property
    def _record_key(self) -> bytes:
        return _hkdf(self.text.encode(), b"vantio/record/v1")

    @cached_property
    def _received_key(self) -> bytes:
        return _hkdf(self.text.encode(), b"vantio/received/v1")

    def record_mac(self, canonical: bytes) -> str:
        return hmac.digest(self._record_key, canonical, "sha256").hex()

    def received_mac(self, before: str, received_at: str, record_mac: str) -> str:
        return hmac.digest(self._received_key, (before + received_at + record_mac).encode(), "sha256").hex()

    def trace_signature(self, trace_id: str) -> str:
        """The value of `x-vantio-signature`."""
        return hmac.digest(self.text.encode(), trace_id.encode(), "sha256").hex()


def parse_api_key(text: str) -> ApiKey:
    """Reads a key; neither who signed it nor whether it is expired is judged."""
    parts = _SHAPE.fullmatch(text)
    if parts is None:
        raise ApiKeyError("malformed_key")
    try:
        secret, signature = _unbase64(parts["secret"]), _unbase64(parts["signature"])
    except binascii.Error:
        raise ApiKeyError("malformed_key") from None
    names = ("tenant_id", "key_id", "plan")
    claims = {name: parts[name] for name in names}
    return ApiKey(
        text,
        **claims,
        expires_at=int(parts["expiry"]),
        signer_id=parts["signer_id"],
        secret=secret,
        signature=signature,
    )


def check_signer(key: ApiKey, signers: list[bytes], now: int) -> None:
    """Whether one of the key-making public keys made the key, and whether it is valid at `now` (seconds)."""
    by_id = {hashlib.sha256(signer).hexdigest()[:8]: signer for signer in signers}
    signer = by_id.get(key.signer_id)
    if signer is None:
        raise ApiKeyError("unknown_signer")
    claims = key.text.rsplit(".", 2)[0].encode()
    message = b"vantio/key/v1\0" + claims + b"\0" + hashlib.sha256(key.secret).digest()
    if not holds(signer, key.signature, message):
        raise ApiKeyError("forged_key")
    if key.expires_at != 0 and now >= key.expires_at:
        raise ApiKeyError("expired_key")
