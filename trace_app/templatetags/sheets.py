"""Several style sheets as one file: a page is drawn when the last of its requests is answered."""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
ADDRESS: Final = re.compile(
    r"/sheets/(?P<mark>[0-9a-f]{12})/(?P<folder>[a-z_]+)/(?P<names>[a-z+-]+)\.css"
)
# Nothing else is joined: whoever asks for an address must not choose what is read and kept.
_EVERY_PAGE: Final = "tokens+base+components"
JOINED: Final = frozenset(
    ("trace_app", names) for names in (_EVERY_PAGE, f"{_EVERY_PAGE}+trace+panels")
)
_RELATIVE: Final = re.compile(r'url\("(\.[^"]+)"\)')


@register.simple_tag
def stylesheet(folder: str, names: str) -> SafeString:
    """A link to the sheets `names`, as in `tokens+base`, of a folder of static files."""
    address = f"/sheets/{mark(folder, names)}/{folder}/{names}.css"
    return format_html('<link rel="stylesheet" href="{}">', address)


@cache
def sheet(folder: str, names: str) -> bytes:
    """The sheets one after the other; what they refer to is found from any address.

    Read once per process. Raises FileNotFoundError for what no page asks for.
    """
    if (folder, names) not in JOINED:
        raise FileNotFoundError(f"The sheets {names} of {folder} are not joined.")
    return "\n".join(_read(f"{folder}/{name}.css") for name in names.split("+")).encode()


@cache
def mark(folder: str, names: str) -> str:
    """Changes with the content, so that browsers may keep it."""
    return sha256(sheet(folder, names)).hexdigest()[:12]


def _read(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"No static file {name}.")

    def absolute(found: re.Match[str]) -> str:
        return f'url("{static(urljoin(name, found[1]))}")'

    return _RELATIVE.sub(absolute, Path(path).read_text())
