"""Hunks, suspicion and edits: from a diff and a few clues to the line that is wrong."""

import subprocess
from pathlib import Path

import pytest

from debugger.domain.changes import parse_changes
from debugger.domain.hunks import Hunk, HunkError, parse_hunks, revert_hunks
from debugger.domain.proposals import Draft, Hints, apply, candidates, choose, edited_line
from debugger.domain.suspects import Clue, Renamed, literals, rank, renamed, words

OLD = "import web\n\n\n@web.route('/api/stripe/webhook')\ndef hook():\n    return 1\n"
NEW = OLD.replace("/api/stripe/webhook", "/api/webhooks/stripe")
PRICING_OLD = "def total(cart, coupon):\n    if coupon.valid:\n        return 900\n    return 9000"
PRICING_NEW = PRICING_OLD.replace("if coupon.valid", "if not coupon.valid")


def git_diff(tmp_path: Path, files: dict[str, tuple[str, str]]) -> str:
    for side in (0, 1):
        for name, texts in files.items():
            target = tmp_path / "ab"[side] / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(texts[side])
    done = subprocess.run(
        ["git", "diff", "--no-index", "--no-prefix", "--src-prefix=", "--dst-prefix=", "a", "b"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.fixture
def hunks(tmp_path: Path) -> list[Hunk]:
    files = {"web.py": (OLD, NEW), "pricing.py": (PRICING_OLD, PRICING_NEW)}
    return parse_hunks(git_diff(tmp_path, files))


def test_hunks_are_read_with_their_lines(hunks: list[Hunk]) -> None:
    pricing, web = hunks
    assert (pricing.path, pricing.added) == ("pricing.py", ("    if not coupon.valid:",))
    assert web.first_line == 4
    assert renamed(web) == Renamed("/api/stripe/webhook", "/api/webhooks/stripe")
    assert renamed(pricing) is None


def test_a_hunk_can_be_taken_back_but_only_from_its_own_text(hunks: list[Hunk]) -> None:
    pricing, web = hunks
    assert revert_hunks(PRICING_NEW, [pricing]) == PRICING_OLD
    assert revert_hunks("# moved\n" + NEW, [web]) == "# moved\n" + OLD
    with pytest.raises(HunkError):
        revert_hunks(OLD, [web])


def test_the_failing_path_points_at_the_hunk_that_took_it_out(hunks: list[Hunk]) -> None:
    ranked = rank(hunks, [Clue("/api/stripe/webhook", 3.0, "the path that answered 404", 214)])
    assert ranked[0].hunk.path == "web.py"
    assert ranked[0].reasons[0].text == "it takes out the path that answered 404"
    assert ranked[0].reasons[0].seq == 214
    assert ranked[1].score == 0


def test_words_of_titles_find_code() -> None:
    assert words('fill field "Coupon code" with "WELCOME90"') == ["coupon", "code", "welcome"]
    assert words("payment_intents[0].amountCaptured") == ["payment", "intent", "amount", "captured"]
    assert literals(['<button class="big">Pay now</button>']) == ["big", "Pay now"]


@pytest.mark.parametrize(
    ("words_", "line", "after"),
    [
        ("webhook_url = /b", 'webhook_url = "/a"  # where', 'webhook_url = "/b"  # where'),
        ("webhook_url = /b", "webhook_url: http://app/a", "webhook_url: http://app/b"),
        ("the webhook url /b", 'webhook_url = "/a"', 'webhook_url = "/b"'),
        ("clones.stripe.retries = 3", "retries=1,", "retries=3,"),
        ("retries = 3", '{"retries": 1, "x": 2}', '{"retries": 3, "x": 2}'),
        ("retries = 3", "if retries == 1:", None),
        ("retries = 3", "max_retries = 1", None),
        ("replace 9000 with 900", "amount = 9000", "amount = 900"),
        ("replace 9000 with 900", "amount = 90001", None),
        ("change limit to 5", "limit = 4", "limit = 5"),
        ("`a == b` → `a != b`", "if a == b:", "if a != b:"),
        ('use "Buy" instead of "Pay now"', 'click button "Pay now"', 'click button "Buy"'),
    ],
)
def test_a_line_is_edited_in_its_own_style(words_: str, line: str, after: str | None) -> None:
    ((change,), _unclear) = parse_changes(words_)
    assert edited_line(change, line) == after


FILES = {
    ".molar/molar.toml": '[clones.stripe]\nwebhook_url = "http://app/api/a"\n',
    "docs/setup.md": "Set `webhook_url` to /api/a.\nwebhook_url = /api/a\n",
    "app.py": "WEBHOOK = '/api/c'\n",
}


def test_the_configuration_wins_over_the_documentation() -> None:
    ((change,), _unclear) = parse_changes("webhook_url = /api/b")
    (best,) = choose(candidates(change, FILES, Hints()))
    assert best.place == ".molar/molar.toml:2"
    draft = Draft()
    apply(draft, FILES, [best])
    diffs = draft.diffs()
    assert list(diffs) == [".molar/molar.toml"]
    assert '+webhook_url = "http://app/api/b"\n' in diffs[".molar/molar.toml"]


def test_a_tie_is_not_decided_and_a_named_line_is() -> None:
    files = {"a.py": "limit = 1\n", "b.py": "x = 0\nlimit = 2\n"}
    ((change,), _unclear) = parse_changes("limit = 9")
    assert choose(candidates(change, files, Hints())) == []
    ((change,), _unclear) = parse_changes("limit = 9 in b.py:2")
    (best,) = choose(candidates(change, files, Hints()))
    assert best.after == "limit = 9"


def test_the_failing_line_of_the_scenario_wins() -> None:
    path = ".molar/scenarios/checkout.molar.md"
    files = {
        path: '1. click button "Pay now"\n2. expect text "x"\n7. click button "Pay now"\n',
        ".molar/scenarios/other.molar.md": '1. click button "Pay now"\n',
    }
    ((change,), _unclear) = parse_changes('use "Complete order" instead of "Pay now"')
    (best,) = choose(candidates(change, files, Hints(scenario_path=path, scenario_line=3)))
    assert best.place == f"{path}:3"


def test_two_changes_of_one_file_make_one_diff_that_git_applies(tmp_path: Path) -> None:
    text = 'first = "a"\nsecond = "b"'
    changes, _unclear = parse_changes('first = "x" and second = "y"')
    draft = Draft()
    for change in changes:
        apply(draft, {"conf.toml": text}, choose(candidates(change, {"conf.toml": text}, Hints())))
    (tmp_path / "conf.toml").write_text(text)
    subprocess.run(
        ["git", "apply", "-"], cwd=tmp_path, input=draft.diffs()["conf.toml"], text=True, check=True
    )
    assert (tmp_path / "conf.toml").read_text() == 'first = "x"\nsecond = "y"'
