"""Send e-mail through Django's mail settings."""

import smtplib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address

from notifications.gateways import GatewayError, Message

FIRST_PERMANENT = 500  # SMTP replies: 4xx for now, 5xx for good


class EmailGateway:
    """Send one plain-text e-mail. Its Message-ID is the same at every attempt, but mail servers need not heed it."""

    idempotent = False

    def send(self, message: Message) -> None:
        connection = get_connection()
        with undone():
            connection.open()
        headers = {"Message-ID": f"<{message.key or uuid.uuid4().hex}@{urlsplit(settings.SITE_URL).hostname}>"}
        mail = EmailMessage(
            message.subject,
            message.text,
            settings.DEFAULT_FROM_EMAIL,
            [message.to],
            connection=connection,
            headers=headers,
        )
        line = getattr(connection, "connection", None)
        try:
            if isinstance(line, smtplib.SMTP):
                hand_over(line, mail)
            else:  # no mail server: the terminal, a file, memory
                mail.send()
        finally:
            connection.close()


def hand_over(line: smtplib.SMTP, mail: EmailMessage) -> None:
    """Say the words of SMTP one by one: until the text itself is on its way nothing can have been sent."""
    sender, receiver = bare(mail.from_email), bare(mail.to[0])
    content = mail.message().as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    with undone():
        line.ehlo_or_helo_if_needed()
        require(line.mail(sender))
        require(line.rcpt(receiver))
        require(line.docmd("DATA"), good=range(354, 355))
    try:
        line.send(content.replace(b"\r\n.", b"\r\n..").rstrip(b"\r\n") + b"\r\n.\r\n")
        reply = line.getreply()
    except (smtplib.SMTPException, OSError) as error:  # the line went dead: before or after it was taken?
        raise GatewayError("mail_server_silent", uncertain=True) from error
    require(reply)


def bare(address: str) -> str:
    """Return an address as it is said to a mail server; one that cannot be said will never work."""
    try:
        return parseaddr(sanitize_address(address, "utf-8"))[1]
    except ValueError as error:
        raise GatewayError("bad_address", permanent=True) from error


def require(reply: tuple[int, bytes], good: range = range(200, 300)) -> None:
    """Raise GatewayError where the server says no; the server's words stay here, they may name the address."""
    if reply[0] not in good:
        raise refusal(reply[0])


def refusal(code: int) -> GatewayError:
    return GatewayError(f"smtp_{code}", permanent=code >= FIRST_PERMANENT)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever breaks in here breaks before the server can have taken anything."""
    try:
        yield
    except (smtplib.SMTPException, OSError) as error:
        raise GatewayError("mail_server") from error
