"""read_cloudevents.py FILE: prints what the CloudEvents SDK takes each line for, [{"attributes": {...}, "data": {...}}, ...]."""

import json
import sys

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

events = []
with open(sys.argv[1], "rb") as file:
    for line in file:
        event = JSONFormat().read(CloudEvent, line)
        attributes = {name: str(value) for name, value in event.get_attributes().items()}
        events.append({"attributes": attributes, "micros": event.get_time().microsecond, "data": event.get_data()})
json.dump(events, sys.stdout)
