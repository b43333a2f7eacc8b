"""A provider of text messages, connected by settings alone, against a server of our own."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core import mail

from accounts.models import User
from notifications import checks
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError, Message, _gateway, send_now
from notifications.gateways.http import HttpGateway, filled
from notifications.messages import signing_code_message
from notifications.models import Delivery
from notifications.services import notify
from notifications.sign_in_codes import send_code
from tests.notifications.conftest import MORNING

MESSAGE = Message(to="+8613812345678", text='【调处】"请"查看{key} https://x/', key="k1")


class Provider(HTTPServer):
    """Answers with what the test put here, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: tuple[int, bytes] = (200, b'{"code": 0, "data": {"id": 77}}')
        self.pause = 0.0
        self.silent = False


class Desk(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        time.sleep(self.server.pause)
        if self.server.silent:
            return
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
    _gateway.cache_clear()  # it keeps the address
    yield running
    _gateway.cache_clear()
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
        ((503, b""), ("http_503", False, False)),
        ((503, b'{"code": 0}'), ("http_503", False, False)),
        ((500, b'{"code": "busy"}'), ("provider_busy", False, False)),
        ((500, b'{"code": "4001"}'), ("provider_4001", True, False)),
        ((400, b'{"code": "busy"}'), ("provider_busy", True, False)),
        ((429, b'{"message": "slow down"}'), ("http_429", False, False)),
        ((521, b""), ("http_521", False, False)),
        ((500, b""), ("http_500", False, True)),
        ((502, b'{"code": "busy"}'), ("http_502", False, True)),
        ((504, b""), ("http_504", False, True)),
        ((524, b""), ("http_524", False, True)),
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


def test_a_line_that_dies_after_the_request_is_uncertain(provider: Provider) -> None:
    provider.silent = True
    assert refusal() == ("no_answer", False, True)
    assert len(provider.asked) == 1


def test_a_name_that_nobody_knows_and_a_request_that_is_not_taken_whole_are_no_doubt(settings: Any) -> None:
    settings.SMS_HTTP_URL = "http://nobody.invalid/"
    assert refusal() == ("no_connection", False, False)
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.SMS_HTTP_URL = f"http://127.0.0.1:{door.getsockname()[1]}/"
        threading.Thread(target=lambda: slam(door), daemon=True).start()
        settings.SMS_HTTP_BODY = {"to": "{to}", "text": "{text}", "padding": "x" * 50_000_000}
        assert refusal() == ("not_handed_over", False, False)


def slam(door: socket.socket) -> None:
    """Take the call, read a little of what is said and hang up."""
    line, _address = door.accept()
    line.recv(1000)
    line.close()


# --- through the worker: what it says decides what becomes of the delivery ---------------------------------

RETRIES = [timedelta(minutes=minutes) for minutes in (1, 5, 25, 120)]


@pytest.fixture
def told(provider: Provider, resident: User, settings: Any) -> Delivery:
    """A notice on its way by text message through the provider; e-mail is the second way."""
    settings.SMS_GATEWAY = "notifications.gateways.http.HttpGateway"
    resident.email = "zhang@example.org"
    resident.save()
    notice = notify(resident, kind="accepted", subject=("case", 7), url="/cases/AH-2026-00012/", at=MORNING)
    return notice.deliveries.get(channel="SMS")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((200, b'{"code": 0}'), "SENT"),
        ((200, b'{"code": "busy"}'), "FAILED"),
        ((200, b'{"code": "4001"}'), "DEAD"),
        ((400, b""), "DEAD"),
        ((401, b""), "FAILED"),
        ((429, b""), "FAILED"),
        ((503, b""), "FAILED"),
        ((500, b'{"code": "busy"}'), "FAILED"),
        ((500, b""), "UNKNOWN"),
        ((502, b""), "UNKNOWN"),
        ((504, b""), "UNKNOWN"),
        ((200, b"<html>"), "UNKNOWN"),
    ],
)
def test_what_the_provider_says_decides_whether_it_is_tried_again(
    provider: Provider, told: Delivery, answer: tuple[int, bytes], status: str
) -> None:
    provider.answer = answer
    assert deliver_due(MORNING) == (2 if status in ("DEAD", "UNKNOWN") else 1)  # the second is the e-mail
    told.refresh_from_db()
    assert told.status == status
    assert told.next_attempt_at == (MORNING + RETRIES[0] if status == "FAILED" else None)
    assert len(mail.outbox) == (status in ("DEAD", "UNKNOWN"))


@pytest.mark.django_db
@pytest.mark.parametrize("code", [429, 503])
def test_a_definite_refusal_is_tried_again_after_1_5_25_and_120_minutes(
    provider: Provider, told: Delivery, code: int
) -> None:
    provider.answer, moment = (code, b""), MORNING
    for wait in RETRIES:
        assert deliver_due(moment) == 1
        told.refresh_from_db()
        assert (told.status, told.next_attempt_at) == ("FAILED", moment + wait)
        assert deliver_due(moment + wait - timedelta(seconds=1)) == 0
        moment += wait
    provider.answer = (200, b'{"code": 0}')
    assert deliver_due(moment) == 1
    told.refresh_from_db()
    assert (told.status, told.attempts, len(provider.asked), mail.outbox) == ("SENT", 5, 5, [])


@pytest.mark.django_db
def test_a_refusal_that_lasts_is_given_up_and_the_next_way_taken(provider: Provider, told: Delivery) -> None:
    provider.answer, moment = (503, b""), MORNING
    for wait in [*RETRIES, timedelta()]:
        deliver_due(moment)
        moment += wait
    told.refresh_from_db()
    assert (told.status, told.attempts, len(mail.outbox)) == ("DEAD", 5, 1)


# --- providers that keep the texts themselves ---------------------------------------------------------------


@pytest.fixture
def with_templates(provider: Provider, settings: Any) -> Provider:
    settings.SMS_GATEWAY = "notifications.gateways.http.HttpGateway"
    settings.SMS_HTTP_BODY = {
        "PhoneNumbers": "{national}", "SignName": "{sign}", "TemplateCode": "{template}", "TemplateParam": "{params}"
    }  # fmt: skip
    settings.SMS_HTTP_TEMPLATES = {
        "sign_in_code": "SMS_1",
        "signing_code": {"template": "SMS_2", "params": ["{code}", "{minutes}"]},
        "accepted": {"template": "SMS_3", "params": {"caseNo": "{number}", "page": "{path}"}},
    }
    return provider


@pytest.mark.django_db
def test_a_provider_that_keeps_the_texts_gets_number_variables_and_signature(
    with_templates: Provider, resident: User
) -> None:
    notify(resident, kind="accepted", subject=("case", 7), url="/cases/AH-7/", at=MORNING, number="AH-7")
    assert deliver_due(MORNING) == 1
    send_code("+8613912345678", address="1.2.3.4", language="", at=MORNING)
    send_now(signing_code_message("+8613912345678", "123456", 10, "", subject=("case", 7)))
    asked = [json.loads(body) for _path, _headers, body in with_templates.asked]
    assert [(one["SignName"], one["TemplateCode"]) for one in asked] == [
        ("调处", "SMS_3"), ("调处", "SMS_1"), ("调处", "SMS_2")
    ]  # fmt: skip
    assert json.loads(asked[0]["TemplateParam"]) == {"caseNo": "AH-7", "page": "cases/AH-7/"}
    assert list(json.loads(asked[1]["TemplateParam"])) == ["code", "minutes"]
    assert asked[2]["TemplateParam"] == ["123456", "10"]  # a list stays one where the request is JSON


@pytest.mark.django_db
def test_a_kind_without_a_number_goes_by_the_next_way(with_templates: Provider, told: Delivery, settings: Any) -> None:
    del settings.SMS_HTTP_TEMPLATES["accepted"]
    deliver_due(MORNING)
    told.refresh_from_db()
    assert (told.status, told.error, len(mail.outbox), with_templates.asked) == ("DEAD", "no_template", 1, [])
    settings.SMS_HTTP_TEMPLATES["*"] = "SMS_9"
    assert HttpGateway().send(Message(to="+8613812345678", text="x", kind="accepted")) == "77"


def test_the_start_names_what_has_no_template_number(with_templates: Provider, settings: Any) -> None:
    [warning] = checks.every_message_has_a_template(None)
    assert warning.id == "notifications.W001"
    assert "closed" in str(warning.msg)
    assert "accepted" not in str(warning.msg)
    assert "task_assigned" not in str(warning.msg)  # never sent as a text message
    settings.SMS_HTTP_TEMPLATES = {"*": "SMS_9"}
    assert checks.every_message_has_a_template(None) == []
    settings.SMS_HTTP_TEMPLATES = {"accepted": "SMS_9"}
    assert [one.id for one in checks.every_message_has_a_template(None)] == ["notifications.E004", "notifications.W001"]
    settings.SMS_HTTP_TEMPLATES = {"accepted": ["SMS_9"]}
    assert [one.id for one in checks.http_gateway_is_complete(None)] == ["notifications.E003"]


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
