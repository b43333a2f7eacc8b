"""A gateway that writes down what reaches it, fails one time in five, and sometimes takes its worker down with it."""

import json
import os
import random
import signal
from pathlib import Path

from notifications.gateways import GatewayError, Message

DIRECTORY = "RECORDED_IN"
FAILURES, DEATHS = 0.2, 0.06


class FileGateway:
    """Keep every message that arrives as one line, which outlives the process."""

    idempotent = False
    name = "sms"

    def __init__(self) -> None:
        self.chance = random.Random(os.getpid())

    def send(self, message: Message) -> None:
        if self.chance.random() < FAILURES:
            raise GatewayError("busy", permanent=self.chance.random() < 0.2)
        self.perhaps_die()
        with (Path(os.environ[DIRECTORY]) / self.name).open("a") as file:
            file.write(json.dumps([message.key, message.text]) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.perhaps_die()

    def perhaps_die(self) -> None:
        """Be killed as by the system: nothing is tidied up."""
        if self.chance.random() < DEATHS:
            os.kill(os.getpid(), signal.SIGKILL)


class Mail(FileGateway):
    name = "mail"


class Recognising(FileGateway):
    """Asked twice with one key, the person gets one message."""

    idempotent = True


class RecognisingMail(Recognising):
    name = "mail"
