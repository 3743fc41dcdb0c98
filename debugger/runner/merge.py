"""Makes the canonical record.

The guest's own events and the Playwright trace on one clock, numbered once. It reads files and
writes the bundle; it starts nothing.
"""

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, cast

from debugger.runner import outputs
from debugger.runner.contract import Json
from trace_app.domain.archive import Archive, ArchiveError
from trace_app.domain.bundle import RunInfo
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.contents import Content
from trace_app.domain.events import KINDS, LEVELS, Event, Kind, Level
from trace_app.domain.playwright import PlaywrightError, package_drafts, read_package
from trace_app.domain.sequence import Draft, assign_steps, number

_MAX_DATA: Final = 768 * 1024
_MAX_BEFORE: Final = 500
# Two processes read the same clock a little apart.
_SLACK_MS: Final = 5
# Calls that only structure the trace.
_NO_ACTION: Final = frozenset({"tracingGroup", "tracingGroupEnd", "tracingStart", "getAttribute"})
_LANE: Final = "agent"


@dataclass(frozen=True, slots=True)
class Record:
    """What a run is filed under: start (wall clock, ms), first event and last event."""

    started_ms: float
    ended_ms: float
    start: Json
    end: Json
    failed: bool


def started_at(wall_ms: float) -> str:
    """RFC 3339 with milliseconds."""
    moment = dt.datetime.fromtimestamp(wall_ms / 1000, tz=dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write(target: Path, out: Path, record: Record, run: RunInfo) -> None:
    """Merge what lies in `out` and write the bundle. A zip that cannot be read is left out."""
    own = list(own_drafts(outputs.read_lines(out / "events.ndjson")))
    package = _open_zip(out / "playwright.zip")
    try:
        events = merge(record, own, _playwright_drafts(package))
        with target.open("wb") as file:
            write_bundle(
                file,
                run=run,
                events=events,
                playwright=package,
                blobs=_blobs(out / "blobs"),
                capsule=read_capsule(out / "before"),
            )
    finally:
        if package is not None:
            package.close()


def merge(record: Record, own: Iterable[Draft], recorded: Iterable[Draft]) -> list[Event]:
    """All events in one order, each with its step."""
    own = list(own)
    calls, rest = _split(recorded)
    drafts = [
        Draft(wall_ms=record.started_ms, lane="", kind="run.start", data=record.start),
        *(_with_call(draft, calls) for draft in own),
        *rest,
        Draft(
            wall_ms=max([record.ended_ms, *(draft.wall_ms for draft in own)]),
            lane="~",
            kind="run.end",
            level="error" if record.failed else None,
            data=record.end,
        ),
    ]
    return assign_steps(number(drafts, record.started_ms))


def own_drafts(lines: Iterable[Mapping[str, Any]]) -> Iterator[Draft]:
    """The guest's lines as drafts; a line that is not one is dropped."""
    for position, line in enumerate(lines):
        wall, kind, data = line.get("wall"), line.get("kind"), line.get("data")
        if not _is_number(wall) or kind not in KINDS or not isinstance(data, dict):
            continue
        level = line.get("level")
        yield Draft(
            wall_ms=float(cast("float", wall)),
            lane=_lane(kind),
            kind=cast("Kind", kind),
            member="guest",
            line=position,
            dur=float(line["dur"]) if _is_number(line.get("dur")) else None,
            level=cast("Level", level) if level in LEVELS else None,
            step=line["step"] if isinstance(line.get("step"), int) else None,
            key=_name(line.get("key")),
            ref_key=_name(line.get("ref_key")),
            data=_bounded(data),
        )


def read_capsule(folder: Path) -> Json | None:
    """capsule.json from the boundary files `<N>.json`; None when there is none."""
    before: Json = {}
    for path in outputs.list_plain(folder)[:_MAX_BEFORE]:
        if path.stem.isdecimal():
            before[str(int(path.stem))] = outputs.read_json(path, outputs.MAX_BOUNDARY)
    return {"version": 1, "before": before} if before else None


def _open_zip(path: Path) -> IO[bytes] | None:
    try:
        file = outputs.open_plain(path, outputs.MAX_ZIP)
    except (FileNotFoundError, outputs.OutputError):
        return None
    try:
        Archive(file)
    except ArchiveError:
        file.close()
        return None
    file.seek(0)
    return file


def _playwright_drafts(package: IO[bytes] | None) -> list[Draft]:
    if package is None:
        return []
    try:
        drafts = package_drafts(read_package(Archive(package)), calls="actions")
    except (ArchiveError, PlaywrightError):
        drafts = []
    package.seek(0)
    return drafts


def _split(recorded: Iterable[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Playwright's calls, which only lend their ids to our actions, and everything else."""
    calls: list[Draft] = []
    rest: list[Draft] = []
    for draft in recorded:
        (calls if draft.kind == "agent.action" else rest).append(draft)
    return calls, rest


def _with_call(draft: Draft, calls: list[Draft]) -> Draft:
    """Our action with the id of the Playwright call that did it.

    The longest one within its time.
    """
    if draft.kind != "agent.action" or draft.dur is None:
        return draft
    end = draft.wall_ms + draft.dur + _SLACK_MS
    inside = [
        call
        for call in calls
        if draft.wall_ms - _SLACK_MS <= call.wall_ms
        and call.wall_ms + (call.dur or 0) <= end
        and call.data.get("verb") not in _NO_ACTION
    ]
    if not inside:
        return draft
    call = max(inside, key=lambda one: one.dur or 0)
    lent = {key: call.data[key] for key in ("call_id", "point") if call.data.get(key)}
    return replace(draft, data={**draft.data, **lent})


def _lane(kind: str) -> str:
    return "network" if kind.startswith("network.") else _LANE


def _blobs(folder: Path) -> dict[str, Content]:
    blobs: dict[str, Content] = {}
    for path in outputs.list_plain(folder):
        opened = partial(outputs.open_plain, path, outputs.MAX_BLOB)
        with opened() as file:
            content = Content(file.seek(0, os.SEEK_END), opened)
        if content.sha256() == path.name:
            blobs[path.name] = content
    return blobs


def _bounded(data: Json) -> Json:
    """Data that fits a line; what is larger is said to be."""
    size = len(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
    if size <= _MAX_DATA:
        return data
    short = {key: value for key, value in data.items() if _is_short(value)}
    return {**short, "truncated": True, "size": size}


def _is_short(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) < 4096)


def _is_number(value: object) -> bool:
    # Not a boolean, not NaN, not infinite: times that can be ordered.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _name(value: object) -> str | None:
    return value if isinstance(value, str) else None
