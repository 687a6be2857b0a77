"""A small log over a ledger, straight from the texts of C2SP and RFC 6962."""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from .ledger import canonical, private_key, public_bytes


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tree_hash(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is defined."""
    if not entries:
        return _sha256(b"")
    if len(entries) == 1:
        return _sha256(b"\0" + entries[0])
    split = _split(len(entries))
    return _sha256(b"\1" + tree_hash(entries[:split]) + tree_hash(entries[split:]))


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_path(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(entries) == 1:
        return []
    split = _split(len(entries))
    if index < split:
        return [*inclusion_path(index, entries[:split]), tree_hash(entries[split:])]
    return [*inclusion_path(index - split, entries[split:]), tree_hash(entries[:split])]


def consistency_path(first: int, entries: list[bytes], is_whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if first == len(entries):
        return [] if is_whole else [tree_hash(entries)]
    split = _split(len(entries))
    if first <= split:
        return [*consistency_path(first, entries[:split], is_whole), tree_hash(entries[split:])]
    return [*consistency_path(first - split, entries[split:], False), tree_hash(entries[:split])]


def _key_id(name: str, type_: int, key: Ed25519PrivateKey) -> bytes:
    return _sha256(name.encode() + b"\n" + bytes([type_]) + public_bytes(key))[:4]


def vkey(name: str, type_: int, key: Ed25519PrivateKey) -> str:
    material = base64.b64encode(bytes([type_]) + public_bytes(key)).decode()
    return f"{name}+{_key_id(name, type_, key).hex()}+{material}"


def ml_dsa_vkey(name: str, key: MLDSA44PrivateKey) -> str:
    raw = b"\6" + key.public_key().public_bytes_raw()
    id_ = _sha256(name.encode() + b"\n" + raw)[:4]
    return f"{name}+{id_.hex()}+{base64.b64encode(raw).decode()}"


def signature_line(name: str, id_: bytes, signature: bytes) -> str:
    return f"— {name} {base64.b64encode(id_ + signature).decode()}\n"


def cloud_entry(line: bytes, commit_timestamp: str = "2026-01-02T03:04:07.000001Z") -> bytes:
    """Of a row that an export has as this line."""
    value = json.loads(line)
    del value["received_mac"]
    return canonical({"commit_timestamp": commit_timestamp, **value})


def _index(index: int) -> str:
    return f"{index:03}" if index < 1000 else f"x{index // 1000:03}/{index % 1000:03}"


@dataclass
class MadeLog:
    """Of the ledger NAME.ndjson in a folder; `publish` may be called for growing sizes."""

    folder: Path
    name: str
    entries: list[bytes]
    origin: str
    log_key: Ed25519PrivateKey = private_key("log")  # noqa: RUF009  a constant
    receipt_key: Ed25519PrivateKey = private_key("receipts")  # noqa: RUF009  a constant
    receipt_certificate: dict[str, str] | None = None
    witness_name: str = "witness.example/w1"
    witness_key: Ed25519PrivateKey = private_key("witness")  # noqa: RUF009  a constant

    @property
    def root(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def vkey(self) -> str:
        return vkey(self.origin, 0x01, self.log_key)

    @property
    def witness_vkey(self) -> str:
        return vkey(self.witness_name, 0x04, self.witness_key)

    def body(self, size: int) -> str:
        return f"{self.origin}\n{size}\n{base64.b64encode(tree_hash(self.entries[:size])).decode()}\n"

    def sign(self, body: str) -> str:
        signature = self.log_key.sign(body.encode())
        return f"{body}\n" + signature_line(self.origin, _key_id(self.origin, 0x01, self.log_key), signature)

    def checkpoint(self, size: int) -> str:
        return self.sign(self.body(size))

    def cosignature(self, body: str, time: int) -> str:
        signature = self.witness_key.sign(f"cosignature/v1\ntime {time}\n{body}".encode())
        id_ = _key_id(self.witness_name, 0x04, self.witness_key)
        return signature_line(self.witness_name, id_, time.to_bytes(8, "big") + signature)

    def ml_dsa_cosignature(self, size: int, time: int, key: MLDSA44PrivateKey) -> str:
        name, origin = self.witness_name.encode(), self.origin.encode()
        message = b"subtree/v1\n\0" + bytes([len(name)]) + name + time.to_bytes(8, "big")
        message += bytes([len(origin)]) + origin + bytes(8) + size.to_bytes(8, "big") + tree_hash(self.entries[:size])
        id_ = _sha256(name + b"\n\6" + key.public_key().public_bytes_raw())[:4]
        return signature_line(self.witness_name, id_, time.to_bytes(8, "big") + key.sign(message))

    def _write(self, path: str, data: bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def _tile(self, level: int | str, index: int, parts: list[bytes]) -> None:
        partial = "" if len(parts) == 256 else f".p/{len(parts)}"
        self._write(f"tile/{level}/{_index(index)}{partial}", b"".join(parts))

    def publish(self, size: int) -> None:
        entries = self.entries[:size]
        for at in range(0, size, 256):
            bundle = [len(entry).to_bytes(2, "big") + entry for entry in entries[at : at + 256]]
            self._tile("entries", at // 256, bundle)
        level = 0
        while size >> (8 * level):
            span = 256**level
            hashes = [tree_hash(entries[at * span : (at + 1) * span]) for at in range(size // span)]
            for at in range(0, len(hashes), 256):
                self._tile(level, at // 256, hashes[at : at + 256])
            level += 1
        (self.folder / f"{self.name}.vkey").write_text(self.vkey + "\n")
        checkpoint = self.checkpoint(size).encode()
        self._write("checkpoint", checkpoint)
        self._write(f"checkpoints/{size}", checkpoint)

    def cosign(self, size: int, time: int) -> None:
        self._write(f"cosignatures/{size}", self.cosignature(self.body(size), time).encode())

    def receipt(self, events: list[tuple[str, str]], merge_by: str, **changes: str) -> bytes:
        receipt = {
            "events": [{"event_id": event_id, "record_hash": hash_} for event_id, hash_ in events],
            "key_id": hashlib.sha256(b"key").hexdigest()[:16],
            "merge_by": merge_by,
            "origin": self.origin,
            "received_at": "2026-01-02T03:04:06.000000Z",
            "tenant_id": "acme",
            **changes,
        }
        certificate = self.receipt_certificate
        signer = self.log_key if certificate is None else self.receipt_key
        signature = signer.sign(b"vantio/receipt/v1\0" + canonical(receipt))
        signed = {"receipt": receipt, "signature": signature.hex()}
        return canonical(signed if certificate is None else {"certificate": certificate, **signed}) + b"\n"

    def certify(self, **changes: str) -> "MadeLog":
        """Has receipts signed by a key of their own from now on, which the log's key vouches for."""
        certificate = {
            "log": self.origin.rpartition("/")[0],
            "not_after": "2026-03-01T00:00:00.000000Z",
            "not_before": "2026-01-01T00:00:00.000000Z",
            "public_key": public_bytes(self.receipt_key).hex(),
            **changes,
        }
        signature = self.log_key.sign(b"vantio/receipt-key/v1\0" + canonical(certificate))
        self.receipt_certificate = {**certificate, "signature": signature.hex()}
        return self

    def proof(self, index: int, size: int) -> str:
        entry = self.entries[index]
        path = inclusion_path(index, self.entries[:size])
        lines = [
            "c2sp.org/tlog-proof@v1",
            f"extra {base64.b64encode(entry).decode()}",
            f"index {index}",
            *(base64.b64encode(hash_).decode() for hash_ in path),
        ]
        return "\n".join(lines) + "\n\n" + self.checkpoint(size)
