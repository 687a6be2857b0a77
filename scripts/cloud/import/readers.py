"""Reads the files of `vantio convert` back by readers that nobody here wrote, as their manifests say.

readers.py csv|avro DIRECTORY prints {table: {"columns": [[name, type], ...], "rows": [[...], ...]}}.
"""

import base64
import csv
import hashlib
import json
import pathlib
import sys

import duckdb
import fastavro


def read_csv(directory):
    manifest = json.loads((directory / "spanner-manifest.json").read_text("utf-8"))
    tables = {}
    for table in manifest["tables"]:
        columns = [[column["column_name"], column["type_name"]] for column in table["columns"]]
        rows = []
        for pattern in table["file_patterns"]:
            path = directory / pathlib.PurePosixPath(pattern).name
            with path.open(encoding="utf-8", newline="") as file:
                rows += list(csv.reader(file, strict=True))
            names = {name: "VARCHAR" for name, _ in columns}
            again = duckdb.read_csv(
                str(path), header=False, columns=names, quotechar='"', escapechar='"', auto_detect=False
            ).fetchall()
            if [list(row) for row in again] != rows:
                raise ValueError(f"{path.name}: two readers of CSV disagree")
        tables[table["table_name"]] = {"columns": columns, "rows": rows}
    return tables


def read_avro(directory):
    export = json.loads((directory / "spanner-export.json").read_text("utf-8"))
    assert export["dialect"] == "GOOGLE_STANDARD_SQL"
    tables = {}
    for table in export["tables"]:
        manifest = json.loads((directory / table["manifestFile"]).read_text("utf-8"))
        columns, rows = None, []
        for entry in manifest["files"]:
            data = (directory / entry["name"]).read_bytes()
            if base64.b64encode(hashlib.md5(data).digest()).decode() != entry["md5"]:
                raise ValueError(f"{entry['name']}: not the MD5 of its manifest")
            with (directory / entry["name"]).open("rb") as file:
                reader = fastavro.reader(file)
                fields = reader.writer_schema["fields"]
                columns = [[field["name"], field["sqlType"].split("(")[0]] for field in fields]
                rows += [[row[name] for name, _ in columns] for row in reader]
        tables[table["name"]] = {"columns": columns, "rows": rows}
    return tables


json.dump(
    {"csv": read_csv, "avro": read_avro}[sys.argv[1]](pathlib.Path(sys.argv[2])), sys.stdout
)
