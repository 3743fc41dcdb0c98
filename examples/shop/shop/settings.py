"""The shop's settings, all from the environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    port: int
    base_url: str
    database: str
    secret_key: str
    stripe_api_base: str
    stripe_api_key: str
    stripe_webhook_secret: str
    smtp_host: str
    smtp_port: int
    mail_from: str

    @classmethod
    def from_env(cls, env=os.environ):
        return cls(
            port=int(env.get("PORT", "8000")),
            base_url=env.get("BASE_URL", "http://localhost:8000"),
            database=env.get("DATABASE", "var/shop.db"),
            secret_key=env.get("SECRET_KEY", "only for development"),
            stripe_api_base=env.get("STRIPE_API_BASE", "https://api.stripe.com"),
            stripe_api_key=env.get("STRIPE_API_KEY", ""),
            stripe_webhook_secret=env.get("STRIPE_WEBHOOK_SECRET", ""),
            smtp_host=env.get("SMTP_HOST", "localhost"),
            smtp_port=int(env.get("SMTP_PORT", "25")),
            mail_from=env.get("MAIL_FROM", "Kiln & Cup <hello@kilnandcup.example>"),
        )
