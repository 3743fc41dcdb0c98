"""Who may have a live stream, asked of the running product."""

import uuid

import httpx
import pytest
from django.urls import reverse

from tests.harness.live import LiveStack
from tests.policy.rows import PEOPLE, Row
from tests.policy.table import TABLE
from tests.policy.world import make_world


@pytest.mark.parametrize("row", [row for row in TABLE if row.live], ids=lambda row: row.name)
def test_who_may_have_a_stream(live_stack: LiveStack, row: Row) -> None:
    world = make_world(f"-{uuid.uuid4().hex[:8]}")
    url = reverse(row.name, args=[world.names[name] for name in row.world])
    answers = {}
    for person in PEOPLE:
        cookies = {name: morsel.value for name, morsel in world.client(person).cookies.items()}
        with httpx.stream("GET", live_stack.url + url, cookies=cookies, timeout=30) as answer:
            answers[person] = answer.status_code
    assert answers == dict(zip(PEOPLE, row.answers, strict=True))
