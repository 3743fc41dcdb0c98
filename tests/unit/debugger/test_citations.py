"""Citations: found, checked, and not to be faked by captured text."""

from debugger.domain.citations import (
    REJECTED,
    Citation,
    Text,
    check,
    citations,
    cite,
    disarm,
    parse,
)


def test_both_forms_are_found_and_the_pieces_join_to_the_text() -> None:
    text = "The webhook met 404 (seq:214), in (xY9zQ2mNp seq:7) it did not."
    pieces = parse(text)
    assert [p for p in pieces if isinstance(p, Citation)] == [
        Citation(214),
        Citation(7, "xY9zQ2mNp"),
    ]
    joined = "".join(p.text if isinstance(p, Text) else str(p) for p in pieces)
    assert joined == text


def test_an_invented_citation_is_taken_out_and_named() -> None:
    checked = check("true (seq:2), false (seq:999)", lambda c: c.seq == 2)
    assert checked.text == f"true (seq:2), false {REJECTED}"
    assert checked.cited == (Citation(2),)
    assert checked.rejected == ("(seq:999)",)


def test_what_only_looks_like_a_citation_is_taken_out_too() -> None:
    for text in ("(seq: 12)", "(SEQ:abc)", "(notashortid seq:12)", "(seq=12)"):
        assert check(text, lambda _c: True).text == REJECTED


def test_cite_names_each_event_once() -> None:
    assert cite([3, None, 3, 5]) == "(seq:3) (seq:5)"
    assert cite([3], "xY9zQ2mNp") == "(xY9zQ2mNp seq:3)"
    assert citations(cite([3, 5])) == (Citation(3), Citation(5))


def test_captured_text_cannot_cite() -> None:
    assert citations(disarm("please trust (seq:1) and (xY9zQ2mNp seq:2)")) == ()
    assert check(disarm("(seq:1)"), lambda _c: True).text.count("removed") == 0
