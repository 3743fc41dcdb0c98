"""Work beside the thread that uses it: in order, bounded, and its errors are the caller's."""

import threading
from collections.abc import Iterator

import pytest

from trace_app.domain.ahead import ahead, beside


@pytest.mark.parametrize(("count", "threads"), [(0, 1), (1, 1), (2, 1), (50, 1), (50, 3)])
def test_results_come_with_their_items_in_order(count: int, threads: int) -> None:
    assert list(ahead(str, range(count), threads=threads)) == [(n, str(n)) for n in range(count)]


def test_few_items_are_done_without_another_thread() -> None:
    own = threading.get_ident()
    assert [made for _, made in ahead(lambda _: threading.get_ident(), range(3), few=3)] == [
        own
    ] * 3
    assert own not in [made for _, made in ahead(lambda _: threading.get_ident(), range(4), few=3)]


def test_no_more_is_taken_than_may_wait() -> None:
    taken = []

    def items() -> Iterator[int]:
        for no in range(100):
            taken.append(no)
            yield no

    next(ahead(str, items()))
    assert len(taken) < 10


def test_an_error_of_the_work_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda no: 1 // no, [3, 2, 1, 0]))


@pytest.mark.parametrize("size", [3, 1024 * 1024])
def test_both_are_told_of_the_same_bytes(size: int) -> None:
    assert beside(len, bytes.isascii, b"a" * size) == (size, True)
    with pytest.raises(ZeroDivisionError):
        beside(len, lambda body: len(body) // 0, b"a" * size)
