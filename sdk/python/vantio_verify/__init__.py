"""Checks Vantio ledgers and logs offline. Written from schema/record.md, schema/log.md and the vectors alone."""
