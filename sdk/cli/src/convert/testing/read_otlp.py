"""read_otlp.py logs|traces FILE: prints what OpenTelemetry's own protobuf definitions make of bodies of OTLP/JSON, one a line.

Unknown members fail. OTLP/JSON differs from protobuf's own JSON in one thing: ids are hex and not base64.
"""

import base64
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def with_base64(value):
    if isinstance(value, list):
        return [with_base64(each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for name, each in value.items():
        if name in IDS:
            raw = bytes.fromhex(each)
            assert len(raw) == IDS[name] and any(raw), name
            changed[name] = base64.b64encode(raw).decode()
        else:
            changed[name] = with_base64(each)
    return changed


def plain(value):
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return attributes(value.kvlist_value.values)
    if kind == "int_value":
        return str(value.int_value)
    return getattr(value, kind)


def attributes(pairs):
    found = {pair.key: plain(pair.value) for pair in pairs}
    assert len(found) == len(pairs), "an attribute stands twice"
    return found


def log_record(item):
    return {
        "name": item.event_name,
        "time": str(item.time_unix_nano),
        "observed": str(item.observed_time_unix_nano),
        "severity": item.severity_number,
        "body": plain(item.body),
        "trace": item.trace_id.hex(),
        "span": item.span_id.hex(),
    }


def span(item):
    return {
        "name": item.name,
        "kind": item.kind,
        "start": str(item.start_time_unix_nano),
        "end": str(item.end_time_unix_nano),
        "status": item.status.code,
        "trace": item.trace_id.hex(),
        "span": item.span_id.hex(),
        "parent": item.parent_span_id.hex(),
    }


logs = sys.argv[1] == "logs"
items = []
with open(sys.argv[2], encoding="utf-8") as file:
    for line in file:
        kind = logs_service_pb2.ExportLogsServiceRequest if logs else trace_service_pb2.ExportTraceServiceRequest
        request = json_format.ParseDict(with_base64(json.loads(line)), kind())
        for resource in request.resource_logs if logs else request.resource_spans:
            for scope in resource.scope_logs if logs else resource.scope_spans:
                assert scope.schema_url == resource.schema_url
                for item in scope.log_records if logs else scope.spans:
                    items.append(
                        {
                            **(log_record(item) if logs else span(item)),
                            "resource": attributes(resource.resource.attributes),
                            "scope": scope.scope.name,
                            "schema": scope.schema_url,
                            "attributes": attributes(item.attributes),
                        }
                    )
json.dump(items, sys.stdout)
