"""Starts one clone from the command line and serves until told to stop."""

import argparse
import json
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .base import Clone
from .server import CloneServer


def parser(kind: str) -> argparse.ArgumentParser:
    """The arguments every clone takes."""
    made = argparse.ArgumentParser(prog=f"guest.clones.{kind}")
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=0, help="0 takes a free port")
    made.add_argument("--seed", default="")
    made.add_argument("--config", type=Path, help="JSON of the clone's table in molar.toml")
    return made


def read_config(path: Path | None) -> dict[str, Any]:
    """The configuration file's object; empty without a file."""
    if path is None:
        return {}
    config = json.loads(path.read_text())
    if not isinstance(config, dict):
        raise SystemExit(f"{path} must hold a JSON object")
    return config


def serve(clone: Clone, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; says on standard output where, once it listens."""
    server = CloneServer(clone, host=host, port=port)

    def stop(signum: int, frame: object) -> None:
        # shutdown() waits for the serving loop, so it must not run in that loop's thread.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"ready {server.url}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.05)


def main(clone_class: type[Clone], argv: Sequence[str] | None = None) -> None:
    """Run a clone that needs no arguments of its own."""
    arguments = parser(clone_class.kind).parse_args(argv)
    clone = clone_class(seed=arguments.seed, config=read_config(arguments.config))
    serve(clone, host=arguments.host, port=arguments.port)
