"""The host's pure parts: divergence, merging, and reading what a sandbox left."""

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from debugger.domain.divergence import Seen, changed_before, same_page
from debugger.runner import director, outputs, slots
from debugger.runner.contract import RunRequest
from debugger.runner.merge import Record, merge, own_drafts, read_capsule, started_at
from debugger.runner.outputs import OutputError
from debugger.runner.workspace import TreeError, Workspace
from trace_app.clients.git import GitRepository, TreeEntry
from trace_app.domain.sequence import Draft


def test_a_page_with_another_clock_time_is_the_same_page() -> None:
    assert same_page(
        "ordered 2026-01-02 12:00:31, id 0123456789abcdef",
        "ordered 2026-01-03 09:15, id fedcba9876543210",
    )
    assert not same_page("total 900", "total 9000")
    assert same_page(None, "anything")


def test_only_what_lies_before_is_compared() -> None:
    recorded = {1: Seen("passed", "a"), 2: Seen("passed", "b"), 3: Seen("failed", "c")}
    now = {1: Seen("passed", "a"), 2: Seen("failed", "b"), 3: Seen("passed", "x")}
    assert changed_before(recorded, now, 2) == ()
    assert changed_before(recorded, now, 3) == ("step 2: passed → failed",)
    assert changed_before(recorded, {}, 4) == ()


def line(**fields: Any) -> dict[str, Any]:
    return {"wall": 1000.0, "kind": "app.log", "data": {"text": "x"}, **fields}


RECORD = Record(
    900.0, 5000.0, {"started_at": started_at(900.0)}, {"status": "passed"}, failed=False
)


def test_two_recorders_become_one_order_on_one_clock() -> None:
    own = own_drafts(
        [
            line(kind="step.start", step=1, wall=1000, key="step:1", data={"title": "t"}),
            line(kind="agent.action", step=1, wall=1001, dur=50, data={"verb": "click"}),
            line(kind="step.end", step=1, wall=1100, ref_key="step:1", data={"status": "passed"}),
        ]
    )
    call = Draft(
        wall_ms=1003,
        lane="agent",
        kind="agent.action",
        dur=40,
        data={"verb": "click", "call_id": "call@9"},
    )
    asked = Draft(wall_ms=1020, lane="network", kind="network.request", key="r", data={"url": "/"})
    answered = Draft(
        wall_ms=1150, lane="network", kind="network.response", ref_key="r", data={"status": 200}
    )
    events = merge(RECORD, own, [call, asked, answered])
    assert [event.kind for event in events] == [
        "run.start",
        "step.start",
        "agent.action",
        "network.request",
        "step.end",
        "network.response",
        "run.end",
    ]
    assert [event.seq for event in events] == list(range(1, 8))
    assert events[2].data["call_id"] == "call@9"
    # An answer belongs to the step that asked.
    assert (events[5].ref, events[5].step) == (4, 1)
    assert events[1].ts == 100.0


@pytest.mark.parametrize(
    "bad",
    [
        line(kind="no.such.kind"),
        line(wall="soon"),
        line(wall=float("nan")),
        line(wall=True),
        line(data=["list"]),
        {},
    ],
)
def test_a_line_that_is_no_event_is_dropped(bad: dict[str, Any]) -> None:
    assert list(own_drafts([bad])) == []


def test_odd_fields_do_not_get_through() -> None:
    (draft,) = own_drafts([line(step="3", dur="long", level="fatal", key=7, ref_key=[])])
    assert (draft.step, draft.dur, draft.level, draft.key, draft.ref_key) == (None,) * 5


def test_a_huge_event_is_cut_and_says_so() -> None:
    (draft,) = own_drafts([line(data={"clone": "stripe", "state": {"x": "y" * 1_000_000}})])
    assert draft.data["clone"] == "stripe"
    assert draft.data["truncated"] is True
    assert "state" not in draft.data


def test_links_and_oversized_files_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"status": "passed"}')
    link = tmp_path / "result.json"
    link.symlink_to(secret)
    with pytest.raises(OutputError, match="is not a file"):
        outputs.read_json(link, 1000)
    with pytest.raises(OutputError, match="at most 5 bytes"):
        outputs.read_json(secret, 5)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError):
        outputs.read_json(tmp_path / "pipe", 1000)
    with pytest.raises(FileNotFoundError):
        outputs.read_json(tmp_path / "absent", 1000)
    assert outputs.list_plain(tmp_path) == [secret]


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"status": "great"}', '{"status": "passed", "steps": [{"no": "1"}]}', "[" * 9999],
)
def test_a_result_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(OutputError, match=r"result\.json"):
        outputs.read_result(tmp_path / "result.json")


def test_torn_and_foreign_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(json.dumps(line()) + "\nrubbish\n[1]\n" + '{"wall": 1')
    assert outputs.read_lines(path) == [line()]
    assert outputs.read_lines(tmp_path / "absent") == []


def steps_told(path: Path, *ticks: bytes) -> list[int | None]:
    """What the page is told while a guest writes these pieces."""
    told: list[int | None] = []
    request = RunRequest(
        repository=path.parent,
        sha="",
        scenario="",
        out_dir=path.parent,
        on_progress=lambda phase, step: told.append(step),
    )
    progress = director._Progress(path, request)
    for piece in ticks:
        with path.open("ab") as file:
            file.write(piece)
        progress.tick()
    return told


def started(step: object) -> bytes:
    return json.dumps({"kind": "step.start", "step": step}).encode() + b"\n"


def test_progress_tells_the_last_step_of_each_tick(tmp_path: Path) -> None:
    whole = started(1) + started(2) + started(3) + b'{"kind": "app.log"}\n' + started(4)[:20]
    assert steps_told(tmp_path / "e", whole, b"", started(4)[20:], b"") == [3, 4]


@pytest.mark.parametrize(
    "forged",
    [
        b'"kind": "step.start"\n',
        b'["kind", {"kind": "step.start", "step": 2}]\n',
        b"[" * 100_000 + b'"kind": "step.start"\n',
        b'{"kind": "step.start", "step": "\xff"}\n',
        *(started(step) for step in (None, True, "2", [2], 2.0, 0, -1, 501, 10**30)),
    ],
)
def test_forged_progress_is_passed_over(tmp_path: Path, forged: bytes) -> None:
    assert steps_told(tmp_path / "e", started(1), forged, started(2)) == [1, 2]


def test_much_progress_is_read_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(director, "_PIECE", 100)
    steps = b"".join(started(step) for step in range(1, 10))
    told = steps_told(tmp_path / "e", steps + b"x" * 250 + b"\n" + started(10), *[b""] * 9)
    assert told == [2, 4, 6, 8, 9, 10]


def test_the_capsule_is_made_of_the_boundaries(tmp_path: Path) -> None:
    folder = tmp_path / "before"
    folder.mkdir()
    (folder / "2.json").write_text('{"clones": {}}')
    (folder / "note.txt").write_text("x")
    assert read_capsule(folder) == {"version": 1, "before": {"2": {"clones": {}}}}
    assert read_capsule(tmp_path / "absent") is None


class _Tree(GitRepository):
    """A repository that lists what a hostile tree could hold."""

    def __init__(self, *paths: str) -> None:
        super().__init__(Path("/nowhere"))
        self.paths = paths

    def list_files(self, sha: str, prefix: str = "") -> tuple[TreeEntry, ...]:
        return tuple(TreeEntry("120000", "0" * 40, 1, path) for path in self.paths)


@pytest.mark.parametrize(
    "paths", [("a", "a/b"), ("../x",), ("a/../b",), (".git/hooks/x",), ("a/.GIT/x",), ("/etc/x",)]
)
def test_a_tree_that_would_write_elsewhere_is_refused(
    tmp_path: Path, paths: tuple[str, ...]
) -> None:
    with pytest.raises(TreeError, match="cannot be written"):
        Workspace(tmp_path / "w").export(_Tree(*paths), "HEAD")


def test_a_busy_machine_gets_more_time_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for load, expected in ((0.5, 1), (4.0, 1), (4.1, 2), (8.0, 2), (40.0, slots.MAX_STRETCH)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0, 0))
        assert slots.stretch() == expected


def test_one_run_per_two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert slots.count() == 4
    monkeypatch.setenv("TRACE_RUNNER_SLOTS", "3")
    assert slots.count() == 3


def test_a_taken_slot_is_waited_for_and_a_stop_ends_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE_RUNNER_SLOTS", "1")
    waited: list[str] = []

    def hold(*, stop: bool) -> AbstractContextManager[None]:
        return slots.held(
            tmp_path, should_cancel=lambda: stop, on_wait=lambda: waited.append("waits")
        )

    with hold(stop=False):
        assert waited == []
        with pytest.raises(slots.CanceledError), hold(stop=True):
            pass
    assert waited == ["waits"]
    with hold(stop=True):
        assert waited == ["waits"]
