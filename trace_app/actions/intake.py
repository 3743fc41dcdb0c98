"""An upload, read and redacted, before anything of it is stored. Writes only to spool files."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from trace_app.domain.archive import Archive, ArchiveError
from trace_app.domain.bundle import Bundle, RunInfo, is_bundle, open_bundle, sha256_hex
from trace_app.domain.events import MAX_EVENTS_PER_TRACE, Event, EventError
from trace_app.domain.imported import imported_events, iso
from trace_app.domain.playwright import Package, PlaywrightError, is_playwright, read_package
from trace_app.domain.redaction import Redactor, rewrite_zip
from trace_app.domain.states import TraceOrigin
from trace_app.storage.spool import spool_file


class IngestError(ValueError):
    """An upload that is refused whole. `member` and `line` say where, when they are known."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, member: str = "", line: int = 0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.member = member
        self.line = line


def explain(error: IngestError) -> str:
    """The refusal for people; the member and the line are named once."""
    if not error.member or error.member in error.message:
        return error.message
    line = f", line {error.line}" if error.line else ""
    return f"{error.member}{line}: {error.message}"


@dataclass(slots=True)
class Prepared:
    """What is going to be stored: masked events, the rewritten zip, masked blobs."""

    run: RunInfo
    origin: TraceOrigin
    title: str
    events: list[Event]
    zip_path: Path | None = None
    blobs: dict[str, bytes] = field(default_factory=dict)
    capsule: dict[str, Any] | None = None
    report: dict[str, Any] = field(default_factory=dict)


@contextmanager
def prepared(path: Path) -> Iterator[Prepared]:
    """Reads a bundle or a Playwright zip. Raises IngestError naming the member or line."""
    with spool_file(".zip") as inner, spool_file(".zip") as rewritten, path.open("rb") as file:
        try:
            names = Archive(file).names()
            if is_bundle(names):
                yield _from_bundle(open_bundle(file), inner, rewritten)
            elif is_playwright(names):
                yield _from_zip(Archive(file), rewritten)
            else:
                raise IngestError(
                    "not_a_trace", "send a Playwright trace zip or a bundle; this zip is neither"
                )
        except ArchiveError as error:
            raise IngestError(error.code, str(error), member=error.member) from error
        except PlaywrightError as error:
            raise IngestError(
                error.code, str(error), member=error.member, line=error.line
            ) from error
        except EventError as error:
            raise IngestError(
                error.code, str(error), member="events.ndjson", line=error.line
            ) from error


def _from_zip(archive: Archive, rewritten: Path) -> Prepared:
    package = read_package(archive)
    run = RunInfo(
        status="failed" if package.failed else "passed",
        started_at=iso(package.started_ms),
        title=package.title,
    )
    return _imported(run, package, archive, rewritten)


def _from_bundle(bundle: Bundle, inner: Path, rewritten: Path) -> Prepared:
    if not bundle.has_playwright:
        return _numbered(bundle, None, None) if bundle.has_events else _imported(bundle.run)
    with inner.open("r+b") as file:
        for piece in bundle.playwright():
            file.write(piece)
        archive = Archive(file)
        package = read_package(archive)
        if not bundle.has_events:
            return _imported(bundle.run, package, archive, rewritten)
        return _numbered(bundle, package, archive, rewritten)


def _imported(
    run: RunInfo,
    package: Package | None = None,
    archive: Archive | None = None,
    rewritten: Path | None = None,
) -> Prepared:
    """A run whose recorder numbers nothing."""
    started = package.started_ms if package is not None else _epoch_ms(run.started_at)
    events = imported_events(package, run, started)
    if len(events) > MAX_EVENTS_PER_TRACE:
        raise IngestError("too_many_events", f"at most {MAX_EVENTS_PER_TRACE} events in a trace")
    title = _title(run, package)
    result = Prepared(run=run, origin=TraceOrigin.ZIP, title=title, events=events)
    return _redact(result, package, archive, rewritten)


def _numbered(
    bundle: Bundle,
    package: Package | None,
    archive: Archive | None,
    rewritten: Path | None = None,
) -> Prepared:
    result = Prepared(
        run=bundle.run,
        origin=TraceOrigin.BUNDLE,
        title=_title(bundle.run, package),
        events=bundle.events(),
        blobs={sha256: bundle.blob(sha256) for sha256 in bundle.blobs},
        capsule=bundle.capsule(),
    )
    return _redact(result, package, archive, rewritten)


def _redact(
    result: Prepared,
    package: Package | None,
    archive: Archive | None,
    rewritten: Path | None,
) -> Prepared:
    """Learns from everything first, so that a value is masked also before it showed itself."""
    redactor = Redactor()
    if package is not None:
        redactor.learn_package(package)
    redactor.learn_events(result.events)
    renamed = _mask_blobs(result, redactor)
    result.events = [_renamed(redactor.mask_event(event), renamed) for event in result.events]
    if archive is not None and rewritten is not None:
        with rewritten.open("wb") as out:
            rewrite_zip(archive, out, redactor)
        result.zip_path = rewritten
    result.title = redactor.mask_text(result.title)
    result.run = msgspec.structs.replace(
        result.run,
        steps=[
            msgspec.structs.replace(step, error=redactor.mask_text(step.error or "") or None)
            for step in result.run.steps
        ],
    )
    result.report = redactor.report()
    return result


def _mask_blobs(result: Prepared, redactor: Redactor) -> dict[str, str]:
    """Masks text blobs; a masked blob has another hash. Returns old name → new name."""
    renamed: dict[str, str] = {}
    masked: dict[str, bytes] = {}
    for sha256, content in result.blobs.items():
        try:
            body = redactor.mask_text(content.decode()).encode()
        except UnicodeDecodeError:
            body = content
        name = sha256_hex(body)
        masked[name] = body
        if name != sha256:
            renamed[f"sha256:{sha256}"] = f"sha256:{name}"
    result.blobs = masked
    return renamed


def _renamed(event: Event, renamed: dict[str, str]) -> Event:
    if not renamed:
        return event
    text = msgspec.json.encode(event.data).decode()
    for old, new in renamed.items():
        text = text.replace(old, new)
    return msgspec.structs.replace(event, data=msgspec.json.decode(text))


def _title(run: RunInfo, package: Package | None) -> str:
    scenario = run.scenario
    candidates = (
        run.title,
        (scenario.title or scenario.slug) if scenario else "",
        run.test.id if run.test else "",
        package.title if package else "",
    )
    return next((name for name in candidates if name), "Untitled run")


def _epoch_ms(text: str) -> float:
    """The time a run says it began; now, when it says nothing readable."""
    try:
        return datetime.fromisoformat(text).timestamp() * 1000
    except (ValueError, OverflowError):
        return time.time() * 1000
