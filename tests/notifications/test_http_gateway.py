"""A provider of text messages, connected by settings alone, against a server of our own."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from notifications import checks
from notifications.gateways import GatewayError, Message
from notifications.gateways.http import HttpGateway, filled

MESSAGE = Message(to="+8613812345678", text='【调处】"请"查看{key} https://x/', key="k1")


class Provider(HTTPServer):
    """Answers with what the test put here, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: tuple[int, bytes] = (200, b'{"code": 0, "data": {"id": 77}}')
        self.pause = 0.0


class Desk(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        time.sleep(self.server.pause)
        status, answer = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    running = Provider()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    settings.SMS_HTTP_URL = f"http://127.0.0.1:{running.server_port}/v1/send?app=9"
    settings.SMS_HTTP_HEADERS = {"Authorization": "Bearer s3cret", "Idempotency-Key": "{key}"}
    settings.SMS_HTTP_BODY = {"mobiles": ["{national}"], "content": "{text}", "ext": {"outId": "{key}", "n": 1}}
    settings.SMS_HTTP_SUCCESS, settings.SMS_HTTP_ID = "code=0|OK", "data.id"
    settings.SMS_HTTP_PERMANENT, settings.SMS_HTTP_TIMEOUT = ["4001"], 1
    yield running
    running.shutdown()
    running.server_close()


def refusal() -> tuple[str, bool, bool]:
    with pytest.raises(GatewayError) as raised:
        HttpGateway().send(MESSAGE)
    return raised.value.code, raised.value.permanent, raised.value.uncertain


def test_the_message_goes_out_as_the_settings_say(provider: Provider) -> None:
    assert HttpGateway().send(MESSAGE) == "77"
    [(path, headers, body)] = provider.asked
    assert (path, headers["Authorization"], headers["Idempotency-Key"]) == ("/v1/send?app=9", "Bearer s3cret", "k1")
    assert json.loads(body) == {
        "mobiles": ["13812345678"],
        "content": '【调处】"请"查看{key} https://x/',  # a text is never read as a template
        "ext": {"outId": "k1", "n": 1},
    }


def test_a_form_goes_out_as_a_form(provider: Provider, settings: Any) -> None:
    settings.SMS_HTTP_FORMAT, settings.SMS_HTTP_BODY = "form", {"to": "{to}", "msg": "{text}"}
    HttpGateway().send(MESSAGE)
    assert parse_qs(provider.asked[0][2].decode()) == {"to": ["+8613812345678"], "msg": [MESSAGE.text]}
    assert provider.asked[0][1]["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, b'{"code": "4001"}'), ("provider_4001", True, False)),
        ((200, b'{"code": "busy 13812345678 !"}'), ("provider_busy", False, False)),
        ((200, b"[]"), ("provider_null", False, False)),
        ((200, b"<html>"), ("unreadable_answer", False, True)),
        ((400, b""), ("http_400", True, False)),
        ((401, b""), ("http_401", False, False)),
        ((429, b""), ("http_429", False, False)),
        ((503, b""), ("http_503", False, True)),
        ((302, b""), ("http_302", False, False)),
    ],
)
def test_what_the_provider_answers_is_understood(
    provider: Provider, answer: tuple[int, bytes], said: tuple[str, bool, bool]
) -> None:
    provider.answer = answer
    assert refusal() == said


def test_no_answer_is_uncertain_but_no_connection_is_not(provider: Provider, settings: Any) -> None:
    provider.pause = 1.5
    assert refusal() == ("no_answer", False, True)
    settings.SMS_HTTP_URL = "http://127.0.0.1:1/"
    assert refusal() == ("no_connection", False, False)


def test_without_a_success_test_any_good_status_will_do(provider: Provider, settings: Any) -> None:
    settings.SMS_HTTP_SUCCESS = settings.SMS_HTTP_ID = ""
    provider.answer = (202, b"<ok/>")
    assert HttpGateway().send(MESSAGE) is None


def test_number_and_text_reach_no_log(provider: Provider, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    HttpGateway().send(MESSAGE)
    provider.answer = (503, b"")
    refusal()
    seen = caplog.text + "".join(capfd.readouterr())
    assert "13812345678" not in seen
    assert "请" not in seen


def test_a_code_without_a_key_gets_one_of_its_own(provider: Provider) -> None:
    gateway = HttpGateway()
    gateway.send(Message(to="+8613812345678", text="1"))
    gateway.send(Message(to="+8613812345678", text="1"))
    keys = {headers["Idempotency-Key"] for _path, headers, _body in provider.asked}
    assert len(keys) == 2


def test_a_template_of_any_depth_is_filled() -> None:
    assert filled([{"a": ["{to}-{key}", 3, None]}], {"to": "1", "key": "2"}) == [{"a": ["1-2", 3, None]}]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SMS_HTTP_URL", "ftp://x", "SMS_HTTP_URL"),
        ("SMS_HTTP_FORMAT", "xml", "SMS_HTTP_FORMAT"),
        ("SMS_HTTP_BODY", {"text": "{text}"}, "SMS_HTTP_BODY"),
        ("SMS_HTTP_SUCCESS", "code", "SMS_HTTP_SUCCESS"),
        ("SMS_HTTP_IDEMPOTENT", True, "SMS_HTTP_IDEMPOTENT"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(
    settings: Any, name: str, value: Any, sentence: str
) -> None:
    settings.SMS_HTTP_URL = "https://sms.example.com/"
    settings.SMS_HTTP_BODY = {"to": "{to}", "text": "{text}"}
    setattr(settings, name, value)
    assert checks.http_gateway_is_complete(None) == []  # another gateway is used
    settings.SMS_GATEWAY = "notifications.gateways.http.HttpGateway"
    assert [error.msg.split()[0] for error in checks.http_gateway_is_complete(None)] == [sentence]
