"""Runs one command beside a private PostgreSQL: `python -m trace_app.project.postgres_cli -- CMD`.

DATABASE_URL of the command names an empty database `trace`. Without --data the server and its
data are gone when the command ends.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from trace_app.project.postgres import Server, throw_away_server
from trace_app.project.postgres_binaries import PostgresError


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status; 3 when PostgreSQL cannot be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="keep the data in this directory")
    parser.add_argument("--source", choices=["any", "machine", "wheel"], default="any")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    # The command shares our terminal: Ctrl-C is its business, we stop the server after it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        place = (
            Server(options.data, source=options.source)
            if options.data
            else throw_away_server(options.source)
        )
        with place as server:
            server.create_database("trace")
            environment = os.environ | {"DATABASE_URL": server.url("trace")}
            return _run(options.command, environment)
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 3


def _run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(
        command,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
