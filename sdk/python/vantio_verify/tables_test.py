from make_tables import RECORD, TABLES, generate


def test_the_tables_are_those_of_the_record() -> None:
    assert TABLES.read_text("utf-8") == generate(RECORD.read_text("utf-8"))
