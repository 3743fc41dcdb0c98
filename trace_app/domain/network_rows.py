"""The Network tab's rows: each request with its answer, on one time scale. No HTML here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from trace_app.domain.event_text import short_url
from trace_app.domain.events import Event
from trace_app.domain.paths import split_url

# The words of browsers' own developer tools, where the column has no room for the whole one.
_SHORT: Final = {"document": "doc", "stylesheet": "css", "script": "js", "image": "img"}
_STATIC: Final = frozenset({"stylesheet", "script", "image", "font", "media", "manifest"})


def header_pairs(headers: object) -> list[tuple[str, str]]:
    """Headers as (name, value), whether recorded as a mapping or as a list of pairs."""
    listed = list(headers.items()) if isinstance(headers, dict) else headers
    return [
        (str(pair[0]), str(pair[1]))
        for pair in (listed if isinstance(listed, list) else [])
        if isinstance(pair, list | tuple) and len(pair) == 2
    ]


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One exchange. Times are milliseconds of the trace; `status` is None while unanswered."""

    seq: int
    end_seq: int | None
    step: int | None
    source: str
    method: str
    url: str
    path: str
    host: str
    status: int | None
    error: str
    mime: str
    size: int | None
    start: float
    end: float
    failed: bool
    static: bool
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def sender(self) -> str:
        """Who asked, in a word: `clone:stripe` is stripe."""
        return self.source.removeprefix("clone:")

    @property
    def kind(self) -> str:
        """What was asked for, in a short word: as the browser called it, else the answer's type."""
        named = str(self.request.get("resource_type") or "")
        return _SHORT.get(named, named) or self.mime.rpartition("/")[2].removeprefix("x-")

    @property
    def dur(self) -> float:
        """Milliseconds from request to answer."""
        return max(self.end - self.start, 0.0)


def rows(events: Iterable[Event]) -> list[NetworkRow]:
    """Pairs requests with answers by `ref`; an answer without its request is left out."""
    events = list(events)
    answers = {event.ref: event for event in events if event.kind != "network.request"}
    return [
        _row(event, answers.get(event.seq)) for event in events if event.kind == "network.request"
    ]


def _row(request: Event, answer: Event | None) -> NetworkRow:
    asked = request.data
    told = answer.data if answer else {}
    url = str(asked.get("url") or "")
    end = answer.ts if answer else request.ts
    start = min(request.ts, end - (answer.dur or 0.0)) if answer else request.ts
    error = told.get("error")
    status = told.get("status")
    return NetworkRow(
        seq=request.seq,
        end_seq=answer.seq if answer else None,
        step=request.step,
        source=str(asked.get("source") or "browser"),
        method=str(asked.get("method") or "GET"),
        url=url,
        path=short_url(url),
        host=split_url(url).netloc,
        status=status if isinstance(status, int) and status > 0 else None,
        error=str(error.get("message") if isinstance(error, dict) else error or ""),
        mime=str(told.get("mime") or "").split(";")[0],
        size=told.get("size") if isinstance(told.get("size"), int) else None,
        start=max(start, 0.0),
        end=end,
        failed=bool(answer and answer.level == "error"),
        static=str(asked.get("resource_type") or "") in _STATIC,
        request=asked,
        response=told,
    )
