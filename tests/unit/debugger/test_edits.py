"""Edits and their diffs: what is read, what is refused, and that JSON goes both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debugger.domain.edits import EditError, Edits, SourceDiff
from debugger.domain.unified_diff import DiffError, make_diff, read_file_diff, split_diffs

OLD = "one\ntwo\nthree\n"
NEW = "one\n2\nthree\n"
DIFF = make_diff("app/shop.py", OLD, NEW)

lines = st.lists(st.sampled_from(["a", "b", "", "-- x", "+++ y", "@@ -1 +1 @@", "é\r"]), max_size=8)
texts = st.builds(lambda body, end: "\n".join(body) + end, lines, st.sampled_from(["", "\n"]))
paths = st.from_regex(r"[a-z]{1,5}(/[a-z é\"]{1,5}){0,2}\.py", fullmatch=True)


def test_a_made_diff_reads_as_one_file() -> None:
    read = read_file_diff(DIFF)
    assert (read.path, read.added, read.removed) == ("app/shop.py", ("2",), ("two",))
    assert not read.created
    assert not read.deleted


@given(paths, texts | st.none(), texts | st.none())
def test_every_made_diff_reads_back(path: str, old: str | None, new: str | None) -> None:
    diff = make_diff(path, old, new)
    assert (diff == "") == (old == new)
    if diff:
        read = read_file_diff(diff)
        assert (read.path, read.created, read.deleted) == (path, old is None, new is None)


@given(st.dictionaries(paths, st.tuples(texts, texts).filter(lambda p: p[0] != p[1]), max_size=4))
def test_edits_go_to_json_and_back(changes: dict[str, tuple[str, str]]) -> None:
    edits = Edits(
        scenario_diff=DIFF,
        source_diffs=tuple(SourceDiff(p, make_diff(p, *pair)) for p, pair in changes.items()),
    )
    assert Edits.from_json(edits.to_json()) == edits


@given(st.text(max_size=200))
def test_any_text_is_a_diff_or_refused(noise: str) -> None:
    for text in (noise, DIFF + noise, f"--- a/x\n+++ b/x\n{noise}"):
        said = "line"
        try:
            read_file_diff(text)
        except DiffError as error:
            said = str(error)
        assert "line" in said


def test_nothing_is_no_edit() -> None:
    for data in (None, {}, {"scenario_diff": None}, {"scenario_diff": " ", "source_diffs": []}):
        assert Edits.from_json(data).is_empty


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"scenario": DIFF},
        {"scenario_diff": 5},
        {"source_diffs": {}},
        {"source_diffs": [{"path": "a"}]},
        {"source_diffs": [{"path": "other.py", "diff": DIFF}]},
        {"source_diffs": [{"path": "app/shop.py", "diff": DIFF}] * 2},
        {"source_diffs": [{"path": "app/shop.py", "diff": "nonsense"}]},
        {"source_diffs": [{"path": "app/shop.py", "diff": DIFF + DIFF}]},
        {"source_diffs": [{"path": "app/shop.py", "diff": DIFF + "\ud800"}]},
        {"scenario_diff": make_diff("s", "", "x" * (1 << 20))},
        {"source_diffs": [{"path": f"{i}", "diff": make_diff(f"{i}", "", "x")} for i in range(51)]},
    ],
)
def test_bad_edits_are_refused(data: object) -> None:
    with pytest.raises(EditError):
        Edits.from_json(data)


def test_fifty_files_are_allowed() -> None:
    entries = [{"path": f"{i}", "diff": make_diff(f"{i}", "", "x")} for i in range(50)]
    assert len(Edits.from_json({"source_diffs": entries}).source_diffs) == 50


def test_a_diff_of_many_files_is_cut_into_one_each() -> None:
    made = make_diff("new.txt", None, "-- x\n+++ y\n")
    assert split_diffs(DIFF + made) == [("app/shop.py", DIFF), ("new.txt", made)]
    plain = DIFF.split("\n", 1)[1]
    assert split_diffs(plain + plain.replace("shop.py", "b.py")) == [
        ("app/shop.py", plain),
        ("app/b.py", plain.replace("shop.py", "b.py")),
    ]
    assert split_diffs("  \n") == []
    with pytest.raises(DiffError):
        split_diffs("nonsense")
