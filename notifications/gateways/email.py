"""Send e-mail through Django's mail settings."""

import smtplib

from django.conf import settings
from django.core.mail import send_mail

from notifications.gateways import GatewayError, Message


class EmailGateway:
    """Send one plain-text e-mail."""

    def send(self, message: Message) -> None:
        try:
            send_mail(message.subject, message.text, settings.DEFAULT_FROM_EMAIL, [message.to])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
            raise GatewayError("refused", permanent=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayError("mail_server") from error
