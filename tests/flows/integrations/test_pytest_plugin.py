"""The pytest plugin in a real suite: pytest-playwright, Chromium, and the running Trace."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.flows.integrations.destination import Destination, make_destination
from tests.harness.browser import find_chromium
from tests.harness.live import LiveStack
from trace_app.models import Trace

SUITE = """
from pytest import fixture

@fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}

def test_broken(page):
    print("about to look at the price")
    page.set_content("<h1>Shop</h1><p id=price>9000</p>")
    assert page.inner_text("#price") == "900"

def test_fine(page):
    page.set_content("<h1>Shop</h1>")
    assert page.inner_text("h1") == "Shop"

def test_without_a_browser():
    assert 1 + 1 == 3
"""
CI = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": "a1b2c3d4" * 5,
    "GITHUB_HEAD_REF": "fix/prices",
    "GITHUB_REF": "refs/pull/17/merge",
    "GITHUB_ACTOR": "noor",
}


@pytest.fixture
def destination(live_stack: LiveStack) -> Destination:
    return make_destination(live_stack)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    code = f"CHROMIUM = {find_chromium()!r}\n{SUITE}"
    (tmp_path / "test_shop.py").write_text(code)
    return tmp_path


def run(
    suite: Path, *options: str, alone: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the suite as a shop's CI does; `alone` without pytest-playwright."""
    plugins = [] if alone else ["-p", "pytest_playwright.pytest_playwright"]
    plugins += ["-p", "pytest_trace_capture.plugin"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, *options]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRACE_")}
    source = Path(__file__).parents[3] / "integrations/pytest-trace-capture/src"
    clean |= {"PYTHONPATH": str(source), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **CI, **environment}
    return subprocess.run(command, cwd=suite, env=clean, capture_output=True, text=True)


def test_failures_of_a_suite_become_traces(suite: Path, destination: Destination) -> None:
    done = run(
        suite,
        "--trace-capture",
        TRACE_URL=destination.url,
        TRACE_KEY=destination.key,
        TRACE_PROJECT=destination.project.slug,
    )
    assert done.returncode == 1, done.stdout
    assert "2 failed, 1 passed" in done.stdout
    broken, plain = Trace.objects.filter(project=destination.project).order_by("test_id")
    assert broken.test_id.endswith("test_shop.py::test_broken[chromium]")
    assert (broken.status, broken.source, broken.pr_number) == ("failed", "pr", 17)
    assert (broken.branch, broken.code_sha, broken.author) == (
        "fix/prices",
        CI["GITHUB_SHA"],
        "noor",
    )
    assert f"/traces/{broken.short_id}" in done.stdout
    assert broken.playwright_zip
    assert not plain.playwright_zip
    assert destination.key not in done.stdout + done.stderr


def test_the_output_and_the_error_are_in_the_record(suite: Path, destination: Destination) -> None:
    run(
        suite,
        "--trace-capture",
        "-k",
        "broken",
        TRACE_URL=destination.url,
        TRACE_KEY=destination.key,
        TRACE_PROJECT=destination.project.slug,
    )
    trace = Trace.objects.get(project=destination.project)
    events = destination.events(trace)
    assert any("about to look at the price" in str(event) for event in events)
    assert any(event["kind"] == "video.frame" for event in events)
    assert "9000" in trace.error_line
    titles = [step.title for step in trace.steps.order_by("number")]
    assert any("set_content" in title.lower().replace(" ", "_") for title in titles), titles
    assert trace.steps.exclude(line=None).exists()


def test_without_a_connection_bundles_wait_and_are_sent_once(
    suite: Path, destination: Destination
) -> None:
    done = run(suite, "--trace-capture", TRACE_URL="http://127.0.0.1:9", TRACE_KEY="trc_unused")
    assert done.returncode == 1
    assert "cannot be reached" in done.stdout
    waiting = sorted((suite / "trace-bundles").glob("*.trace-bundle.zip"))
    assert len(waiting) == 2
    with zipfile.ZipFile(waiting[0]) as archive:
        assert json.loads(archive.read("run.json"))["status"] == "failed"
    upload = [sys.executable, "-m", "pytest_trace_capture.cli", "trace-bundles"]
    for _ in range(2):
        sent = subprocess.run(
            upload, cwd=suite, env=destination.environment(), capture_output=True, text=True
        )
        assert sent.returncode == 0, sent.stderr
    assert sent.stdout == "trace-bundles: nothing to send\n"
    assert Trace.objects.filter(project=destination.project).count() == 2
    assert not list((suite / "trace-bundles").glob("*.trace-bundle.zip"))


def test_a_refused_key_is_a_line_in_the_summary_and_no_failure(
    suite: Path, destination: Destination
) -> None:
    done = run(
        suite,
        "--trace-capture",
        "--trace-all",
        "-k",
        "fine",
        TRACE_URL=destination.url,
        TRACE_KEY="trc_wrong",
    )
    assert done.returncode == 0, done.stdout
    assert "Trace answered 401" in done.stdout


def test_a_refusal_of_a_long_bundle_is_heard(tmp_path: Path, destination: Destination) -> None:
    """Trace refuses it before it has read it, and the connection breaks while it is sent."""
    with zipfile.ZipFile(tmp_path / "long.trace-bundle.zip", "w") as out:
        out.writestr("run.json", bytes(40 * 1024 * 1024))
    upload = [sys.executable, "-m", "pytest_trace_capture.cli", str(tmp_path)]
    wrong = destination.environment() | {"TRACE_KEY": "trc_wrong"}
    sent = subprocess.run(upload, env=wrong, capture_output=True, text=True)
    assert sent.returncode == 1
    assert "Trace answered 401: This API key is not known or was revoked." in sent.stderr


TWO_CONTEXTS = """
def test_seller_and_buyer(new_context):
    seller, buyer = new_context().new_page(), new_context().new_page()
    seller.set_content("<h1>Stock</h1>")
    buyer.set_content("<h1>Shelf</h1>")
    assert buyer.inner_text("h1") == seller.inner_text("h1")
"""


def test_a_test_with_two_contexts_is_one_trace_with_both(
    suite: Path, destination: Destination
) -> None:
    (suite / "test_shop.py").write_text(
        (suite / "test_shop.py").read_text().partition("def test_broken")[0] + TWO_CONTEXTS
    )
    done = run(suite, "--trace-capture", TRACE_URL=destination.url, TRACE_KEY=destination.key)
    assert "1 failed" in done.stdout, done.stdout + done.stderr
    trace = Trace.objects.get(project=destination.project)
    shown = {
        event["data"]["page"] for event in destination.events(trace) if "page" in event["data"]
    }
    assert len(shown) == 2
    sources = [step.line for step in trace.steps.all() if step.line]
    assert len(set(sources)) >= 3


def test_pytest_alone_is_enough(tmp_path: Path, destination: Destination) -> None:
    (tmp_path / "test_sum.py").write_text(
        "def test_sum():\n    print('adding')\n    assert 1 + 1 == 3\n"
    )
    done = run(
        tmp_path,
        "--trace-capture",
        alone=True,
        TRACE_URL=destination.url,
        TRACE_KEY=destination.key,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    trace = Trace.objects.get(project=destination.project)
    assert (trace.test_id, trace.status) == ("test_sum.py::test_sum", "failed")
    texts = [event["data"].get("text") for event in destination.events(trace)]
    assert "adding\n" in texts


def test_all_tests_are_sent_when_asked(suite: Path, destination: Destination) -> None:
    run(
        suite,
        "--trace-capture",
        "--trace-all",
        "-k",
        "fine",
        TRACE_URL=destination.url,
        TRACE_KEY=destination.key,
    )
    trace = Trace.objects.get(project=destination.project)
    assert trace.status == "passed"
    assert trace.playwright_zip


def test_whatever_goes_wrong_here_the_run_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "test_sum.py").write_text("def test_sum():\n    assert 1 + 1 == 2\n")
    (tmp_path / "bundles").write_text("a file where a folder is wanted")
    done = run(tmp_path, "--trace-capture", "--trace-all", "--trace-dir=bundles", alone=True)
    assert done.returncode == 0, done.stdout
    assert "test_sum.py::test_sum: not captured" in done.stdout


def test_a_trace_that_is_away_is_asked_once(tmp_path: Path) -> None:
    (tmp_path / "test_sum.py").write_text(
        "import pytest\n\n@pytest.mark.parametrize('n', [1, 2, 3])\n"
        "def test_sum(n):\n    assert n == 0\n"
    )
    away = {"TRACE_URL": "http://127.0.0.1:9", "TRACE_KEY": "trc_unused"}
    done = run(tmp_path, "--trace-capture", alone=True, **away)
    assert done.stdout.count("Trace cannot be reached") == 1
    assert done.stdout.count("could not be reached before; kept in") == 2
    assert len(list((tmp_path / "trace-bundles").glob("*.trace-bundle.zip"))) == 3


def test_a_worker_hands_its_lines_to_the_process_that_prints(tmp_path: Path) -> None:
    (tmp_path / "test_sum.py").write_text("def test_sum():\n    assert 1 + 1 == 3\n")
    (tmp_path / "conftest.py").write_text(
        "def pytest_configure(config):\n    config.workeroutput = {}\n\n"
        "def pytest_unconfigure(config):\n    print('handed', config.workeroutput)\n"
    )
    done = run(tmp_path, "--trace-capture", alone=True)
    assert "handed {'trace-capture-session': ['test_sum.py::test_sum: kept in" in done.stdout
