"""Kiln & Cup, the web shop."""

import logging

from flask import Flask, request, session

from . import accounts
from . import cart
from . import catalogue
from . import checkout
from . import db
from . import refunds
from . import webhooks
from .money import dollars
from .settings import Settings

log = logging.getLogger("shop")


def create_app(settings=None):
    app = Flask(__name__)
    app.config["SHOP"] = settings or Settings.from_env()
    app.secret_key = app.config["SHOP"].secret_key
    app.jinja_env.filters["dollars"] = dollars
    db.init(app)
    app.register_blueprint(catalogue.blueprint)
    app.register_blueprint(cart.blueprint)
    app.register_blueprint(checkout.blueprint)
    app.register_blueprint(webhooks.blueprint)
    app.register_blueprint(accounts.blueprint)
    app.register_blueprint(refunds.blueprint)

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
