"""Symbols stand in the page as drawings."""

import pytest

from trace_app.templatetags.icons import icon


def test_a_symbol_is_drawn_in_the_page() -> None:
    drawn = icon("play", "icon when-off")
    assert drawn.startswith('<svg class="icon when-off" viewBox="0 0 16 16" aria-hidden="true">')
    assert 'd="M4.5 3v10l8.5-5z"' in drawn


def test_a_symbol_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        icon("nothing")
