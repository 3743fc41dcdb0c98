"""Shows a unified diff as coloured, escaped lines. The markup is made here; texts are escaped."""

from collections.abc import Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

register = template.Library()
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="tk-")
_TAGS = {"+": "ins", "-": "del", " ": "span"}
_HIDDEN = ("diff --git ", "index ", "--- ", "+++ ")


@register.filter
def diff_html(diff: str, path: str = "") -> SafeString:
    """The lines of a diff as `<ins>`, `<del>` and `<span>`, syntax coloured by the file's name."""
    lexer = _lexer(path)
    return format_html_join("", "{}", ((line,) for line in _lines(diff, lexer)))


def _lines(diff: str, lexer: Lexer) -> Iterator[SafeString]:
    in_hunk = False
    for line in diff.splitlines():
        if line.startswith("@@"):
            in_hunk = True
            yield format_html('<span class="hunk">{}</span>', line)
        elif not in_hunk and line.startswith(_HIDDEN):
            continue
        elif line[:1] in _TAGS:
            tag = mark_safe(_TAGS[line[0]])  # noqa: S308 - one of three constants above
            yield format_html("<{}>{}{}</{}>", tag, line[0], _coloured(line[1:], lexer), tag)
        else:
            yield format_html('<span class="hunk">{}</span>', line or " ")


def _coloured(text: str, lexer: Lexer) -> SafeString:
    # Pygments escapes what it is given: https://pygments.org/docs/formatters/#HtmlFormatter
    return mark_safe(str(highlight(text, lexer, _FORMATTER)).rstrip("\n"))  # noqa: S308


def _lexer(path: str) -> Lexer:
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)
