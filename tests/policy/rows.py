"""Who may use which URL: the table the product is checked against, one row per named URL."""

from dataclasses import dataclass, field
from typing import Literal

Person = Literal["owner", "member", "viewer", "other_team", "anonymous", "disabled"]
PEOPLE: tuple[Person, ...] = ("owner", "member", "viewer", "other_team", "anonymous", "disabled")

# What a person without a session meets: the login page, or on the API a plain refusal.
LOGIN, REFUSED, FORBIDDEN, MISSING, OK = 302, 401, 403, 404, 200


@dataclass(frozen=True)
class Row:
    """One URL. `world` names the arguments, looked up in the world the test built.

    The numbers are the answers in the order of PEOPLE. `body` is posted; a refusal must come
    before the body is looked at, so it may be empty where everybody allowed answers 4xx/2xx.
    `live` asks the running product, because the answer gives the test's connection away.
    """

    name: str
    answers: tuple[int, int, int, int, int, int]
    world: tuple[str, ...] = ()
    method: str = "get"
    body: dict[str, object] = field(default_factory=dict)
    json: bool = False
    live: bool = False


def page(name: str, *world: str) -> Row:
    """Return the row of a page everybody in the team may read."""
    return Row(name, (OK, OK, OK, MISSING, LOGIN, LOGIN), world)


def open_to_all(name: str, *world: str) -> Row:
    """Return the row of a page that needs no session and shows nothing of anybody."""
    return Row(name, (OK,) * 6, world)


def own(name: str) -> Row:
    """Return the row of a page that shows each person what is theirs."""
    return Row(name, (OK, OK, OK, OK, LOGIN, LOGIN))


def act(
    name: str,
    /,
    *world: str,
    owner: int,
    member: int = FORBIDDEN,
    viewer: int = FORBIDDEN,
    **body: object,
) -> Row:
    """Return the row of a form that changes something."""
    return Row(name, (owner, member, viewer, MISSING, LOGIN, LOGIN), world, "post", body)


def api(name: str, *world: str) -> Row:
    """Return the row of an endpoint everybody in the team may read."""
    return Row(name, (OK, OK, OK, MISSING, REFUSED, REFUSED), world)


def api_act(
    name: str,
    /,
    *world: str,
    owner: int,
    member: int = FORBIDDEN,
    viewer: int = FORBIDDEN,
    **body: object,
) -> Row:
    """Return the row of an endpoint that changes something."""
    answers = (owner, member, viewer, MISSING, REFUSED, REFUSED)
    return Row(name, answers, world, "post", body, json=True)
