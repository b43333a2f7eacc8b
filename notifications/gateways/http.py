"""Send text messages through any provider that takes one HTTP request for one message.

What the request looks like and what a good answer is stands in the settings SMS_HTTP_… (docs/production.md). Nothing
here writes a log: numbers and texts leave through the request and nowhere else.
"""

import http.client
import json
import re
import ssl
import uuid
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings

from accounts.phones import national_phone
from notifications.gateways import GatewayError, Message

LARGEST_ANSWER = 64 * 1024
# The provider read our request and finds fault with this message, not with the moment.
REFUSED = {400, 422}
PLACE = re.compile(r"\{(to|national|text|key)\}")


class HttpGateway:
    """Fill the template of the settings, send it, read the answer."""

    def __init__(self) -> None:
        self.idempotent: bool = settings.SMS_HTTP_IDEMPOTENT
        self.url = urlsplit(settings.SMS_HTTP_URL)
        if self.url.scheme not in {"http", "https"} or not self.url.hostname:
            raise ValueError("SMS_HTTP_URL is not an http address")
        self.success = settings.SMS_HTTP_SUCCESS

    def send(self, message: Message) -> str | None:
        values = {
            "to": message.to,
            "national": national_phone(message.to),
            "text": message.text,
            "key": message.key or uuid.uuid4().hex,
        }
        status, body = self.exchange(filled(settings.SMS_HTTP_BODY, values), filled(settings.SMS_HTTP_HEADERS, values))
        return self.judge(status, body)

    def exchange(self, fields: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send one request and read one answer. What fails before the request is out has surely not been sent."""
        as_form = settings.SMS_HTTP_FORMAT == "form"
        body = urlencode(fields) if as_form else json.dumps(fields, ensure_ascii=False)
        kind = "application/x-www-form-urlencoded" if as_form else "application/json; charset=utf-8"
        line = connect(self.url)
        try:
            line.connect()
        except OSError as error:
            raise GatewayError("no_connection") from error
        try:
            path = f"{self.url.path or '/'}{'?' + self.url.query if self.url.query else ''}"
            line.request("POST", path, body=body.encode(), headers={"Content-Type": kind} | headers)
            answer = line.getresponse()
            return answer.status, answer.read(LARGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise GatewayError("no_answer", uncertain=True) from error
        finally:
            line.close()

    def judge(self, status: int, body: bytes) -> str | None:
        """Return the provider's number for the message, or raise GatewayError."""
        if not 200 <= status < 300:
            # An error of the provider's own may have come after it took the message.
            raise GatewayError(f"http_{status}", permanent=status in REFUSED, uncertain=status >= 500)
        if not self.success and not settings.SMS_HTTP_ID:
            return None
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise GatewayError("unreadable_answer", uncertain=True) from error
        if self.success:
            path, _equals, wanted = self.success.partition("=")
            found = plain(found_at(answer, path))
            if found not in wanted.split("|"):
                code = re.sub(r"[^A-Za-z0-9._-]|\d{6,}", "", found)[:40]
                raise GatewayError(f"provider_{code}", permanent=found in settings.SMS_HTTP_PERMANENT)
        return plain(found_at(answer, settings.SMS_HTTP_ID)) if settings.SMS_HTTP_ID else None


def connect(url: SplitResult) -> http.client.HTTPConnection:
    timeout = settings.SMS_HTTP_TIMEOUT
    host = url.hostname or ""
    if url.scheme == "https":
        return http.client.HTTPSConnection(host, url.port, timeout=timeout, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, url.port, timeout=timeout)


def filled(template: Any, values: dict[str, str]) -> Any:
    """Put the message into a template of any depth; what a text contains is never read as a place again."""
    if isinstance(template, dict):
        return {name: filled(inner, values) for name, inner in template.items()}
    if isinstance(template, list):
        return [filled(inner, values) for inner in template]
    return PLACE.sub(lambda place: values[place[1]], template) if isinstance(template, str) else template


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
