"""Mails, as text, from templates/mail. The first line of a template is the subject."""

import logging
import smtplib
from email.message import EmailMessage

from flask import current_app, render_template

log = logging.getLogger("shop.mail")


def send(to, template, **values):
    settings = current_app.config["SHOP"]
    text = render_template(f"mail/{template}.txt", base_url=settings.base_url, **values)
    subject, _, body = text.partition("\n")
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = subject
    message.set_content(body.strip() + "\n")
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=10) as smtp:
        smtp.send_message(message)
    log.info("Sent %r to %s", subject, to)
