"""Density bins: what the five ribbons look like at any length, in ten kilobytes.

Holds counts, the highest level per bin and the error ticks; not the events themselves.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress, pairwise
from operator import add
from typing import Any, Final

from trace_app.domain.events import LEVELS, RIBBONS
from trace_app.domain.lines import NO_STEP, Columns, distinct, only, places

BINS: Final = 2048
MAX_TICKS: Final = 500
_MAX_LOG: Final = 15
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CODES: Final = _ALPHABET.encode()
_LETTERS: Final = bytes(_CODES[min(value, len(_CODES) - 1)] for value in range(256))
_LOGS: Final = bytes(min(_MAX_LOG, log) for log in range(256))
_SHIFTED: Final = bytes(level * 16 % 256 for level in range(256))
_VALUES: Final = bytes(max(0, _CODES.find(code)) for code in range(256))
# A stored count comes back as the power of two below it.
_COUNTS: Final = [(1 << (value & 15)) >> 1 for value in range(64)]
_LEVELS: Final = bytes(value >> 4 for value in range(256))
# The deepest shade of a bin that did not fail, and what every bin that did looks like.
_DEEPEST: Final = 5
_FAILED: Final = 3 * 16 + _DEEPEST
_DRAWN: Final = {
    ord(code): _ALPHABET[_FAILED if value >= 3 * 16 else min(value % 16, _DEEPEST)]
    for value, code in enumerate(_ALPHABET)
}
_ALIKE: Final = re.compile(r"(.)\1{4,}")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
# Looking for the ends of a bin takes as long as putting so many times into theirs.
_SPARSE: Final = 8
# Positions in LEVELS are ranks already; no level is the lowest.
_RANK: Final = bytes(level if level < len(LEVELS) else 0 for level in range(256))
_LANES: Final = bytes(place * len(LEVELS) % 256 for place in range(256))
# What fewer than one event in so many has is looked for, not sifted out of all.
_RARE: Final = 32


@dataclass(frozen=True, slots=True)
class Tick:
    """One failure to be drawn red. `ts` in milliseconds."""

    seq: int
    ts: float
    ribbon: str
    step: int | None


def _lanes() -> dict[str, list[int]]:
    return {ribbon: [0] * BINS for ribbon in RIBBONS}


@dataclass(slots=True)
class Density:
    """Bins over [0, span_ms]; the span is a power of two and doubles when a trace outgrows it."""

    span_ms: int = BINS
    duration_ms: float = 0.0
    counts: dict[str, list[int]] = field(default_factory=_lanes)
    levels: dict[str, list[int]] = field(default_factory=_lanes)
    ticks: list[Tick] = field(default_factory=list)
    more: int = 0

    def add(self, *pieces: Columns) -> None:
        """Counts events in; a late answer marks its whole duration's end, not its start."""
        self._reach(max((columns.reach for columns in pieces), default=0.0))
        for columns in pieces:
            self._add(columns)

    def _add(self, columns: Columns) -> None:
        scale = BINS / self.span_ms
        # A list, because an array makes its numbers anew for every pass over them.
        times = columns.ts.tolist()
        for code, own in _by_code(_ribbon_and_rank(columns), times):
            ribbon, rank = RIBBONS[code // len(LEVELS)], code % len(LEVELS)
            counts, levels = self.counts[ribbon], self.levels[ribbon]
            for index, count in _binned(sorted(own), scale):
                counts[index] += count
                levels[index] = max(levels[index], rank)
        for no in columns.errors:
            self._tick(columns, no)

    def to_json(self) -> dict[str, Any]:
        """What the page carries. One character per bin: level * 16 + bit length of the count."""
        return {
            "v": 1,
            "span_ms": self.span_ms,
            "duration_ms": round(self.duration_ms, 3),
            "bins": BINS,
            "lanes": {ribbon: self._encode(ribbon) for ribbon in RIBBONS},
            "ticks": [
                {
                    "seq": tick.seq,
                    "ts": tick.ts,
                    "ribbon": tick.ribbon,
                    "step": tick.step,
                }
                for tick in self.ticks
            ],
            "more": self.more,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Density":
        """Goes on from stored bins: counts come back as their power of two, enough to draw."""
        result = cls()
        result.span_ms = int(stored["span_ms"])
        result.duration_ms = float(stored["duration_ms"])
        for ribbon in RIBBONS:
            values = stored["lanes"][ribbon].encode().translate(_VALUES)
            rest = [0] * (BINS - len(values))
            result.counts[ribbon] = [*map(_COUNTS.__getitem__, values), *rest]
            result.levels[ribbon] = [*values.translate(_LEVELS), *rest]
        result.ticks = [Tick(**tick) for tick in stored["ticks"]]
        result.more = int(stored["more"])
        return result

    def _reach(self, ts: float) -> None:
        self.duration_ms = max(self.duration_ms, ts)
        share = 1
        while ts >= self.span_ms * share:
            share *= 2
        if share > 1:
            self.span_ms *= share
            self.counts = {name: _joined(lane, share, sum) for name, lane in self.counts.items()}
            self.levels = {name: _joined(lane, share, max) for name, lane in self.levels.items()}

    def _tick(self, columns: Columns, no: int) -> None:
        if len(self.ticks) >= MAX_TICKS:
            self.more += 1
            return
        step = columns.step[no]
        self.ticks.append(
            Tick(
                seq=columns.seq[no],
                ts=columns.ts[no],
                ribbon=RIBBONS[columns.ribbon[no]],
                step=None if step == NO_STEP else step,
            )
        )

    def _encode(self, ribbon: str) -> str:
        counts, levels = self.counts[ribbon], bytes(self.levels[ribbon])
        if not any(counts):
            return ""
        logs = bytes(map(int.bit_length, counts)).translate(_LOGS)
        text = bytes(map(add, logs, levels.translate(_SHIFTED))).translate(_LETTERS)
        return text.decode().rstrip("A")


def for_page(stored: dict[str, Any]) -> dict[str, Any]:
    """Stored bins as a page embeds them, no finer than they are drawn; density.js reads them.

    A bin keeps whether it failed and its count up to the deepest shade; more than four alike in a
    row are written once with their number, in base 36 between dots. Ticks are columns of
    differences in base 36: `ts` in tenths of a millisecond, an absent step is 0, `ribbon` one digit
    each. 500 ticks take 5 kB this way, 30 kB as objects.
    """
    ticks = stored["ticks"]
    columns = {
        "seq": _differences([tick["seq"] for tick in ticks]),
        "ts": _differences([round(tick["ts"] * 10) for tick in ticks]),
        "step": _differences([tick["step"] or 0 for tick in ticks]),
    }
    ribbons = "".join(str(RIBBONS.index(tick["ribbon"])) for tick in ticks)
    lanes = {name: _for_drawing(lane) for name, lane in stored["lanes"].items()}
    return {**stored, "lanes": lanes, "ticks": {**columns, "ribbon": ribbons}}


def _for_drawing(lane: str) -> str:
    return _ALIKE.sub(lambda run: f"{run[1]}.{_base36(len(run[0]))}.", lane.translate(_DRAWN))


def _base36(number: int) -> str:
    if number < 0:
        return "-" + _base36(-number)
    rest, digit = divmod(number, 36)
    return (_base36(rest) if rest else "") + _DIGITS[digit]


def _differences(values: list[int]) -> str:
    return ",".join(_base36(now - before) for before, now in pairwise([0, *values]))


def density(pieces: Iterable[Columns]) -> Density:
    """The bins of a finished trace."""
    result = Density()
    for piece in pieces:
        result.add(piece)
    return result


def decode_lane(text: str) -> list[tuple[int, int]]:
    """(log count, level rank) per bin, the bins cut from the end as zeros. For tests and tools."""
    values = [_ALPHABET.index(char) for char in text]
    values += [0] * (BINS - len(values))
    return [(value % 16, value // 16) for value in values]


def _ribbon_and_rank(columns: Columns) -> bytes:
    """One code per event: the ribbon's place, times the number of ranks, and the rank added."""
    lanes = columns.ribbon.translate(_LANES)
    ranks = columns.level.translate(_RANK)
    # No byte overflows into its neighbour, so that all are added as one number.
    both = int.from_bytes(lanes) + int.from_bytes(ranks)
    return both.to_bytes(len(lanes))


def _by_code(codes: bytes, times: list[float]) -> Iterator[tuple[int, list[float]]]:
    """Each code that occurs with the times of its events, in their order."""
    for code in distinct(codes):
        if codes.count(code) * _RARE > len(codes):
            yield code, list(compress(times, only(code, codes)))
        else:
            yield code, [times[place] for place in places(code, codes)]


def _binned(rising: list[float], scale: float) -> Iterator[tuple[int, int]]:
    """How many of these times fall into each bin, empty ones left out."""
    first, last = int(rising[0] * scale), int(rising[-1] * scale)
    if (last - first) * _SPARSE > len(rising):
        yield from Counter(int(ts * scale) for ts in rising).items()
        return
    begin = 0
    for index in range(first, last + 1):
        # The scale is a power of two, so that both ways say the same to the last digit.
        end = bisect_left(rising, (index + 1) / scale, begin)
        if end > begin:
            yield index, end - begin
        begin = end


def _joined(lane: list[int], share: int, join: Callable[[list[int]], int]) -> list[int]:
    """The lane with so many bins made one, a power of two, and empty ones behind them."""
    if not any(lane):
        return lane
    held = [join(lane[first : first + share]) for first in range(0, BINS, share)]
    return held + [0] * (BINS - len(held))
