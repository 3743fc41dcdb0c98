"""Finds the named reasons in the facts of a failure.

Its events, its signature's parts and what changed since green.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mender_handoff.domain.classification import Evidence
from trace_app.domain.events import Event

_QUOTED = re.compile(r"[\"'`“]([^\"'`”]{2,})[\"'`”]")
_CONFIGURATION = re.compile(
    r"^\.molar/molar\.toml$|(^|/)(requirements[^/]*\.txt|[^/]*\.lock|package-lock\.json|\.env[^/]*)$"
)
_DOCUMENTATION = re.compile(
    r"(^|/)(docs?/|LICENSE|CHANGELOG)|\.(md|rst|adoc|txt\.md)$", re.IGNORECASE
)
_SCENARIO = re.compile(r"^\.molar/scenarios/")
MIN_WORD = 4
_TIMEOUT = re.compile(r"time[- ]?out|timed out|exceeded", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """One file's change since the last green run, lines without their +/- marks."""

    path: str
    commit: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """scenario, configuration, documentation or source."""
        if _SCENARIO.match(self.path):
            return "scenario"
        if _DOCUMENTATION.search(self.path):
            return "documentation"
        return "configuration" if _CONFIGURATION.search(self.path) else "source"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one failure.

    `events` are the failing step's; `green_sha` the last green commit, if any.
    """

    events: tuple[Event, ...]
    parts: dict[str, Any]
    changes: tuple[Change, ...]
    sha: str = ""
    green_sha: str = ""
    status: str = "failed"


def find(facts: Facts) -> tuple[Evidence, ...]:
    """Every reason that holds, in a fixed order."""
    found = [rule(facts) for rule in _RULES]
    return tuple(one for one in found if one is not None)


def _part(facts: Facts, name: str) -> dict[str, Any]:
    value = facts.parts.get(name)
    return value if isinstance(value, dict) else {}


def _failing(facts: Facts) -> Event | None:
    """The assertion or action that failed; the first one in the step."""
    for event in facts.events:
        if event.kind in ("assertion", "agent.action") and event.data.get("ok") is False:
            return event
    return None


def _seqs(*found: object) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one for one in found if isinstance(one, int)))


def _lost(needle: str, change: Change) -> bool:
    """The change took `needle` out of this file."""
    return any(needle in line for line in change.removed) and not any(
        needle in line for line in change.added
    )


def _who(change: Change) -> str:
    return f"{change.path} ({change.commit[:7]})" if change.commit else change.path


def _path_removed(facts: Facts) -> Evidence | None:
    network = _part(facts, "network")
    path, seq = str(network.get("path") or ""), network.get("seq")
    # A templated path is looked for by its longest literal piece.
    literal = max(re.split(r"\{[^}]*\}|:\w+|\*+", path), key=len).strip("/") if path else ""
    if len(literal) < 3:
        return None
    for change in facts.changes:
        if change.kind in ("source", "configuration") and _lost(literal, change):
            text = (
                f"{_who(change)} no longer has “{literal}”, which answered {network.get('status')}"
            )
            return Evidence("failing_path_removed", text, _seqs(seq))
    return None


def _frame_changed(facts: Facts) -> Evidence | None:
    frame = _part(facts, "frame")
    file = str(frame.get("file") or "")
    for change in facts.changes:
        if file and (change.path == file or file.endswith("/" + change.path)):
            where = frame.get("function") or file
            text = f"the error comes out of {where} in {_who(change)}, changed since green"
            return Evidence("failing_frame_changed", text, _seqs(frame.get("seq")))
    return None


def _server_error(facts: Facts) -> Evidence | None:
    network = _part(facts, "network")
    status = network.get("status")
    if isinstance(status, int) and status >= 500:
        text = f"{network.get('method')} {network.get('path')} answered {status}"
        return Evidence("server_error", text, _seqs(network.get("seq")))
    return None


def _expected_removed(facts: Facts) -> Evidence | None:
    event = _failing(facts)
    if event is None or event.kind != "assertion":
        return None
    for needle in _literals(event):
        for change in facts.changes:
            if change.kind == "source" and _lost(needle, change):
                text = f"{_who(change)} no longer has “{needle}”, which the scenario expects"
                return Evidence("expected_value_removed", text, _seqs(event.seq))
    return None


def _literals(event: Event) -> list[str]:
    """The words an assertion demands: its expected value, then what it quotes."""
    expected = event.data.get("expected")
    texts = [expected] if isinstance(expected, str) else []
    texts += _QUOTED.findall(str(event.data.get("text") or ""))
    return [one.strip() for one in dict.fromkeys(texts) if len(one.strip()) >= 4]


def _label_renamed(facts: Facts) -> Evidence | None:
    event = _failing(facts)
    if event is None or event.kind != "agent.action":
        return None
    target = event.data.get("target")
    labels = _QUOTED.findall(str(target or "")) or ([target] if isinstance(target, str) else [])
    for label in labels:
        for change in facts.changes:
            if change.kind == "source" and _lost(label, change) and change.added:
                text = f"{_who(change)} renamed “{label}”, which the scenario still looks for"
                return Evidence("label_renamed", text, _seqs(event.seq))
    return None


def _vendor_state(facts: Facts) -> Evidence | None:
    event = _failing(facts)
    if event is None or event.kind != "assertion" or event.data.get("kind") != "clone":
        return None
    text = f"expected {event.data.get('expected')}, the clone has {event.data.get('actual')}"
    return Evidence("vendor_state_wrong", text, _seqs(event.seq))


def _related_code(facts: Facts) -> Evidence | None:
    """The change is about what failed: the mail, the vendor, the address that the step was on."""
    event = _failing(facts)
    if event is None or event.kind != "assertion":
        return None
    for subject in _subjects(event):
        word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(subject)}", re.IGNORECASE)
        for change in facts.changes:
            lines = (change.path, *change.removed, *change.added)
            if change.kind == "source" and any(word.search(line) for line in lines):
                text = f"{_who(change)} is about {subject}, and so is what failed"
                return Evidence("related_code_changed", text, _seqs(event.seq))
    return None


def _subjects(event: Event) -> list[str]:
    """Words for the part of the product that an assertion looks at; a text on a page names none."""
    kind, text = str(event.data.get("kind") or ""), str(event.data.get("text") or "")
    if kind == "mail":
        return ["mail"]
    if kind in ("clone", "webhook"):
        return re.findall(rf"\b{kind} ([\w-]+)", text)
    if kind == "network":
        found = _QUOTED.search(text)
        return [one for one in (found.group(1) if found else "").split("/") if len(one) >= MIN_WORD]
    return []


def _of_kind(kind: str, name: str, words: Callable[[Event], str]) -> Callable[[Facts], Any]:
    def rule(facts: Facts) -> Evidence | None:
        found = [event for event in facts.events if event.kind == kind]
        return Evidence(name, words(found[0]), _seqs(*(e.seq for e in found))) if found else None

    return rule


def _kinds(facts: Facts) -> set[str]:
    return {change.kind for change in facts.changes if change.kind != "documentation"}


def _source_changed(facts: Facts) -> Evidence | None:
    changed = [change for change in facts.changes if change.kind == "source"]
    if not changed:
        return None
    named = ", ".join(_who(change) for change in changed[:3])
    return Evidence("source_changed", f"{named} changed since the last green run")


def _only_changed(kind: str, name: str) -> Callable[[Facts], Evidence | None]:
    def rule(facts: Facts) -> Evidence | None:
        if _kinds(facts) != {kind}:
            return None
        named = ", ".join(_who(one) for one in facts.changes if one.kind == kind)
        return Evidence(name, f"only {named} changed since the last green run")

    return rule


def _same_code(facts: Facts) -> Evidence | None:
    if facts.green_sha and not facts.changes:
        return Evidence("same_code_was_green", f"the same code was green at {facts.green_sha[:7]}")
    return None


def _timeout(facts: Facts) -> Evidence | None:
    event, failure = _failing(facts), _part(facts, "failure")
    if _part(facts, "network") or not _TIMEOUT.search(str(failure.get("message") or "")):
        return None
    return Evidence(
        "timeout_without_cause",
        "a timeout with no failed request beside it",
        _seqs(failure.get("seq"), event.seq if event else None),
    )


def _not_started(facts: Facts) -> Evidence | None:
    if facts.status != "error":
        return None
    return Evidence("run_could_not_start", "the run ended before the scenario could say anything")


_RULES: Sequence[Callable[[Facts], Evidence | None]] = (
    _path_removed,
    _frame_changed,
    _server_error,
    _expected_removed,
    _label_renamed,
    _vendor_state,
    _related_code,
    _of_kind(
        "page.error", "page_error", lambda e: str(e.data.get("message") or "page error")[:200]
    ),
    _source_changed,
    _only_changed("scenario", "only_scenario_changed"),
    _only_changed("configuration", "only_configuration_changed"),
    _of_kind(
        "clone.unmodelled",
        "unmodelled_call",
        lambda e: f"the {e.data.get('clone')} clone does not know {e.data.get('path')}",
    ),
    _of_kind(
        "egress.blocked", "blocked_address", lambda e: f"a call to {e.data.get('host')} was blocked"
    ),
    _same_code,
    _timeout,
    _not_started,
)
