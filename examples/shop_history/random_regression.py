"""New regressions with names nobody has seen before, so that nothing can know them by heart."""

import difflib
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trace_app.clients.git import GitRepository

from .regressions import BranchCommit, FileChange, Regression

MOLAR = ".molar/molar.toml"
ROUTE = "/api/stripe/webhook"
WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "grove", "harbor", "iris", "jade")
# button label, template, scenario and step that clicks it; each label is in one scenario only
LABELS = (
    ("Request refund", "shop/templates/refund.html", "refund", 6),
    ("Apply coupon", "shop/templates/cart.html", "checkout-stripe", 5),
    ("Create account", "shop/templates/signup.html", "signup-by-mail", 5),
)
AUTHOR = "Sam Okafor <sam@kilnandcup.example>"
DATE = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def random_regressions(repository: Path, *, first_number: int, seed: str) -> list[Regression]:
    """One renamed route and one renamed label; the same seed gives the same names."""
    return [
        route_regression(repository, number=first_number, seed=f"{seed}-route"),
        label_regression(repository, number=first_number + 1, seed=f"{seed}-label"),
    ]


def route_regression(repository: Path, *, number: int, seed: str, base: str = "main") -> Regression:
    """Rename the webhook's route; molar.toml keeps calling the old one."""
    names = random.Random(seed)
    route = f"/{names.choice(WORDS)}/{names.choice(WORDS)}-{names.randrange(10_000)}"
    elsewhere = f"/{names.choice(WORDS)}/lost-{names.randrange(10_000)}"
    change = _replaced(repository, base, "shop/webhooks.py", ROUTE, route)
    return _regression(
        number,
        f"Move the webhook to {route}",
        change,
        name="random-route",
        scenario="checkout-stripe",
        failing_step=7,
        from_step=7,
        classification="product_bug",
        signature="webhook-404",
        fix=_source(_replaced(repository, base, MOLAR, ROUTE, route)),
        wrong=_source(_replaced(repository, base, MOLAR, ROUTE, elsewhere)),
    )


def label_regression(repository: Path, *, number: int, seed: str, base: str = "main") -> Regression:
    """Rename a button; the scenario still looks for the old label."""
    names = random.Random(seed)
    label, template, scenario, step = names.choice(LABELS)
    new = f"{names.choice(WORDS).capitalize()} {names.choice(WORDS)} {names.randrange(1000)}"
    path = f".molar/scenarios/{scenario}.molar.md"
    return _regression(
        number,
        f"Rename a button to {new}",
        _replaced(repository, base, template, label, new),
        name="random-label",
        scenario=scenario,
        failing_step=step,
        from_step=step,
        classification="scenario_bug",
        fix=_scenario(_replaced(repository, base, path, label, new)),
        wrong=_scenario(_replaced(repository, base, path, label, f"No {new}")),
    )


def _regression(number: int, title: str, change: FileChange, **told: Any) -> Regression:
    return Regression(
        number=number,
        branch=f"pr/{number}",
        title=title,
        author=AUTHOR,
        body="",
        commits=(BranchCommit(title, DATE, (change,)),),
        **told,
    )


def _source(change: FileChange) -> dict[str, Any]:
    diffs = [{"path": change.path, "diff": change.diff}]
    return {"scenario_diff": None, "source_diffs": diffs}


def _scenario(change: FileChange) -> dict[str, Any]:
    return {"scenario_diff": change.diff, "source_diffs": []}


def _replaced(repository: Path, base: str, path: str, old: str, new: str) -> FileChange:
    git = GitRepository(repository)
    before = git.read_file(git.resolve(base), path).decode()
    if old not in before:
        raise ValueError(f"{path} does not contain {old!r}")
    return FileChange(path, unified(path, before, before.replace(old, new)))


def unified(path: str, before: str, after: str) -> str:
    """A git-style diff of one file."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    return f"diff --git a/{path} b/{path}\n" + "".join(lines)
