"""What a list of traces is narrowed by, as an address holds it. Pure; finding is a query's work."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from trace_app.domain.wall_clock import read_moment

VIEWS: Final = {
    "all": "All",
    "failed": "Failed · 24h",
    "pinned": "Pinned",
    "running": "Running",
    "awaiting": "Awaiting promote",
    "mine": "Mine",
}
_TOKENS: Final = frozenset(
    {"signature", "branch", "sha", "scenario", "status", "source", "pr", "author", "tier"}
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; an empty string asks for nothing.

    `since` and `until` are ISO dates or times; a bare date in `until` means the whole day.
    """

    view: str = "all"
    q: str = ""
    scenario: str = ""
    source: str = ""
    status: str = ""
    signature: str = ""
    branch: str = ""
    sha: str = ""
    pr: str = ""
    author: str = ""
    project: str = ""
    tier: str = ""
    since: str = ""
    until: str = ""

    def with_tokens(self) -> "Filters":
        """Moves `signature:webhook-404 branch:main` out of the search text into fields."""
        words, found = [], {}
        for word in self.q.split():
            name, colon, value = word.partition(":")
            if colon and value and name in _TOKENS:
                found[name] = value
            else:
                words.append(word)
        return replace(self, q=" ".join(words), **found)

    @property
    def narrowed(self) -> bool:
        """Whether anything beside the saved view narrows the list."""
        return replace(self, view="all") != Filters()

    @property
    def finer(self) -> int:
        """How many of the filters behind "More filters" are set."""
        names = ("signature", "branch", "pr", "author", "tier", "since", "until")
        return sum(bool(getattr(self, name)) for name in names)

    def address(self) -> str:
        """The query string that gives exactly these filters, always in the same order."""
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        default = Filters()
        kept = {name: value for name, value in held.items() if value != getattr(default, name)}
        return urlencode(kept)


def moment(text: str, *, end: bool = False) -> datetime | None:
    """A date or time as a moment (UTC unless it says otherwise); None where it is neither.

    With `end`, a bare date is the first moment after that day.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return read_moment(text, assumed=UTC)
    if end and day < date.max:
        day += timedelta(days=1)
    return datetime.combine(day, time(), UTC)
