"""Checkout sessions in payment mode, with a small hosted page to pay on."""

import html
from typing import Any

from ..base import Unmodelled
from ..wire import Request, Response
from .catalogue import discount
from .errors import StripeError
from .fields import boolean, mapping, merged_metadata, read_given, read_new, sequence, text
from .payments import CREATE as INTENT
from .payments import create_intent
from .store import Call, Object, Route, Store, page

HOSTED = "/c/pay/"
CREATE = {
    "allow_promotion_codes": boolean(),
    "client_reference_id": text(),
    "cancel_url": text(),
    "customer": text(),
    "customer_email": text(),
    "discounts": sequence(),
    "line_items": sequence(required=True),
    "metadata": mapping(default={}),
    "mode": text(required=True),
    "payment_intent_data": mapping(),
    "payment_method_types": sequence(default=["card"]),
    "success_url": text(required=True),
}
DAY = 24 * 3600


def _create(call: Call) -> Object:
    values = read_new(call.params, CREATE)
    if values["mode"] != "payment":
        raise Unmodelled(f"checkout sessions in mode {values['mode']}")
    lines = [_line(call.store, line) for line in values.pop("line_items")]
    currencies = {line["currency"] for line in lines}
    if len(currencies) != 1:
        raise StripeError("All line items must have the same currency.")
    subtotal = sum(line["amount_subtotal"] for line in lines)
    discounts = [_discount(call.store, given) for given in values.pop("discounts") or []]
    total = subtotal
    for given in discounts:
        total -= discount(total, call.store.find("coupons", given["coupon"]))
    made = call.store.new("checkout.session", "cs_test_", {**values, "currency": currencies.pop()})
    made.update(
        amount_subtotal=subtotal,
        amount_total=total,
        total_details={"amount_discount": subtotal - total, "amount_shipping": 0, "amount_tax": 0},
        discounts=discounts,
        lines=lines,
        payment_intent=None,
        status="open",
        payment_status="unpaid",
        expires_at=made["created"] + DAY,
        url=f"{call.store.clone.base_url}{HOSTED}{made['id']}",
    )
    return _shown(call.store.add("checkout_sessions", made))


def _shown(session: Object) -> Object:
    # Line items have their own call, as in Stripe's API; what the intent gets is not echoed.
    hidden = ("lines", "payment_intent_data")
    return {name: value for name, value in session.items() if name not in hidden}


def _line(store: Store, given: Any) -> Object:
    if not isinstance(given, dict) or not ("price" in given or "price_data" in given):
        raise StripeError.required("line_items[price]")
    quantity = int(given.get("quantity", "1"))
    if "price" in given:
        price = store.find("prices", given["price"], param="line_items[price]")
        amount, currency = price["unit_amount"], price["currency"]
        name = store.find("products", price["product"])["name"]
    else:
        data = given["price_data"]
        amount, currency = int(data["unit_amount"]), data["currency"].lower()
        name = data.get("product_data", {}).get("name", "")
    return {
        "id": store.clone.new_id("li_"),
        "object": "item",
        "description": name,
        "price": given.get("price"),
        "quantity": quantity,
        "currency": currency,
        "amount_subtotal": amount * quantity,
        "amount_total": amount * quantity,
    }


def _discount(store: Store, given: Any) -> Object:
    if "promotion_code" in given:
        promotion = store.find("promotion_codes", given["promotion_code"], param="discounts")
        return {"coupon": promotion["promotion"]["coupon"], "promotion_code": promotion["id"]}
    coupon = store.find("coupons", given.get("coupon", ""), param="discounts")
    return {"coupon": coupon["id"], "promotion_code": None}


def complete(store: Store, session: Object, *, method: str = "pm_card_visa") -> None:
    """Pay an open session, as the customer does on the hosted page. Raises StripeError."""
    if session["status"] != "open":
        raise StripeError(f"This Checkout Session is {session['status']}.")
    given = session["payment_intent_data"] or {}
    params = {
        **given,
        "amount": str(session["amount_total"]),
        "currency": session["currency"],
        "payment_method": method,
        "confirm": "true",
    }
    if session["customer"]:
        params["customer"] = session["customer"]
    intent = create_intent(store, read_new(params, INTENT))
    for used in session["discounts"]:
        _redeem(store, used)
    session.update(payment_intent=intent["id"], status="complete", payment_status="paid", url=None)
    store.emit("checkout.session.completed", _shown(session))


def _redeem(store: Store, used: Object) -> None:
    store.find("coupons", used["coupon"])["times_redeemed"] += 1
    if used["promotion_code"]:
        store.find("promotion_codes", used["promotion_code"])["times_redeemed"] += 1


def hosted_page(store: Store, request: Request) -> Response:
    """The page a customer is sent to: GET shows it, POST pays and goes back to the shop."""
    session = store.get("checkout_sessions", request.path.removeprefix(HOSTED))
    if session is None:
        return Response(404, b"No such checkout session", content_type="text/plain")
    if request.method == "POST":
        try:
            complete(store, session, method=request.params().get("card") or "pm_card_visa")
        except StripeError as error:
            message = html.escape(str(error)).encode()
            return Response(402, message, content_type="text/html; charset=utf-8")
        target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return Response(303, b"", {"Location": target}, content_type="text/plain")
    return Response(200, _markup(session).encode(), content_type="text/html; charset=utf-8")


def _markup(session: Object) -> str:
    rows = "".join(
        f"<li>{html.escape(line['description'])} × {line['quantity']}</li>"
        for line in session["lines"]
    )
    total = f"{session['amount_total'] / 100:.2f} {session['currency'].upper()}"
    return (
        "<!doctype html><html lang=en><title>Checkout</title><main><h1>Checkout</h1>"
        f"<ul>{rows}</ul><p>Total {total}</p><form method=post><label>Card "
        "<input name=card value=pm_card_visa></label><button>Pay</button></form></main></html>"
    )


def _retrieve(call: Call) -> Object:
    return _shown(call.store.find("checkout_sessions", call.ids[0]))


def _update(call: Call) -> Object:
    session = call.store.find("checkout_sessions", call.ids[0])
    given = read_given(call.params, {"metadata": mapping(default={})})
    session["metadata"] = merged_metadata(session["metadata"], given.get("metadata", {}))
    return _shown(session)


def _expire(call: Call) -> Object:
    session = call.store.find("checkout_sessions", call.ids[0])
    if session["status"] != "open":
        raise StripeError("Only open Checkout Sessions can be expired.")
    session.update(status="expired", url=None)
    call.store.emit("checkout.session.expired", _shown(session))
    return _shown(session)


def _line_items(call: Call) -> Object:
    session = call.store.find("checkout_sessions", call.ids[0])
    lines = list(reversed(session["lines"]))
    return page(call, lines, url=f"/v1/checkout/sessions/{session['id']}/line_items")


def _list(call: Call) -> Object:
    wanted = call.params.get("payment_intent")
    items = call.store.all("checkout_sessions")
    chosen = [_shown(item) for item in items if wanted in (None, item["payment_intent"])]
    return page(call, chosen, url="/v1/checkout/sessions")


ROUTES = [
    Route("POST", "/v1/checkout/sessions", _create),
    Route("GET", "/v1/checkout/sessions", _list),
    Route("GET", "/v1/checkout/sessions/{}", _retrieve),
    Route("POST", "/v1/checkout/sessions/{}", _update),
    Route("POST", "/v1/checkout/sessions/{}/expire", _expire),
    Route("GET", "/v1/checkout/sessions/{}/line_items", _line_items),
]
