"""A small, safe part of Markdown as HTML: headings, lists, tables, code, links to http.

Everything else stays text.
"""

import re
from html import escape

_INLINE = re.compile(
    r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|\*\*([^*]+)\*\*|\[([^\]]+)\]\((https?://[^\s)]+)\)|(?<![\w/\"])(https?://[^\s<>)\"]+)"
)
_ROW = re.compile(r"^\|(.*)\|\s*$")
_RULE = re.compile(r"^[\s|:-]+$")
_HEADING = re.compile(r"^(#{1,4})\s+(.*)$")
_ITEM = re.compile(r"^[-*]\s+(?:\[([ xX])\]\s+)?(.*)$")


def to_html(text: str) -> str:
    """HTML that holds only tags made here.

    HTML comments are dropped, other HTML is shown as text.
    """
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        blocks += _block(block.splitlines())
    return "\n".join(blocks)


def _block(lines: list[str]) -> list[str]:
    html: list[str] = []
    while lines:
        reader = next(one for test, one in _READERS if test(lines[0]))
        taken, made = reader(lines)
        html.append(made)
        lines = lines[taken:]
    return html


def _take(lines: list[str], pattern: "re.Pattern[str]") -> list[str]:
    taken = []
    for line in lines:
        if not pattern.match(line):
            break
        taken.append(line)
    return taken


def _heading(lines: list[str]) -> tuple[int, str]:
    found = _HEADING.match(lines[0])
    level = len(found.group(1)) if found else 2
    words = found.group(2) if found else lines[0]
    return 1, f"<h{level + 1}>{inline(words)}</h{level + 1}>"


def _table(lines: list[str]) -> tuple[int, str]:
    rows = _take(lines, _ROW)
    html = []
    for number, line in enumerate(rows):
        if _RULE.match(line):
            continue
        tag = "th" if number == 0 else "td"
        cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
        inner = "".join(
            f"<{tag}>{inline(c.strip().replace(chr(92) + '|', '|'))}</{tag}>" for c in cells
        )
        html.append(f"<tr>{inner}</tr>")
    return len(rows), f'<table class="table">{"".join(html)}</table>'


def _list(lines: list[str]) -> tuple[int, str]:
    items = _take(lines, _ITEM)
    html = []
    for line in items:
        found = _ITEM.match(line)
        if found is None:
            continue
        mark = {None: "", " ": "☐ "}.get(found.group(1), "☑ ")
        html.append(f"<li>{mark}{inline(found.group(2))}</li>")
    return len(items), f"<ul>{''.join(html)}</ul>"


def _paragraph(lines: list[str]) -> tuple[int, str]:
    taken = [lines[0]]
    for line in lines[1:]:
        if _HEADING.match(line) or _ROW.match(line) or _ITEM.match(line):
            break
        taken.append(line)
    return len(taken), f"<p>{'<br>'.join(inline(line) for line in taken)}</p>"


def inline(text: str) -> str:
    """Code, bold and links of one line; the rest escaped."""
    html, at = [], 0
    for found in _INLINE.finditer(text):
        html.append(escape(text[at : found.start()]))
        html.append(_mark(found))
        at = found.end()
    return "".join([*html, escape(text[at:])])


def _mark(found: "re.Match[str]") -> str:
    _, code, bold, words, target, bare = found.groups()
    if code is not None:
        # One space at both ends only keeps a backtick from the fence.
        padded = code[0] == code[-1] == " " and code.strip()
        return f"<code>{escape(code[1:-1] if padded else code)}</code>"
    if bold is not None:
        return f"<b>{escape(bold)}</b>"
    return f'<a href="{escape(target or bare)}">{escape(words or bare)}</a>'


_READERS = (
    (_HEADING.match, _heading),
    (_ROW.match, _table),
    (_ITEM.match, _list),
    (lambda line: True, _paragraph),
)
