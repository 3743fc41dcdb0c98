"""The list at 1,000,000 traces: what its queries and its page cost.

The traces are made in one project of one team over sixty days (one in ten failed, 500 signatures,
words of a real list), copied into the product's own table, indexed, analysed and on the disk
before anything is asked. *SQL* is the sum of the times of all queries of a call as the database
driver sees them. *Server time* is the time inside the application from the request to the finished
page, without the network, in a process set up as the web server's. Pages at the depths 0, 1,000,
100,000, 500,000 and 950,000 are asked for in each run: of a depth the median of the runs counts,
and of the depths the slowest.
"""

import json
import tempfile
from collections.abc import Iterator

from bench.figures import Figure
from bench.place import run
from trace_app.project.postgres import Server

RUNS = 5
TRACES = 1_000_000


def measure(server: Server) -> Iterator[Figure]:
    """A database of its own; the program that makes and asks is bench/inside/listing.py."""
    server.create_database("list")
    with tempfile.TemporaryDirectory(prefix="trace-bench-") as folder:
        environment = {
            "DATABASE_URL": server.url("list"),
            "TRACE_VAR": folder,
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "trace_app.project.settings",
        }
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        run(environment, "-m", "bench.inside.many_traces", str(TRACES))
        told = json.loads(
            run(environment, "-m", "bench.inside.listing", str(TRACES), str(RUNS)).splitlines()[-1]
        )
    at = f"list at {TRACES:,} traces"
    yield Figure(f"{at}: SQL of a page, the slowest depth", "ms", told["sql"], 2, "less")
    yield Figure(f"{at}: SQL of the clusters, 24 h", "ms", told["day"], 5, "less")
    yield Figure(f"{at}: SQL of the clusters, 30 d", "ms", told["month"], 25, "less")
    yield Figure(f"{at}: word search, p90", "ms", told["words"], 50, "less")
    yield Figure(
        f"{at}: whole page, server time, the slowest depth", "ms", told["page"], 12, "less"
    )
    spread = max(told["queries"]) - min(told["queries"])
    note = f"{min(told['queries'])} to {max(told['queries'])} queries over all depths and filters"
    yield Figure(f"{at}: queries that depend on what is shown", "", [spread], 0, "less", note)
