"""The packages that send traces, packed out of this checkout and installed from Trace itself."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

_SUFFIXES: Final = {".py", ".js", ".json", ".toml", ".md"}
# A fixed time makes the same files the same bytes, so that caches and lock files agree.
_EPOCH: Final = (2026, 1, 1, 0, 0, 0)


def pytest_zip() -> bytes:
    """The source package of `pytest-trace-capture`, as `pip install URL` takes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in _files("pytest-trace-capture"):
            info = zipfile.ZipInfo(f"pytest-trace-capture/{name}", _EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, content)
    return out.getvalue()


def reporter_tgz() -> bytes:
    """The package `playwright-trace-reporter`, as `npm install URL` takes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for name, content in _files("playwright-reporter"):
            info = tarfile.TarInfo(f"package/{name}")
            info.size, info.mode = len(content), 0o644
            packed.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def _files(package: str) -> Iterator[tuple[str, bytes]]:
    folder = Path(settings.BASE_DIR) / "integrations" / package
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _SUFFIXES and "node_modules" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
