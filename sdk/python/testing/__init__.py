"""Small ledgers and logs for the tests: `ledger` and `log` make them by code of their own, from the texts."""
