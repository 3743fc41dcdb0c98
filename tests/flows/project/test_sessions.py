"""Who is signed in: sessions and accounts, read for every page."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def signed_in(person: User, client: Client) -> Client:
    client.force_login(person)
    assert client.get("/traces").context["user"] == person
    return client


def test_an_expired_session_is_none(signed_in: Client) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert signed_in.get("/traces").status_code == 302


def test_a_disabled_account_is_signed_out_at_once(signed_in: Client, person: User) -> None:
    person.is_active = False
    person.save()
    assert signed_in.get("/traces").status_code == 302


def test_a_deleted_account_is_signed_out_at_once(signed_in: Client, person: User) -> None:
    person.delete()
    assert signed_in.get("/traces").status_code == 302


def test_a_new_password_ends_every_other_session(signed_in: Client, person: User) -> None:
    person.set_password("another one")
    person.save()
    assert signed_in.get("/traces").status_code == 302


def test_an_unknown_session_is_none(client: Client, db: None) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert client.get("/traces").status_code == 302
