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
@cache
def module_preloads(entry: str, besides: str = "") -> SafeString:
    """A `modulepreload` link for a module and for all that it imports.

    Without those that the module `besides` imports too: they are there already. Made once per
    process, as the graph is.
    """
    there = module_graph(besides) if besides else ()
    names = (name for name in module_graph(entry) if name not in there)
    link = '<link rel="modulepreload" href="{}">'
    return format_html_join("", link, ((module_address(name),) for name in names))


@register.simple_tag
def module_address(name: str) -> str:
    """The address under which a page and every module know a module.

    An import names its neighbour as it stands in the source, whatever name the storage of static
    files gives it; under another address it would be another module.
    """
    return urljoin(static(posixpath.join(posixpath.dirname(name), "")), posixpath.basename(name))


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
