"""Fixtures: a webhook endpoint that notes what came, and Stripe clones on real ports."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from debugger.runner.guest.clones.server import CloneServer
from debugger.runner.guest.clones.stripe import StripeClone
from tests.flows.debugger.clones.stripe_bench import SECRET, Bench, Receiver, Start


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    noted = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signature = self.headers["Stripe-Signature"]
            event = stripe.Webhook.construct_event(body, signature, SECRET)
            status = noted.answers.pop(0) if noted.answers else 200
            noted.attempts.append(event.type)
            if status == 200:
                noted.events.append(event)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield noted
    server.shutdown()
    server.server_close()


@pytest.fixture
def start() -> Iterator[Start]:
    servers: list[CloneServer] = []

    def make(seed: str = "seed", **config: Any) -> Bench:
        clone = StripeClone(seed=seed, config=config)
        server = CloneServer(clone)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        client = stripe.StripeClient(
            "sk_test_1", base_addresses={"api": server.url}, max_network_retries=0
        )
        return Bench(clone, server.url, client)

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def bench(start: Start) -> Bench:
    return start()
