"""PostgreSQL as the broker: a message wakes a worker at once, and a lost one is not lost work."""

import pytest
from django.conf import settings
from django.db import connection
from kombu import Connection

from trace_app.project import broker
from trace_app.project.environment import database

pytestmark = pytest.mark.django_db(transaction=True)


def options() -> dict[str, object]:
    here = database(f"postgresql://trace@/{connection.settings_dict['NAME']}")
    here["HOST"] = str(connection.settings_dict["HOST"])
    return broker.transport_options("pgmq://", here)


def test_a_message_goes_through_postgresql_and_is_gone_when_acknowledged() -> None:
    with Connection("pgmq://", transport_options=options()) as one:
        queue = one.SimpleQueue("flow")
        queue.put({"wake": "up"})
        message = queue.get(timeout=5)
        assert message.payload == {"wake": "up"}
        message.ack()
        assert queue.qsize() == 0
        queue.close()


def test_the_queue_lives_in_the_products_own_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL")
        assert cursor.fetchone() == (True,)


def test_other_brokers_by_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://cache:6379/0")
    url = broker.url(database("postgresql://trace@/trace"))
    assert url == "redis://cache:6379/0"
    assert broker.transport_options(url, database("postgresql://trace@/trace")) == {
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
    assert broker.transport_options("amqp://mq//", database("postgresql://t@/t")) == {}


def test_a_password_reaches_the_broker() -> None:
    there = database("postgresql://me:s%40cret@db.example:6432/trace")
    words = broker.conninfo(there)
    assert "password=s@cret" in words
    assert "host=db.example" in words
    assert settings.CELERY_BROKER_URL.startswith("pgmq://")
