"""Show messages in the terminal: for development."""

import sys

from django.conf import settings

from notifications.gateways import GatewayError, Message


class ConsoleGateway:
    """Print a message to standard output; refuse in production, where codes must not reach a log."""

    idempotent = False

    def send(self, message: Message) -> None:
        if settings.PRODUCTION:
            raise GatewayError("console_in_production", permanent=True)
        print(f"[SMS → {message.to}] {message.text}", file=sys.stdout, flush=True)
