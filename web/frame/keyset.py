"""Page a long list by its last row instead of by counting: page 1,000 costs what page 1 costs."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest

SIZE = 50
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page, and the addresses of its neighbours (empty: there is none)."""

    rows: list[M]
    previous_url: str
    next_url: str


def page_of(request: HttpRequest, rows: "models.QuerySet[M]", *order: str, size: int = SIZE) -> Page[M]:
    """Return the page that the address asks for; `order` names columns that together are unique, all up or all down.

    A mark that is no mark of ours is as good as none: the first page comes.
    """
    down = order[0].startswith("-")
    names = [name.lstrip("-") for name in order]
    backwards = _mark(rows.model, names, request.GET.get("before", ""))
    forwards = _mark(rows.model, names, request.GET.get("after", "")) if backwards is None else None
    if backwards is not None:
        found = list(_beyond(rows, names, backwards, up=down).order_by(*_turned(order))[: size + 1])
        more, shown = len(found) > size, found[:size][::-1]
        return Page(shown, _url(request, "before", shown[:1], names) if more else "", _after(request, shown, names))
    kept = rows if forwards is None else _beyond(rows, names, forwards, up=not down)
    found = list(kept.order_by(*order)[: size + 1])
    shown = found[:size]
    previous = _url(request, "before", shown[:1], names) if forwards is not None else ""
    return Page(shown, previous, _after(request, shown, names) if len(found) > size else "")


def _after(request: HttpRequest, shown: list[M], names: list[str]) -> str:
    return _url(request, "after", shown[-1:], names)


def _turned(order: tuple[str, ...]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _beyond(rows: "models.QuerySet[M]", names: list[str], mark: list[Any], *, up: bool) -> "models.QuerySet[M]":
    side = "gt" if up else "lt"
    wanted = Q()
    for at, name in enumerate(names):
        same = dict(zip(names[:at], mark[:at], strict=True))
        wanted |= Q(**same, **{f"{name}__{side}": mark[at]})
    return rows.filter(wanted, **{f"{names[0]}__{side}e": mark[0]})


def _mark(model: type[models.Model], names: list[str], written: str) -> list[Any] | None:
    if not written:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(written.encode()))
        if not isinstance(values, list) or len(values) != len(names) or any("\x00" in str(value) for value in values):
            return None
        return [_field(model, name).to_python(value) for name, value in zip(names, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, ValidationError):
        return None


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _url(request: HttpRequest, side: str, rows: list[M], names: list[str]) -> str:
    if not rows:
        return ""
    mark = json.dumps([getattr(rows[0], name) for name in names], default=str).encode()
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[side] = base64.urlsafe_b64encode(mark).decode()
    return f"?{query.urlencode()}"
