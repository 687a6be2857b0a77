"""read_ocsf.py FILE VERSION: holds each line to the JSON Schema of its class, made from OCSF's own export, and prints the lines.

Beside the schema: an attribute that its class does not have fails, and so does a caption or id that does not go together.
"""

import json
import sys

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

source = get_ocsf_schema(version=sys.argv[2])
schemas = OcsfJsonSchemaEmbedded(source)
validators = {}
events = []
with open(sys.argv[1], encoding="utf-8") as file:
    for number, line in enumerate(file, 1):
        event = json.loads(line)
        profiles = tuple(sorted(event["metadata"]["profiles"]))
        key = (event["class_uid"], profiles)
        if key not in validators:
            name = schemas.lookup_class_name_from_uid(event["class_uid"])
            schema = schemas.get_class_schema(name, list(profiles))
            validators[key] = jsonschema.Draft202012Validator(schema)
        for error in validators[key].iter_errors(event):
            raise SystemExit(f"line {number} ({event['metadata']['event_code']}): {error.json_path}: {error.message}")
        assert event["metadata"]["version"] == source["version"]
        events.append(event)
json.dump(events, sys.stdout)
