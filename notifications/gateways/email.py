"""Send e-mail through Django's mail settings."""

import smtplib
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from notifications.gateways import GatewayError, Message

FIRST_PERMANENT = 500  # SMTP replies: 4xx for now, 5xx for good


class EmailGateway:
    """Send one plain-text e-mail. Its Message-ID is the same at every attempt, but mail servers need not heed it."""

    idempotent = False

    def send(self, message: Message) -> None:
        connection = get_connection()
        try:
            connection.open()
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayError("mail_server") from error
        headers = {"Message-ID": f"<{message.key or uuid.uuid4().hex}@{urlsplit(settings.SITE_URL).hostname}>"}
        mail = EmailMessage(
            message.subject,
            message.text,
            settings.DEFAULT_FROM_EMAIL,
            [message.to],
            connection=connection,
            headers=headers,
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _reason in error.recipients.values()]
            raise GatewayError("refused", permanent=min(codes, default=FIRST_PERMANENT) >= FIRST_PERMANENT) from error
        except smtplib.SMTPResponseException as error:  # the server said no, so it did not take it
            raise GatewayError(f"smtp_{error.smtp_code}", permanent=error.smtp_code >= FIRST_PERMANENT) from error
        except (smtplib.SMTPException, OSError) as error:  # the line went dead: before or after it was taken?
            raise GatewayError("mail_server_silent", uncertain=True) from error
        finally:
            connection.close()
