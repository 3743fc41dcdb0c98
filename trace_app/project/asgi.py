"""The ASGI entry point; uvicorn serves it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trace_app.project.settings")
application = get_asgi_application()
