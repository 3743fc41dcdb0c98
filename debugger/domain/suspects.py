"""Which change since the last green run may have broken the step: hunks weighed by the evidence.

Weighs texts; git and the event store are read elsewhere.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from debugger.domain.hunks import Hunk

_QUIET_PATHS = re.compile(
    r"(^|/)(docs?|tests?)/|(^|/)test_[^/]*$|_test\.\w+$|\.(md|rst|lock)$", re.IGNORECASE
)
_SCENARIO = re.compile(r"\.molar\.md$")
_LITERAL = re.compile(
    r"\"((?:\\.|[^\"\\\n]){1,200})\"|'((?:\\.|[^'\\\n]){1,200})'|`([^`\n]{1,200})`|>([^<>{}\n]{2,200})<"
)
_COMMON = frozenset(
    """
    step click button link fill field with expect text value equals the and for page http https app
    status error failed passed true false none null name type data post get put delete test css url
    api deliver delivered succeeded after before navigate open
    """.split()  # noqa: SIM905 — a list of fifty quoted words is harder to read
)


@dataclass(frozen=True, slots=True)
class Clue:
    """A text from the record that may stand in the code. `seq` is the event it came from."""

    text: str
    weight: float
    label: str
    seq: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hunk is suspected."""

    text: str
    seq: int | None
    weight: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A hunk with its weight and the reasons, strongest first."""

    hunk: Hunk
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A literal that a hunk changed: `old` may still be used elsewhere."""

    old: str
    new: str


def rank(hunks: Iterable[Hunk], clues: Sequence[Clue]) -> list[Suspect]:
    """All hunks, most suspicious first; those no clue touches come last with score 0 or below."""
    found = [_weigh(hunk, clues) for hunk in hunks]
    return sorted(found, key=lambda item: (-item.score, item.hunk.path, item.hunk.new_start))


def _weigh(hunk: Hunk, clues: Sequence[Clue]) -> Suspect:
    reasons = [reason for clue in clues if (reason := _touch(hunk, clue)) is not None]
    reasons.sort(key=lambda item: -item.weight)
    score = sum(reason.weight for reason in reasons[:4])
    if _QUIET_PATHS.search(hunk.path) and not _SCENARIO.search(hunk.path):
        score = min(score, 1.0) - 1.0
    return Suspect(hunk, score, tuple(reasons[:4]))


def _touch(hunk: Hunk, clue: Clue) -> Reason | None:
    gone = _holds(hunk.removed, clue.text)
    come = _holds(hunk.added, clue.text)
    if gone and not come:
        return Reason(f"it takes out {clue.label}", clue.seq, clue.weight * 3)
    if come and not gone:
        return Reason(f"it brings in {clue.label}", clue.seq, clue.weight * 2)
    if gone and come:
        return Reason(f"it changes a line with {clue.label}", clue.seq, clue.weight * 2)
    if clue.text.lower() in hunk.path.lower():
        return Reason(f"its file is named in {clue.label}", clue.seq, clue.weight * 1.5)
    if _holds(hunk.new, clue.text) or clue.text.lower() in hunk.section.lower():
        return Reason(f"it stands beside {clue.label}", clue.seq, clue.weight)
    return None


def _holds(lines: Sequence[str], text: str) -> bool:
    if re.fullmatch(r"\w+", text):
        pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])", re.IGNORECASE)
        return any(pattern.search(line) for line in lines)
    return any(text in line for line in lines)


def words(text: str) -> list[str]:
    """Words of a title or key that may be names in code: no filler, at least four letters."""
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    found = re.findall(r"[A-Za-z]{4,}", split)
    singular = [word[:-1] if word.endswith("s") and len(word) > 4 else word for word in found]
    return [w.lower() for w in dict.fromkeys(singular) if w.lower() not in _COMMON]


def literals(lines: Iterable[str]) -> list[str]:
    """Quoted texts and the texts between tags, in order, each once."""
    found: dict[str, None] = {}
    for line in lines:
        for groups in _LITERAL.findall(line):
            text = next((group for group in groups if group), "").strip()
            if len(text) >= 3:
                found[text] = None
    return list(found)


def renamed(hunk: Hunk) -> Renamed | None:
    """The one literal this hunk replaced by another, None when it is not so plain."""
    old = [text for text in literals(hunk.removed) if not _holds(hunk.added, text)]
    new = [text for text in literals(hunk.added) if not _holds(hunk.removed, text)]
    if len(old) == 1 and len(new) == 1:
        return Renamed(old[0], new[0])
    return None
