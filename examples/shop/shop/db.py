"""The database: one SQLite file, made and filled on the first start."""

import sqlite3
from pathlib import Path

from flask import current_app, g

from .seed import PRODUCTS

SCHEMA = """
CREATE TABLE products (
    slug TEXT PRIMARY KEY, name TEXT, price INTEGER, stock INTEGER, tags TEXT, description TEXT
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, status TEXT, subtotal INTEGER, discount INTEGER,
    total INTEGER, coupon TEXT, email TEXT, address TEXT, payment_intent TEXT
);
CREATE TABLE order_lines (order_id INTEGER, slug TEXT, name TEXT, price INTEGER, quantity INTEGER);
CREATE TABLE refunds (order_id INTEGER PRIMARY KEY, reason TEXT, amount INTEGER, status TEXT);
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, password TEXT, confirmed INTEGER DEFAULT 0
);
INSERT INTO sqlite_sequence (name, seq) VALUES ('orders', 1041);
"""


def init(app):
    path = Path(app.config["SHOP"].database)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = sqlite3.connect(path)
        fresh.executescript(SCHEMA)
        fresh.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?)", PRODUCTS)
        fresh.commit()
        fresh.close()
    app.teardown_appcontext(close)


def connection():
    if "connection" not in g:
        g.connection = sqlite3.connect(current_app.config["SHOP"].database, timeout=5)
        g.connection.row_factory = sqlite3.Row
    return g.connection


def rows(sql, *values):
    return connection().execute(sql, values).fetchall()


def row(sql, *values):
    return connection().execute(sql, values).fetchone()


def write(sql, *values):
    """Run one statement and commit it; gives the id of an inserted row."""
    with connection() as open_connection:
        return open_connection.execute(sql, values).lastrowid


def close(error=None):
    open_connection = g.pop("connection", None)
    if open_connection is not None:
        open_connection.close()
