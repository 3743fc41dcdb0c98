"""Writing one test's bundle: its Playwright trace as it is, and `run.json` beside it."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

VERSION = 1
# Trace keeps a long log's end, where the error is.
OUTPUT_LIMIT = 256 * 1024


def write(folder: Path, run: dict[str, Any], playwright_zip: Path | None) -> Path:
    """Write `folder/<test>-<hash>.trace-bundle.zip` and return it.

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
        if playwright_zip is not None:
            archive.write(playwright_zip, "playwright.zip", zipfile.ZIP_STORED)
    target = folder / f"{name}.trace-bundle.zip"
    partial.replace(target)
    return target


def tail(text: str) -> str:
    """Return the end of a captured output, at most OUTPUT_LIMIT characters."""
    return text if len(text) <= OUTPUT_LIMIT else "… (cut)\n" + text[-OUTPUT_LIMIT:]


def _readable(node: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", node).strip("-")[-80:]
