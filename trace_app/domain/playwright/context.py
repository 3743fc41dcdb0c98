"""One `.trace` member and its `.network`: lines of format 10 become typed records on one clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from trace_app.domain.paths import strip_ansi
from trace_app.domain.playwright.model import (
    Call,
    CallError,
    Entry,
    Frame,
    Message,
    Output,
    Package,
    PageEvent,
    Place,
    Snapshot,
)
from trace_app.domain.playwright.values import (
    as_dict,
    as_list,
    as_number,
    call_error,
    epoch_ms,
    from_base64,
    picture,
    stack_line,
)

type Line = dict[str, Any]

_PAGE_EVENTS: Final = frozenset(
    {"page", "pageClosed", "navigated", "dialog", "download", "pageError"}
)


@dataclass(slots=True)
class Clock:
    """wall = wall_ms + (t - monotonic_ms); the wall time is when the context was made."""

    wall_ms: float = 0.0
    monotonic_ms: float | None = None

    def wall(self, monotonic: object) -> float:
        """Epoch milliseconds of a driver time."""
        return self.wall_ms + (as_number(monotonic) - (self.monotonic_ms or 0.0))


class ContextReader:
    """Collects one member; nothing is on the wall clock before `pour_into`."""

    def __init__(self, member: str, version: int, *, is_runner: bool) -> None:
        self.member = member
        self.version = version
        self.clock = Clock()
        self.title = ""
        self.is_runner = is_runner
        self._options: Line = {}
        self._lines: list[tuple[Place, Line]] = []
        self._network: list[tuple[Place, Line]] = []

    def read(self, lines: Iterable[tuple[int, Line]]) -> None:
        """Takes the lines in; the context line is applied at once."""
        for number, line in lines:
            if line.get("type") == "context-options":
                self._context(line)
            else:
                self._lines.append((Place(self.member, number), line))
        if self.clock.monotonic_ms is None:
            self._anchor()

    def read_network(self, member: str, lines: Iterable[tuple[int, Line]]) -> None:
        """Takes the HAR entries of the matching `.network` member in."""
        for number, line in lines:
            self._network.append((Place(member, number), line))

    def settle_clock(self, runner: "ContextReader | None") -> None:
        """Uses the test runner's clock where there is one: its contexts share one driver."""
        if runner is not None and runner.clock.monotonic_ms is not None:
            self.clock = runner.clock

    def pour_into(self, package: Package) -> None:
        """Adds everything of this context, in its order, to the package."""
        package.browser = package.browser or str(self._options.get("browserName") or "")
        package.title = package.title or self.title
        package.playwright_version = package.playwright_version or str(
            self._options.get("playwrightVersion") or ""
        )
        open_calls: dict[str, Call] = {}
        for place, line in self._lines:
            self._pour(place, line, package, open_calls)
        for place, line in self._network:
            if line.get("type") == "resource-snapshot":
                package.entries.append(self._entry(place, as_dict(line.get("snapshot"))))

    def _context(self, line: Line) -> None:
        self._options = line
        self.title = str(line.get("title") or "")
        self.is_runner = self.is_runner or line.get("origin") == "testRunner"
        self.clock.wall_ms = as_number(line.get("wallTime"))
        if "monotonicTime" in line:
            self.clock.monotonic_ms = as_number(line["monotonicTime"])

    def _anchor(self) -> None:
        """Before format 7 the clock hangs on the first call that also has a wall time."""
        for _, line in self._lines:
            if line.get("type") == "before" and as_number(line.get("wallTime")):
                start, wall = as_number(line.get("startTime")), as_number(line["wallTime"])
                self.clock.wall_ms = self.clock.wall_ms or wall
                self.clock.monotonic_ms = start - (wall - self.clock.wall_ms)
                return

    def _pour(self, place: Place, line: Line, package: Package, calls: dict[str, Call]) -> None:
        kind = line.get("type")
        if kind == "before":
            call = self._call(place, line)
            calls[call.call_id] = call
            package.calls.append(call)
        elif kind in ("input", "log", "after"):
            if (held := calls.get(str(line.get("callId")))) is not None:
                self._complete(held, line)
        elif kind == "event":
            self._pour_event(place, line, package)
        else:
            self._pour_record(place, line, package)

    def _pour_event(self, place: Place, line: Line, package: Package) -> None:
        if str(line.get("method")) in _PAGE_EVENTS:
            package.page_events.append(self._page_event(place, line))
        else:
            package.noise += 1

    def _pour_record(self, place: Place, line: Line, package: Package) -> None:
        match line.get("type"):
            case "console":
                package.messages.append(self._message(place, line))
            case "screencast-frame":
                package.frames.append(self._frame(place, line))
            case "frame-snapshot":
                package.snapshots.append(self._snapshot(place, as_dict(line.get("snapshot"))))
            case "resource-snapshot":
                package.entries.append(self._entry(place, as_dict(line.get("snapshot"))))
            case "stdout" | "stderr":
                package.outputs.append(self._output(place, line))
            case "error":
                package.errors.append(call_error(line) or CallError("", "", ""))
            case "screenshot" | "aria-snapshot":
                package.pictures.append(picture(line))

    def _call(self, place: Place, line: Line) -> Call:
        parent = line.get("parentId")
        stack = line.get("stack")
        return Call(
            call_id=str(line.get("callId")),
            parent_id=parent if isinstance(parent, str) else None,
            start_ms=self.clock.wall(line.get("startTime")),
            cls=str(line.get("class") or ""),
            method=str(line.get("method") or ""),
            params=as_dict(line.get("params")),
            title=str(line.get("title") or ""),
            subtitle=str(line.get("subtitle") or ""),
            place=place,
            stack=tuple(stack_line(one) for one in as_list(stack)),
            from_runner=self.is_runner,
            same_as=_same_as(line),
        )

    def _complete(self, call: Call, line: Line) -> None:
        kind = line.get("type")
        if kind == "log":
            if len(call.log) < 200:
                call.log.append(strip_ansi(str(line.get("message") or ""))[:2000])
            return
        point = line.get("point")
        if isinstance(point, dict):
            call.point = point
        if kind == "after":
            call.end_ms = self.clock.wall(line.get("endTime"))
            call.finished = True
            call.error = call_error(line.get("error"))
            attached = line.get("attachments")
            call.attachments = [one for one in as_list(attached) if as_dict(one)]

    def _frame(self, place: Place, line: Line) -> Frame:
        swapped = as_number(line.get("frameSwapWallTime"))
        return Frame(
            wall_ms=swapped or self.clock.wall(line.get("timestamp")),
            page_id=str(line.get("pageId") or ""),
            file=str(line.get("file") or ""),
            width=int(as_number(line.get("width"))),
            height=int(as_number(line.get("height"))),
            place=place,
        )

    def _snapshot(self, place: Place, line: Line) -> Snapshot:
        overrides = line.get("resourceOverrides")
        return Snapshot(
            wall_ms=as_number(line.get("wallTime")) or self.clock.wall(line.get("timestamp")),
            call_id=str(line.get("callId") or ""),
            phase=str(line.get("phase") or ""),
            page_id=str(line.get("pageId") or ""),
            frame_id=str(line.get("frameId") or ""),
            url=str(line.get("frameUrl") or ""),
            is_main=bool(line.get("isMainFrame")),
            doctype=str(line.get("doctype") or ""),
            html=line.get("html"),
            viewport=as_dict(line.get("viewport")),
            overrides=tuple(one for one in as_list(overrides) if as_dict(one)),
            place=place,
            original_call_id=str(line.get("originalCallId") or ""),
        )

    def _entry(self, place: Place, line: Line) -> Entry:
        duration = max(0.0, as_number(line.get("time")))
        answered = self.clock.wall(line["_monotonicTime"]) if "_monotonicTime" in line else None
        start = epoch_ms(line.get("startedDateTime"))
        if start is None:
            # Up to Playwright 1.34 the start was written as an empty object.
            start = (answered if answered is not None else self.clock.wall_ms) - duration
        return Entry(
            start_ms=start,
            end_ms=start + duration,
            response_ms=answered if answered is not None else start + duration,
            frame_id=str(line.get("_frameref") or ""),
            page_id=str(line.get("pageref") or ""),
            request=as_dict(line.get("request")),
            response=as_dict(line.get("response")),
            resource_type=str(line.get("_resourceType") or ""),
            place=place,
        )

    def _message(self, place: Place, line: Line) -> Message:
        return Message(
            wall_ms=self.clock.wall(line.get("time")),
            page_id=str(line.get("pageId") or ""),
            kind=str(line.get("messageType") or "log"),
            text=str(line.get("text") or ""),
            location=as_dict(line.get("location")),
            place=place,
        )

    def _page_event(self, place: Place, line: Line) -> PageEvent:
        params = as_dict(line.get("params"))
        page = params.get("pageId") or as_dict(params.get("page")).get("guid")
        return PageEvent(
            wall_ms=self.clock.wall(line.get("time")),
            method=str(line["method"]),
            page_id=str(line.get("pageId") or page or ""),
            params=params,
            place=place,
        )

    def _output(self, place: Place, line: Line) -> Output:
        text = line.get("text")
        if not isinstance(text, str):
            text = from_base64(line.get("base64"))
        return Output(self.clock.wall(line.get("timestamp")), str(line["type"]), text, place)


def _same_as(line: Line) -> tuple[str, float] | None:
    name, wall = line.get("apiName"), as_number(line.get("wallTime"))
    return (name, wall) if isinstance(name, str) and wall else None
