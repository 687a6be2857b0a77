from pathlib import Path

import pytest

from testing.ledger import MadeSession, MadeWriter, make_api_key

from .envelope import parse_line
from .finding import NOWHERE, Findings
from .handovers import Handovers


@pytest.mark.parametrize(("source", "counts"), [("control_plane", True), ("cli", False)])
def test_nobody_but_the_control_plane_speaks_of_the_keys(tmp_path: Path, source: str, counts: bool) -> None:
    """Ingest takes `cli` from any emitter."""
    api_key = make_api_key(plan="control")
    session = MadeSession(api_key)
    revoked = session.add("signer_revoked", "RECORDED", signer_id="0e5f3a71", source=source)
    rotated = session.add("signer_rotated", "RECORDED", signer_id="0e5f3a71", next_signer_id="00000000", source=source)
    writer = MadeWriter()
    writer.write(api_key, revoked, rotated)
    handovers = Handovers(tmp_path, [], Findings(10))
    for index, line in enumerate(writer.lines):
        handovers.see(index, parse_line(line), NOWHERE)
    assert handovers.indexes == (frozenset([0, 1]) if counts else frozenset())
    assert handovers.revoked(2, set()).keys() == ({"0e5f3a71"} if counts else set())
