"""Every verb, target and expectation of the scenario language, played by a real Chromium."""

import json
from pathlib import Path

import pytest

from debugger.runner import director
from debugger.runner.contract import RunRequest, RunResult
from tests.flows.debugger.toy import APP, MOLAR, Toy, scenario
from trace_app.domain.bundle import open_bundle
from trace_app.domain.events import Event

KIT = """<!doctype html><html lang=en><title>Kit</title><h1>Kit</h1>
<label>Colour <select name=c onchange="say('colour ' + this.value)">
<option value=r>Red<option value=b>Blue</select></label>
<label>File <input type=file onchange="say('file ' + this.files[0].name)"></label>
<label>Note <input name=n value=old onkeydown="say('key ' + event.key)"></label>
<label>Secret <input type=password></label>
<input placeholder="Search here">
<button data-testid=late onmouseover="say('hovered')"
  onclick="setTimeout(() => say('late answer'), 300)">Later</button>
<button onclick="if (confirm('Sure?')) say('confirmed')">Delete</button>
<button onclick="fetch('/vendor/ping').then(r => say('vendor ' + r.status))">Ping</button>
<button onclick="console.error('it broke')">Break</button>
<button onclick="fetch('/slow').then(() => say('slow answer'))">Slow</button>
<p>As on its own site: <script>document.write(isSecureContext + ' ' + !!crypto.randomUUID)</script></p>
<p id=out></p><p class=hidden hidden>hidden words</p>
<script>function say(text) { document.getElementById('out').textContent = text }</script></html>"""

CLONE = """
from guest.clones import Clone, Request, Response

class Weather(Clone):
    kind = "weather"

    def initial_state(self):
        return {"calls": [], "city": self.config.get("city", "nowhere")}

    def handle(self, request: Request) -> Response:
        self.state["calls"].append({"path": request.path, "day": (self.now - 1768467600) // 86400})
        return Response(200, {"ok": True})
"""

VENDOR = """
        if self.path == "/kit":
            return self.send(200, KIT)
        if self.path == "/slow":
            import time
            time.sleep(0.5)
            return self.send(200, "done")
        if self.path == "/vendor/ping":
            import urllib.error, urllib.request
            try:
                status = urllib.request.urlopen(os.environ["WEATHER"] + "/v1/ping").status
            except urllib.error.HTTPError as error:
                status = error.code
            return self.send(status, "pong")
        if self.path == "/health":"""

STEPS = """1. navigate `/kit`
   - expect url `/kit`
   - expect url `http://app/*`
   - expect not url `/other`
   - expect text "Kit"
   - expect text "As on its own site: true true"
   - expect not text "hidden words"
   - expect value field "Note" equals "old"
   - expect not value field "Note" equals "new"
2. select field "Colour" option "b"
   - expect text "colour b" in css `#out`
3. upload field "File" with "notes.txt"
   - expect text "file notes.txt"
4. press "End" in field "Note"
   - expect text "key End"
5. fill field "Secret" with "hunter2-secret"
6. fill field "Search here" with "mugs"
   - expect value css `[placeholder]` equals "mugs"
7. hover test-id `late`
   - expect text "hovered"
8. click test-id `late`
   - expect text "late answer"
9. wait for text "late answer"
10. click button "Delete"
   - expect text "confirmed"
11. click button "Ping"
   - expect text "vendor 200"
   - expect network GET `/vendor/*` status 200
   - expect not network GET `/vendor/*` status 500
   - expect clone weather `calls.-1.path` equals "/v1/ping"
   - expect clone weather `city` equals "Oslo"
   - expect not clone weather `calls.3.path` equals "x"
   - expect no console errors
12. inject_error weather GET `/v1/*` status 503
13. click button "Ping"
   - expect text "vendor 503"
   - expect network GET `/vendor/ping` status 503
14. click button "Break"
   - expect not no console errors
15. advance_clock weather by 2 d
16. request GET `/vendor/ping`
   - expect clone weather `calls.-1.day` equals 2
17. snapshot "kit"
18. screenshot "kit"
19. wait 20 ms
20. navigate `/about`
21. wait for url `/ab*`
22. press "Tab"
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return Toy(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def kit(toy: Toy) -> str:
    """The commit that has the kit, its clone and the scenario."""
    app = f"KIT = {KIT!r}\n" + APP.replace('\n        if self.path == "/health":', VENDOR, 1)
    molar = MOLAR.replace('SELF = "{app.url}"', 'WEATHER = "{clone.weather.url}"')
    head = scenario(STEPS).replace("timeout_ms", "clones: [{kind: weather, seed: w1}]\ntimeout_ms")
    return toy.change_files(
        {
            "app.py": app,
            "notes.txt": "notes",
            ".molar/molar.toml": molar + '\n[clones.weather]\ncity = "Oslo"\n',
            ".molar/clones/weather.py": CLONE,
            ".molar/scenarios/sign.molar.md": head,
        }
    )


@pytest.fixture(scope="module")
def played(toy: Toy, kit: str, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("played")
    return director.run(RunRequest(repository=toy.path, sha=kit, scenario="sign", out_dir=folder))


@pytest.fixture(scope="module")
def events(played: RunResult) -> list[Event]:
    assert played.bundle is not None, played.message
    return open_bundle(played.bundle.open("rb")).events()


def test_every_verb_and_expectation_works(played: RunResult) -> None:
    assert [(s.no, s.error) for s in played.steps if s.status != "passed"] == []
    assert (played.status, len(played.steps)) == ("passed", 22)


def test_each_action_is_recorded_as_it_was_asked(events: list[Event]) -> None:
    actions = {e.step: e.data for e in events if e.kind == "agent.action"}
    assert len(actions) == 22
    assert actions[2]["target"] == {"kind": "field", "value": "Colour", "exact": True}
    assert actions[2]["value"] == "b"
    assert actions[16]["status"] == 200
    assert "- heading" in actions[17]["aria"]


def test_a_screenshot_is_a_blob_of_the_bundle(played: RunResult, events: list[Event]) -> None:
    image = next(e.data["image"] for e in events if e.step == 18 and e.kind == "agent.action")
    assert played.bundle is not None
    content = open_bundle(played.bundle.open("rb")).blob(image["$blob"].removeprefix("sha256:"))
    assert content.startswith(b"\x89PNG")
    assert len(content) == image["size"]


def test_a_password_is_not_in_our_events(events: list[Event]) -> None:
    # It stands in the scenario, which is the user's own text, and nowhere else.
    texts = [
        json.dumps(e.data)
        for e in events
        if e.kind in ("agent.action", "storage.state", "clone.state", "app.log")
    ]
    assert not [text for text in texts if "hunter2-secret" in text]


def test_own_clones_are_recorded_like_the_built_in_ones(events: list[Event]) -> None:
    calls = [(e.step, e.data["status"]) for e in events if e.kind == "clone.request"]
    assert calls == [(11, 200), (13, 503), (16, 200)]
    states = {e.step: e.data["state"] for e in events if e.kind == "clone.state"}
    assert states.keys() == set(range(23))
    assert len(states[22]["calls"]) == 2


def test_a_dialog_is_accepted_and_recorded(events: list[Event]) -> None:
    (dialog,) = [e for e in events if e.kind == "dom.dialog"]
    assert (dialog.step, dialog.data["message"]) == (10, "Sure?")


def test_a_negated_expectation_waits_for_what_its_step_set_off(
    toy: Toy, kit: str, tmp_path: Path
) -> None:
    steps = '1. navigate `/kit`\n2. click button "Slow"\n   - expect not text "slow answer"\n'
    head = scenario(steps).replace("timeout_ms: 5000", "timeout_ms: 1500")
    text = head.replace("timeout_ms", "clones: [{kind: weather, seed: w1}]\ntimeout_ms")
    request = RunRequest(
        repository=toy.path, sha=kit, scenario="sign", scenario_text=text, out_dir=tmp_path
    )
    result = director.run(request)
    assert (result.status, result.failing_step) == ("failed", 2), result.message


def test_an_unknown_clone_is_an_error_that_names_it(toy: Toy, tmp_path: Path) -> None:
    text = scenario("1. navigate `/`\n").replace("timeout_ms", "clones: [{kind: fax}]\ntimeout_ms")
    request = RunRequest(
        repository=toy.path,
        sha=toy.sha,
        scenario="sign",
        scenario_text=text,
        out_dir=tmp_path,
    )
    result = director.run(request)
    assert result.status == "error"
    assert "there is no clone named fax" in result.message
