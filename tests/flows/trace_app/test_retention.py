"""The retention sweep goes on where one trace cannot be moved or deleted."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.flows.trace_app.test_ingest import make_bundle
from tests.flows.trace_app.test_tiers import Now, aged
from tests.harness.record import BY, make_project
from trace_app.actions import retention, tiers
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.retention import Policy
from trace_app.models import Project, Trace


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def now(django_capture_on_commit_callbacks: Any) -> Now:
    """Call something and run what it left for after the commit."""

    def call(function: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return function()

    return call


def tagged(project: Project, folder: Path, tag: str) -> Trace:
    """A trace of bytes of its own."""
    path = make_bundle(folder / f"{tag}.zip")
    with zipfile.ZipFile(path, "a") as made:
        made.comment = tag.encode()
    return ingest_bundle(by=BY, project=project, path=path)


def refusing(move: Callable[..., Any], broken: set[UUID]) -> Callable[..., Any]:
    """The move, which breaks at these traces."""

    def call(what: UUID | list[Trace]) -> Any:
        if broken & ({trace.pk for trace in what} if isinstance(what, list) else {what}):
            raise RuntimeError("the disk is full")
        return move(what)

    return call


def test_one_that_fails_holds_up_nobody(
    project: Project, tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest trace of the first team cannot be frozen, cooled or deleted."""
    other = make_project(slug="zoo", team="zoo")
    ages = Policy(warm_after=10, cold_after=20, delete_after=30)
    for one in (project, other):
        retention.set_policy(by=BY, team=one.team, policy=ages)
    made = {
        (one.slug, age): aged(tagged(one, tmp_path, f"{one.slug}{age}"), age)
        for one in (project, other)
        for age in (35, 34, 26, 25, 16, 15)
    }
    Trace.objects.filter(
        pk__in=[made[slug, age].pk for slug in ("shop", "zoo") for age in (26, 25)]
    ).update(tier="warm")
    broken = {made["shop", age].pk for age in (35, 26, 16)}
    for module, name in ((tiers, "freeze"), (tiers, "cool"), (retention, "delete_aged")):
        monkeypatch.setattr(module, name, refusing(getattr(module, name), broken))
    assert now(retention.sweep) == 9
    left = {key: trace.tier for key in made for trace in Trace.objects.filter(pk=made[key].pk)}
    assert left == {
        ("shop", 35): "hot",
        ("shop", 26): "warm",
        ("shop", 16): "hot",
        **{(slug, 25): "cold" for slug in ("shop", "zoo")},
        **{(slug, 15): "warm" for slug in ("shop", "zoo")},
        ("zoo", 26): "cold",
        ("zoo", 16): "warm",
    }


def test_a_whole_portion_that_fails_is_passed_over(
    project: Project, tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_MOST_FROZEN", 1)
    retention.set_policy(by=BY, team=project.team, policy=Policy(warm_after=10, cold_after=20))
    made = [aged(tagged(project, tmp_path, str(age)), age, tier="warm") for age in (30, 29, 28)]
    monkeypatch.setattr(tiers, "freeze", refusing(tiers.freeze, {made[0].pk, made[1].pk}))
    assert now(retention.sweep) == 1
    assert Trace.objects.get(pk=made[2].pk).tier == "cold"


def test_deletions_of_all_teams_come_before_what_takes_long(
    project: Project, tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_project(slug="zoo", team="zoo")
    ages = Policy(warm_after=10, cold_after=20, delete_after=30)
    retention.set_policy(by=BY, team=project.team, policy=ages)
    retention.set_policy(by=BY, team=other.team, policy=ages)
    aged(tagged(project, tmp_path, "frozen"), 25, tier="warm")
    doomed = aged(tagged(other, tmp_path, "deleted"), 35)
    freeze, left = tiers.freeze, []

    def watched(key: UUID) -> Any:
        left.append(Trace.objects.filter(pk=doomed.pk).exists())
        return freeze(key)

    monkeypatch.setattr(tiers, "freeze", watched)
    assert now(retention.sweep) == 2
    assert left == [False]
