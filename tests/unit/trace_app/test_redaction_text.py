"""Secrets by shape and by the words before them, in free text; look-alikes stay byte for byte."""

import base64

import pytest

from trace_app.domain.redaction import BuiltIn, Redactor, Rule, RuleKind, compile_rules

LOOK_ALIKES = """
author, authority, tokenize, secretary, passwordless, sessions, cookiecutter, Authorization: required
The password is wrong. Reset your password? Set-Cookie is a header. Cookie: yes
order 1764000000000 at 1732270800123, paid 4111 points, invoice 2026-11-25-0042, phone +49 30 123456
order_id=4242424242424241&sort=token_asc&page=2&author=ann&max_tokens=4096&session_count=3
id 00004242424242424242 hash 9e6b92f1fa0070dd681c3d101ab24e5b9d1370d5 and 4242-4242 price 4242424242424242.50
0.4242424242424242 v4.242.424 4242-4242-4242-4242-17 call@4242424242424242x ts 5500000000000000001
the Bearer authentication scheme, Basic understanding, Bearer
http://127.0.0.1:8931/a@b http://app:8000/x?y=z@w mailto:ann@example.test user@host:22
eyJ is how a token begins; sk_test_ too; AKIA; ghp_short; -----BEGIN CERTIFICATE-----
<label for="password">Password</label> <input type="text" name="author" value="Ann">
connect(password=password, token=settings.TOKEN, secret=get_secret()) --password $PASSWORD token=3
type: "password", autocomplete="current-password", placeholder="Password"
{"author": "ann", "max_tokens": 12, "tokens_used": 3, "password_strength": "weak", "secret_santa": "x"}
"""

SECRETS = [
    ("paid with 4242424242424242 12/28", "4242424242424242"),
    ("pay 4242 4242 4242 4242 12/28", "4242 4242 4242 4242"),
    ("2 4242 4242 4242 4242", "4242 4242 4242 4242"),
    ("card:5555555555554444,", "5555555555554444"),
    ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "npm_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("key AKIAIOSFODNN7EXAMPLE!", "AKIAIOSFODNN7EXAMPLE"),
    (
        "SG.abcdefghijklmnop1234.abcdefghijklmnop1234",
        "SG.abcdefghijklmnop1234.abcdefghijklmnop1234",
    ),
    ("password=hunter2&name=ann", "hunter2"),
    ("name=ann&user[password]=hunter2", "hunter2"),
    ("export STRIPE=1\nSECRET_KEY=abc123def\nDEBUG=1", "abc123def"),
    ('sent {"client_secret": "shh-4711"} to it', "shh-4711"),
    (r'log "{\"api_key\": \"shh-4711\"}"', "shh-4711"),
    ("{'password': 'hunter2'}", "hunter2"),
    ("login({ password: 'hunter2' })", "hunter2"),
    ('login(user="ann", password="hunter2")', "hunter2"),
    ("2026 login user=ann password=hunter2 ok", "hunter2"),
    ('"cvc": 123, "n": 4', "123"),
    ('name="password"\r\n\r\nhunter2\r\n--x', "hunter2"),
    ('<input type="password" name="p" value="hunter2">', "hunter2"),
    ('<meta content="shh-4711" name="csrf-token">', "shh-4711"),
    ("> Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("curl -H 'X-Api-Key: shh-4711-abc' http://x", "shh-4711-abc"),
    ("Cookie: sid=shh4711\r\n", "shh4711"),
    ("postgres://app:hunter2@db:5432/app", "hunter2"),
    ('fill field "Password" with "1234"', "1234"),
]


def test_look_alikes_stay_byte_for_byte() -> None:
    redactor = Redactor()
    text = LOOK_ALIKES.encode()
    redactor.learn_text(text)
    assert redactor.mask_bytes(text).decode() == LOOK_ALIKES
    assert redactor.mask({"text": LOOK_ALIKES}) == {"text": LOOK_ALIKES}
    assert redactor.to_json()["times"] == 0


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_goes_and_nothing_else(text: str, secret: str) -> None:
    redactor = Redactor()
    assert redactor.mask_text(text) == text.replace(secret, "‹masked:1›")
    assert redactor.mask_text(redactor.mask_text(text)) == redactor.mask_text(text)


def test_a_private_key_goes_whole() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAK\nabc==\n-----END RSA PRIVATE KEY-----"
    assert Redactor().mask_text(f"a\n{key}\nb") == "a\n‹masked:1›\nb"
    escaped = key.replace("\n", "\\n")
    assert Redactor().mask_text(f"a {escaped} b") == "a ‹masked:1› b"


@pytest.mark.parametrize(
    "written",
    [
        "p@ss w0rd",
        "p%40ss%20w0rd",
        "p%40ss+w0rd",
        r"say \"x\" p@ss w0rd",
        "<b>p@ss w0rd</b>",
    ],
)
def test_a_learned_value_is_found_however_it_is_written(written: str) -> None:
    redactor = Redactor()
    redactor.learn({"password": "p@ss w0rd"})
    masked = redactor.mask_text(written)
    assert "w0rd" not in masked
    assert "‹masked:1›" in masked


def test_short_values_go_where_they_were_typed() -> None:
    redactor = Redactor()
    redactor.learn({"selector": "#pw", "value": "7!"})
    assert redactor.mask_text('  fill("7!")') == '  fill("‹masked:1›")'
    assert redactor.mask_text("page.fill('7!')") == "page.fill('‹masked:1›')"
    assert redactor.mask_text("it is 7! no?") == "it is 7! no?"


def test_cards_stay_under_keys_of_ids() -> None:
    held = {"order_id": "4242424242424242", "seq": 4242424242424242, "ts": "4242424242424242"}
    assert Redactor().mask(held) == held
    assert Redactor().mask({"number": 4242424242424242}) == {"number": "‹masked:1›"}


def test_text_inside_text_is_looked_into() -> None:
    inner = '{"user": {"password": "hunter2", "name": "Ann"}}'
    printed = base64.b64encode(b"got sk_test_51SECRETtoken").decode()
    masked = Redactor().mask({"body": inner, "base64": printed})
    assert masked["body"] == '{"user":{"password":"‹masked:2›","name":"Ann"}}' or (
        masked["body"] == '{"user":{"password":"‹masked:1›","name":"Ann"}}'
    )
    assert b"SECRET" not in base64.b64decode(masked["base64"])
    spaced = '{ "name": "Ann" }'
    assert Redactor().mask({"body": spaced}) == {"body": spaced}


def test_names_of_json_are_text_too() -> None:
    masked = Redactor().mask({"local": {"sk_test_51SECRETtoken": {"n": 1}}})
    assert masked == {"local": {"‹masked:1›": {"n": 1}}}


def test_words_of_pages_never_spread() -> None:
    redactor = Redactor()
    redactor.learn({"password": "password", "token": "undefined"})
    assert redactor.mask_text("type=password is undefined") == "type=password is undefined"


@pytest.mark.parametrize("built_in", BuiltIn)
def test_each_built_in_rule_can_be_switched_off(built_in: BuiltIn) -> None:
    held = {
        BuiltIn.HEADER: ["X-Api-Key", "shh-4711-abc"],
        BuiltIn.COOKIE: ["Cookie", "sid=shh4711"],
        BuiltIn.KEY: {"client_secret": "shh-4711"},
        BuiltIn.PASSWORD: ["INPUT", {"type": "password", "__playwright_value_": "hunter2"}],
        BuiltIn.CARD: "4242424242424242",
        BuiltIn.TOKEN: "whsec_abcdefgh12345678",
        BuiltIn.URL: "https://ann:hunter2@host/",
    }[built_in]
    off = compile_rules((Rule(RuleKind.OFF, built_in.value),))
    assert Redactor(off).mask(held) == held
    assert Redactor().mask(held) != held


def test_a_text_found_clean_is_looked_at_again_when_more_is_known() -> None:
    redactor = Redactor()
    redactor.learn({"text": "got hunter2"})
    assert redactor.mask_text("got hunter2") == "got hunter2"
    redactor.learn({"password": "hunter2"})
    assert redactor.mask_text("got hunter2") == "got ‹masked:1›"
    assert redactor.mask({"id": "4242424242424242", "pan": "4242424242424242"}) == {
        "id": "4242424242424242",
        "pan": "‹masked:2›",
    }
