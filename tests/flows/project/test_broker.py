"""PostgreSQL as the broker: a message wakes a worker at once, and a lost one is not lost work."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

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


def test_many_start_on_a_new_queue_at_once() -> None:
    """Each process switches notifications on when it first touches a queue; none may fail."""
    name = f"crowd_{uuid.uuid4().hex[:8]}"
    everybody = threading.Barrier(8)

    def touch(number: int) -> None:
        with Connection("pgmq://", transport_options=options()) as one:
            one.ensure_connection()
            everybody.wait(30)
            queue = one.SimpleQueue(name)
            queue.put({"from": number})
            queue.close()

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(touch, range(8)))
    with Connection("pgmq://", transport_options=options()) as one:
        queue = one.SimpleQueue(name)
        found = {queue.get(timeout=5).payload["from"] for _ in range(8)}
        queue.close()
    assert found == set(range(8))
