"""The pytest side: options, watching verdicts, and bundling a test when it is over."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_trace_capture import bundle, ci, upload

REPORTS = pytest.StashKey["dict[str, pytest.TestReport]"]()
STARTED = pytest.StashKey[float]()
OUTPUT = pytest.StashKey[Path]()
PLUGIN = "trace-capture-session"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each has a variable of the same name, so that CI needs no flags."""
    group = parser.getgroup("trace", "Trace")
    add = group.addoption
    add(
        "--trace-capture",
        action="store_true",
        default=bool(os.environ.get("TRACE_CAPTURE")),
        help="hand recorded failures to Trace",
    )
    add("--trace-url", default=os.environ.get("TRACE_URL", ""), help="your Trace's address")
    add(
        "--trace-key", default=os.environ.get("TRACE_KEY", ""), help="prefer the variable TRACE_KEY"
    )
    add("--trace-project", default=os.environ.get("TRACE_PROJECT", ""), help="the project's slug")
    add("--trace-all", action="store_true", help="send passing tests too")
    add(
        "--trace-dir",
        default=os.environ.get("TRACE_DIR", "trace-bundles"),
        help="where bundles stay that could not be sent",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Switch on, and ask pytest-playwright to keep what we need unless the user chose already."""
    if not config.option.trace_capture:
        return
    if getattr(config.option, "tracing", None) == "off":
        config.option.tracing = "on" if config.option.trace_all else "retain-on-failure"
    config.pluginmanager.register(Capture(config), PLUGIN)


class Capture:
    """One session's capture. Whatever goes wrong here becomes a line of the summary, no failure."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.facts = ci.facts()
        self.lines: list[str] = []
        self.reachable = True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Keep the report of each phase beside the test, and where its browser's files will be."""
        outcome = yield
        report = outcome.get_result()
        item.stash.setdefault(REPORTS, {})[report.when] = report
        # pytest forgets a test's fixture values when its protocol ends, before we bundle.
        if folder := (getattr(item, "funcargs", None) or {}).get("output_path"):
            item.stash[OUTPUT] = Path(folder)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Bundle after teardown, because only then pytest-playwright has written its zip."""
        item.stash[STARTED] = time.time()
        yield
        try:
            self._finish(item)
        except Exception as error:  # noqa: BLE001 - a capture must never fail the test run
            self.lines.append(f"{item.nodeid}: not captured: {error}")

    def pytest_sessionfinish(self) -> None:
        """In a worker of pytest-xdist, hand the lines to the process that prints."""
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[PLUGIN] = self.lines

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the lines of a worker of pytest-xdist."""
        self.lines += getattr(node, "workeroutput", {}).get(PLUGIN, [])

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say where each trace is, or where its bundle waits."""
        if self.lines:
            terminalreporter.section("Trace")
            for line in self.lines:
                terminalreporter.line(line)

    def _finish(self, item: pytest.Item) -> None:
        reports = list(item.stash.get(REPORTS, {}).values())
        failed = any(report.failed for report in reports)
        passed = any(report.when == "call" and report.passed for report in reports)
        if not (failed or (passed and self.config.option.trace_all)):
            return
        folder = Path(self.config.option.trace_dir)
        path = bundle.write(folder, self._run(item, reports, failed=failed), _recordings(item))
        self.lines.append(f"{item.nodeid}: {self._deliver(path)}")

    def _deliver(self, path: Path) -> str:
        option = self.config.option
        if not (option.trace_url and option.trace_key):
            return f"kept in {path}; send it with trace-upload"
        if not self.reachable:
            # A suite with a hundred failures must not wait a hundred times for nobody.
            return f"Trace could not be reached before; kept in {path}"
        target = upload.Target(option.trace_url, option.trace_key, option.trace_project)
        result = upload.send(path, target)
        self.reachable = result.reached
        if not result.sent:
            return f"{result.problem}; kept in {path}"
        path.unlink()
        return result.link

    def _run(
        self, item: pytest.Item, reports: list[pytest.TestReport], *, failed: bool
    ) -> dict[str, Any]:
        started = item.stash[STARTED]
        file, _line, title = item.location
        source = "pr" if self.facts["pr"] else "schedule" if self.facts["ci"] else "manual"
        return {
            "schema": bundle.VERSION,
            "status": "failed" if failed else "passed",
            "title": title,
            "test": {"id": item.nodeid, "file": file},
            "source": source,
            "started_at": dt.datetime.fromtimestamp(started, dt.timezone.utc).isoformat(),
            "duration_ms": round((time.time() - started) * 1000, 3),
            "error": _error(reports),
            "output": {
                # Each report repeats what the phases before it printed.
                "stdout": bundle.tail(reports[-1].capstdout),
                "stderr": bundle.tail(reports[-1].capstderr),
            },
            "runner": {"name": "pytest", "version": pytest.__version__},
            **self.facts,
        }


def _error(reports: list[pytest.TestReport]) -> dict[str, str] | None:
    for report in reports:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
            return {
                "message": bundle.tail(message),
                "stack": bundle.tail(report.longreprtext),
                "phase": str(report.when),
            }
    return None


def _recordings(item: pytest.Item) -> list[Path]:
    """Find what pytest-playwright kept for this test: trace.zip, or trace-1.zip and so on."""
    folder = item.stash.get(OUTPUT, None)
    found = folder.glob("trace*.zip") if folder else ()
    return sorted(found, key=lambda path: (len(path.name), path.name))
