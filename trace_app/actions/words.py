"""Masks what a run says of itself: every field that a recorder fills in freely."""

import re
from typing import Any, Final

from trace_app.domain.redaction import Redactor

# Words and numbers that the contract checks; a time is read or dropped, never kept as a text.
_CHECKED: Final = frozenset(
    {"schema", "status", "source", "pr", "duration_ms", "failing_step", "started_at"}
)
_STEP_STATUS: Final = frozenset({"passed", "failed", "skipped", "not_run", "unfinished"})
_SHA: Final = re.compile(r"[0-9a-f]{7,64}")


def masked_words(run: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """The fields of run.json, masked; known words, numbers and a commit's sha stay as they are."""
    masked = {
        name: value
        if name in _CHECKED or (name == "sha" and is_sha(value))
        else redactor.mask(value, name)
        for name, value in run.items()
    }
    for step, before in zip(masked.get("steps", ()), run.get("steps", ()), strict=True):
        if before["status"] in _STEP_STATUS:
            step["status"] = before["status"]
    return masked


def is_sha(text: str) -> bool:
    """Whether it names a commit: that is looked up in the repository, and digits in it no card."""
    return _SHA.fullmatch(text) is not None
