"""The owner's page of redaction rules: tried on a stored trace, saved, acting on the next one."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions import teams
from trace_app.actions.ingest import ingest_zip
from trace_app.actions.processing import process
from trace_app.actions.redaction import save_rule
from trace_app.domain.redaction import Rule, RuleError, RuleKind
from trace_app.domain.roles import Role
from trace_app.forms.redaction import HINTS, KINDS, RuleForm
from trace_app.models import AuditEntry, Project, RedactionRule, Trace
from trace_app.queries.events import events
from trace_app.storage.redaction_trials import try_rule

pytestmark = pytest.mark.django_db
RULES = "/teams/acme/redaction"


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def page(client: Client, project: Project) -> Client:
    user = User.objects.create_user("olivia")
    teams.set_role(by=BY, team=project.team, user=user, role=Role.OWNER)
    client.force_login(user)
    return client


@pytest.fixture
def trace(project: Project) -> Trace:
    return ingest_zip(by=BY, project=project, path=FAILED_ZIP)


def again(project: Project, folder: Path) -> Trace:
    """The same recording once more, as other bytes."""
    path = folder / "again.zip"
    path.write_bytes(FAILED_ZIP.read_bytes()[:-2] + b"\x01\x00\x00")
    return ingest_zip(by=BY, project=project, path=path)


def test_a_rule_is_tried_without_storing_anything(page: Client, trace: Trace) -> None:
    before = list(events(trace))
    form = {"kind": "pattern", "value": "a@b[.]co", "trace": trace.short_id}
    answer = page.post(f"{RULES}/try", form, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    for said in ("Would mask", "a@b.co", "zip: sources", "Save this rule", "seq:"):
        assert said in text
    assert "<html" not in text
    assert list(events(trace)) == before
    assert not RedactionRule.objects.exists()


def test_what_a_trial_promised_is_what_the_saved_rule_masks(
    page: Client, project: Project, trace: Trace, tmp_path: Path
) -> None:
    form = {"kind": "pattern", "value": "a@b[.]co", "name": "mail", "trace": trace.short_id}
    tried = page.post(f"{RULES}/try", form).content.decode()
    assert "The rule is saved" in page.post(RULES, form, follow=True).content.decode()
    assert AuditEntry.objects.filter(action="redaction.rule_saved", target="mail").exists()
    second = again(project, tmp_path)
    times = second.runner["redaction"]["rules"]["team: mail"]
    assert times > 3
    assert f"Would mask {times} times, 1 different value" in tried
    assert not any("a@b.co" in str(event.data) for event in events(second))
    rule = RedactionRule.objects.get()
    page.post(f"{RULES}/{rule.pk}/delete")
    assert not RedactionRule.objects.exists()
    page.post(f"{RULES}/{rule.pk}/delete")


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("selector", "#email", "Would mask"),
        ("header", "user-agent", "Would mask"),
        ("key", "no_such_key", "Would mask 0 times"),
        ("allow_name", "authorization", "values under this name"),
        ("allow_value", "4242424242424242", "cannot be tried"),
    ],
)
def test_each_kind_says_what_it_would_do(
    page: Client, trace: Trace, kind: str, value: str, says: str
) -> None:
    form = {"kind": kind, "value": value, "trace": trace.short_id}
    assert says in page.post(f"{RULES}/try", form).content.decode()


def test_what_cannot_be_used_is_refused_beside_the_field(page: Client, trace: Trace) -> None:
    for path in (RULES, f"{RULES}/try"):
        for value in ("(?=x)", "", "x" * 501):
            answer = page.post(path, {"kind": "pattern", "value": value})
            assert answer.status_code == 422, value
    assert page.post(f"{RULES}/try", {"kind": "nonsense", "value": "x"}).status_code == 422
    assert page.post(f"{RULES}/built-in", {"rule": "everything", "on": "0"}).status_code == 404
    assert not RedactionRule.objects.exists()


def test_a_trace_of_another_team_is_missing(page: Client, trace: Trace) -> None:
    theirs = ingest_zip(by=BY, project=make_project("lab", "lab"), path=FAILED_ZIP)
    form = {"kind": "key", "value": "pan", "trace": theirs.short_id}
    assert page.post(f"{RULES}/try", form).status_code == 404


def test_a_built_in_rule_is_switched_off_and_on(
    page: Client, project: Project, tmp_path: Path
) -> None:
    page.post(f"{RULES}/built-in", {"rule": "card", "on": "0"})
    page.post(f"{RULES}/built-in", {"rule": "card", "on": "0"})
    trace = again(project, tmp_path)
    assert "card" not in trace.runner["redaction"]["rules"]
    assert "4242424242424242" in str([event.data for event in events(trace)])
    assert "no longer masked" in page.get(RULES).content.decode()
    page.post(f"{RULES}/built-in", {"rule": "card", "on": "1"})
    assert not RedactionRule.objects.exists()


def test_the_same_rule_twice_and_one_too_many(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_rule(by=BY, team=project.team, rule=Rule(RuleKind.KEY, "pan"))
    with pytest.raises(RuleError, match="already"):
        save_rule(by=BY, team=project.team, rule=Rule(RuleKind.KEY, "pan"))
    monkeypatch.setattr("trace_app.actions.redaction.MAX_RULES", 1)
    with pytest.raises(RuleError, match="at most 1"):
        save_rule(by=BY, team=project.team, rule=Rule(RuleKind.KEY, "iban"))


def test_a_trial_without_time_says_it_is_partial(trace: Trace) -> None:
    trial = try_rule(trace, Rule(RuleKind.PATTERN, "a@b"), seconds=0)
    assert trial.partial


def test_the_report_on_the_trace(page: Client, trace: Trace) -> None:
    process(str(trace.pk))
    text = page.get(reverse("trace_app:panel", args=[trace.short_id, "artifacts"])).content.decode()
    for said in ("Masked before it was stored", "cookie", "zip: network log", "Rules of the team"):
        assert said in text
    trace.refresh_from_db()
    report = trace.summary["redaction"]
    assert report["times"] == sum(one["times"] for one in report["where"])
    assert report["times"] == sum(report["rules"].values())


def test_each_kind_has_a_hint_whose_example_is_a_rule(page: Client) -> None:
    assert [kind for kind, *_ in HINTS] == [kind for kind, _ in KINDS]
    for kind, _, example in HINTS:
        assert RuleForm({"kind": kind.value, "value": example}).is_valid(), kind
        assert f"<code>{example}</code>" in page.get(RULES).text
