"""Home, product and search pages."""

from flask import Blueprint, abort, render_template, request

from . import db

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/")
def home():
    return render_template("home.html", products=db.rows("SELECT * FROM products ORDER BY rowid"))


@blueprint.get("/products/<slug>")
def product(slug):
    found = db.row("SELECT * FROM products WHERE slug = ?", slug)
    if found is None:
        abort(404)
    return render_template("product.html", product=found, in_stock=bool(found["stock"]))


@blueprint.get("/search")
def search():
    query = request.args.get("q", "").strip().lower()
    found = [
        item
        for item in db.rows("SELECT * FROM products ORDER BY rowid")
        if query in item["name"].lower() or query in item["tags"].split()
    ]
    return render_template("search.html", query=query, products=found)


@blueprint.get("/help")
def help_page():
    return render_template("help.html")
