"""Work done by other threads beside the one that uses it: hashing a body, searching chunks.

It helps only with work that leaves the interpreter to the others for long, and whose results are
small: large ones go from one processor's cache to another's, which costs more than is gained.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Final

# How many results may wait to be used: what is held in memory stays small.
_AHEAD: Final = 4
# So few bytes are hashed before a thread is there to help.
_FEW_BYTES: Final = 512 * 1024


def ahead[Item, Made](
    work: Callable[[Item], Made], items: Iterable[Item], *, few: int = 1, threads: int = 1
) -> Iterator[tuple[Item, Made]]:
    """Each item with what `work` makes of it, in order; without other threads up to `few` items."""
    source = iter(items)
    first = list(islice(source, few + 1))
    if len(first) <= few:
        yield from ((item, work(item)) for item in first)
        return
    waiting: deque[tuple[Item, Future[Made]]] = deque()
    with ThreadPoolExecutor(threads) as helpers:
        for item in chain(first, source):
            waiting.append((item, helpers.submit(work, item)))
            if len(waiting) > _AHEAD:
                done, made = waiting.popleft()
                yield done, made.result()
        for done, made in waiting:
            yield done, made.result()


def beside[Made, Own](
    helped: Callable[[bytes], Made], own: Callable[[bytes], Own], body: bytes
) -> tuple[Made, Own]:
    """What both make of the bytes; `helped` in another thread where they are many."""
    if len(body) <= _FEW_BYTES:
        return helped(body), own(body)
    with ThreadPoolExecutor(1) as helper:
        made = helper.submit(helped, body)
        done = own(body)
    return made.result(), done
