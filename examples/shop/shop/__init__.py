"""Kiln & Cup, the web shop."""

import logging

from flask import Flask, request, session

from . import db
from .accounts import blueprint as accounts_pages
from .cart import blueprint as cart_pages
from .catalogue import blueprint as catalogue_pages
from .checkout import blueprint as checkout_pages
from .money import dollars
from .refunds import blueprint as refunds_pages
from .settings import Settings
from .webhooks import blueprint as webhooks_pages

log = logging.getLogger("shop")


def create_app(settings=None):
    app = Flask(__name__)
    app.config["SHOP"] = settings or Settings.from_env()
    app.secret_key = app.config["SHOP"].secret_key
    app.jinja_env.filters["dollars"] = dollars
    db.init(app)
    app.register_blueprint(catalogue_pages)
    app.register_blueprint(cart_pages)
    app.register_blueprint(checkout_pages)
    app.register_blueprint(webhooks_pages)
    app.register_blueprint(accounts_pages)
    app.register_blueprint(refunds_pages)

    @app.context_processor
    def header():
        return {"cart_size": sum(session.get("cart", {}).values()), "name": session.get("name")}

    @app.after_request
    def log_request(response):
        if request.endpoint != "static":
            log.info("%s %s %d", request.method, request.path, response.status_code)
        return response

    @app.get("/health")
    def health():
        db.connection().execute("SELECT 1 FROM products")
        return {"ok": True}

    return app
