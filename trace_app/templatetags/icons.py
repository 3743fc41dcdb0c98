"""Symbols of icons.svg as drawings in the page: the file they are kept in is fetched by nobody."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from django import template
from django.contrib.staticfiles import finders
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_SYMBOL: Final = re.compile(r'<symbol id="(\w+)" viewBox="0 0 16 16">(.*?)</symbol>')


@register.simple_tag
def icon(name: str, classes: str = "icon") -> SafeString:
    """The drawing of this name, for the eye alone. Raises KeyError where there is none."""
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>',
        classes,
        _drawings()[name],
    )


@cache
def _drawings() -> dict[str, SafeString]:
    path = finders.find("trace_app/icons.svg")
    if path is None:
        raise FileNotFoundError("No static file trace_app/icons.svg.")
    found = _SYMBOL.findall(Path(path).read_text())
    return {name: mark_safe(drawing) for name, drawing in found}  # noqa: S308 (a file of our own)
