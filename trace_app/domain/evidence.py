"""An event as Markdown for a pull request's comment, and a request as a curl command. Pure.

Recorded text is never Markdown here: it stands in code spans, so that it cannot mention a
person, link or embed anything where it is pasted.
"""

import re
import shlex
from typing import Any, Final

from trace_app.domain.event_text import describe
from trace_app.domain.events import Event
from trace_app.domain.network_rows import header_pairs
from trace_app.domain.wording import clock

MASK: Final = "‹masked:"
MAX_ERROR: Final = 500
# Left out by name as well, should a recorder have kept one: a pasted command must carry no secret.
_SECRET: Final = re.compile(r"cookie|authorization|token|secret|api-?key|password|session", re.I)
# What HTTP/2 and browsers add about themselves.
_BROWSERS: Final = re.compile(r":|sec-(?:fetch-|ch-ua|gpc)", re.I)
# curl makes these itself, or they belong to one connection only.
_OWN: Final = frozenset({"host", "content-length", "connection", "accept-encoding"})


def markdown(
    event: Event,
    *,
    short_id: str,
    title: str,
    link: str,
    error: str = "",
    asked: Event | None = None,
) -> str:
    """The evidence in three lines at most. `link` is the permalink with step and seq.

    `asked` is the request that an answer belongs to.
    """
    told = describe(event, asked)
    step = f"step {event.step}, " if event.step is not None else ""
    lines = [
        f"**[Trace {short_id}, {step}seq {event.seq}]({link})** {code(title)}".rstrip(),
        f"{code(event.kind)} at {clock(event.ts)}: {code(told)}",
    ]
    said = one_line(error)
    if said and said not in told:
        lines.append(f"Error: {code(said)}")
    return "  \n".join(lines) + "\n"


def code(text: str) -> str:
    """The text as a Markdown code span, fenced by more backticks than it holds."""
    text = " ".join(text.split())
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    room = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{room}{text}{room}{fence}"


def one_line(error: str) -> str:
    """The first line of an error that says something."""
    found = next((line.strip() for line in error.splitlines() if line.strip()), "")
    return found[:MAX_ERROR]


def curl(request: dict[str, Any], body: str = "") -> str:
    """The request of a `network.request` event's data as one shell command.

    `body` is its body as text, where that is not in the data. What was masked is left out and named
    in a comment above: a placeholder would be sent as if it were the value.
    """
    words = ["curl", shlex.quote(str(request.get("url") or ""))]
    method = str(request.get("method") or "GET").upper()
    left_out: list[str] = []
    headers: list[str] = []
    for name, value in header_pairs(request.get("headers")):
        if MASK in value or _SECRET.search(name):
            left_out.append(_plain(name.lower()))
        elif name.lower() not in _OWN and not _BROWSERS.match(name):
            headers.append(f"-H {shlex.quote(f'{name}: {value}')}")
    data, missing = _body(body or request.get("body"))
    if method != "GET" or data:
        words.append(f"-X {shlex.quote(method)}")
    left_out += missing
    command = " \\\n  ".join([" ".join(words), *headers, *data])
    note = f"# not included: {', '.join(left_out)}\n" if left_out else ""
    return f"{note}{command}\n"


def _body(body: object) -> tuple[list[str], list[str]]:
    """(curl's arguments, what is left out)."""
    if not body:
        return [], []
    text = body.get("text") if isinstance(body, dict) else body
    if not isinstance(text, str):
        return [], ["the body, which is kept apart"]
    if MASK in text:
        return [], ["the body, in which values are masked"]
    return [f"--data-raw {shlex.quote(text)}"], []


def _plain(name: str) -> str:
    """A header's name that cannot leave its comment."""
    return "".join(char if char.isprintable() else "?" for char in name)
