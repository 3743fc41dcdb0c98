"""The runner for real: git, bubblewrap, an application process, Chromium."""

import json
import shutil
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import playwright
import pytest
from playwright.sync_api import Browser

from debugger.runner import levels
from debugger.runner.contract import RunResult
from tests.flows.debugger.toy import APP, MOLAR, SIGN, Toy, scenario
from tests.flows.debugger.toy_runs import Run, events_of, of_kind, opened, statuses
from trace_app.domain.playwright import is_playwright


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder over HTTP, for the time of the block."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_green_run_leaves_a_whole_record(green: RunResult, toy: Toy) -> None:
    assert (green.status, green.mode, green.failing_step) == ("passed", "full", None)
    assert statuses(green) == ["passed"] * 5
    bundle = opened(green)
    assert bundle.run.pr == 7
    assert bundle.run.check_id == "c1"
    assert bundle.run.runner.level == green.level
    assert bundle.run.ran_blobs["app.py"] == toy.repository.blob_sha(toy.sha, "app.py")
    events = bundle.events()
    assert (events[0].kind, events[-1].kind) == ("run.start", "run.end")
    kinds = Counter(event.kind for event in events)
    assert kinds["step.start"] == kinds["step.end"] == 5
    assert kinds["assertion"] == 7
    assert kinds["storage.state"] == 5
    for kind in ("video.frame", "dom.snapshot", "network.response", "app.log", "agent.action"):
        assert kinds[kind], kind


def test_every_event_in_a_step_lies_in_its_window(green: RunResult) -> None:
    events = events_of(green)
    starts = {event.step: event.seq for event in events if event.kind == "step.start"}
    posted = next(e for e in events if e.kind == "network.request" and e.data["method"] == "POST")
    assert posted.step == 3
    answer = next(e for e in events if e.ref == posted.seq)
    assert (answer.data["status"], answer.step) == (303, 3)
    signed = next(e for e in events if e.data.get("text") == "signed by Grace")
    assert signed.step == 3
    assert starts[3] < posted.seq < starts[4]


def test_our_actions_carry_the_playwright_call(green: RunResult) -> None:
    events = events_of(green)
    click = next(e for e in events if e.kind == "agent.action" and e.step == 3)
    shots = {e.data["call_id"] for e in events if e.kind == "dom.snapshot" and e.step == 3}
    assert click.data["verb"] == "click"
    assert click.data["call_id"] in shots


def test_the_attached_zip_is_a_playwright_trace(green: RunResult, tmp_path: Path) -> None:
    path = tmp_path / "playwright.zip"
    path.write_bytes(b"".join(opened(green).playwright()))
    with zipfile.ZipFile(path) as package:
        assert is_playwright(package.namelist())
        head = json.loads(package.read("trace.trace").split(b"\n", 1)[0])
        groups = package.read("trace.trace").count(b'"method":"tracingGroup"')
    assert (head["type"], head["browserName"], head["version"]) == (
        "context-options",
        "chromium",
        10,
    )
    assert groups == 5


def test_the_official_viewer_opens_the_zip(
    green: RunResult, tmp_path: Path, chromium: Browser
) -> None:
    site = tmp_path / "site"
    shutil.copytree(Path(playwright.__file__).parent / "driver/package/lib/vite/traceViewer", site)
    (site / "run.zip").write_bytes(b"".join(opened(green).playwright()))
    with served(site) as address:
        page = chromium.new_page()
        page.goto(f"{address}/index.html?trace={address}/run.zip")
        for step in green.steps:
            page.get_by_text(f"{step.no}. {step.title}").first.wait_for(timeout=60_000)
        page.close()


def test_the_capsule_holds_the_state_before_each_step(green: RunResult) -> None:
    capsule = opened(green).capsule()
    assert capsule is not None
    assert sorted(capsule["before"], key=int) == ["1", "2", "3", "4", "5", "6"]
    before = capsule["before"]["4"]
    assert before["app"]["files"].keys() == {"var/book.db"}
    assert before["browser"]["url"] == "http://app/"
    assert before["browser"]["cookies"][0]["value"] == "ada"
    assert before["browser"]["origins"][0]["local"] == {"theme": "dark"}
    # The record itself shows no cookie value.
    assert "ada" not in json.dumps([e.data["cookies"] for e in of_kind(green, "storage.state")])


def test_a_failing_step_stops_the_run_and_says_why(toy: Toy, run: Run) -> None:
    steps = SIGN.replace('expect text "1 entries"', 'expect text "2 entries"')
    result = run(scenario_text=scenario(steps, timeout=1500))
    assert (result.status, result.failing_step) == ("failed", 3)
    assert statuses(result) == ["passed", "passed", "failed", "skipped", "skipped"]
    assert result.message == 'the page: expected text "2 entries", got "1 entries"'
    wrong = next(e for e in of_kind(result, "assertion") if not e.data["ok"])
    assert (wrong.level, wrong.data["expected"], wrong.data["actual"]) == (
        "error",
        "2 entries",
        "1 entries",
    )
    assert of_kind(result, "run.end")[0].data["failing_step"] == 3


def test_an_action_that_cannot_be_done_fails_with_playwrights_words(run: Run) -> None:
    result = run(scenario_text=scenario('1. navigate `/`\n2. click button "Sing"\n', timeout=1500))
    assert (result.status, result.failing_step) == ("failed", 2)
    assert "Timeout 1500ms" in result.message
    assert 'name="Sing"' in of_kind(result, "step.end")[1].data["error"]["stack"]


def test_the_scenario_goes_on_in_the_page_opened_last(toy: Toy, run: Run) -> None:
    link = "<a href=/about target=_blank>About</a><button onclick=window.close()>Shut</button>"
    app = APP.replace("<a href=/about>About</a>", link)
    app = app.replace(
        "<h1>About</h1>", "<h1>About</h1><button onclick=window.close()>Shut</button>"
    )
    steps = """1. navigate `/`
2. click link "About"
   - expect text "A book."
   - expect url `/about`
3. click button "Shut"
   - expect text "0 entries"
   - expect url `/`
"""
    result = run(
        sha=toy.change_files({"app.py": app.replace("target=_blank", "target=_blank rel=opener")}),
        scenario_text=scenario(steps),
    )
    assert (result.status, result.message) == ("passed", "")


def test_an_application_that_dies_is_seen(toy: Toy, run: Run) -> None:
    dying = APP.replace(
        'return self.send(500, "<h1>Broken',
        'os._exit(7)\n            return self.send(500, "<h1>Broken',
    )
    steps = "1. navigate `/`\n2. navigate `/boom`\n"
    result = run(
        sha=toy.change_files({"app.py": dying}), scenario_text=scenario(steps, timeout=1500)
    )
    assert (result.status, result.failing_step) == ("failed", 2)
    (end,) = [e for e in of_kind(result, "app.log") if e.data["stream"] == "exit"]
    assert (end.step, end.level) == (2, "error")
    assert end.data["text"] == "the application ended with status 7"


def test_an_application_that_does_not_start_is_an_error_with_its_log(toy: Toy, run: Run) -> None:
    broken = toy.change_files({".molar/molar.toml": MOLAR.replace("SELF", "BROKEN")})
    result = run(sha=broken)
    assert (result.status, result.failing_step) == ("error", None)
    assert result.message == "the application ended with status 1 before it was ready"
    assert "settings are wrong: BROKEN is set" in result.log_tail
    assert opened(result).run.status == "error"
    assert any("settings are wrong" in e.data["text"] for e in of_kind(result, "app.log"))


def test_an_unknown_placeholder_is_named(toy: Toy, run: Run) -> None:
    sha = toy.change_files({".molar/molar.toml": MOLAR.replace("{app.url}", "{app.adress}")})
    result = run(sha=sha)
    assert result.status == "error"
    assert "{app.adress}" in result.message


def test_what_tries_to_leave_is_blocked_and_recorded(run: Run) -> None:
    steps = '1. navigate `/`\n2. click link "Out"\n   - expect text "Out"\n'
    result = run(scenario_text=scenario(steps))
    assert result.status == "passed"
    blocked = {(e.data["host"], e.step) for e in of_kind(result, "egress.blocked")}
    assert blocked == {("vendor.example.com", 2), ("cdn.example.net", 2)}


def test_the_sandbox_sees_nothing_of_the_host(toy: Toy, run: Run) -> None:
    spy = APP.replace(
        'print("listening", flush=True)',
        """
import glob, subprocess
print("listening", flush=True)
print("host:", [p for p in HOST if os.path.exists(p)], flush=True)
print("secret:", {k: v for k, v in os.environ.items() if "SECRET" in k}, flush=True)
print("capabilities:", open("/proc/self/status").read().split("CapEff:")[1].split()[0], flush=True)
print("limits:", open("/proc/self/limits").read().split("core file size")[1].split()[0], flush=True)
print("settings:", glob.glob("/trace/lib/*"), flush=True)
for address in ("1.1.1.1", "169.254.169.254"):
    try:
        socket.create_connection((address, 80), timeout=2)
        print("got out to", address, flush=True)
    except OSError as error:
        print("no way out:", error, flush=True)
try:
    open("/trace/lib/guest/x", "w")
    print("wrote", flush=True)
except OSError as error:
    print("read-only:", error, flush=True)
""",
    )
    host = [str(toy.path), str(Path(__file__)), str(Path.home() / ".ssh"), "/etc/shadow", "/home"]
    result = run(sha=toy.change_files({"app.py": f"HOST = {host!r}\n{spy}"}))
    log = "\n".join(event.data["text"] for event in of_kind(result, "app.log"))
    assert result.status == "passed"
    assert "host: []" in log
    assert "secret: {}" in log
    assert "capabilities: 0000000000000400" in log
    assert "limits: 0" in log
    assert log.count("no way out") == 2
    assert "read-only: [Errno 30]" in log
    assert "django" not in log


def test_the_level_is_asserted(green: RunResult) -> None:
    level = levels.detect()
    assert level is not None
    assert green.level == level.value
    assert of_kind(green, "run.start")[0].data["level"] == level.value


def test_without_a_sandbox_nothing_runs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "detect", lambda: None)
    result = run()
    assert (result.status, result.bundle) == ("refused", None)
    assert "bubblewrap" in result.message


def test_what_cannot_be_read_is_an_error_that_says_where(toy: Toy, run: Run) -> None:
    assert "There is no scenario nowhere" in run(scenario="nowhere").message
    result = run(scenario_text=scenario("1. navigat `/`\n"))
    assert result.status == "error"
    assert "line 10" in result.message
    assert "navigate" in result.message
