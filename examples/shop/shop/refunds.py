"""A customer asks for the money back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for

from . import db, payments
from .checkout import find_order

blueprint = Blueprint("refunds", __name__)

REASONS = ["It arrived broken", "It is not what I expected", "I ordered it by mistake"]


@blueprint.get("/orders/<int:order_id>/refund")
def form(order_id):
    return render_template("refund.html", order=find_order(order_id), reasons=REASONS)


@blueprint.post("/orders/<int:order_id>/refund")
def create(order_id):
    order = find_order(order_id)
    if not order["payment_intent"] or db.row("SELECT 1 FROM refunds WHERE order_id = ?", order_id):
        flash("This order cannot be refunded.")
        return redirect(url_for("checkout.order", order_id=order_id), 303)
    db.write(
        "INSERT INTO refunds VALUES (?, ?, ?, 'requested')",
        order_id,
        request.form["reason"],
        order["total"],
    )
    payments.refund(order["payment_intent"])
    return render_template("refunded.html", order=order)
