"""Customers, products, prices, coupons and promotion codes."""

from typing import Any

from ..base import Unmodelled
from .crud import Resource
from .errors import StripeError
from .fields import Field, boolean, integer, mapping, number, sequence, text
from .store import Object, Route, Store

METADATA: dict[str, Field] = {"metadata": mapping(default={})}

CUSTOMER: dict[str, Field] = {
    "email": text(),
    "name": text(),
    "description": text(),
    "phone": text(),
    "address": mapping(),
    "shipping": mapping(),
    **METADATA,
}
PRODUCT: dict[str, Field] = {
    "name": text(required=True),
    "active": boolean(default=True),
    "description": text(),
    "images": sequence(default=[]),
    "shippable": boolean(),
    "url": text(),
    **METADATA,
}
PRICE: dict[str, Field] = {
    "active": boolean(default=True),
    "lookup_key": text(),
    "nickname": text(),
    **METADATA,
}
COUPON: dict[str, Field] = {
    "amount_off": integer(),
    "currency": text(),
    "duration": text(default="once"),
    "duration_in_months": integer(),
    "max_redemptions": integer(),
    "name": text(),
    "percent_off": number(),
    "redeem_by": integer(),
    **METADATA,
}
PROMOTION_CODE: dict[str, Field] = {
    "active": boolean(default=True),
    "code": text(),
    "coupon": text(),
    "customer": text(),
    "expires_at": integer(),
    "max_redemptions": integer(),
    "promotion": mapping(),
    "restrictions": mapping(),
    **METADATA,
}


def _complete_customer(store: Store, made: Object) -> Object:
    return {**made, "balance": 0, "currency": None, "default_source": None, "delinquent": False}


def _complete_product(store: Store, made: Object) -> Object:
    return {**made, "default_price": None, "type": "service", "updated": made["created"]}


def _complete_price(store: Store, made: Object) -> Object:
    if made.get("recurring"):
        raise Unmodelled("recurring prices")
    if made["unit_amount"] is None:
        raise StripeError.required("unit_amount")
    product = store.find("products", made["product"], param="product")
    fixed = {"type": "one_time", "billing_scheme": "per_unit", "tax_behavior": "unspecified"}
    return {**made, **fixed, "currency": made["currency"].lower(), "product": product["id"]}


def _complete_coupon(store: Store, made: Object) -> Object:
    off = (made["percent_off"], made["amount_off"])
    if off == (None, None):
        raise StripeError("Must provide percent_off or amount_off.", code="parameter_missing")
    if None not in off:
        raise StripeError.invalid("amount_off", "Give percent_off or amount_off, not both.")
    if made["amount_off"] is not None and not made["currency"]:
        raise StripeError.required("currency")
    if made["percent_off"] is not None and not 0 < made["percent_off"] <= 100:
        raise StripeError.invalid("percent_off", "percent_off must be above 0 and at most 100")
    return {**made, "times_redeemed": 0, "valid": True}


def _complete_promotion_code(store: Store, made: Object) -> Object:
    # Before 2025-09 the coupon was a parameter and an object; since then it sits in ``promotion``.
    named = made.pop("coupon") or (made["promotion"] or {}).get("coupon")
    if not named:
        raise StripeError.required("promotion")
    coupon = store.find("coupons", named, param="promotion[coupon]")
    code = made["code"] or store.clone.digest(f"code:{made['id']}", length=8).upper()
    for other in store.all("promotion_codes"):
        if other["active"] and other["code"].lower() == code.lower():
            raise StripeError.invalid("code", f"An active promotion code {code} already exists.")
    return {
        **made,
        "code": code,
        "promotion": {"type": "coupon", "coupon": coupon["id"]},
        "coupon": dict(coupon),
        "times_redeemed": 0,
    }


RESOURCES = (
    Resource(
        "customers", "customer", "cus_", CUSTOMER, CUSTOMER,
        filters={"email": text()}, deletable=True, complete=_complete_customer,
    ),
    Resource(
        "products", "product", "prod_", {**PRODUCT, "id": text()},
        {**PRODUCT, "default_price": text()},
        filters={"active": boolean(), "ids": sequence()}, deletable=True,
        complete=_complete_product,
    ),
    Resource(
        "prices", "price", "price_",
        {
            **PRICE, "currency": text(required=True), "unit_amount": integer(),
            "product": text(required=True), "recurring": mapping(),
        },
        PRICE,
        filters={"active": boolean(), "product": text(), "lookup_keys": sequence()},
        complete=_complete_price,
    ),
    Resource(
        "coupons", "coupon", "cpn_", {**COUPON, "id": text()}, {"name": text(), **METADATA},
        deletable=True, complete=_complete_coupon,
    ),
    Resource(
        "promotion_codes", "promotion_code", "promo_", PROMOTION_CODE,
        {"active": boolean(), "restrictions": mapping(), **METADATA},
        filters={"active": boolean(), "code": text(), "coupon": text(), "customer": text()},
        complete=_complete_promotion_code,
    ),
)  # fmt: skip

ROUTES: list[Route] = [route for resource in RESOURCES for route in resource.routes()]


def discount(amount: int, coupon: Any) -> int:
    """What a coupon takes off an amount; both in the smallest unit, rounded half up."""
    if coupon["percent_off"] is not None:
        return min(amount, int(amount * coupon["percent_off"] / 100 + 0.5))
    return min(amount, int(coupon["amount_off"]))


def seed_promotions(store: Store, configured: list[dict[str, Any]]) -> None:
    """Coupons and codes a project's molar.toml sets up, as a dashboard user would.

    Each is ``{code, percent_off | amount_off + currency}``; no events are recorded.
    """
    for wanted in configured:
        values = {name: wanted.get(name) for name in COUPON}
        made = store.new("coupon", "cpn_", {**values, "duration": "once", "metadata": {}})
        coupon = store.add("coupons", _complete_coupon(store, made))
        blank = {name: field.default for name, field in PROMOTION_CODE.items()}
        code = {**blank, "code": wanted["code"], "coupon": coupon["id"], "metadata": {}}
        promotion = store.new("promotion_code", "promo_", code)
        store.add("promotion_codes", _complete_promotion_code(store, promotion))
