"""The zip importer: bundles and Playwright zips are read and masked, or refused by name."""

import io
import sys
import zipfile

import atheris

with atheris.instrument_imports(include=["trace_app"]):
    from trace_app.domain.archive import Archive, ArchiveError
    from trace_app.domain.bundle import Bundle, RunInfo, is_bundle, open_bundle, sha256_hex
    from trace_app.domain.contents import Shelf
    from trace_app.domain.events import Event, EventError, parse_ndjson
    from trace_app.domain.imported import imported_events
    from trace_app.domain.lines import lines_of
    from trace_app.domain.pictures import PictureError, check_picture
    from trace_app.domain.playwright import PlaywrightError, is_playwright, read_package
    from trace_app.domain.redaction import (
        Redactor,
        compile_rules,
        learn_contents,
        learn_zip,
        mask_contents,
        rewrite_zip,
        windows,
        zips,
    )

RULES = compile_rules()
# Inputs are small, so what is long is less.
windows.WINDOW, windows.MARGIN = 512, 128  # type: ignore[misc]
zips.MAX_WALKED = 1024  # type: ignore[misc]
REFUSALS = (ArchiveError, PlaywrightError, EventError)


def one_input(body: bytes) -> None:
    """Read the bytes as a zip, and as the members of one. Raises whatever is no refusal."""
    for made in (body, _as_members(body)):
        try:
            events = _read(made)
        except REFUSALS:
            continue
        if events:
            text = b"".join(piece.text for piece in lines_of(events))
            parse_ndjson(text, max_events=len(events))
    try:
        check_picture(body)
    except PictureError:
        return


def _read(body: bytes) -> list[Event]:
    archive = Archive(io.BytesIO(body))
    names = archive.names()
    if is_bundle(names):
        bundle = open_bundle(io.BytesIO(body))
        bundle.capsule()
        _mask_blobs(bundle)
        return bundle.events() if bundle.has_events else imported_events(None, bundle.run, 0)
    if is_playwright(names):
        redactor = Redactor(RULES)
        learn_zip(archive, redactor)
        rewrite_zip(archive, io.BytesIO(), redactor)
        return imported_events(read_package(archive), RunInfo(status="failed"), 0)
    return []


def _mask_blobs(bundle: Bundle) -> None:
    """Blobs go in and come out under the name of what they hold."""
    shelf, redactor = Shelf(io.BytesIO()), Redactor(RULES)
    held = bundle.contents(shelf)
    learn_contents(held.values(), redactor)
    masked, _ = mask_contents(held, shelf, redactor)
    for sha256, content in masked.items():
        if content.sha256() != sha256:
            raise AssertionError("a blob is not what its name says")


def _as_members(body: bytes) -> bytes:
    """A zip whose members are the parts between form feeds: checksums would stop a fuzzer."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        names = ("trace.trace", "trace.network", "trace.stacks", "run.json", "events.ndjson")
        parts = body.split(b"\x0c")
        for name, part in zip(names, parts, strict=False):
            if part:
                made.writestr(name, part)
        for part in {part for part in parts[len(names) :] if part}:
            made.writestr(f"blobs/{sha256_hex(part)}", part)
    return out.getvalue()


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
