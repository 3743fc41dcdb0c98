"""How durations, ages and counts read on a page. Pure text; nothing here knows a request."""

import re
from datetime import datetime, timedelta
from typing import Final

_EMPTY_LINES: Final = re.compile(r"\n\s*\n")
# A line that was cut may have lost the tick that closes its last span.
_SPAN: Final = re.compile(r"`([^`\n]+)`|`([^`\n]+…)$")


def duration(ms: float | None) -> str:
    """Milliseconds for people: `840 ms`, `4.6 s`, `2 min 5 s`; a dash where unknown."""
    if ms is None:
        return "–"
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s"


def clock(ms: float) -> str:
    """A moment of a trace, as the scrubber shows it: `840 ms`, `23.41 s`, `2:05.3`."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 60_000:
        return f"{ms / 1000:.2f} s"
    minutes, rest = divmod(ms, 60_000)
    return f"{int(minutes)}:{rest / 1000:04.1f}"


def unread_notice(version: int) -> str:
    """What became of an upload whose Playwright format is too new."""
    return (
        f"Playwright's format {version} is newer than this Trace reads. The file is kept, "
        "encrypted, and is read when Trace has been updated."
    )


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in one unit: `now`, `22 min`, `3 h`, `5 d`, then the date."""
    gone = now - moment
    if gone < timedelta(minutes=1):
        return "now"
    if gone < timedelta(hours=1):
        return f"{gone.seconds // 60} min"
    if gone < timedelta(days=1):
        return f"{gone.seconds // 3600} h"
    if gone < timedelta(days=30):
        return f"{gone.days} d"
    return f"{moment:%Y-%m-%d}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, as a sentence says it: `now`, `5 min ago`, then the date."""
    text = age(moment, now)
    return f"{text} ago" if text[-1:] in "nhd" else text


def without_call_log(error: str) -> str:
    """A recorder's error without its log of how it waited: what was expected and what was there."""
    return _EMPTY_LINES.sub("\n", error.partition("\nCall log:")[0]).strip()


def code_spans(text: str) -> list[tuple[bool, str]]:
    """A text in pieces: (whether it stood between backticks, the piece without them).

    Scenarios write what a program reads in backticks; a backtick without a partner is text.
    """
    pieces: list[tuple[bool, str]] = []
    at = 0
    for span in _SPAN.finditer(text):
        pieces.append((False, text[at : span.start()]))
        pieces.append((True, span[1] or span[2]))
        at = span.end()
    return [piece for piece in [*pieces, (False, text[at:])] if piece[1]]


def without_ticks(text: str) -> str:
    """The text without the backticks around code, for where there can be no markup."""
    return "".join(piece for _, piece in code_spans(text))


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 trace`, `1,204 traces`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: float | None) -> str:
    """Bytes for people: `812 B`, `51 kB`, `2.4 MB`; empty where unknown."""
    if number is None or number < 0:
        return ""
    if number < 1000:
        return f"{number:.0f} B"
    if number < 1_000_000:
        return f"{number / 1000:.0f} kB"
    return f"{number / 1_000_000:.1f} MB"


def mender_state(state: str) -> str:
    """An attempt's stored state as people write it: pr_open as PR open."""
    return state.replace("_", " ").replace("pr open", "PR open")
