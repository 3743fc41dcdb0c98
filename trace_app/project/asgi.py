"""The ASGI entry point; uvicorn serves it."""

import gc
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trace_app.project.settings")
_django = get_asgi_application()

from trace_app.project.static_files import StaticFiles  # noqa: E402  # after Django is set up

application = StaticFiles(_django)
# What is loaded by now stays for good: the collector need not look at it again, nor after every
# few hundred of the short-lived objects that a large body makes.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
