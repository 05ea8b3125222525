"""Logs as data: one event a line, text for people or JSON for machines, and never a secret in it.

Safe to import before Django is set up: the settings call `structured` for LOGGING.
"""

import re
from collections.abc import Callable
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# 32 hex digits or more, run together or in groups divided alike throughout: an install code, or its like.
_HEX, _GAP = "[0-9A-Fa-f]", "[-: +._]|%20|%3A|%2D"
_IN_GROUPS = (
    rf"{_HEX}{{{size}}}(?P<gap{size}>{_GAP})(?:{_HEX}{{{size}}}(?P=gap{size})){{{32 // size - 2},}}"
    rf"{_HEX}{{{size}}}(?:(?P=gap{size}){_HEX}{{4}})?"
    for size in (1, 2, 4, 8)
)
_LOOKS_LIKE_A_CODE = re.compile(rf"(?<![^\W_])(?:{_HEX}{{32,}}|{'|'.join(_IN_GROUPS)})(?![^\W_])")
# What follows it in the address of a forgotten password's page opens the account.
_PASSWORD_LINK = re.compile(r"(/password/new/)[^/\s]+-[^/\s]+")
_SECRET_NAMES = frozenset(
    {"authorization", "cookie", "csrfmiddlewaretoken", "install_code", "password", "session", "token"}
)
HIDDEN = "[hidden]"


def structured(level: str, fmt: str) -> dict[str, Any]:
    """Return Django's LOGGING for a level such as "INFO" and a format, "text" or "json".

    Also sets up structlog itself, so that its own loggers and Python's write alike.
    """
    structlog.configure(
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_common(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _common(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *_rendering(fmt),
                ],
            }
        },
        "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["standard_error"], "level": level},
        "loggers": {
            # Django's own would add handlers of its own and mail the administrators.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # Every statement with its values: never, whatever the level.
            "django.db.backends": {"level": "WARNING" if level == "DEBUG" else level},
        },
    }


def _common() -> list[Callable[[WrappedLogger, str, EventDict], Any]]:
    """Return what happens to every event, whichever logger it comes from."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_query_strings,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # the plain traceback: other forms print local variables
        without_secrets,
    ]


def _rendering(fmt: str) -> list[Callable[[WrappedLogger, str, EventDict], Any]]:
    if fmt == "json":
        return [structlog.processors.JSONRenderer()]
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]


def without_query_strings(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cut the query string off a logged request: people put into URLs what does not belong there."""
    for name in ("request", "event", "url", "path"):
        value = event.get(name)
        if isinstance(value, str) and "?" in value and "/" in value:
            event[name] = re.sub(r"(/[^\s?]*)\?\S*", r"\1", value)
    return event


def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide what is named like a secret or looks like an install code, wherever it got into an event."""
    for name, value in event.items():
        if name.lower() in _SECRET_NAMES:
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = _PASSWORD_LINK.sub(rf"\1{HIDDEN}", _LOOKS_LIKE_A_CODE.sub(HIDDEN, value))
        elif isinstance(value, dict | list | tuple):
            event[name] = _LOOKS_LIKE_A_CODE.sub(HIDDEN, repr(value))
    return event
