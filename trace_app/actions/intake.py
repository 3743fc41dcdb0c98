"""An upload, read and redacted, before anything of it is stored. Writes only to spool files."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from trace_app.actions.words import masked_words
from trace_app.domain.archive import Archive, ArchiveError
from trace_app.domain.bundle import Bundle, RunInfo, bundle_in, is_bundle
from trace_app.domain.contents import Content, Shelf
from trace_app.domain.events import MAX_EVENTS_PER_TRACE, Event, EventError, decode_stored
from trace_app.domain.imported import imported_events, iso
from trace_app.domain.lines import STRETCH, Lines, lines_of
from trace_app.domain.pictures import HEAD_BYTES, PictureError, check_picture
from trace_app.domain.playwright import (
    NewerFormatError,
    Package,
    PlaywrightError,
    is_playwright,
    read_package,
)
from trace_app.domain.redaction import (
    Redactor,
    Renamed,
    RuleSet,
    compile_rules,
    learn_contents,
    learn_lines,
    learn_zip,
    mask_contents,
    mask_lines,
    rename_hashes,
    rewrite_zip,
)
from trace_app.domain.states import TraceOrigin
from trace_app.storage.spool import spool_file, spool_shelf


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
    """What is going to be stored: masked events, the rewritten zip, masked blobs on their shelf.

    `unread` is the format of an upload that is kept as it came, because it is too new to read.
    """

    run: RunInfo
    origin: TraceOrigin
    title: str
    events: list[Event]
    lines: list[Lines] = field(default_factory=list)
    zip_path: Path | None = None
    blobs: dict[str, Content] = field(default_factory=dict)
    shelf: Shelf | None = None
    capsule: dict[str, Any] | None = None
    report: dict[str, Any] = field(default_factory=dict)
    unread: int | None = None


@contextmanager
def prepared(path: Path, rules: RuleSet | None = None) -> Iterator[Prepared]:
    """Reads a bundle or a Playwright zip and masks it by the team's rules.

    Raises IngestError naming the member or line.
    """
    redactor = Redactor(rules or compile_rules())
    with ExitStack() as files, path.open("rb") as file:
        try:
            archive = Archive(file)
            if is_bundle(archive.names()):
                yield _from_bundle(bundle_in(archive), files, redactor)
            elif is_playwright(archive.names()):
                yield _from_zip(archive, files, redactor)
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


def _from_zip(archive: Archive, files: ExitStack, redactor: Redactor) -> Prepared:
    try:
        package = read_package(archive)
    except NewerFormatError as newer:
        return _redact(_unread(RunInfo(status="error", title=newer.title), newer), redactor)
    run = RunInfo(
        status="failed" if package.failed else "passed",
        started_at=iso(package.started_ms),
        title=package.title,
    )
    return _redact(_imported(run, package), redactor, archive, _spooled(files))


def _spooled(files: ExitStack) -> Path:
    """A private file that is gone when the upload has been stored or refused."""
    return files.enter_context(spool_file(".zip"))


def _from_bundle(bundle: Bundle, files: ExitStack, redactor: Redactor) -> Prepared:
    if not bundle.has_playwright:
        read = _numbered(bundle, files) if bundle.has_events else _imported(bundle.run)
        return _redact(read, redactor)
    with _spooled(files).open("r+b") as file:
        for piece in bundle.playwright():
            file.write(piece)
        try:
            with _within("playwright.zip"):
                archive = Archive(file)
                package = read_package(archive)
        except NewerFormatError as newer:
            return _redact(_unread(bundle.run, newer), redactor)
        numbered = bundle.has_events
        read = _numbered(bundle, files, package) if numbered else _imported(bundle.run, package)
        with _within("playwright.zip"):
            return _redact(read, redactor, archive, _spooled(files))


@contextmanager
def _within(member: str) -> Iterator[None]:
    """What is wrong in a zip within the zip is named by both names."""
    try:
        yield
    except NewerFormatError:
        raise
    except ArchiveError as error:
        name = f"{member}/{error.member}" if error.member else member
        raise ArchiveError(name, error.code, error.message) from error
    except PlaywrightError as error:
        name = f"{member}/{error.member}" if error.member else member
        raise PlaywrightError(name, error.line, error.code, error.message) from error


def _unread(run: RunInfo, newer: NewerFormatError) -> Prepared:
    """Nothing is numbered before it can be read, so that nothing is ever renumbered."""
    title = _title(run, None)
    return Prepared(run=run, origin=TraceOrigin.ZIP, title=title, events=[], unread=newer.version)


def _imported(run: RunInfo, package: Package | None = None) -> Prepared:
    """A run whose recorder numbers nothing."""
    started = package.started_ms if package is not None else _epoch_ms(run.started_at)
    events = imported_events(package, run, started)
    if len(events) > MAX_EVENTS_PER_TRACE:
        raise IngestError("too_many_events", f"at most {MAX_EVENTS_PER_TRACE} events in a trace")
    title = _title(run, package)
    return Prepared(run=run, origin=TraceOrigin.ZIP, title=title, events=events)


def _numbered(bundle: Bundle, files: ExitStack, package: Package | None = None) -> Prepared:
    """A run whose recorder numbered its events itself."""
    shelf = files.enter_context(spool_shelf())
    return Prepared(
        run=bundle.run,
        origin=TraceOrigin.BUNDLE,
        title=_title(bundle.run, package),
        events=bundle.events(),
        blobs=bundle.contents(shelf),
        shelf=shelf,
        capsule=bundle.capsule(),
    )


def _redact(
    result: Prepared,
    redactor: Redactor,
    archive: Archive | None = None,
    rewritten: Path | None = None,
) -> Prepared:
    """Learns from everything first, so that a value is masked also before it showed itself."""
    _check_pictures(result, archive)
    if archive is not None:
        learn_zip(archive, redactor)
    learn_contents(result.blobs.values(), redactor)
    result.lines = list(lines_of(result.events))
    suspects = learn_lines(redactor, result.lines)
    _learn_run(result.run, redactor)
    renamed: Renamed = {}
    if result.shelf is not None:
        with redactor.at("blobs"):
            result.blobs, renamed = mask_contents(result.blobs, result.shelf, redactor)
    if archive is not None and rewritten is not None:
        with rewritten.open("wb") as out:
            renamed |= rewrite_zip(archive, out, redactor)
        result.zip_path = rewritten
    masked = mask_lines(redactor, result.lines, suspects)
    _take(result, [_renamed(piece, renamed) for piece in masked])
    with redactor.at("run"):
        result.title = redactor.mask_text(result.title)
        result.run = msgspec.convert(
            masked_words(msgspec.to_builtins(result.run), redactor), RunInfo
        )
    result.report = redactor.to_json()
    return result


def _learn_run(run: RunInfo, redactor: Redactor) -> None:
    try:
        redactor.learn(msgspec.to_builtins(run))
    except RecursionError as error:
        raise IngestError(
            "too_deep", "ci is nested too deep; keep it flat", member="run.json"
        ) from error


def _check_pictures(result: Prepared, archive: Archive | None) -> None:
    """Frames are shown as pictures, so they must be some. Raises IngestError naming the member."""
    checked: set[str] = set()
    for event in result.events:
        image = event.data.get("image") if event.kind == "video.frame" else None
        if not isinstance(image, dict):
            continue
        member = str(image.get("$member") or "")
        name = member or f"blobs/{str(image.get('$blob')).removeprefix('sha256:')}"
        if name in checked:
            continue
        checked.add(name)
        if member and archive is not None and member in archive:
            _check_picture(name, next(archive.stream(member), b""))
        elif not member and (content := result.blobs.get(name.removeprefix("blobs/"))) is not None:
            _check_picture(name, content.read(HEAD_BYTES))


def _check_picture(name: str, head: bytes) -> None:
    try:
        check_picture(head)
    except PictureError as error:
        raise IngestError(error.code, f"{name}: {error}", member=name) from error


def _renamed(piece: Lines, renamed: dict[bytes, bytes]) -> Lines:
    text = rename_hashes(piece.text, renamed) if renamed else piece.text
    return piece if text == piece.text else replace(piece, held=decode_stored(text), source=b"")


def _take(result: Prepared, masked: list[Lines]) -> None:
    """Puts the masked pieces, and the events in them, in place of those that were read."""
    for no, (before, piece) in enumerate(zip(result.lines, masked, strict=True)):
        pairs = zip(before.held, piece.held, strict=True)
        for place, (read, fresh) in enumerate(pairs, start=no * STRETCH):
            if fresh is not read and isinstance(fresh, Event):
                result.events[place] = fresh
    result.lines = masked


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
