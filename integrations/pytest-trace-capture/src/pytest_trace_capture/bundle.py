"""Writing one test's bundle: its Playwright trace as it is, and `run.json` beside it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

VERSION = 1
# Trace keeps a long log's end, where the error is.
OUTPUT_LIMIT = 256 * 1024
# Members that each browser context has under the same name; all others are named by content or id.
_OF_A_CONTEXT = (".trace", ".network", ".stacks")
_PACKED_ALREADY = (".jpeg", ".jpg", ".png", ".webp")


def write(folder: Path, run: dict[str, Any], recordings: Sequence[Path]) -> Path:
    """Write `folder/<test>-<hash>.trace-bundle.zip` and return it.

    `recordings` are the Playwright zips of the test, one for each of its browser contexts.

    The file appears under its name only when it is whole, so that a killed run leaves nothing
    that `trace-upload` would send.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(run, sort_keys=True)
    name = f"{_readable(run['test']['id'])}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    partial = folder / f".{name}.partial"
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps({"version": VERSION, "blobs": []}))
        archive.writestr("run.json", text)
        if len(recordings) == 1:
            archive.write(recordings[0], "playwright.zip", zipfile.ZIP_STORED)
        elif recordings:
            _join(archive, recordings)
    target = folder / f"{name}.trace-bundle.zip"
    partial.replace(target)
    return target


def _join(archive: zipfile.ZipFile, recordings: Sequence[Path]) -> None:
    """Make one Playwright zip of several: its viewer, too, reads every `<prefix>.trace` in it."""
    with tempfile.TemporaryFile() as made:
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as joined:
            for number, path in enumerate(recordings, start=1):
                _copy(joined, path, number)
        made.seek(0)
        info = zipfile.ZipInfo("playwright.zip")
        with archive.open(info, "w", force_zip64=True) as member:
            shutil.copyfileobj(made, member)


def _copy(joined: zipfile.ZipFile, path: Path, number: int) -> None:
    known = set(joined.namelist())
    with zipfile.ZipFile(path) as recording:
        for name in recording.namelist():
            own = "/" not in name and name.endswith(_OF_A_CONTEXT)
            target = zipfile.ZipInfo(f"{number}-{name}" if own else name)
            if target.filename in known:
                continue
            packed = name.endswith(_PACKED_ALREADY)
            target.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            with recording.open(name) as source, joined.open(target, "w") as member:
                shutil.copyfileobj(source, member)


def tail(text: str) -> str:
    """Return the end of a captured output, at most OUTPUT_LIMIT characters."""
    return text if len(text) <= OUTPUT_LIMIT else "… (cut)\n" + text[-OUTPUT_LIMIT:]


def _readable(node: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", node).strip("-")[-80:]
