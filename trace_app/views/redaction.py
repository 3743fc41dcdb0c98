"""A team's redaction rules: built-in ones on and off, own ones tried on a trace, then saved."""

import uuid
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from trace_app.actions import redaction as actions
from trace_app.domain.redaction import BuiltIn, RuleError, RuleKind
from trace_app.forms.redaction import HINTS, RuleForm, kind_words
from trace_app.http import AuthedRequest, get_team_or_404, get_trace_or_404
from trace_app.models import RedactionRule, Team, Trace
from trace_app.permissions import ADMINISTER
from trace_app.storage.redaction_trials import try_rule

TEMPLATE: Final = "trace_app/team_redaction.html"
BUILT_IN: Final = {
    BuiltIn.HEADER: ("Headers", "Authorization, Proxy-Authorization, X-Api-Key and their like"),
    BuiltIn.COOKIE: ("Cookies", "Values in Cookie, Set-Cookie and stored cookies; names stay"),
    BuiltIn.KEY: ("Keys", "Values under password, token, client_secret, cvc and their like"),
    BuiltIn.PASSWORD: ("Password fields", "What is typed into or shown in a password field"),
    BuiltIn.CARD: (
        "Card numbers",
        "13 to 19 digits, an issuer's prefix and a right check digit",
    ),
    BuiltIn.TOKEN: ("Tokens by shape", "sk_live_…, ghp_…, AKIA…, JWTs, Bearer …, private keys"),
    BuiltIn.URL: ("Passwords in addresses", "https://user:password@host"),
}
_TRACES_OFFERED: Final = 20


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def rules(request: AuthedRequest, slug: str) -> HttpResponse:
    """Show the rules; save one."""
    team = get_team_or_404(request, slug, ADMINISTER)
    if request.method == "GET":
        return render(request, TEMPLATE, _context(team, RuleForm()))
    form = RuleForm(request.POST)
    if form.is_valid():
        try:
            actions.save_rule(by=request.user, team=team, rule=form.rule)
        except RuleError as error:
            form.add_error("value", str(error))
        else:
            messages.success(request, "The rule is saved. It acts on what is stored from now on.")
            return redirect("trace_app:team_redaction", slug)
    return render(request, TEMPLATE, _context(team, form), status=422)


@require_POST
@vary_on_headers("HX-Request")
def attempt(request: AuthedRequest, slug: str) -> HttpResponse:
    """Try a rule on a stored trace, storing nothing."""
    team = get_team_or_404(request, slug, ADMINISTER)
    form = RuleForm(request.POST)
    context = _context(team, form)
    if form.is_valid() and form.rule.kind is not RuleKind.ALLOW_VALUE:
        trace = _chosen(request, team, form)
        context["trial"] = try_rule(trace, form.rule) if trace else None
    context["tried"] = form.is_valid()
    template = f"{TEMPLATE}#trial" if request.htmx else TEMPLATE
    return render(request, template, context, status=200 if form.is_valid() else 422)


@require_POST
def built_in(request: AuthedRequest, slug: str) -> HttpResponse:
    """Switch a built-in rule on or off."""
    team = get_team_or_404(request, slug, ADMINISTER)
    word, on = request.POST.get("rule", ""), request.POST.get("on") == "1"
    if word not in list(BuiltIn):
        raise Http404("No built-in rule has this name.")
    actions.set_built_in(by=request.user, team=team, built_in=BuiltIn(word), on=on)
    title = BUILT_IN[BuiltIn(word)][0]
    messages.success(request, f"{title}: {'masked' if on else 'no longer masked'} from now on.")
    return redirect("trace_app:team_redaction", slug)


@require_POST
def delete(request: AuthedRequest, slug: str, rule: uuid.UUID) -> HttpResponse:
    """Delete a rule of the team."""
    team = get_team_or_404(request, slug, ADMINISTER)
    actions.delete_rule(by=request.user, rule=get_object_or_404(RedactionRule, pk=rule, team=team))
    messages.success(request, "The rule is deleted. What it has masked stays masked.")
    return redirect("trace_app:team_redaction", slug)


def _chosen(request: AuthedRequest, team: Team, form: RuleForm) -> Trace | None:
    """The trace that was named, which must be the team's; else its newest. None: it has none."""
    ref = form.cleaned_data["trace"].strip()
    if not ref:
        return _newest(team)[0] if _newest(team) else None
    trace = get_trace_or_404(request, ref, ADMINISTER)
    if trace.project.team_id != team.pk:
        raise Http404("No such trace in this team.")
    return trace


def _newest(team: Team) -> list[Trace]:
    traces = Trace.objects.filter(project__team=team).order_by("-created", "-id")
    return list(traces.only("short_id", "title", "created")[:_TRACES_OFFERED])


def _context(team: Team, form: RuleForm) -> dict[str, object]:
    rows = list(RedactionRule.objects.filter(team=team).select_related("created_by"))
    off = {row.value for row in rows if row.kind == RuleKind.OFF}
    return {
        "team": team,
        "built_in": [
            (rule.value, title, words, rule.value not in off)
            for rule, (title, words) in BUILT_IN.items()
        ],
        "rules": [(row, kind_words(row)) for row in rows if row.kind != RuleKind.OFF],
        "form": form,
        "hints": HINTS,
        "traces": _newest(team),
        "chosen": form.data.get("trace", "") if form.is_bound else "",
    }
