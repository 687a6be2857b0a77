"""read_cose.py SEQUENCE PUBLIC-KEY-HEX LINES...: checks each receipt by pycose, and prints what it says.

The payload is detached: the root that the proof makes of the line it is for (RFC 9162, section 2.1.3.2), written here anew.
"""

import hashlib
import io
import json
import pathlib
import sys

import cbor2
from pycose.headers import KID, Algorithm
from pycose.keys import OKPKey
from pycose.messages import Sign1Message

CWT_CLAIMS, VDS, VDP = 15, 395, 396


def root_of(leaf, size, index, path):
    node, last, value = index, size - 1, hashlib.sha256(b"\0" + leaf).digest()
    for sibling in path:
        assert last > 0
        if node % 2 == 1 or node == last:
            value = hashlib.sha256(b"\1" + sibling + value).digest()
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            value = hashlib.sha256(b"\1" + value + sibling).digest()
        node, last = node // 2, last // 2
    assert last == 0
    return value


data = pathlib.Path(sys.argv[1]).read_bytes()
key = OKPKey(crv="ED25519", x=bytes.fromhex(sys.argv[2]))
lines = [line for path in sys.argv[3:] for line in pathlib.Path(path).read_bytes().split(b"\n")[:-1]]
stream, receipts = io.BytesIO(data), []
while stream.tell() < len(data):
    start = stream.tell()
    cbor2.CBORDecoder(stream).decode()
    message = Sign1Message.decode(data[start : stream.tell()])
    assert message.phdr[VDS] == 1 and message.payload is None
    (proof,) = message.uhdr[VDP][-1]
    size, index, path = cbor2.loads(proof)
    root = root_of(lines[index], size, index, path)
    message.key = key
    claims = message.phdr[CWT_CLAIMS]
    receipts.append(
        {
            "valid": message.verify_signature(detached_payload=root),
            "algorithm": message.phdr[Algorithm].fullname,
            "kid": message.phdr[KID].hex(),
            "size": size,
            "index": index,
            "root": root.hex(),
            "claims": {str(name): value.hex() if isinstance(value, bytes) else value for name, value in claims.items()},
            # As the deterministic encoder of another library writes the same.
            "deterministic": cbor2.dumps(claims, canonical=True) in data,
        }
    )
json.dump(receipts, sys.stdout)
