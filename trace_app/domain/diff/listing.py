"""The differences of two traces in the order of the run, page by page. Pure; compares nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from trace_app.domain.diff.align import StepPair
from trace_app.domain.diff.model import Row, TraceDiff

PAGE: Final = 400


@dataclass(frozen=True, slots=True)
class Listed:
    """One difference; `rows` are its places, more than one where a step has the same again."""

    dimension: str
    rows: tuple[Row, ...]
    first: bool

    @property
    def row(self) -> Row:
        """The first place."""
        return self.rows[0]

    @property
    def minor(self) -> bool:
        """Whether it matters little, wherever it is."""
        return self.row.minor


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `number` counts from 1, `start` from 0."""

    number: int
    pages: int
    start: int
    total: int
    items: tuple[Listed, ...]


def listed(found: TraceDiff, pairs: Sequence[StepPair]) -> tuple[Listed, ...]:
    """Every difference, step by step; inside a step by dimension."""
    order_a = {pair.no_a: at for at, pair in enumerate(pairs)}
    order_b = {pair.no_b: at for at, pair in enumerate(pairs)}

    def place(one: Listed) -> int:
        row = one.row
        if row.step_b is not None:
            return order_b.get(row.step_b, -1)
        return -1 if row.step_a is None else order_a.get(row.step_a, -1)

    return tuple(sorted(_grouped(found), key=place))


def _grouped(found: TraceDiff) -> Iterator[Listed]:
    for dimension in found.dimensions.values():
        groups: dict[tuple[object, ...], list[Row]] = {}
        for row in dimension.rows:
            same = (row.step_a, row.step_b, row.key, row.before, row.after, row.minor)
            groups.setdefault(same, []).append(row)
        first = dimension.first
        for rows in groups.values():
            yield Listed(dimension.name, tuple(rows), any(row is first for row in rows))


def page_of(items: Sequence[Listed], number: int | None) -> Page:
    """The page of this number; without one that of the earliest first divergence."""
    pages = max(-(-len(items) // PAGE), 1)
    if number is None:
        number = 1 + next((at for at, one in enumerate(items) if one.first), 0) // PAGE
    number = min(max(number, 1), pages)
    start = (number - 1) * PAGE
    return Page(number, pages, start, len(items), tuple(items[start : start + PAGE]))
