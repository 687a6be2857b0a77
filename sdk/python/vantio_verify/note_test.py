import pytest

from .note import NoteError, check_signed, parse_note, parse_vkey

# The example of C2SP signed-note.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNATURE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NOTE = f"This is an example message.\n\n{SIGNATURE}"


def test_the_example_of_the_text() -> None:
    note = parse_note(NOTE.encode())
    assert note.text == "This is an example message.\n"
    check_signed(note, parse_vkey(VKEY))


def test_lines_of_unknown_keys_are_not_looked_at() -> None:
    unknown = "— example.com/other AAAAAAAA\n" * 20
    check_signed(parse_note((NOTE + unknown).encode()), parse_vkey(VKEY))


@pytest.mark.parametrize(
    "text",
    [
        NOTE.replace("example message", "exemple message"),
        NOTE.replace("Okn8", "Okn9"),
        NOTE.replace("— example.com/foo", "— example.com/fox"),
    ],
)
def test_a_note_that_the_key_did_not_sign(text: str) -> None:
    with pytest.raises(NoteError):
        check_signed(parse_note(text.encode()), parse_vkey(VKEY))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        NOTE.removesuffix("\n").encode(),
        NOTE.replace("\n\n", "\n").encode(),
        NOTE.replace("—", "-").encode(),
        NOTE.replace(" an ", "\t").encode(),
        NOTE.replace("\n", "\r\n").encode(),
        NOTE.replace("This", "\xff").encode("latin-1", "replace"),
        NOTE.replace("aQM=", "aQN=").encode(),
        NOTE.replace("aQM=", "aQM").encode(),
        (NOTE + "\n").encode(),
        (NOTE + "more\n").encode(),
        b"text\n\n\xe2\x80\x94 name AAAA\n",
        b"a" * (1 << 20) + NOTE.encode(),
    ],
    ids=range(16),
)
def test_what_is_no_note(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_note(data)


def test_the_text_ends_at_the_last_empty_line() -> None:
    assert parse_note(f"a\n\nb\n\n{SIGNATURE}".encode()).text == "a\n\nb\n"


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("example", "exampel"),
        VKEY.replace("+Aek", "+Bek"),
        VKEY.replace("U2k", "U2l"),
        VKEY + "\n",
        VKEY.replace("foo", "f oo"),
        "name+2f3a3dd7+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_what_is_no_verifier_key(vkey: str) -> None:
    with pytest.raises(NoteError):
        parse_vkey(vkey)
