"""What a question to the offline Debugger asks for: a small grammar. Answers nothing itself."""

import re
from dataclasses import dataclass

from debugger.domain.changes import Change, UnclearChange, parse_changes


@dataclass(frozen=True, slots=True)
class Why:
    """Why did a step fail? `step` None means the failing one."""

    step: int | None


@dataclass(frozen=True, slots=True)
class CloneChange:
    """What changed in a clone between two steps? None: the only clone, first and last step."""

    clone: str | None
    step_a: int | None
    step_b: int | None


@dataclass(frozen=True, slots=True)
class CompareGreen:
    """Compare with the last green run, in one dimension or all."""

    dimension: str | None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class ReplayFrom:
    """Replay from a step (None: the failing one) with the changes the words name."""

    step: int | None
    changes: tuple[Change, ...]
    unclear: tuple[UnclearChange, ...]


@dataclass(frozen=True, slots=True)
class SuggestFix:
    """Propose an edit without being told which."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show events of a ribbon: `what` is network, console, agent, dom or errors."""

    what: str
    step: int | None
    errors_only: bool


@dataclass(frozen=True, slots=True)
class ShowEvent:
    """Show one event."""

    seq: int


@dataclass(frozen=True, slots=True)
class Simple:
    """A question without arguments: steps, similar, mender, overview or suspects."""

    what: str


@dataclass(frozen=True, slots=True)
class Source:
    """Read a file, or search a text, at the commit of the trace."""

    path: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Help:
    """Say what can be asked; `asked` is False when the question was not understood."""

    asked: bool


type Intent = (
    Why
    | CloneChange
    | CompareGreen
    | ReplayFrom
    | SuggestFix
    | Show
    | ShowEvent
    | Simple
    | Source
    | Help
)

_STEP = re.compile(r"\bstep\s*#?\s*(\d{1,4})\b", re.IGNORECASE)
_SEQ = re.compile(r"\bseq\s*[: ]?\s*(\d{1,16})\b", re.IGNORECASE)
_TWO_STEPS = re.compile(
    r"\b(?:between|from|steps?)\s+(?:steps?\s+)?(\d{1,4})\s*(?:and|to|…|\.\.|-|–|→|vs\.?)\s*"
    r"(?:step\s+)?(\d{1,4})\b",
    re.IGNORECASE,
)
_CLONE = re.compile(r"\b(?:the\s+)?([\w-]+)(?:'s)?\s+clone\b|\bclone\s+([\w-]+)", re.IGNORECASE)
_REPLAY = re.compile(
    r"^\s*(?:please\s+|can you\s+|could you\s+)?(?:re-?play|re-?run|run\s+(?:it\s+)?again|retry)\b"
    r"(?:\s+(?:this|it|the\s+(?:trace|scenario|run)))?"
    r"(?:\s+(?:from|at|starting\s+(?:at|from))?\s*step\s*#?\s*(?P<step>\d{1,4}))?"
    r"\s*[,:]?\s*(?:\b(?:with|but|after|where|having)\b)?\s*:?\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_DIMENSIONS = {
    "step": "steps",
    "network": "network",
    "request": "network",
    "console": "console",
    "log": "console",
    "clone": "clones",
    "stripe": "clones",
    "storage": "storage",
    "cookie": "storage",
    "dom": "dom",
    "page": "dom",
}
_SIMPLE = (
    ("similar", re.compile(r"\b(similar|same signature|other traces|seen before|cluster)\b", re.I)),
    ("mender", re.compile(r"\bmender\b", re.I)),
    (
        "suspects",
        re.compile(
            r"\b(which|what|who)\b.*\b(commit|file|code|broke|broken)\b|\bblame\b|\bcaused\b",
            re.IGNORECASE,
        ),
    ),
    ("steps", re.compile(r"\b(list|show|which|what)\b.*\bsteps\b", re.I)),
    ("overview", re.compile(r"\b(overview|summary|summari[sz]e|what happened)\b", re.I)),
)


def parse_question(text: str) -> Intent:
    """The intent of a question. Never raises: what is not understood is Help(asked=False)."""
    words = " ".join(text.split())
    for reader in (_replay, _fix, _compare, _clone, _why, _event, _source, _show, _simple):
        intent = reader(words)
        if intent is not None:
            return intent
    return Help(asked=bool(re.match(r"^\W*(help|\?|hi|hello|what can you do)", words, re.I)))


def _step(text: str) -> int | None:
    found = _STEP.search(text)
    return int(found[1]) if found else None


def _replay(text: str) -> Intent | None:
    found = _REPLAY.match(text)
    if found is None:
        return None
    changes, unclear = parse_changes(found["rest"] or "")
    return ReplayFrom(int(found["step"]) if found["step"] else None, changes, unclear)


def _fix(text: str) -> Intent | None:
    if re.search(
        r"\b(suggest|propose|find|give|what).{0,30}\b(fix|edit|patch|remedy)\b", text, re.I
    ):
        return SuggestFix()
    if re.match(r"^\W*(please\s+)?(fix|mend|repair)\s*(it|this|that)?\W*$", text, re.I):
        return SuggestFix()
    return _edit_alone(text)


def _edit_alone(text: str) -> Intent | None:
    """`change X to Y` without the word replay: the same proposal, from the failing step."""
    if not re.match(
        r"^\W*(please\s+|what if (we|you|i)\s+)?(change|replace|set|use|revert|undo)\b", text, re.I
    ):
        return None
    body = re.sub(r"^\W*(please\s+|what if (we|you|i)\s+)", "", text, flags=re.I).rstrip("?")
    changes, unclear = parse_changes(body)
    return ReplayFrom(None, changes, unclear) if changes and not unclear else None


def _compare(text: str) -> Intent | None:
    green = re.search(r"\b(last\s+)?(green|passing|successful|good)\b", text, re.I)
    asks = re.search(r"\b(compare|diff|differ\w*|changed?|against|versus|vs)\b", text, re.I)
    if not (green and asks):
        return None
    lowered = text.lower()
    dimension = next((name for word, name in _DIMENSIONS.items() if word in lowered), None)
    branch = re.search(r"\b(?:on|of|branch)\s+([\w./-]+)\s*\??$", text)
    named = branch[1] if branch and branch[1].lower() not in ("run", "it", "the") else None
    return CompareGreen(dimension, named)


def _clone(text: str) -> Intent | None:
    found = _CLONE.search(text)
    if found is None or not re.search(
        r"\b(chang|differ|diff|between|happen|state|did|show)", text, re.I
    ):
        return None
    name = (found[1] or found[2] or "").lower()
    name = "" if name in ("the", "a", "each", "every", "any", "which", "in") else name
    two = _TWO_STEPS.search(text)
    if two:
        return CloneChange(name or None, int(two[1]), int(two[2]))
    one = _step(text)
    return CloneChange(name or None, one - 1 if one else None, one)


def _why(text: str) -> Intent | None:
    asks = re.search(
        r"\b(why|how come|reason|explain|what went wrong|what broke|cause)\b", text, re.I
    )
    return Why(_step(text)) if asks else None


def _event(text: str) -> Intent | None:
    found = _SEQ.search(text)
    return ShowEvent(int(found[1])) if found else None


def _source(text: str) -> Intent | None:
    path = re.match(
        r"^\W*(?:read|open|show|cat)\s+(?:file\s+)?[`\"']?([\w./-]+\.\w{1,8})[`\"']?\W*$",
        text,
        re.I,
    )
    if path:
        return Source(path[1], None)
    quoted = re.match(r"^\W*(?:search|grep|find|where is)\s+(?:for\s+)?(.+?)\??$", text, re.I)
    if quoted:
        return Source(None, quoted[1].strip("`\"'“”"))
    return None


def _show(text: str) -> Intent | None:
    if not re.match(r"^\W*(show|list|read|what|which|any|were there|are there)\b", text, re.I):
        return None
    lowered = text.lower()
    errors = bool(re.search(r"\b(error|errors|fail\w*|problem\w*)\b", lowered))
    for word, what in (
        ("network", "network"),
        ("request", "network"),
        ("console", "console"),
        ("log", "console"),
        ("dom", "dom"),
        ("agent", "agent"),
        ("action", "agent"),
    ):
        if re.search(rf"\b{word}", lowered):
            return Show(what, _step(text), errors)
    return Show("errors", _step(text), True) if errors else None


def _simple(text: str) -> Intent | None:
    return next((Simple(what) for what, pattern in _SIMPLE if pattern.search(text)), None)
