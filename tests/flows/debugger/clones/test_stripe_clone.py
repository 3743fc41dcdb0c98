"""The official Stripe SDK against the Stripe clone, over real HTTP: its own words, its own errors."""

from typing import Any

import httpx
import pytest
import stripe

from tests.flows.debugger.clones.stripe_bench import SECRET, Bench, Receiver, Start, pay


def test_customers_live_change_and_go(bench: Bench) -> None:
    made = bench.v1.customers.create({"email": "ada@example.org", "metadata": {"a": "1", "b": "2"}})
    bench.v1.customers.update(made.id, {"name": "Ada", "metadata": {"a": "", "c": "3"}})
    read = bench.v1.customers.retrieve(made.id)
    assert (read.name, read.email, read.metadata.to_dict()) == (
        "Ada",
        "ada@example.org",
        {"b": "2", "c": "3"},
    )
    assert bench.v1.customers.delete(made.id).deleted
    assert bench.v1.customers.retrieve(made.id).deleted
    kinds = [event.type for event in bench.v1.events.list().data]
    assert kinds == ["customer.deleted", "customer.updated", "customer.created"]


def test_lists_are_newest_first_and_page(bench: Bench) -> None:
    made = [bench.v1.customers.create({"email": f"{n}@example.org"}).id for n in range(5)]
    first = bench.v1.customers.list({"limit": 2})
    assert [item.id for item in first.data] == made[:2:-1]
    assert first.has_more
    assert [item.id for item in first.auto_paging_iter()] == made[::-1]
    before = bench.v1.customers.list({"limit": 2, "ending_before": made[1]})
    assert [item.id for item in before.data] == [made[3], made[2]]
    found = bench.v1.customers.list({"email": "3@example.org"})
    assert [item.id for item in found.data] == [made[3]]


def test_a_promotion_code_names_its_coupon(start: Start) -> None:
    bench = start(promotion_codes=[{"code": "WELCOME90", "percent_off": 90}])
    params = {"code": "WELCOME90", "active": True, "expand": ["data.promotion.coupon"]}
    [found] = bench.v1.promotion_codes.list(params).data
    assert found.promotion.coupon.percent_off == 90
    coupon = bench.v1.coupons.create({"amount_off": 500, "currency": "usd", "id": "FIVE"})
    promotion = {"type": "coupon", "coupon": coupon.id}
    code = bench.v1.promotion_codes.create({"promotion": promotion, "code": "TAKE5"})
    assert (code.code, code.promotion.coupon) == ("TAKE5", "FIVE")
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        bench.v1.promotion_codes.create({"promotion": promotion, "code": "take5"})


def test_a_payment_is_charged_and_announced(start: Start, receiver: Receiver) -> None:
    bench = start(webhook_url=receiver.url, webhook_secret=SECRET)
    intent = pay(bench, metadata={"order": "1042"})
    assert (intent.status, intent.amount_received) == ("succeeded", 900)
    state = bench.state()
    assert state["payment_intents"][-1]["amount"] == 900
    kinds = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert [event.type for event in receiver.events] == kinds
    assert receiver.events[-1].data.object["metadata"]["order"] == "1042"
    assert [row["delivered"] for row in state["webhook_deliveries"]] == [True] * 3
    entry = [entry for entry in bench.journal() if entry["kind"] == "clone.webhook"][-1]
    assert entry["data"]["status"] == 200
    assert entry["data"]["final"]


def test_a_delivery_is_tried_again_and_given_up(start: Start, receiver: Receiver) -> None:
    receiver.answers = [500, 200, 404, 404, 404]
    wanted = ["payment_intent.succeeded"]
    bench = start(webhook_url=receiver.url, webhook_secret=SECRET, webhook_events=wanted)
    pay(bench)
    pay(bench)
    deliveries = bench.state()["webhook_deliveries"]
    assert [row["attempts"] for row in deliveries] == [[500, 200], [404, 404, 404]]
    assert [row["delivered"] for row in deliveries] == [True, False]
    assert receiver.attempts == wanted * 5
    hooks = [entry["data"] for entry in bench.journal() if entry["kind"] == "clone.webhook"]
    assert [(hook["attempt"], hook["final"]) for hook in hooks] == [
        (1, False),
        (2, True),
        (1, False),
        (2, False),
        (3, True),
    ]


def test_an_endpoint_that_is_not_there_is_status_0(start: Start) -> None:
    bench = start(webhook_url="http://127.0.0.1:9/hook")
    pay(bench)
    assert bench.state()["webhook_deliveries"][0]["attempts"] == [0, 0, 0]
    [*_, last] = [entry["data"] for entry in bench.journal() if entry["kind"] == "clone.webhook"]
    assert "refused" in last["error"]


def test_endpoints_made_by_the_api_get_their_own_secret(bench: Bench, receiver: Receiver) -> None:
    made = bench.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    assert made.secret.startswith("whsec_")
    assert made.secret != SECRET
    listed = bench.v1.webhook_endpoints.list().data
    assert [(item.id, getattr(item, "secret", None)) for item in listed] == [(made.id, None)]


def test_declined_cards(bench: Bench) -> None:
    with pytest.raises(stripe.CardError) as declined:
        pay(bench, payment_method="pm_card_chargeDeclinedInsufficientFunds")
    assert (declined.value.code, declined.value.http_status) == ("card_declined", 402)
    error: Any = declined.value.error
    assert error.decline_code == "insufficient_funds"
    intent = error.payment_intent
    assert intent.status == "requires_payment_method"
    again = bench.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert again.status == "succeeded"


def test_manual_capture_and_cancel(bench: Bench) -> None:
    held = pay(bench, capture_method="manual")
    assert held.status == "requires_capture"
    part = bench.v1.payment_intents.capture(held.id, {"amount_to_capture": 400})
    assert (part.status, part.amount_received) == ("succeeded", 400)
    open_ = bench.v1.payment_intents.create({"amount": 900, "currency": "usd"})
    assert bench.v1.payment_intents.cancel(open_.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        bench.v1.payment_intents.confirm(open_.id)


def test_refunds_add_up_to_the_charge_and_no_further(bench: Bench) -> None:
    intent = pay(bench)
    bench.v1.refunds.create({"payment_intent": intent.id, "amount": 300})
    read = bench.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (read.latest_charge.amount_refunded, read.latest_charge.refunded) == (300, False)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        bench.v1.refunds.create({"payment_intent": intent.id, "amount": 601})
    rest = bench.v1.refunds.create({"payment_intent": intent.id})
    assert rest.amount == 600
    with pytest.raises(stripe.InvalidRequestError) as refused:
        bench.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    assert len(bench.v1.refunds.list({"payment_intent": intent.id}).data) == 2


def test_a_checkout_session_is_paid_on_its_page(start: Start) -> None:
    bench = start(promotion_codes=[{"code": "HALF", "percent_off": 50}])
    product = bench.v1.products.create({"name": "Enamel mug"})
    price = bench.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 9000})
    code = bench.v1.promotion_codes.list({"code": "HALF"}).data[0]
    session = bench.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price": price.id, "quantity": 2}],
            "discounts": [{"promotion_code": code.id}],
            "success_url": "http://shop/done?session={CHECKOUT_SESSION_ID}",
        }
    )
    assert (session.amount_subtotal, session.amount_total) == (18000, 9000)
    assert "Enamel mug" in httpx.get(session.url).text
    back = httpx.post(session.url)
    assert back.headers["location"] == f"http://shop/done?session={session.id}"
    paid = bench.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (paid.status, paid.payment_intent.amount) == ("complete", 9000)
    items = bench.v1.checkout.sessions.line_items.list(session.id).data
    assert [(item.description, item.quantity) for item in items] == [("Enamel mug", 2)]
    assert bench.v1.promotion_codes.retrieve(code.id).times_redeemed == 1


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"currency": "usd"}, "amount", "parameter_missing"),
        ({"amount": 900}, "currency", "parameter_missing"),
        ({"amount": "ten", "currency": "usd"}, "amount", "parameter_invalid_integer"),
        ({"amount": 0, "currency": "usd"}, "amount", "parameter_invalid_integer"),
        ({"amount": 49, "currency": "usd"}, "amount", "amount_too_small"),
        ({"amount": 900, "currency": "usd", "customer": "cus_x"}, "customer", "resource_missing"),
        (
            {"amount": 900, "currency": "usd", "payment_method": "pm_x"},
            "payment_method",
            "resource_missing",
        ),
    ],
)
def test_bad_parameters_are_named(
    bench: Bench, params: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        bench.v1.payment_intents.create(params)
    assert (refused.value.http_status, refused.value.param, refused.value.code) == (
        400,
        param,
        code,
    )
    assert bench.state()["payment_intents"] == []


def test_a_missing_object_is_404_and_a_missing_key_401(bench: Bench) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        bench.v1.payment_intents.retrieve("pi_nothing")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    assert httpx.get(f"{bench.url}/v1/customers").status_code == 401
    stranger = stripe.StripeClient("sk_live_1", base_addresses={"api": bench.url})
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        stranger.v1.customers.list()


def test_what_is_not_modelled_says_so(bench: Bench) -> None:
    for call in (
        bench.v1.subscriptions.list,
        lambda: pay(bench, application_fee_amount=1),
        lambda: bench.v1.customers.list({"created": {"gt": 1}}),
    ):
        with pytest.raises(stripe.APIError) as missing:
            call()
        assert missing.value.http_status == 501
    kinds = [entry["kind"] for entry in bench.journal()]
    assert kinds == ["clone.unmodelled", "clone.request"] * 3


def test_an_idempotency_key_gives_the_first_answer_again(bench: Bench) -> None:
    params = {"amount": 900, "currency": "usd"}
    options = {"idempotency_key": "once"}
    first = bench.v1.payment_intents.create(params, options)
    bench.v1.payment_intents.update(first.id, {"amount": 1000})
    again = bench.v1.payment_intents.create(params, options)
    assert (again.id, again.amount) == (first.id, 900)
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        bench.v1.payment_intents.create({**params, "amount": 901}, options)
    assert len(bench.state()["payment_intents"]) == 1
