"""Send text messages through any provider that takes one HTTP request for one message.

What the request looks like and what a good answer is stands in the settings SMS_HTTP_… (docs/production.md). Nothing
here writes a log: numbers and texts leave through the request and nowhere else.

A refusal is definite where the provider, or whatever stands before it, says that nothing was taken: then it is tried
again. Only where the whole request is out and nobody says what became of it may the message have gone out.
"""

import http.client
import json
import re
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings

from accounts.phones import national_phone
from notifications.gateways import GatewayError, Message, templates

LARGEST_ANSWER = 64 * 1024
# The provider read our request and finds fault with this message, not with the moment.
REFUSED = {400, 422}
# Somebody in between lost the answer, or the provider broke while at work: it may have taken the message before.
# (520 and 524 are what a large content network says instead of 502 and 504.)
MAY_HAVE_TAKEN = {500, 502, 504, 520, 524}
IN_BETWEEN = {502, 504, 520, 524}
PLACE = re.compile(r"\{(\w+)\}")


class HttpGateway:
    """Fill the template of the settings, send it, read the answer."""

    def __init__(self) -> None:
        self.idempotent: bool = settings.SMS_HTTP_IDEMPOTENT
        self.url = urlsplit(settings.SMS_HTTP_URL)
        if self.url.scheme not in {"http", "https"} or not self.url.hostname:
            raise ValueError("SMS_HTTP_URL is not an http address")
        self.success = settings.SMS_HTTP_SUCCESS

    def send(self, message: Message) -> str | None:
        values = values_of(message)
        fields, headers = filled(settings.SMS_HTTP_BODY, values), filled(settings.SMS_HTTP_HEADERS, values)
        status, answer = self.exchange(fields, headers)
        return self.judge(status, answer)

    def exchange(self, fields: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send one request and read one answer. What fails before the request is out has surely not been sent."""
        as_form = settings.SMS_HTTP_FORMAT == "form"
        body = urlencode(fields) if as_form else json.dumps(fields, ensure_ascii=False)
        kind = "application/x-www-form-urlencoded" if as_form else "application/json; charset=utf-8"
        path = f"{self.url.path or '/'}{'?' + self.url.query if self.url.query else ''}"
        line = connect(self.url)
        try:
            with undone("no_connection"):
                line.connect()
            with undone("not_handed_over"):  # a provider that has not read the whole request has taken nothing
                line.request("POST", path, body=body.encode(), headers={"Content-Type": kind} | headers)
            return read_answer(line)
        finally:
            line.close()

    def judge(self, status: int, body: bytes) -> str | None:
        """Return the provider's number for the message, or raise GatewayError."""
        answer, taken = read_json(body), 200 <= status < 300
        if self.success and status not in IN_BETWEEN:
            self.require_success(answer, status)
        if not taken:
            raise GatewayError(f"http_{status}", permanent=status in REFUSED, uncertain=status in MAY_HAVE_TAKEN)
        if answer is None and (self.success or settings.SMS_HTTP_ID):
            raise GatewayError("unreadable_answer", uncertain=True)
        return plain(found_at(answer, settings.SMS_HTTP_ID)) if settings.SMS_HTTP_ID else None

    def require_success(self, answer: Any, status: int) -> None:
        """Raise GatewayError where the answer itself says that the message was not taken, whatever its status."""
        path, _equals, wanted = self.success.partition("=")
        found = found_at(answer, path)
        said = answer is not None and (found is not None or 200 <= status < 300)
        if not said or plain(found) in wanted.split("|"):
            return
        code = re.sub(r"[^A-Za-z0-9._-]|\d{6,}", "", plain(found))[:40]
        permanent = status in REFUSED or plain(found) in settings.SMS_HTTP_PERMANENT
        raise GatewayError(f"provider_{code}", permanent=permanent)


@contextmanager
def undone(code: str) -> Iterator[None]:
    """Whatever breaks in here breaks before the provider can have taken anything."""
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        raise GatewayError(code) from error


def read_answer(line: http.client.HTTPConnection) -> tuple[int, bytes]:
    """Read what the provider says; where it says nothing it may have taken the message."""
    try:
        answer = line.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise GatewayError("no_answer", uncertain=True) from error
    try:
        return answer.status, answer.read(LARGEST_ANSWER)
    except (OSError, http.client.HTTPException):
        return answer.status, b""  # the status alone must do


def read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def connect(url: SplitResult) -> http.client.HTTPConnection:
    timeout = settings.SMS_HTTP_TIMEOUT
    host = url.hostname or ""
    if url.scheme == "https":
        return http.client.HTTPSConnection(host, url.port, timeout=timeout, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, url.port, timeout=timeout)


def values_of(message: Message) -> dict[str, Any]:
    """Return what may stand in the settings' template; raises GatewayError where the provider wants a template number
    and none is set for this kind of message."""
    values: dict[str, Any] = {
        "to": message.to,
        "national": national_phone(message.to),
        "text": message.text,
        "content": message.content or message.text,
        "sign": message.sign,
        "key": message.key or uuid.uuid4().hex,
    }
    if not templates.wanted():
        return values
    chosen = templates.template_for(message.kind)
    if chosen is None:
        raise GatewayError("no_template", permanent=True)
    params = filled(chosen.params, dict(message.params)) if chosen.params is not None else dict(message.params)
    as_list = isinstance(params, list) and settings.SMS_HTTP_FORMAT == "json"
    return values | {
        "template": chosen.number,
        "params": params if as_list else json.dumps(params, ensure_ascii=False),
    }


def filled(template: Any, values: dict[str, Any]) -> Any:
    """Put the message into a template of any depth; what a text contains is never read as a place again."""
    if isinstance(template, dict):
        return {name: filled(inner, values) for name, inner in template.items()}
    if isinstance(template, list):
        return [filled(inner, values) for inner in template]
    if not isinstance(template, str):
        return template
    alone = PLACE.fullmatch(template)
    if alone and isinstance(values.get(alone[1]), list):
        return values[alone[1]]
    return PLACE.sub(lambda place: written(values.get(place[1], place[0])), template)


def written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def found_at(answer: Any, path: str) -> Any:
    """Follow a path such as data.0.id."""
    for step in path.split("."):
        if isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        elif isinstance(answer, dict):
            answer = answer.get(step)
        else:
            return None
    return answer


def plain(value: Any) -> str:
    """Write a value as settings write it: true, 0, OK."""
    return value if isinstance(value, str) else json.dumps(value)
