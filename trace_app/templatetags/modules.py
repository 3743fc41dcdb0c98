"""Links that let a browser fetch a page's script modules at once, not one import after another."""

import posixpath
import re
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_IMPORT: Final = re.compile(r'^(?:import|export)\b[^"]*?"(\.[^"]+)";', re.MULTILINE)


@register.simple_tag
def module_preloads(entry: str) -> SafeString:
    """A `modulepreload` link for a module and for all that it imports.

    Only the module itself has the name that the storage of static files gives it: an import
    names its neighbour as it stands in the source.
    """
    address = static(entry)
    found = [posixpath.relpath(name, posixpath.dirname(entry)) for name in module_graph(entry)[1:]]
    addresses = [address, *(urljoin(address, name) for name in found)]
    rows = ((one,) for one in addresses)
    return format_html_join("", '<link rel="modulepreload" href="{}">', rows)


@cache
def module_graph(entry: str) -> tuple[str, ...]:
    """The static names of a module and of everything it imports, itself first.

    Read once per process. Raises FileNotFoundError for a module that does not exist.
    """
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        path = finders.find(name)
        if path is None:
            raise FileNotFoundError(f"No static file {name}.")
        folder = posixpath.dirname(name)
        imported = _IMPORT.findall(Path(path).read_text())
        waiting += [posixpath.normpath(posixpath.join(folder, one)) for one in reversed(imported)]
    return tuple(found)
