"""Gives every request a fresh API key: one key is answered 100 times a minute, and then with 429."""

import itertools
import os

import schemathesis

with open(os.environ["VANTIO_FUZZ_KEYS"], encoding="ascii") as file:
    KEYS = file.read().split()
FIRST = f"Bearer {KEYS[0]}"
ROTATION = itertools.cycle(KEYS)


@schemathesis.hook
def before_call(context, case, kwargs):
    # A request made to show that a missing or wrong key is refused must stay as it is.
    headers = kwargs.get("headers") or {}
    for name, value in headers.items():
        if name.lower() == "authorization" and value == FIRST:
            headers[name] = f"Bearer {next(ROTATION)}"
