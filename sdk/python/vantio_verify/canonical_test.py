import pytest

from .canonical import NotCanonicalError, canonicalise, parse_canonical


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b"1.0",
        b"-0",
        b"1e2",
        b"1e999",
        b"NaN",
        b"-Infinity",
        b"01",
        b"9007199254740992",
        b"9" * 5000,
        b'"\\u0041"',
        b'"\\/"',
        b'"\x01"',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf1",
        b"\xff",
        b"null",
        b"1\n",
        b"",
        b"[" * 100_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_not_canonical_is_refused(text: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        parse_canonical(text)


def test_names_stand_in_order_of_their_code_units() -> None:
    assert canonicalise({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_an_error_does_not_quote_the_text() -> None:
    with pytest.raises(NotCanonicalError) as error:
        parse_canonical(b'{"secret words')
    assert "secret" not in str(error.value)
