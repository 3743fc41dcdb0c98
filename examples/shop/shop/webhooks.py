"""What Stripe tells us: payments and refunds are only true once it did."""

import logging

import stripe
from flask import Blueprint, abort, request

from . import db, payments

log = logging.getLogger("shop.webhooks")

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/api/stripe/webhook")
def stripe_webhook():
    signature = request.headers.get("Stripe-Signature", "")
    try:
        event = payments.read_event(request.get_data(), signature)
    except (ValueError, stripe.SignatureVerificationError):
        abort(400)
    if event.type == "payment_intent.succeeded":
        confirm_payment(event.data.object)
    elif event.type == "charge.refunded":
        confirm_refund(event.data.object)
    return {"received": True}


def confirm_payment(intent):
    order_id = int(intent.metadata["order_id"])
    db.write("UPDATE orders SET status = 'paid' WHERE id = ?", order_id)
    log.info("Order %d is paid: %d", order_id, intent.amount)


def confirm_refund(charge):
    order_id = int(charge.metadata["order_id"])
    db.write("UPDATE refunds SET status = 'done' WHERE order_id = ?", order_id)
    db.write("UPDATE orders SET status = 'refunded' WHERE id = ?", order_id)
    log.info("Order %d is refunded: %d", order_id, charge.amount_refunded)
