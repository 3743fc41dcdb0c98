"""Contents on a shelf: one file, each content by itself."""

import io
import os
from collections.abc import Iterator

import pytest

from trace_app.domain.contents import Shelf, held


def test_each_content_is_read_by_itself_and_again() -> None:
    shelf = Shelf(io.BytesIO())
    first, second = shelf.add([b"ab", b"c"]), shelf.add([b"defg"])
    for _ in range(2):
        assert (first.size, first.read(), second.read(2)) == (3, b"abc", b"de")
    assert list(second.pieces()) == [b"defg"]
    assert shelf.add([]).read() == b""
    assert (held(b"xyz").size, held(b"xyz").read(2)) == (3, b"xy")


def test_two_are_read_in_turns() -> None:
    shelf = Shelf(io.BytesIO())
    one, other = shelf.add([b"abc"]).open(), shelf.add([b"def"]).open()
    assert [file.read(1) for file in (one, other, one, other)] == [b"a", b"d", b"b", b"e"]
    assert (one.seek(-1, os.SEEK_END), one.read(9), one.read(9)) == (2, b"c", b"")
    assert (one.seek(7), one.read(1)) == (7, b"")
    with pytest.raises(ValueError, match="before the beginning"):
        one.seek(-1)


def test_what_is_taken_back_or_breaks_off_leaves_no_trace() -> None:
    def breaks() -> Iterator[bytes]:
        yield b"half"
        raise KeyError

    shelf = Shelf(io.BytesIO())
    first = shelf.add([b"abc"])
    with pytest.raises(KeyError):
        shelf.add(breaks())
    shelf.take_back(shelf.add([b"nothing"]))
    second = shelf.add([b"d"])
    assert (first.read(), second.read()) == (b"abc", b"d")


def test_a_content_is_made_of_another_on_the_same_shelf() -> None:
    shelf = Shelf(io.BytesIO())
    long = bytes(range(256)) * 3000
    first = shelf.add([long])
    second = shelf.add(piece[::-1] for piece in first.pieces())
    assert first.read() == long
    assert sorted(second.read()) == sorted(long)
    assert second.sha256() != first.sha256()
