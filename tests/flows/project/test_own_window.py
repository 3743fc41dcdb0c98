"""A site that opens one of our pages loses hold of its window; nobody else pays for that."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("came_from", "mark"),
    [
        ("cross-site", "same-origin"),
        ("same-site", "same-origin"),
        (None, "same-origin"),
        ("anything", "same-origin"),
        ("none", None),
        ("same-origin", None),
    ],
)
def test_a_window_opened_by_another_site_is_taken_from_it(
    client: Client, came_from: str | None, mark: str | None
) -> None:
    headers = {"Sec-Fetch-Site": came_from} if came_from else {}
    answer = client.get("/login", headers=headers)
    assert answer.headers.get("Cross-Origin-Opener-Policy") == mark
