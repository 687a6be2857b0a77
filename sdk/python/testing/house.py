"""A folder with a sealed, witnessed ledger, and what a user would verify it with."""

from dataclasses import dataclass, field
from pathlib import Path

from vantio_verify.api_key import parse_api_key
from vantio_verify.finding import Findings
from vantio_verify.ledger import Trust
from vantio_verify.log import LogTrust
from vantio_verify.note import parse_vkey
from vantio_verify.verify import Request, verify

from .ledger import MadeWriter, make_api_key, make_lines, private_key, public_bytes
from .log import MadeLog, cloud_entry

API_KEY = make_api_key()
# 2026-01-02T03:04:08Z
COSIGNED_AT = 1_767_323_048


@dataclass
class House:
    folder: Path
    records: int
    is_cloud: bool = False
    writer: MadeWriter = field(init=False)
    log: MadeLog = field(init=False)
    pins_log: bool = True
    pins_witness: bool = True
    kept: list[Path] = field(default_factory=list)
    receipts: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = make_lines(API_KEY, self.records)
        self.ledger.write_bytes(self.writer.file())
        origin = "log.example/acme" if self.is_cloud else "vantio.local/" + self.first_received_mac[:32]
        entries = [cloud_entry(line) for line in self.writer.lines] if self.is_cloud else self.writer.lines
        self.log = MadeLog(self.folder, "ledger", entries, origin)

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.ndjson"

    @property
    def first_received_mac(self) -> str:
        return self.writer.lines[0].split(b'"received_mac":"')[1][:64].decode()

    def seal(self, *sizes: int) -> "House":
        for size in sizes:
            self.log.publish(size)
            self.log.cosign(size, COSIGNED_AT)
        return self

    def verify(self) -> Findings:
        trust = Trust([parse_api_key(API_KEY)], frozenset({public_bytes(private_key("root")).hex()}))
        log_trust = LogTrust(
            [parse_vkey(self.log.vkey)] if self.pins_log else [],
            [parse_vkey(self.log.witness_vkey)] if self.pins_witness else [],
            self.kept,
        )
        return verify(Request([self.ledger], trust, log_trust, self.receipts)).findings

    def found(self) -> list[tuple[str, str]]:
        return sorted({(finding.check, finding.severity) for finding in self.verify().kept})

    def edit(self, path: str, old: bytes, new: bytes) -> None:
        """`path` is below the log's folder."""
        file = self.log.root / path
        data = file.read_bytes()
        assert data.count(old) == 1  # noqa: S101  a test that edits nothing shows nothing
        file.write_bytes(data.replace(old, new))

    def flip(self, path: str, at: int) -> None:
        file = self.log.root / path
        data = bytearray(file.read_bytes())
        data[at] ^= 1
        file.write_bytes(data)
