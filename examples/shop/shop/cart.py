"""The cart lives in the session: what is in it, and the coupon."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for

from . import db, payments, pricing

blueprint = Blueprint("cart", __name__)


def lines():
    chosen = session.get("cart", {})
    products = db.rows("SELECT * FROM products ORDER BY rowid")
    return [
        {
            "slug": item["slug"],
            "name": item["name"],
            "price": item["price"],
            "quantity": chosen[item["slug"]],
        }
        for item in products
        if item["slug"] in chosen
    ]


def totals():
    coupon = payments.find_coupon(session.get("coupon"))
    return pricing.totals(lines(), coupon)


@blueprint.get("/cart")
def show():
    return render_template(
        "cart.html", lines=lines(), totals=totals(), coupon=session.get("coupon")
    )


@blueprint.post("/cart/items")
def add():
    slug = request.form["slug"]
    if db.row("SELECT 1 FROM products WHERE slug = ?", slug) is None:
        abort(404)
    chosen = dict(session.get("cart", {}))
    chosen[slug] = chosen.get(slug, 0) + 1
    session["cart"] = chosen
    return redirect(url_for("cart.show"), 303)


@blueprint.post("/cart/items/<slug>/remove")
def remove(slug):
    chosen = dict(session.get("cart", {}))
    chosen.pop(slug, None)
    session["cart"] = chosen
    return redirect(url_for("cart.show"), 303)


@blueprint.post("/cart/coupon")
def apply_coupon():
    code = request.form["code"].strip().upper()
    if payments.find_coupon(code) is None:
        flash(f"We do not know the coupon {code}.")
    else:
        session["coupon"] = code
        flash(f"Coupon {code} applied.")
    return redirect(url_for("cart.show"), 303)
