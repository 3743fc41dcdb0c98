"""Clusters of one slug: the line under it says what only that cluster has."""

from typing import Any

from trace_app.domain.cluster_words import about, told_apart


def parts(target: str, path: str = "", message: str = "") -> dict[str, Any]:
    network = {"method": "POST", "path": path, "status": 404} if path else None
    return {"failure": {"target": target, "message": message}, "network": network, "frame": None}


def test_a_cluster_is_about_what_failed() -> None:
    assert about(parts("status is Paid")) == "status is Paid"
    assert about({"failure": {"target": "", "message": "gone"}}) == "gone"
    assert about({}) == ""


def test_a_slug_that_stands_once_needs_no_more() -> None:
    shown = [("a", parts("one"), "Shop"), ("b", parts("one"), "Shop")]
    assert told_apart(shown) == ["one", "one"]


def test_clusters_of_one_slug_show_the_first_thing_that_differs() -> None:
    shown = [("a", parts("one", "/v1/hook"), "Shop"), ("a", parts("one", "/v2/hook"), "Shop")]
    assert told_apart(shown) == ["POST /v1/hook → 404", "POST /v2/hook → 404"]
    messages = [("a", parts("one", message=text), "Shop") for text in ("late", "never")]
    assert told_apart(messages) == ["late", "never"]


def test_the_same_failure_of_two_projects_shows_the_projects() -> None:
    shown = [("a", parts("one"), name) for name in ("Shop", "Blog")]
    assert told_apart(shown) == ["Shop", "Blog"]


def test_where_no_single_thing_differs_in_all_of_them_all_of_it_is_shown() -> None:
    shown = [
        ("a", parts("one", "/x"), "Shop"),
        ("a", parts("one", "/y"), "Shop"),
        ("a", parts("two", "/x"), "Shop"),
    ]
    assert len(set(told_apart(shown))) == 3
