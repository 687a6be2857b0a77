"""read_parquet.py GLOB: prints what DuckDB reads, {"columns": [[name, type], ...], "rows": [{...}, ...]}."""

import json
import sys

import duckdb

duckdb.sql("SET TimeZone = 'UTC'")
relation = duckdb.sql("SELECT * FROM read_parquet(?) ORDER BY line_number", params=[sys.argv[1]])
columns = [[name, str(kind)] for name, kind in zip(relation.columns, relation.types)]
# As text: JSON has no instants, and not every reader of it has integers of 64 bits.
texts = ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}"' for name, _ in columns)
rows = relation.project(texts).fetchall()
json.dump(
    {
        "columns": columns,
        "rows": [
            {name: value for (name, _), value in zip(columns, row) if value is not None}
            for row in rows
        ],
    },
    sys.stdout,
)
