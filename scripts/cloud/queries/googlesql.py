"""GoogleSQL by Google's own parser, analyzer and reference engine, for the part of a query that BigQuery runs.

Reads one JSON request a line, {"sql", "columns", "rows"}, and answers each with one line. EXTERNAL_QUERY, which the engine
does not know, is found by the parser; a request without rows is answered with its two literals. With rows, those stand in
its place, or under the name of the table that the statement reads, and a query's result is the answer.
"""

import json
import sys

from zetasql.api import Analyzer, ASTNodeVisitor, CatalogBuilder, Parser, PreparedQuery
from zetasql.types import (
    AnalyzerOptions,
    LanguageFeature,
    LanguageOptions,
    ZetaSQLBuiltinFunctionOptions,
)

language = LanguageOptions.maximum_features()
# BigQuery has both.
language.enabled_language_features.append(LanguageFeature.FEATURE_CREATE_VIEW_WITH_COLUMN_LIST)
language.enabled_language_features.append(LanguageFeature.FEATURE_CREATE_VIEWS_WITH_COLUMN_OPTIONS)
options = AnalyzerOptions(language_options=language)
catalog = (
    CatalogBuilder("bigquery")
    .with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=language))
    .build()
)


class Sources(ASTNodeVisitor):
    """What a statement reads: calls of EXTERNAL_QUERY, and tables."""

    def __init__(self):
        super().__init__()
        self.calls = []
        self.tables = []

    def visit_ASTTVF(self, node):
        self.calls.append(node)

    def visit_ASTTablePathExpression(self, node):
        self.tables.append(node)


def sources_of(sql):
    found = Sources()
    found.visit(Parser.parse_statement_static(sql))
    if len(found.calls) + len(found.tables) != 1:
        raise ValueError("the outer part must read one source")
    return found


def external_literals(sql):
    (call,) = sources_of(sql).calls
    if [part.id_string for part in call.name.names] != ["EXTERNAL_QUERY"]:
        raise ValueError("not EXTERNAL_QUERY")
    connection, statement = (entry.expr.string_value for entry in call.argument_entries)
    return {"connection": connection, "statement": statement}


def literal(kind, value):
    if value is None:
        return "NULL"
    if kind == "STRING":
        return json.dumps(value)
    if kind in ("DATE", "TIMESTAMP"):
        return f"{kind} '{value}'"
    return json.dumps(value)


def with_rows(sql, columns, rows):
    found = sources_of(sql)
    place = (found.calls + found.tables)[0].parse_location_range
    fields = ", ".join(f"{name} {kind}" for name, kind in columns)
    tuples = ", ".join(
        # A tuple of one would be a value in parentheses.
        f"STRUCT({', '.join(literal(kind, row[name]) for name, kind in columns)})"
        for row in rows
    )
    table = f"(SELECT * FROM UNNEST(ARRAY<STRUCT<{fields}>>[{tuples}]))"
    # The parser counts bytes.
    text = sql.encode()
    return (text[: place.start] + table.encode() + text[place.end :]).decode()


def run(sql, columns, rows):
    statement = with_rows(sql, columns, rows)
    Analyzer(options, catalog).analyze_statement(statement)
    if not statement.startswith("SELECT"):
        return {"rows": None}
    # As one JSON text: ARRAY keeps the order that its subquery asks for.
    as_json = f"SELECT TO_JSON_STRING(ARRAY(SELECT AS STRUCT{statement.removeprefix('SELECT')}))"
    builder = PreparedQuery.builder().set_sql(as_json)
    with builder.set_analyzer_options(options).set_catalog(catalog).prepare() as query:
        (row,) = query.execute().content.table_data.row
    return {"rows": json.loads(row.cell[0].string_value)}


def answer(request):
    if "rows" not in request:
        return external_literals(request["sql"])
    return run(request["sql"], request["columns"], request["rows"])


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:  # noqa: BLE001 -- whatever it is, the asker must be told which
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
