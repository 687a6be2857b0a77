"""read_statement.py ENVELOPE PUBLIC-KEY-HEX DIRECTORY: checks a statement as in-toto and DSSE have it, and prints it.

By securesystemslib (the signature) and in-toto's own definitions (the statement); the digests are held to the files.
"""

import hashlib
import json
import pathlib
import sys

from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

envelope = Envelope.from_dict(json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8")))
(keyid,) = envelope.signatures
key = SSlibKey(keyid, "ed25519", "ed25519", {"public": sys.argv[2]})
envelope.verify([key], 1)
assert envelope.payload_type == "application/vnd.in-toto+json"

parsed = json_format.Parse(envelope.payload, statement_pb2.Statement())
statement = Statement.copy_from_pb(parsed)
statement.validate()
for subject in parsed.subject:
    data = (pathlib.Path(sys.argv[3]) / subject.name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == subject.digest["sha256"], subject.name
json.dump({"keyid": keyid, "statement": json.loads(envelope.payload)}, sys.stdout)
