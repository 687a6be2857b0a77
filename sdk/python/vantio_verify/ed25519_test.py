from testing.ledger import private_key, public_bytes

from .ed25519 import holds, is_small_order

# The order of the group, little end first.
L = 2**252 + 27742317777372353535851937790883648493
KEY = private_key("a")
SIGNATURE = KEY.sign(b"text")


def test_a_signature_holds_for_its_key_and_text_alone() -> None:
    assert holds(public_bytes(KEY), SIGNATURE, b"text")
    assert not holds(public_bytes(KEY), SIGNATURE, b"texts")
    assert not holds(public_bytes(private_key("b")), SIGNATURE, b"text")
    assert not holds(public_bytes(KEY), SIGNATURE[:63], b"text")


def test_s_beyond_the_order_is_refused() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + L
    assert not holds(public_bytes(KEY), SIGNATURE[:32] + s.to_bytes(32, "little"), b"text")


def test_keys_of_small_order_hold_nothing() -> None:
    # R and S of zero sign everything under the neutral element.
    neutral = b"\1" + bytes(31)
    assert not holds(neutral, neutral + bytes(32), b"anything")
    assert is_small_order(neutral[:31] + b"\x80")
    assert not is_small_order(public_bytes(KEY))


def test_what_is_no_point_holds_nothing() -> None:
    assert not holds(b"\2" + bytes(31), SIGNATURE, b"text")
