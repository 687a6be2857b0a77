"""Checks Vantio ledgers and logs offline. Written from record.md, log.md and the vectors alone."""
