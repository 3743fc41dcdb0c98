"""Reads a Playwright trace zip, formats 3 to 10, library and test-runner layout, into a Package."""

import gc
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from trace_app.domain.archive import MAX_TEXT_MEMBER, Archive
from trace_app.domain.playwright.context import ContextReader
from trace_app.domain.playwright.merge import merge_calls, use_the_runners_ids
from trace_app.domain.playwright.model import (
    NEWEST_FORMAT,
    OLDEST_FORMAT,
    CodeLine,
    NewerFormatError,
    Package,
    PlaywrightError,
)
from trace_app.domain.playwright.modernise import Moderniser
from trace_app.domain.playwright.values import as_list, decode

MAX_CALLS: Final = 50_000


def is_playwright(names: Iterable[str]) -> bool:
    """Whether a zip with these members is a Playwright trace."""
    return any(name.endswith(".trace") and "/" not in name for name in names)


def read_package(archive: Archive) -> Package:
    """The whole trace. Raises PlaywrightError (or ArchiveError) naming member and line."""
    with _uncollected():
        return _read_package(archive)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Put off the collector: hundreds of thousands of values are made here and none is garbage.

    Looking through them again and again took half of the time of a long trace.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_package(archive: Archive) -> Package:
    prefixes = sorted(
        name.removesuffix(".trace")
        for name in archive.names()
        if name.endswith(".trace") and "/" not in name
    )
    if not prefixes:
        raise PlaywrightError("", 0, "not_a_trace", "the zip holds no .trace member")
    readers = [_read_context(archive, prefix) for prefix in prefixes]
    package = _join(readers)
    package.members = frozenset(archive.names())
    if len(package.calls) > MAX_CALLS:
        raise PlaywrightError("", 0, "too_many_calls", f"at most {MAX_CALLS} calls")
    for prefix in prefixes:
        _add_stacks(archive, prefix, package)
    package.sources = _sources(package)
    return package


def _read_context(archive: Archive, prefix: str) -> ContextReader:
    member = f"{prefix}.trace"
    lines = list(_decoded(archive, member))
    context = next((line for _, line in lines if line.get("type") == "context-options"), None)
    is_runner = member == "test.trace" or (context is None and _is_of_the_runner(lines))
    version = _version(member, context, is_runner=is_runner)
    reader = ContextReader(member, version, is_runner=is_runner)
    reader.read(Moderniser(version).lines(lines))
    network = f"{prefix}.network"
    if network in archive:
        reader.read_network(network, Moderniser(version).lines(_decoded(archive, network)))
    return reader


def _is_of_the_runner(lines: list[tuple[int, dict[str, Any]]]) -> bool:
    """Whether the test runner wrote a member that has no context line.

    Up to Playwright 1.38 it wrote several (`0-0-trace`, `1-trace`), each with all steps so far.
    """
    first = lines[0][1] if lines else {}
    return first.get("type") == "before" and first.get("class") == "Test"


def _version(member: str, context: dict[str, Any] | None, *, is_runner: bool) -> int:
    """Of the context line, which the runner writes from format 7 on."""
    found = (context or {}).get("version", 6 if is_runner else None)
    if not isinstance(found, int) or isinstance(found, bool):
        raise PlaywrightError(member, 1, "no_version", "the first line must carry a version")
    if found > NEWEST_FORMAT:
        raise NewerFormatError(member, found, str((context or {}).get("title") or ""))
    if found < OLDEST_FORMAT:
        raise PlaywrightError(member, 1, "older_format", f"format {found} is too old; use 3 to 10")
    return found


def _decoded(archive: Archive, member: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in archive.lines(member):
        if not line.strip():
            continue
        try:
            value = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PlaywrightError(member, number, "not_json", str(error)) from error
        if not isinstance(value, dict):
            raise PlaywrightError(member, number, "not_an_object", "each line must be an object")
        yield number, value


def _join(readers: list[ContextReader]) -> Package:
    runner = next((one for one in readers if one.is_runner), None)
    # All contexts of a runner's zip share one driver, so one clock: the runner's.
    for reader in readers:
        reader.settle_clock(runner)
    first = min(readers, key=lambda one: one.clock.wall_ms)
    lead = runner or first
    # What the runner wrote without a version says nothing about the format of the rest.
    versions = [one.version for one in readers if not one.is_runner] or [lead.version]
    package = Package(version=max(versions), contexts=len(readers))
    package.started_ms = lead.clock.wall_ms
    for reader in sorted(readers, key=lambda one: one.clock.wall_ms):
        reader.pour_into(package)
    package.title = package.title or lead.title
    package.snapshots = use_the_runners_ids(package.calls, package.snapshots)
    package.calls = merge_calls(package.calls, package.snapshots)
    return package


def _add_stacks(archive: Archive, prefix: str, package: Package) -> None:
    member = f"{prefix}.stacks"
    if member not in archive:
        return
    try:
        raw = decode(archive.read(member, MAX_TEXT_MEMBER))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlaywrightError(member, 1, "not_json", str(error)) from error
    if not isinstance(raw, dict):
        raise PlaywrightError(member, 1, "not_an_object", "stacks must be one object")
    files = as_list(raw.get("files"))
    known = {call.call_id: call for call in package.calls}
    for pair in as_list(raw.get("stacks")):
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], list)):
            continue
        name = f"call@{pair[0]}" if isinstance(pair[0], int) else str(pair[0])
        if (call := known.get(name)) is not None and not call.stack:
            call.stack = tuple(_code_line(files, one) for one in pair[1] if isinstance(one, list))


def _code_line(files: list[Any], one: list[Any]) -> CodeLine:
    index, line = [*one, 0, 0][:2]
    held = isinstance(index, int) and 0 <= index < len(files)
    function = str(one[3]) if len(one) > 3 else ""
    return CodeLine(
        str(files[index]) if held else "", line if isinstance(line, int) else 0, function
    )


def _sources(package: Package) -> dict[str, str]:
    """Path of each source named in a stack → its member, where the zip holds it."""
    found: dict[str, str] = {}
    paths = {line.file for call in package.calls for line in call.stack if line.file}
    for path in sorted(paths):
        # Playwright names sources by the SHA-1 of their path; nothing here relies on its strength.
        digest = hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()
        suffix = path.rsplit(".", 1)[-1]
        for member in (f"src/{digest}.{suffix}", f"resources/src@{digest}.txt"):
            if member in package.members:
                found[path] = member
    return found
