"""The ASGI entry point; uvicorn serves it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trace_app.project.settings")
_django = get_asgi_application()

from trace_app.project.static_files import StaticFiles  # noqa: E402  # after Django is set up

application = StaticFiles(_django)
