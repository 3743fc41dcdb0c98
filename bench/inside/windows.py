"""Asks the application, without a network, for windows of a trace; prints milliseconds per run."""

import json
import sys
import time
from importlib import import_module

# Set up as the web server is, its collector included.
import_module("trace_app.project.asgi")

from django.test import Client  # noqa: E402  # after the settings are loaded

from bench.windows import _PLACES, window  # noqa: E402


def main() -> None:
    trace, key, size, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    client = Client(headers={"Authorization": f"Bearer {key}", "Host": "127.0.0.1"})
    samples = []
    for _ in range(runs + 1):
        taken = 0.0
        for at in range(_PLACES):
            begin = time.perf_counter()
            answer = client.get(f"/v1/traces/{trace}/events", window(size, at))
            taken += time.perf_counter() - begin
            events = json.loads(answer.content)["events"]
            assert 1500 < len(events) < 2000, len(events)
        samples.append(taken * 1000 / _PLACES)
    sys.stdout.write(json.dumps(samples[1:]) + "\n")


main()
