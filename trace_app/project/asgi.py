"""The ASGI entry point; uvicorn serves it."""

import logging
import os

from django.core.asgi import get_asgi_application

from trace_app.project.logs import MaskShareSecrets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trace_app.project.settings")
# The Procfile switches the server's own log off; where somebody switches it on, it is masked too.
logging.getLogger("uvicorn.access").addFilter(MaskShareSecrets())
application = get_asgi_application()
