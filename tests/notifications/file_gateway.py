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
        self.chance = random.Random()  # of its own after a fork

    def send(self, message: Message) -> None:
        if self.chance.random() < FAILURES:
            raise GatewayError("busy", permanent=self.chance.random() < 0.2)
        self.perhaps_die("before")
        with (Path(os.environ[DIRECTORY]) / self.name).open("a") as file:
            file.write(json.dumps([message.key, message.text]) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.perhaps_die("after")

    def perhaps_die(self, when: str) -> None:
        """Be killed as by the system, the first time in any case: nothing is tidied up."""
        somebody_did = Path(os.environ[DIRECTORY]) / f"died-{when}"
        if self.chance.random() < DEATHS or not somebody_did.exists():
            somebody_did.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class Mail(FileGateway):
    name = "mail"


class Recognising(FileGateway):
    """Asked twice with one key, the person gets one message."""

    idempotent = True


class RecognisingMail(Recognising):
    name = "mail"
