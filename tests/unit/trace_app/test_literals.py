"""Learned values are found wherever they stand, however many, long and alike they are."""

import random

import pytest

from trace_app.domain.redaction import literals
from trace_app.domain.redaction.literals import Literals


def longest_at_all_places(texts: set[bytes], data: bytes) -> set[tuple[int, bytes]]:
    """Where each stands, found the plain way."""
    found: dict[int, bytes] = {}
    for text in sorted(texts, key=len):
        found |= {at: text for at in range(len(data)) if data.startswith(text, at)}
    return set(found.items())


@pytest.mark.parametrize("together", [1, 3, 1000])
@pytest.mark.parametrize("beginning", [1, 2, 16])
def test_as_the_plain_search_finds_them(
    monkeypatch: pytest.MonkeyPatch, together: int, beginning: int
) -> None:
    monkeypatch.setattr(literals, "_TOGETHER", together)
    monkeypatch.setattr(literals, "_BEGINNING", beginning)
    chance = random.Random(together * 100 + beginning)
    for _ in range(300):
        texts = {bytes(chance.choices(b"ab", k=chance.randint(1, 6))) for _ in range(4)}
        data = bytes(chance.choices(b"ab", k=40))
        plain = longest_at_all_places(texts, data)
        assert set(Literals(texts).find(data)) == plain
        assert Literals(texts).may_occur(data) or not plain


def test_the_longest_of_those_that_begin_alike() -> None:
    many = Literals([b"value-0001", b"value-0001-and-much-more-of-it", b"value-0001-and-more"])
    assert list(many.find(b"x value-0001-and-much-more-of it")) == [(2, b"value-0001")]
    assert list(many.find(b"value-0001-and-much-more-of-it")) == [
        (0, b"value-0001-and-much-more-of-it")
    ]


def test_none_is_found_of_none() -> None:
    assert not list(Literals([]).find(b"anything"))
    assert Literals([]).screens() == []
    assert not Literals([]).may_occur(b"anything")
