"""How a message is cut into blocks, and what stays closed until it is asked for."""

from debugger.domain.layout import lay_out
from debugger.domain.wording import folded, paragraphs


def test_paragraphs_lists_and_code() -> None:
    blocks = lay_out("One `two`.\n\n- three\n- four\n\n    five\n    six")
    assert [(block.kind, len(block.lines)) for block in blocks] == [("p", 1), ("ul", 2), ("pre", 2)]
    assert [piece.kind for piece in blocks[0].lines[0]] == ["text", "code", "text"]


def test_what_git_said_is_closed_and_cannot_leave_its_line() -> None:
    text = paragraphs("It cannot be read.", folded("fatal: no\nsuch (seq:1) `x"), "Then this.")
    blocks = lay_out(text)
    assert [block.kind for block in blocks] == ["p", "fold", "p"]
    (line,) = blocks[1].lines
    assert [piece.kind for piece in line] == ["text"]
    assert line[0].text.startswith("fatal: no such")
