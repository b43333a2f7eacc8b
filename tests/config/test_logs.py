"""Nothing in the logs identifies a person or opens a case."""

import json
import logging

import pytest
import structlog
from django.test import RequestFactory

from config.logs import RequestLog, configuration, rendering, scrub, scrub_text


@pytest.mark.parametrize(
    ("written", "logged"),
    [
        ("call 13812345678 now", "call 138****5678 now"),
        ("call +86 138-1234-5678", "call 138****5678"),
        ("id 34010419800101123X.", "id 3****************X."),
        ("GET /pass/7KQ2-M9XD/", "GET /pass/…/"),
        ("GET /en/pass/7KQ2-M9XD", "GET /en/pass/…"),
        ("Not Found: /account/password/reset/key/3-abc-def/", "Not Found: /account/password/reset/key/…/"),
        ("https://a.example/search?q=张桂兰 x", "https://a.example/search?… x"),
        ("mail wang@example.org", "mail …"),
        ("AH-2026-00012 at 2026-11-21T23:10:16.689622Z", "AH-2026-00012 at 2026-11-21T23:10:16.689622Z"),
        ("（2026）皖物调字第00001号", "（2026）皖物调字第00001号"),
    ],
)
def test_a_line_is_scrubbed(written: str, logged: str) -> None:
    assert scrub_text(written) == logged


def test_an_entry_is_scrubbed_at_any_depth() -> None:
    event = {"event": "x", "phones": [13812345678, {"13912345678": ("13712345678",)}], "count": 3, "ok": True}
    assert scrub(None, "info", event) == {
        "event": "x",
        "phones": ["138****5678", {"139****5678": ["137****5678"]}],
        "count": 3,
        "ok": True,
    }


def lines_of(capsys: pytest.CaptureFixture[str], *, machine: bool) -> str:
    """Log through both libraries, with a traceback, and answer what reached stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=configuration(machine=machine, level="INFO")["formatters"]["entry"]["foreign_pre_chain"],
            processors=rendering(machine=machine),
        )
    )
    logger = logging.getLogger(f"scrubbed.{machine}")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        logger.warning("Not Found: %s", "/pass/7KQ2-M9XD/")
        structlog.get_logger(f"scrubbed.{machine}").error("sms", to="13812345678")
        try:
            raise ValueError("Key (phone)=(13812345678) 34010419800101123X")
        except ValueError:
            logger.exception("failed")
    finally:
        logger.removeHandler(handler)
    return capsys.readouterr().err


@pytest.mark.parametrize("machine", [True, False])
def test_what_reaches_the_log_is_scrubbed(machine: bool, capsys: pytest.CaptureFixture[str]) -> None:
    written = lines_of(capsys, machine=machine)
    assert "138****5678" in written
    assert "ValueError" in written
    for secret in ("13812345678", "34010419800101123X", "7KQ2-M9XD"):
        assert secret not in written


def test_machines_get_one_json_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    written = lines_of(capsys, machine=True)
    assert [json.loads(line)["level"] for line in written.splitlines()] == ["warning", "error", "error"]


def test_a_request_is_logged_without_its_query() -> None:
    assert RequestLog.format_request(RequestFactory().get("/cases/", {"q": "张桂兰"})) == "GET /cases/"
