"""summary.json of a trace: what happened in one object, without reading its events again."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import compress, islice
from typing import Any, Final

from trace_app.domain.events import KINDS, LEVELS, RIBBONS
from trace_app.domain.lines import Columns, distinct, split
from trace_app.domain.signature import Signature
from trace_app.domain.steps import StepRow

VERSION: Final = 1
_ERROR: Final = LEVELS.index("error")
_WARNING: Final = LEVELS.index("warning")
_MOST_ATTACHMENTS: Final = 200
# What a recorder can capture beside the ribbons, and the kind of event that shows it did.
_ARTIFACTS: Final = {
    "clones": "clone.state",
    "storage": "storage.state",
    "app_log": "app.log",
}
_ALWAYS: Final = ("network", "console")


class Counter:
    """Counts events per ribbon and level while they pass by."""

    def __init__(self) -> None:
        self.ribbons: dict[str, dict[str, int]] = {
            ribbon: {"total": 0, "error": 0, "warning": 0} for ribbon in RIBBONS
        }
        self.kinds: set[str] = set()
        self.total = 0
        self.errors = 0

    def add(self, columns: Columns) -> None:
        """Takes events in."""
        self.total += len(columns)
        self.kinds.update(KINDS[code] for code in distinct(columns.kind))
        told = [level for level in (_ERROR, _WARNING) if level in columns.level]
        for ribbon, mine in split(columns.ribbon):
            counts = self.ribbons[RIBBONS[ribbon]]
            counts["total"] += mine.count(1)
            for level in told:
                count = bytes(compress(columns.level, mine)).count(level)
                counts[LEVELS[level]] += count
                self.errors += count if level == _ERROR else 0


def build(
    *,
    status: str,
    steps: Sequence[StepRow],
    signature: Signature | None,
    counter: Counter,
    failing: StepRow | None,
    has_zip: bool,
    unread: bool = False,
    redaction: dict[str, Any],
) -> dict[str, Any]:
    """The object; `mender_summary` is added by whoever makes an attempt."""
    return {
        "schema": VERSION,
        "status": status,
        "failing_step": failing.number if failing else None,
        "failing_seq": failing.failing_seq if failing else None,
        "error": failing.error[:2000] if failing else "",
        "signature": signature.to_json() if signature else None,
        "counts": counter.ribbons,
        "events": counter.total,
        "steps": [_step(row) for row in steps],
        "attachments": list(islice(_attachments(steps), _MOST_ATTACHMENTS)),
        "availability": _availability(counter, has_zip=has_zip, unread=unread),
        "redaction": redaction,
    }


def _step(row: StepRow) -> dict[str, Any]:
    return {
        "no": row.number,
        "title": row.title,
        "status": row.status,
        "started_ms": row.started_ms,
        "ended_ms": row.ended_ms,
        "seq_first": row.seq_first,
        "seq_last": row.seq_last,
        "failing_seq": row.failing_seq,
        "error": row.error[:2000],
        "depth": row.depth,
    }


def _attachments(steps: Sequence[StepRow]) -> Iterator[dict[str, Any]]:
    for row in steps:
        for one in row.attachments:
            yield {"step": row.number, **asdict(one)}


def _availability(counter: Counter, *, has_zip: bool, unread: bool) -> dict[str, str]:
    """Per ribbon and artifact: nothing recorded is never the same as nothing happened."""
    here = {ribbon: counts["total"] > 0 for ribbon, counts in counter.ribbons.items()}
    if has_zip:
        # Playwright always records these: without an event there was none.
        here |= dict.fromkeys(_ALWAYS, True)
    here |= {name: kind in counter.kinds for name, kind in _ARTIFACTS.items()}
    here["playwright_zip"] = has_zip
    missing = "unread" if unread else "not_captured"
    return {name: "captured" if found else missing for name, found in here.items()}
