"""Starts the shop: `python app.py`."""

import logging
import sys

from waitress import serve

from shop import create_app
from shop.settings import Settings


def main():
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.INFO,
        format="%(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("stripe").setLevel(logging.WARNING)
    settings = Settings.from_env()
    app = create_app(settings)
    logging.getLogger("shop").info("Listening on port %d", settings.port)
    serve(app, host="0.0.0.0", port=settings.port, threads=8, _quiet=True)


if __name__ == "__main__":
    main()
