"""The menu of a desk: only what the policy allows, with what waits; its lines are written in `web.urls.MENU`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models.query import QuerySet
from django.http import Http404, HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import User
from accounts.roles import CENTRE_ROLES, Role
from cases.selectors import COUNT_CAP, Desk, capped_counts, desk_of
from notifications.selectors import unread, unread_count

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

WORK, CASES, MANAGE = _("我的工作"), _("案件"), _("管理")


@dataclass(frozen=True)
class MenuLine:
    """A page with a line in the menu of those whom `permission` lets in, and what waits there.

    `lists`: what the page lists, by name; all lists of a menu are counted in one query. `count` names the one whose
    number stands behind the line. `number` counts by itself. With `when_waiting` the line is there only with a number.
    """

    label: "_StrOrPromise"
    url: str
    permission: str
    group: "_StrOrPromise"
    lists: Callable[[Desk], Mapping[str, QuerySet[Any]]] | None = None
    count: str = ""
    number: Callable[[HttpRequest], int] | None = None
    when_waiting: bool = False


@dataclass(frozen=True)
class MenuItem:
    """One line of a desk's menu; lines of one group stand together."""

    label: str
    url: str
    count: str | int | None = None
    current: bool = False
    group: str = ""


def require(request: HttpRequest, permission: str) -> User:
    """Return the person if they hold a role for this desk; else there is no such page."""
    user: Any = request.user
    if not user.is_authenticated or not policy.allows(user, permission, policy.EVERYWHERE):
        raise Http404
    found: User = user
    return found


def desk(request: HttpRequest) -> Desk:
    """Return where the person works, read once for a request."""
    kept: Desk | None = getattr(request, "_desk", None)
    if kept is None:
        kept = desk_of(request.user)  # type: ignore[arg-type]
        request._desk = kept  # type: ignore[attr-defined]
    return kept


@cache
def written(name: str) -> tuple[MenuLine, ...]:
    """Return the lines of every menu in their order, written down where all pages are known."""
    found: tuple[MenuLine, ...] = import_string(name)
    return found


def lines_for(user: User) -> list[MenuLine]:
    held = user.roles()  # read once: the policy is asked for every line
    return [line for line in written(settings.DESK_MENU) if policy.RULES[line.permission] & held]


def counts(request: HttpRequest) -> dict[str, int]:
    """Return what waits at this person's desk, in one query for a request."""
    kept: dict[str, int] | None = getattr(request, "_desk_counts", None)
    if kept is None:
        here = desk(request)
        lists: dict[str, QuerySet[Any]] = {"unread": unread(here.user)}
        for line in lines_for(here.user):
            lists |= line.lists(here) if line.lists is not None else {}
        kept = request._desk_counts = capped_counts(lists)  # type: ignore[attr-defined]
    return kept


def shown(count: int) -> str:
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def unread_of(request: HttpRequest) -> int:
    kept: int | None = getattr(request, "_unread", None)
    if kept is None:
        user: Any = request.user
        if user.is_authenticated and user.is_centre_staff:
            kept = counts(request)["unread"]
        else:
            kept = unread_count(user) if user.is_authenticated else 0
        request._unread = kept  # type: ignore[attr-defined]
    return kept


def role_label(request: HttpRequest) -> str:
    """Say what somebody is at the centre, the first of the roles."""
    user: Any = request.user
    held = user.roles() if user.is_authenticated else frozenset()
    return next((str(role.label) for role in Role if role in held and role in CENTRE_ROLES), "")


def menu_of(request: HttpRequest) -> list[MenuItem]:
    """Return the menu of the person's desk; nobody else's pages are in it."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_centre_staff:
        return []
    here = request.get_full_path()
    lines = list(_lines(request, user))
    best = max((one for one in lines if _leads_to(one.url, here)), key=lambda one: len(one.url), default=None)
    return [MenuItem(one.label, one.url, one.count, one is best, one.group) for one in lines]


def _leads_to(url: str, here: str) -> bool:
    path, _mark, query = url.partition("?")
    return here == path if not query else here.startswith(path + "?") and query in here


def _lines(request: HttpRequest, user: User) -> Iterator[MenuItem]:
    for line in lines_for(user):
        if line.number is not None:
            number = line.number(request)
        else:
            number = counts(request).get(line.count, 0) if line.count else 0
        if number or not line.when_waiting:
            count = shown(number) if line.count else number or None
            yield MenuItem(str(line.label), line.url, count, group=str(line.group))
