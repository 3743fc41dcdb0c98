"""The Network tab: every exchange on one time scale, searched in headers and bodies too."""

from typing import Any, Final

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from trace_app.domain.network_rows import NetworkRow, header_pairs, rows
from trace_app.domain.pretty import pretty
from trace_app.domain.time_range import TimeRange, parse_range
from trace_app.http import AuthedRequest, Held, read_access
from trace_app.models import Trace
from trace_app.queries.events import events, first_events, get_event
from trace_app.queries.moments import EDGE_MS, Moment, step_events
from trace_app.storage.bodies import body_text

SHOWN: Final = 300
# Bodies are read out of the stored zip one by one: a search reads so many, no more.
BODIES_READ: Final = 400
LONGEST_QUERY: Final = 200
# Characters before and after a word that was found.
EXCERPT: Final = 40


def network(trace: Trace, moment: Moment, query: QueryDict) -> dict[str, Any]:
    """Every exchange with its bar on the trace's time scale; long traces show the step's only."""
    held = parse_range(query.get("from"), query.get("to"))
    sought = query.get("find", "")[:LONGEST_QUERY].strip()
    every = exchanges(trace, held)
    found = matching(trace, every, sought) if sought else [(row, "") for row in every]
    narrowed = held is None and not sought and len(found) > SHOWN
    if narrowed and moment.number is not None:
        found = [(row, "") for row in rows(step_events(trace, moment, ribbon="network"))]
    shown = found[:SHOWN]
    first = min((row.start for row, _ in shown), default=0.0)
    length = max((row.end for row, _ in shown), default=1.0) - first or 1.0
    return {
        "exchanges": [(row, _bar(row, first, length), where) for row, where in shown],
        "unsearched": bool(sought) and (len(every) > BODIES_READ or len(found) > SHOWN),
        "searched": BODIES_READ,
        "narrowed": narrowed,
        "range": held,
        "sought": sought,
        "opened": _opened(query.get("open", "")),
        "failed_count": sum(row.failed for row, _ in shown),
    }


def _opened(text: str) -> frozenset[int]:
    """The requests that `?open=12.40` asks to be shown with headers and bodies."""
    numbers = text[:LONGEST_QUERY].split(".")
    return frozenset(int(one) for one in numbers if one.isdecimal() and len(one) < 17)


def exchanges(trace: Trace, held: TimeRange | None) -> list[NetworkRow]:
    """The exchanges of which any part lies in the range; an answer may come a little after it."""
    if held is None:
        return rows(first_events(trace, 4 * SHOWN + 1, ribbon="network"))
    start, end = held.start - EDGE_MS, held.end + EDGE_MS
    near = first_events(trace, 4 * SHOWN, ribbon="network", ts_from=start, ts_to=end)
    return [row for row in rows(near) if held.holds(row.start, row.end)]


def matching(trace: Trace, found: list[NetworkRow], sought: str) -> list[tuple[NetworkRow, str]]:
    """Those whose address, status, type, headers or bodies have every word, and where it stands."""
    words = sought.lower().split()
    left = BODIES_READ
    kept = []
    for row in found:
        places = _places(row)
        if left > 0 and not _holds(places, words):
            left -= 1
            places |= {
                "the request's body": body_text(trace, row.request),
                "the response's body": body_text(trace, row.response),
            }
        if _holds(places, words):
            kept.append((row, _where(places, words)))
    return kept


def _places(row: NetworkRow) -> dict[str, str]:
    """What is known of an exchange without its bodies, by place; the row itself shows the first."""
    return {
        "": f"{row.method} {row.url} {row.status} {row.kind} {row.mime}",
        "a request's header": _headers(row.request),
        "a response's header": _headers(row.response),
    }


def _headers(message: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in header_pairs(message.get("headers")))


def _holds(places: dict[str, str], words: list[str]) -> bool:
    text = " ".join(places.values()).lower()
    return all(word in text for word in words)


def _where(places: dict[str, str], words: list[str]) -> str:
    """Where the first word stands that the row itself does not show, with the text around it."""
    told = places[""].lower()
    word = next((word for word in words if word not in told), None)
    for place, text in places.items():
        at = text.lower().find(word) if word else -1
        if at >= 0:
            lead = "… " if at > EXCERPT else ""
            around = text[max(at - EXCERPT, 0) : at + EXCERPT]
            return f"in {place}: {lead}{' '.join(around.split())}"
    return ""


@require_GET
@vary_on_headers("HX-Request")
def exchange(request: AuthedRequest, ref: str | Held, seq: int) -> HttpResponse:
    """Answer one exchange's headers and bodies, laid out to read; opened on its own, as a page."""
    access = read_access(request, ref)
    trace = access.trace
    asked = get_event(trace, seq)
    if asked is None or asked.kind != "network.request":
        raise Http404("No such request.")
    later = events(trace, ribbon="network", seq_from=seq)
    answer = next((one for one in later if one.ref == seq), None)
    [row] = rows([asked, answer] if answer else [asked])
    parts = [
        (title, message, pretty(body_text(trace, message), _type(message)))
        for title, message in (("Request", row.request), ("Response", row.response))
    ]
    shown = {"access": access, "trace": trace, "ref": access.ref, "row": row, "parts": parts}
    page = "trace_app/parts/exchange.html" if request.htmx else "trace_app/exchange.html"
    return render(request, page, shown)


def _type(message: dict[str, Any]) -> str:
    body = message.get("body")
    return str((body.get("type") if isinstance(body, dict) else "") or message.get("mime") or "")


def _bar(row: NetworkRow, first: float, length: float) -> dict[str, str]:
    """The waterfall bar in percent of the shown time."""
    x = 100 * (row.start - first) / length
    return {"x": f"{min(x, 99):.2f}", "width": f"{max(100 * row.dur / length, 0.8):.2f}"}
