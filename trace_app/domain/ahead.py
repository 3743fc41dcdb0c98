"""Work done by a second thread ahead of the one that uses it: searching and compressing bytes.

Both leave the interpreter to the others meanwhile, so a second processor takes a share.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Final

# So few items are done with before a thread is there to help.
_FEW: Final = 6
# How many results may wait to be used: what is held in memory stays small.
_AHEAD: Final = 8


def ahead[Item, Made](
    work: Callable[[Item], Made], items: Iterable[Item]
) -> Iterator[tuple[Item, Made]]:
    """Each item with what `work` makes of it, in order."""
    source = iter(items)
    first = list(islice(source, _FEW + 1))
    if len(first) <= _FEW:
        yield from ((item, work(item)) for item in first)
        return
    waiting: deque[tuple[Item, Future[Made]]] = deque()
    with ThreadPoolExecutor(1) as helper:
        for item in chain(first, source):
            waiting.append((item, helper.submit(work, item)))
            if len(waiting) > _AHEAD:
                done, made = waiting.popleft()
                yield done, made.result()
        for done, made in waiting:
            yield done, made.result()
