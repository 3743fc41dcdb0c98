"""The failure signature, version 1: a slug people read and a hash that makes clusters.

Made of three parts: what failed, the dominant network error, the top application frame.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import msgspec

from trace_app.domain.events import Event
from trace_app.domain.frames import top_application_frame
from trace_app.domain.labels import error_message, target_text
from trace_app.domain.paths import template_message, template_path

VERSION: Final = 1
_STATIC: Final = re.compile(r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|woff2?|ttf|avif)$")
_ASSERTIONS: Final = frozenset(
    {"text", "value", "url", "network", "webhook", "clone", "mail", "console", "assertion"}
)
_WORD: Final = re.compile(r"[a-z0-9]+")
_SEPARATOR: Final = re.compile(r"[/\\]")
_QUOTED: Final = re.compile(r"[\"'`]([^\"'`]{1,60})[\"'`]")


class StepLike(Protocol):
    """What compute reads of a step; BundleStep rows and stored steps both have it."""

    @property
    def no(self) -> int:
        """The step's number, from 1."""
        ...

    @property
    def title(self) -> str:
        """The step in one line."""
        ...

    @property
    def status(self) -> str:
        """Passed, failed or skipped."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """What broke: `kind` is the assertion kind, or the verb of the action."""

    kind: str
    target: str
    message: str
    seq: int


@dataclass(frozen=True, slots=True)
class NetworkError:
    """The non-static 4xx, 5xx or failure that dominates the failing step; status 0 is a failure."""

    method: str
    path: str
    status: int
    seq: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the application threw."""

    file: str
    function: str
    seq: int


@dataclass(frozen=True, slots=True)
class Parts:
    """What the hash is made of, shown as "why these traces are one cluster"."""

    failure: Failure
    network: NetworkError | None
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class Signature:
    """`hash` is 16 hex digits over the versioned parts without their seqs."""

    slug: str
    hash: str
    version: int
    parts: Parts

    def to_json(self) -> dict[str, Any]:
        """The signature as summary.json and the signature row keep it."""
        return {
            "slug": self.slug,
            "hash": self.hash,
            "version": self.version,
            "parts": asdict(self.parts),
        }


def compute(events: Iterable[Event], steps: Sequence[StepLike]) -> Signature | None:
    """The signature of a failed run; None when nothing in it failed."""
    held = list(events)
    step = _failing_step(held, steps)
    failure = _failure(held, step, steps)
    if failure is None:
        return None
    window = _window(held, step, failure)
    parts = Parts(failure, _dominant_network_error(window, held), _frame(window))
    return Signature(_slug(parts), _hash(parts), VERSION, parts)


def _window(events: list[Event], step: int | None, failure: Failure) -> list[Event]:
    """The failing step; for a step that only looks, back to the action whose effect it saw."""
    if step is None:
        return events
    inside = [event for event in events if event.step == step]
    first = inside[0].seq if inside else failure.seq
    acted = [event.seq for event in events if event.kind == "agent.action"]
    if not any(first <= seq <= failure.seq for seq in acted):
        first = max((seq for seq in acted if seq < first), default=first)
    last = inside[-1].seq if inside else failure.seq
    return [event for event in events if first <= event.seq <= last or event.step == step]


def _failing_step(events: list[Event], steps: Sequence[StepLike]) -> int | None:
    failed = [step.no for step in steps if step.status == "failed"]
    if failed:
        # The innermost of nested steps started last; without nesting there is only one.
        return failed[-1]
    marked = [event.step for event in events if event.kind == "step.end" and _is_error(event)]
    return marked[0] if marked else None


def _failure(events: list[Event], step: int | None, steps: Sequence[StepLike]) -> Failure | None:
    for wanted in ("assertion", "agent.action", "step.end", "page.error", "app.log"):
        for event in events:
            if event.kind == wanted and _is_error(event) and _in_step(event, step):
                return _describe(event, steps)
    return None


def _describe(event: Event, steps: Sequence[StepLike]) -> Failure:
    data = event.data
    message = template_message(said(data))
    if event.kind == "assertion":
        target = template_message(str(data.get("text") or data.get("expected") or ""))
        return Failure(str(data.get("kind") or "assertion"), target, message, event.seq)
    if event.kind == "agent.action":
        target = template_message(target_text(data.get("target")))
        return Failure(str(data.get("verb") or "action"), target, message, event.seq)
    titles = [step.title for step in steps if step.no == event.step]
    target = template_message(titles[0]) if titles else ""
    return Failure(event.kind.split(".")[0], target, message, event.seq)


def _dominant_network_error(window: list[Event], events: list[Event]) -> NetworkError | None:
    requests = {event.seq: event for event in events if event.kind == "network.request"}
    found: dict[tuple[str, str, int], list[Event]] = {}
    for event in window:
        status = _network_status(event)
        if status is None:
            continue
        request = requests.get(event.ref or 0)
        path, method = _where(event, request)
        if not _STATIC.search(path):
            found.setdefault((method, path, status), []).append(event)
    if not found:
        return None
    # Server errors say most, then client errors, then failures; the first one breaks a tie.
    (method, path, status), alike = min(
        found.items(), key=lambda item: (_rank(item[0][2]), -len(item[1]), item[1][0].seq)
    )
    # A vendor's delivery stands beside the request and answer it consists of: the answer is cited,
    # as it is wherever an exchange is.
    cited = next((event for event in alike if event.kind != "clone.webhook"), alike[0])
    return NetworkError(method, path, status, cited.seq)


def _network_status(event: Event) -> int | None:
    if event.kind == "network.failed":
        return 0
    if event.kind in ("network.response", "clone.webhook"):
        status = event.data.get("status")
        if isinstance(status, int) and status >= 400:
            return status
    return None


def _where(event: Event, request: Event | None) -> tuple[str, str]:
    data = request.data if request is not None else event.data
    return template_path(str(data.get("url") or "")), str(data.get("method") or "POST")


def _rank(status: int) -> int:
    return {5: 0, 4: 1}.get(status // 100, 2)


def _frame(window: list[Event]) -> Frame | None:
    """The page's own error first, then what the application logged, then the test's stack."""
    for kinds in (("page.error",), ("app.log",), ("agent.action", "assertion", "step.end")):
        chosen = [event for event in window if event.kind in kinds]
        if kinds == ("app.log",):
            found = _logged_frame(chosen)
        else:
            found = next(filter(None, map(_stack_frame, filter(_is_error, chosen))), None)
        if found is not None:
            return found
    return None


def _stack_frame(event: Event) -> Frame | None:
    error = event.data.get("error")
    stack = event.data.get("stack") or (error.get("stack") if isinstance(error, dict) else None)
    top = top_application_frame(stack) if isinstance(stack, str) else None
    return None if top is None else Frame(top.file, top.function, event.seq)


def _logged_frame(logs: list[Event]) -> Frame | None:
    # A traceback arrives as several events, one per line or per write.
    text = "\n".join(str(event.data.get("text") or "") for event in logs)
    top = top_application_frame(text) if "Traceback" in text or "    at " in text else None
    if top is None:
        return None
    seq = next(event.seq for event in logs if top.file in str(event.data.get("text")))
    return Frame(top.file, top.function, seq)


def _slug(parts: Parts) -> str:
    network, failure = parts.network, parts.failure
    if network is not None and network.status >= 500:
        return _join("server-error", _last_words(network.path))
    if failure.kind not in _ASSERTIONS and "timeout" in failure.message.lower():
        return _join("timeout", failure.kind, _subject(failure.target))
    if network is not None and network.status >= 400:
        return _join(_last_words(network.path), str(network.status))
    if network is not None:
        return _join("network-failed", _last_words(network.path))
    return _join(failure.kind, _subject(failure.target) or _subject(failure.message), "mismatch")


def _subject(text: str) -> str:
    quoted = _QUOTED.search(text)
    return quoted.group(1) if quoted else text


def _last_words(path: str) -> str:
    named = [segment for segment in path.split("/") if segment and not segment.startswith("{")]
    return named[-1] if named else "root"


def _join(*words: str) -> str:
    found = _WORD.findall(" ".join(words).lower().replace("'", ""))
    return "-".join(found[:8])[:60].strip("-") or "failure"


def _hash(parts: Parts) -> str:
    bare = {
        "version": VERSION,
        "failure": [parts.failure.kind, parts.failure.target, parts.failure.message],
        "network": parts.network
        and [parts.network.method, parts.network.path, parts.network.status],
        "frame": parts.frame and [_near(parts.frame.file), parts.frame.function],
    }
    return hashlib.sha256(msgspec.json.encode(bare)).hexdigest()[:16]


def _near(file: str) -> str:
    """The file within its folder: where a checkout lies differs from machine to machine."""
    return "/".join(_SEPARATOR.split(file)[-2:])


def _is_error(event: Event) -> bool:
    return event.level == "error" or event.data.get("ok") is False


def _in_step(event: Event, step: int | None) -> bool:
    return step is None or event.step is None or event.step == step


def said(data: dict[str, Any]) -> str:
    """What an event's data says went wrong, word for word; empty when it says nothing."""
    return str(data.get("message") or error_message(data) or data.get("text") or "")
