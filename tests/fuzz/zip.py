"""The zip importer: bundles and Playwright zips are read and masked, or refused by name."""

import io
import sys
import zipfile

import atheris

with atheris.instrument_imports(include=["trace_app"]):
    from trace_app.domain.archive import Archive, ArchiveError
    from trace_app.domain.bundle import RunInfo, is_bundle, open_bundle
    from trace_app.domain.events import Event, EventError, parse_ndjson
    from trace_app.domain.imported import imported_events
    from trace_app.domain.lines import lines_of
    from trace_app.domain.pictures import PictureError, check_picture
    from trace_app.domain.playwright import PlaywrightError, is_playwright, read_package
    from trace_app.domain.redaction import Redactor, compile_rules, learn_zip, rewrite_zip

RULES = compile_rules()
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
        return bundle.events() if bundle.has_events else imported_events(None, bundle.run, 0)
    if is_playwright(names):
        redactor = Redactor(RULES)
        learn_zip(archive, redactor)
        rewrite_zip(archive, io.BytesIO(), redactor)
        return imported_events(read_package(archive), RunInfo(status="failed"), 0)
    return []


def _as_members(body: bytes) -> bytes:
    """A zip whose members are the parts between form feeds: checksums would stop a fuzzer."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        names = ("trace.trace", "trace.network", "trace.stacks", "run.json", "events.ndjson")
        for name, part in zip(names, body.split(b"\x0c"), strict=False):
            if part:
                made.writestr(name, part)
    return out.getvalue()


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
