"""The JavaScript reporter in a real Playwright suite, Chromium, and the running Trace."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.flows.integrations.destination import Destination, make_destination
from tests.harness.browser import find_chromium
from tests.harness.live import LiveStack
from trace_app.models import Trace

ROOT = Path(__file__).parents[3]
REPORTER = ROOT / "integrations/playwright-reporter"
TESTS = """
import { expect, test } from '@playwright/test';

test.describe('checkout', () => {
  test('charges the discounted price', async ({ page }) => {
    console.log('about to look at the price');
    await page.setContent('<p id=price>9000</p>');
    await expect(page.locator('#price')).toHaveText('900', { timeout: 300 });
  });
  test('is known to be broken', async ({ page }) => {
    test.fail();
    await page.setContent('<p>soon</p>');
    await expect(page.locator('p')).toHaveText('now', { timeout: 100 });
  });
  test('greets', async ({ page }) => {
    await page.setContent('<h1>Shop</h1>');
    await expect(page.locator('h1')).toHaveText('Shop');
  });
});
"""


@pytest.fixture
def destination(live_stack: LiveStack) -> Destination:
    return make_destination(live_stack)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    launch = {"executablePath": find_chromium(), "args": ["--no-sandbox"]}
    config = {
        "testDir": ".",
        "use": {"trace": "retain-on-failure", "launchOptions": launch},
        "reporter": [[str(REPORTER / "reporter.js"), {}]],
    }
    (tmp_path / "playwright.config.mjs").write_text(f"export default {json.dumps(config)};")
    (tmp_path / "shop.spec.mjs").write_text(TESTS)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def run(suite: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRACE_")}
    command = ["node", "node_modules/@playwright/test/cli.js", "test"]
    return subprocess.run(
        command, cwd=suite, env={**clean, **environment}, capture_output=True, text=True
    )


def test_a_failed_test_becomes_a_trace(suite: Path, destination: Destination) -> None:
    done = run(suite, **{k: v for k, v in destination.environment().items() if "TRACE" in k})
    assert done.returncode == 1, done.stdout + done.stderr
    trace = Trace.objects.get(project=destination.project)
    assert (trace.status, trace.title) == ("failed", "checkout › charges the discounted price")
    assert f"/traces/{trace.short_id}" in done.stdout
    events = destination.events(trace)
    assert any("about to look at the price" in str(event) for event in events)
    assert any(event["kind"] == "video.frame" for event in events)
    assert destination.key not in done.stdout + done.stderr


def test_the_same_test_of_two_projects_is_two(suite: Path, destination: Destination) -> None:
    config = (suite / "playwright.config.mjs").read_text()
    projects = '"projects": [{"name": "narrow"}, {"name": "wide"}], "testDir"'
    (suite / "playwright.config.mjs").write_text(config.replace('"testDir"', projects))
    run(suite, **{k: v for k, v in destination.environment().items() if "TRACE" in k})
    traces = Trace.objects.filter(project=destination.project).order_by("test_id")
    name = "checkout › charges the discounted price"
    assert [trace.title for trace in traces] == [f"{name} [narrow]", f"{name} [wide]"]
    assert [trace.test_id for trace in traces] == [
        f"shop.spec.mjs › {name} [{project}]" for project in ("narrow", "wide")
    ]
    version = json.loads((ROOT / "node_modules/@playwright/test/package.json").read_text())
    assert {trace.runner["version"] for trace in traces} == {version["version"]}


def test_bundles_wait_while_trace_is_away_and_are_sent_later(
    suite: Path, destination: Destination
) -> None:
    done = run(suite, TRACE_URL="http://127.0.0.1:9", TRACE_KEY="trc_unused")
    assert done.returncode == 1
    assert "cannot be reached" in done.stdout
    for _ in range(2):
        sent = subprocess.run(
            ["node", str(REPORTER / "send.js"), "trace-bundles"],
            cwd=suite,
            env=destination.environment(),
            capture_output=True,
            text=True,
        )
        assert sent.returncode == 0, sent.stderr
    assert sent.stdout == "trace-bundles: nothing to send\n"
    assert Trace.objects.filter(project=destination.project).count() == 1


def test_whatever_goes_wrong_here_the_run_stays_as_it_is(suite: Path) -> None:
    (suite / "trace-bundles").write_text("a file where a folder is wanted")
    passing = "import { test } from '@playwright/test';\ntest('adds', () => {});\n"
    (suite / "shop.spec.mjs").write_text(passing)
    config = (suite / "playwright.config.mjs").read_text().replace("{}]]", '{"all": true}]]')
    (suite / "playwright.config.mjs").write_text(config)
    done = run(suite)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "adds: not captured" in done.stdout
