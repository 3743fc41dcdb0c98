"""Elements of a recorded page: what is listed, and the keys that find one again."""

from typing import Any

from tests.unit.trace_app.test_snapshots import body, shot
from trace_app.domain.playwright.snapshot.elements import Element, elements
from trace_app.domain.playwright.snapshot.nodes import FrameHistory
from trace_app.domain.playwright.snapshot.page_text import page_lines


def listed(*htmls: Any) -> list[Element]:
    """The elements of the last of these snapshots of one frame."""
    shots = [shot(html, call=f"c{no}") for no, html in enumerate(htmls)]
    return list(elements(FrameHistory(shots), shots[-1]))


def test_keys_lead_from_the_nearest_id_and_a_second_use_of_it_is_none() -> None:
    found = listed(
        body(
            ["UL", {"id": "cart"}, ["LI", {}, "mug"], ["LI", {"id": "cart"}, ["B", {}, "pen"]]],
            ["P", {}, "Total ", ["B", {}, "900"]],
        )
    )
    keys = {one.key: one.text for one in found}
    assert keys["#cart>li:1"] == "mug"
    assert keys["#cart>li:2>b:1"] == "pen"
    assert next(text for key, text in keys.items() if key.endswith("body:1>p:1")) == "Total 900"


def test_a_snapshot_that_repeats_the_one_before_lists_the_same() -> None:
    first = body(["P", {"class": "a"}, "one"])
    assert [one.key for one in listed(first, [[1, 4]])] == [one.key for one in listed(first)]


def test_attributes_are_what_a_person_saw_and_nothing_of_the_recorder() -> None:
    found = {
        one.tag: one
        for one in listed(
            body(
                ["INPUT", {"value": "old", "__playwright_value_": "typed", "onclick": "x()"}],
                ["A", {"href": "/pay", "__playwright_target__": ""}, "Pay"],
                ["SCRIPT", {}, "alert(1)"],
            )
        )
    }
    assert found["input"].attributes == {"value": "typed"}
    assert found["a"].attributes == {"href": "/pay"}
    assert "script" not in found


def test_a_password_is_bullets() -> None:
    field = {"type": "password", "__playwright_value_": "hunter2"}
    assert "hunter2" not in str([one.attributes for one in listed(body(["INPUT", field]))])


def test_a_pages_words_stand_line_by_line_with_what_was_filled_in() -> None:
    page = body(
        ["P", {}, "Total ", ["B", {}, "900"]],
        ["INPUT", {"name": "email", "__playwright_value_": "a@b.co"}],
        ["UL", {}, ["LI", {}, "mug"], ["LI", {}, "mug"]],
    )
    assert list(page_lines(listed(page))) == ["Total 900", "email = a@b.co", "mug", "mug"]
