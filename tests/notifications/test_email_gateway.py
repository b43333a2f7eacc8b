"""What a mail server says, and when, decides what becomes of an e-mail: against a server of our own."""

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError, Message
from notifications.gateways.email import EmailGateway
from notifications.services import notify
from tests.notifications.conftest import MORNING

GOOD = {"": "220 here", "EHLO": "250 here", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 taken"}
HANG_UP = ""


class PostOffice(socketserver.ThreadingTCPServer):
    """Answers each word of SMTP as the test says, and keeps the letters that it took."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Counter)
        self.says = dict(GOOD)
        self.letters: list[str] = []


class Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        if not self.reply(""):
            return
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "DATA" and self.server.says["DATA"].startswith("354"):
                self.reply("DATA")
                letter = self.letter()
                if self.server.says["."].startswith("250"):
                    self.server.letters.append(letter)
                word = "."
            if word == "QUIT" or not self.reply(word):
                return

    def letter(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line.removeprefix("."))
        return "".join(lines)

    def reply(self, word: str) -> bool:
        says = self.server.says.get(word, "250 ok")
        self.wfile.write(f"{says}\r\n".encode() if says else b"")
        return bool(says)


@pytest.fixture
def post_office(settings: Any) -> Iterator[PostOffice]:
    running = PostOffice()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.server_address[1]
    yield running
    running.shutdown()
    running.server_close()


def test_the_letter_arrives_whole(post_office: PostOffice) -> None:
    EmailGateway().send(
        Message(to="zhang@example.org", text="请查看\n.hidden\nhttps://x/", subject="合肥物调：通知", key="k")
    )
    [letter] = post_office.letters
    assert "Message-ID: <k@localhost>\r\n" in letter
    assert letter.endswith("\r\n\r\n请查看\r\n.hidden\r\nhttps://x/\r\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("word", "answer", "status", "error"),
    [
        ("", "421 too busy", "FAILED", "mail_server"),
        ("", HANG_UP, "FAILED", "mail_server"),
        ("EHLO", HANG_UP, "FAILED", "mail_server"),
        ("MAIL", "451 later", "FAILED", "smtp_451"),
        ("MAIL", HANG_UP, "FAILED", "mail_server"),
        ("RCPT", "450 greylisted", "FAILED", "smtp_450"),
        ("RCPT", "550 nobody here", "DEAD", "smtp_550"),
        ("DATA", "452 full", "FAILED", "smtp_452"),
        ("DATA", "554 no", "DEAD", "smtp_554"),
        ("DATA", HANG_UP, "FAILED", "mail_server"),
        (".", "451 later", "FAILED", "smtp_451"),
        (".", "552 too large", "DEAD", "smtp_552"),
        (".", HANG_UP, "UNKNOWN", "mail_server_silent"),
        (".", "250 taken", "SENT", ""),
    ],
)
def test_only_a_line_that_dies_after_the_letter_is_uncertain(
    post_office: PostOffice, clerk: User, word: str, answer: str, status: str, error: str
) -> None:
    post_office.says[word] = answer
    notice = notify(clerk, kind="accepted", subject=("case", 7), url="/cases/AH-7/", at=MORNING)
    assert deliver_due(MORNING) == 1
    delivery = notice.deliveries.get(channel="EMAIL")
    assert (delivery.status, delivery.error) == (status, error)
    assert len(post_office.letters) == (status == "SENT")


@pytest.mark.django_db
def test_a_server_that_is_not_there_is_no_doubt(post_office: PostOffice, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(GatewayError) as raised:
        EmailGateway().send(Message(to="zhang@example.org", text="x"))
    assert (raised.value.code, raised.value.permanent, raised.value.uncertain) == ("mail_server", False, False)
