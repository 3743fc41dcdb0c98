"""The main branch: which of the shop's files came when, by whom. Ends at examples/shop as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

SHOP = Path(__file__).parents[1] / "shop"
# Lines that mention a module which has not been written yet are left out of these files.
SHARED = (
    "shop/__init__.py",
    "shop/templates/base.html",
    "shop/templates/order.html",
    "shop/templates/product.html",
)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A commit that adds all files matching ``files``; ``modules`` are those it brings."""

    message: str
    author: str
    date: datetime
    files: tuple[str, ...]
    modules: tuple[str, ...] = ()


NORA = "Nora Lind <nora@kilnandcup.example>"
TOMAS = "Tomas Weil <tomas@kilnandcup.example>"
INES = "Ines Moreau <ines@kilnandcup.example>"

MILESTONES = (
    Milestone(
        "A shop window: home, product and search pages",
        NORA,
        datetime(2026, 9, 7, 9, 30, tzinfo=UTC),
        (
            ".gitignore", "README.md", "app.py", "requirements.*", "ruff.toml",
            "shop/__init__.py",
            "shop/settings.py", "shop/money.py", "shop/db.py", "shop/seed.py",
            "shop/catalogue.py", "shop/static/art/*", "shop/static/shop.css",
            "shop/templates/base.html", "shop/templates/cards.html", "shop/templates/h*.html",
            "shop/templates/product.html", "shop/templates/search.html",
        ),
        ("catalogue",),
    ),
    Milestone(
        "Take payments with Stripe\n\nCart, coupons, and an order that waits for the webhook.",
        TOMAS,
        datetime(2026, 9, 21, 14, 5, tzinfo=UTC),
        (
            "shop/cart.py", "shop/pricing.py", "shop/payments.py", "shop/checkout.py",
            "shop/webhooks.py", "shop/mail.py", "shop/static/order.js",
            "shop/templates/mail/order.txt", "shop/templates/cart.html",
            "shop/templates/add_to_cart.html",
            "shop/templates/address.html", "shop/templates/pay.html", "shop/templates/order.html",
        ),
        ("cart", "checkout", "webhooks"),
    ),
    Milestone(
        "Sign up with a code by mail",
        INES,
        datetime(2026, 10, 5, 11, 45, tzinfo=UTC),
        (
            "shop/accounts.py", "shop/templates/signup.html", "shop/templates/confirm.html",
            "shop/templates/login.html", "shop/templates/mail/welcome.txt",
        ),
        ("accounts",),
    ),
    Milestone(
        "Customers can get their money back themselves",
        NORA,
        datetime(2026, 10, 19, 8, 55, tzinfo=UTC),
        ("shop/refunds.py", "shop/templates/refund*.html"),
        ("refunds",),
    ),
    Milestone(
        "Check the four paths that earn our living on every pull request",
        TOMAS,
        datetime(2026, 11, 2, 10, 20, tzinfo=UTC),
        (".molar/*",),
    ),
)  # fmt: skip


def snapshots() -> Iterator[tuple[Milestone, dict[str, bytes]]]:
    """Each milestone with all files of the tree after it.

    A file that no milestone names (a cache, a database) is not part of the shop.
    """
    files = {
        path.relative_to(SHOP).as_posix(): path.read_bytes()
        for path in sorted(SHOP.rglob("*"))
        if path.is_file()
    }
    later = [module for milestone in MILESTONES for module in milestone.modules]
    tree: dict[str, bytes] = {}
    for milestone in MILESTONES:
        later = [module for module in later if module not in milestone.modules]
        tree |= {name: body for name, body in files.items() if _matches(name, milestone.files)}
        yield milestone, {name: _without(name, body, later) for name, body in tree.items()}


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _without(name: str, body: bytes, modules: list[str]) -> bytes:
    if name not in SHARED:
        return body
    lines = body.decode().splitlines(keepends=True)
    kept = [line for line in lines if not any(_mentions(line, module) for module in modules)]
    return "".join(kept).encode()


def _mentions(line: str, module: str) -> bool:
    return any(use in line for use in (f".{module} import", f"({module}_pages)", f"{module}."))
