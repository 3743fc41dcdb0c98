"""Address, payment, and the page that waits for the payment's confirmation."""

import time

import stripe
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for

from . import cart, db, mail, payments

blueprint = Blueprint("checkout", __name__)

WAIT_SECONDS = 2.5
PAID = ("paid", "refunded")


def find_order(order_id):
    order = db.row("SELECT * FROM orders WHERE id = ?", order_id)
    if order is None:
        abort(404)
    return order


@blueprint.route("/checkout/address", methods=["GET", "POST"])
def address():
    if request.method == "POST":
        session["email"] = request.form["email"].strip()
        session["address"] = request.form["address"].strip()
        return redirect(url_for("checkout.pay"), 303)
    return render_template("address.html")


@blueprint.get("/checkout/pay")
def pay():
    lines = cart.lines()
    if not lines:
        return redirect(url_for("cart.show"), 303)
    return render_template(
        "pay.html",
        lines=lines,
        totals=cart.totals(),
        coupon=session.get("coupon"),
        cards=payments.CARDS,
        address=session.get("address"),
    )


@blueprint.post("/checkout/pay")
def charge():
    lines = cart.lines()
    if not lines:
        return redirect(url_for("cart.show"), 303)
    totals = cart.totals()
    order_id = create_order(lines, totals)
    card = request.form["card"]
    try:
        intent = payments.charge(order_id, totals.total, card, session.get("email"))
    except stripe.CardError as error:
        db.write("UPDATE orders SET status = 'declined' WHERE id = ?", order_id)
        flash(error.user_message)
        return redirect(url_for("checkout.pay"), 303)
    db.write("UPDATE orders SET payment_intent = ? WHERE id = ?", intent.id, order_id)
    session.pop("cart", None)
    session.pop("coupon", None)
    if session.get("email"):
        order = find_order(order_id)
        mail.send(session["email"], "order", order=order, lines=lines)
    return redirect(url_for("checkout.order", order_id=order_id), 303)


def create_order(lines, totals):
    order_id = db.write(
        "INSERT INTO orders (status, subtotal, discount, total, coupon, email, address)"
        " VALUES ('pending', ?, ?, ?, ?, ?, ?)",
        totals.subtotal,
        totals.discount,
        totals.total,
        session.get("coupon"),
        session.get("email"),
        session.get("address"),
    )
    for line in lines:
        db.write(
            "INSERT INTO order_lines VALUES (?, ?, ?, ?, ?)",
            order_id,
            line["slug"],
            line["name"],
            line["price"],
            line["quantity"],
        )
    return order_id


@blueprint.get("/orders/<int:order_id>")
def order(order_id):
    found = find_order(order_id)
    lines = db.rows("SELECT * FROM order_lines WHERE order_id = ?", order_id)
    return render_template("order.html", order=found, lines=lines)


@blueprint.get("/api/orders/<int:order_id>/status")
def status(order_id):
    """Answer as soon as the payment is confirmed, or after a short while without."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        found = find_order(order_id)
        if found["status"] in PAID or time.monotonic() > deadline:
            return {"status": found["status"], "confirmed": found["status"] in PAID}
        time.sleep(0.05)
