"""`trace-upload DIR…`: sends the bundles a test run left, each once."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_trace_capture import upload

SUFFIX = ".trace-bundle.zip"


def main(arguments: Sequence[str] | None = None) -> int:
    """Send every bundle; what Trace has taken is renamed to `*.sent`. Exit 1 if any is left."""
    options = _parser().parse_args(arguments)
    if not (options.url and options.key):
        print("trace-upload: set TRACE_URL and TRACE_KEY, or give --url and --key", file=sys.stderr)
        return 2
    target = upload.Target(options.url, options.key, options.project)
    left = 0
    for bundle in _bundles(options.paths):
        result = upload.send(bundle, target)
        if result.sent:
            bundle.rename(bundle.with_name(bundle.name + ".sent"))
            print(f"{bundle.name}: {result.link}")
        else:
            left += 1
            print(f"{bundle.name}: {result.problem}", file=sys.stderr)
    return 1 if left else 0


def _bundles(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not found or (not path.exists() and path.suffix != ".zip"):
            # A run in which nothing failed leaves no folder, or one in which all were sent before.
            print(f"{path}: nothing to send")
            continue
        yield from found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trace-upload", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("trace-bundles")])
    parser.add_argument("--url", default=os.environ.get("TRACE_URL", ""))
    parser.add_argument("--key", default=os.environ.get("TRACE_KEY", ""), help="prefer TRACE_KEY")
    parser.add_argument("--project", default=os.environ.get("TRACE_PROJECT", ""))
    return parser


if __name__ == "__main__":
    sys.exit(main())
