"""A small ledger of one session, as record.md has it."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Record = dict[str, str | int]


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def canonical(value: object) -> bytes:
    """Enough of RFC 8785 for records, whose names are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(record: Record) -> str:
    return hashlib.sha256(b"vantio/record/v1\0" + canonical(record)).hexdigest()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_api_key(tenant_id: str = "acme", plan: str = "local", name: str = "key") -> str:
    maker = private_key("key-maker")
    signer_id = hashlib.sha256(public_bytes(maker)).hexdigest()[:8]
    key_id = hashlib.sha256(name.encode()).hexdigest()[:16]
    secret = hashlib.sha256(b"secret" + name.encode()).digest()
    claims = f"vk1.{tenant_id}.{key_id}.{plan}.0.{signer_id}"
    message = b"vantio/key/v1\0" + claims.encode() + b"\0" + hashlib.sha256(secret).digest()
    return f"{claims}.{_base64url(secret)}.{_base64url(maker.sign(message))}"


def _derived(api_key: str, info: bytes) -> bytes:
    extracted = hmac.digest(b"", api_key.encode(), "sha256")
    return hmac.digest(extracted, info + b"\1", "sha256")


@dataclass
class MadeSession:
    """The records of a session that began, observed `shields` shields, and ended."""

    api_key: str
    name: str = "session"
    root: Ed25519PrivateKey = field(default_factory=lambda: private_key("root"))
    records: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = private_key(self.name)
        self.id = hashlib.sha256(public_bytes(self.key)).hexdigest()[:32]
        tenant_id = self.api_key.split(".")[1]
        message = b"vantio/session-root/v1\0" + tenant_id.encode() + b"\0" + public_bytes(self.key)
        self.add(
            "session_start",
            "RECORDED",
            emitter="test",
            emitter_version="1",
            session_public_key=public_bytes(self.key).hex(),
            session_root_key=public_bytes(self.root).hex(),
            session_root_sig=self.root.sign(message).hex(),
        )

    def add(self, type_: str, action: str, /, **details: str | int) -> Record:
        _, tenant_id, key_id, *_ = self.api_key.split(".")
        seq = len(self.records)
        record: Record = {
            "action_taken": action,
            "event_id": f"019b7ca9-8c88-7{seq >> 14:03x}-{0x8000 | seq & 0x3FFF:04x}-{self.id[:12]}",
            "event_type": type_,
            "evidence": "observed",
            "key_id": key_id,
            "occurred_at": f"2026-01-02T03:04:05.{seq:06}Z",
            "prev": hash_of(self.records[-1]) if self.records else "0" * 64,
            "seq": seq,
            "session_id": self.id,
            "source": "sdk_python",
            "tenant_id": tenant_id,
            "trace_origin": "none",
            "v": 1,
            **details,
        }
        if type_ in ("session_start", "session_head", "session_end"):
            message = b"vantio/session/v1\0" + bytes.fromhex(self.id) + seq.to_bytes(8, "big")
            record["session_sig"] = self.key.sign(message + bytes.fromhex(hash_of(record))).hex()
        self.records.append(record)
        return record

    def observe(self, times: int) -> "MadeSession":
        for _ in range(times):
            self.add("shield_start", "OBSERVED")
        return self

    def end(self) -> "MadeSession":
        self.add("session_end", "RECORDED", end_reason="exit")
        return self


@dataclass
class MadeWriter:
    """A chain of lines."""

    before: str = "0" * 64
    lines: list[bytes] = field(default_factory=list)

    def write(self, api_key: str, *records: Record) -> None:
        for record in records:
            record_mac = hmac.digest(_derived(api_key, b"vantio/record/v1"), canonical(record), "sha256").hex()
            received_at = f"2026-01-02T03:04:06.{len(self.lines):06}Z"
            message = (self.before + received_at + record_mac).encode()
            self.before = hmac.digest(_derived(api_key, b"vantio/received/v1"), message, "sha256").hex()
            line = {
                "received_at": received_at,
                "received_mac": self.before,
                "record": record,
                "record_mac": record_mac,
            }
            self.lines.append(canonical(line))

    def file(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)


def make_lines(api_key: str, records: int, name: str = "session") -> MadeWriter:
    """A whole session of so many records."""
    writer = MadeWriter()
    writer.write(api_key, *MadeSession(api_key, name).observe(records - 2).end().records)
    return writer
