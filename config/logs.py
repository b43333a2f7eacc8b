"""What the logs hold: one line per request and event, and nothing that identifies a person or opens a case."""

import re
from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware
from structlog.typing import EventDict, Processor, WrappedLogger

from accounts.masking import mask_text

MASK = "…"
# The rest of a path after these words is a key: a case pass, a password reset, an e-mail confirmation.
KEYED_PATH = re.compile(r"(/(?:pass|key|confirm-email|login/code)/)[^/\s\"'?#]+")
QUERY = re.compile(r"((?:https?://|/)[^\s\"'?]*)\?[^\s\"']*")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def scrub_text(text: str) -> str:
    """Mask phone, identity and card numbers, e-mail addresses, query strings and the keys in paths."""
    text = KEYED_PATH.sub(rf"\1{MASK}", text)
    text = QUERY.sub(rf"\1?{MASK}", text)
    return EMAIL.sub(MASK, mask_text(text))


def scrub_value(value: object) -> object:
    """Scrub a logged value at any depth; what is clean keeps its type."""
    if isinstance(value, dict):
        return {scrub_value(key): scrub_value(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [scrub_value(inner) for inner in value]
    text = value if isinstance(value, str) else str(value)
    scrubbed = scrub_text(text)
    return value if scrubbed == text else scrubbed


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Scrub a whole entry: the last step before it becomes text."""
    # Underscored keys are structlog's own and are removed before rendering.
    return {key: value if key.startswith("_") else scrub_value(value) for key, value in event.items()}


class RequestLog(RequestMiddleware):
    """One line per request, with the path only: query strings hold what people searched for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def rendering(*, machine: bool) -> list[Processor]:
    """List the last steps: JSON for machines, plain lines for people."""
    renderer: Processor
    if machine:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        scrub,
        renderer,
    ]


def configuration(*, machine: bool, level: str) -> dict[str, Any]:
    """Answer Django's LOGGING and set structlog up beside it: every entry passes `scrub`."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "entry": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": rendering(machine=machine),
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "entry"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print the same again, unscrubbed.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # RequestLog writes this line already.
            "django.request": {"level": "ERROR"},
            # Scanners try names and sockets all day; both loggers would also hold addresses of visitors.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "uvicorn.error": {"level": "WARNING"},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }
