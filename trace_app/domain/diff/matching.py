"""Matches two multisets of things by key, whatever their order. Knows nothing of what they are."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Matched[T]:
    """Pairs that share a key, and what is left on either side in its first order."""

    pairs: list[tuple[T, T]]
    only_a: list[T]
    only_b: list[T]


def match[T](a: Sequence[T], b: Sequence[T], key: Callable[[T], Hashable]) -> Matched[T]:
    """Pair equal keys first come, first served."""
    waiting: dict[Hashable, list[T]] = defaultdict(list)
    for item in b:
        waiting[key(item)].append(item)
    pairs: list[tuple[T, T]] = []
    only_a: list[T] = []
    for item in a:
        queue = waiting[key(item)]
        if queue:
            pairs.append((item, queue.pop(0)))
        else:
            only_a.append(item)
    left = {id(item) for queue in waiting.values() for item in queue}
    return Matched(pairs, only_a, [item for item in b if id(item) in left])


def match_in_turn[T](
    a: Sequence[T], b: Sequence[T], keys: Sequence[Callable[[T], Hashable]]
) -> Matched[T]:
    """Pair by the strictest key first, then what is left by the next one."""
    pairs: list[tuple[T, T]] = []
    left: Matched[T] = Matched([], list(a), list(b))
    for key in keys:
        left = match(left.only_a, left.only_b, key)
        pairs.extend(left.pairs)
    return Matched(pairs, left.only_a, left.only_b)
