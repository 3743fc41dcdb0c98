"""Sign up with a code by mail, log in, log out."""

import hashlib
import hmac

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.security import check_password_hash, generate_password_hash

from . import db, mail

blueprint = Blueprint("accounts", __name__)


def code_for(account):
    """The six digits that prove that somebody reads this address; nothing needs to be stored."""
    key = current_app.config["SHOP"].secret_key.encode()
    named = f"{account['id']}:{account['email']}".encode()
    return f"{int(hmac.new(key, named, hashlib.sha256).hexdigest(), 16) % 1_000_000:06d}"


def find_account(email):
    return db.row("SELECT * FROM accounts WHERE email = ?", email)


@blueprint.route("/signup", methods=["GET", "POST"])
def signup():
    if request.method == "GET":
        return render_template("signup.html")
    email, name = request.form["email"].strip().lower(), request.form["name"].strip()
    if find_account(email) is not None:
        flash("There is an account with this address. Log in instead.")
        return redirect(url_for("accounts.login"), 303)
    db.write(
        "INSERT INTO accounts (email, name, password) VALUES (?, ?, ?)",
        email,
        name,
        generate_password_hash(request.form["password"]),
    )
    account = find_account(email)
    mail.send(email, "welcome", name=name, code=code_for(account))
    session["confirming"] = email
    return redirect(url_for("accounts.confirm"), 303)


@blueprint.route("/signup/confirm", methods=["GET", "POST"])
def confirm():
    email = session.get("confirming")
    if email is None:
        return redirect(url_for("accounts.signup"), 303)
    if request.method == "GET":
        return render_template("confirm.html", email=email)
    account = find_account(email)
    if not hmac.compare_digest(request.form["code"].strip(), code_for(account)):
        flash("This is not the code we sent you.")
        return redirect(url_for("accounts.confirm"), 303)
    db.write("UPDATE accounts SET confirmed = 1 WHERE id = ?", account["id"])
    session.pop("confirming")
    return sign_in(account)


@blueprint.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html")
    account = find_account(request.form["email"].strip().lower())
    if account is None or not check_password_hash(account["password"], request.form["password"]):
        flash("Address or password is wrong.")
        return redirect(url_for("accounts.login"), 303)
    if not account["confirmed"]:
        session["confirming"] = account["email"]
        return redirect(url_for("accounts.confirm"), 303)
    return sign_in(account)


@blueprint.post("/logout")
def logout():
    session.pop("account", None)
    session.pop("name", None)
    return redirect(url_for("catalogue.home"), 303)


def sign_in(account):
    session.update(account=account["id"], name=account["name"], email=account["email"])
    flash(f"Signed in as {account['name']}.")
    return redirect(url_for("catalogue.home"), 303)
