"""The page that leads the administrator of a new centre through what it still lacks, and opens branches."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import DomainError
from accounts.models import Centre, SetupMark, User
from accounts.roles import Role
from audit.centres import finish_setup, mark_setup
from web.frame import doors, menu
from web.frame.menu import MANAGE, MenuLine
from web.register.setup_forms import BackupForm, BranchForm
from workflows.opening import open_centre
from workflows.setting_up import SetupItem, missing_of, send_test, setup_of

Mark = SetupMark.Item
TESTED = {"sms": Mark.SMS, "email": Mark.EMAIL}


def centre_being_set_up(request: HttpRequest, code: str) -> tuple[User, Centre, list[Centre]]:
    """Return the administrator, the asked centre (or the first) and all that are still being set up; else 404."""
    user = menu.require(request, "desk.setup")
    centres = unfinished_centres(user)
    centre = next((one for one in centres if not code or one.code == code), None)
    if centre is None:
        raise Http404
    return user, centre, centres


@never_cache
@require_safe
@login_required
def setup_page(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show what is done and what is missing; once nothing is, there is no such page any more."""
    user, centre, centres = centre_being_set_up(request, code)
    items = setup_of(centre, at=timezone.now())
    if not missing_of(items):
        messages.success(request, _("%(centre)s的开办事项都办好了。") % {"centre": centre.name})
        return redirect("centre", centre.code)
    return shown(request, user, centre, centres, items)


def shown(
    request: HttpRequest,
    user: User,
    centre: Centre,
    centres: list[Centre],
    items: list[SetupItem],
    *,
    backup: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    roles = centre.roles_of(user)
    tabs = [{"url": f"/desk/setup/{one.code}/", "label": one.name, "current": one == centre} for one in centres]
    context = {
        "centre": centre,
        "tabs": tabs if len(tabs) > 1 else [],
        "rows": [_row(item, roles) for item in items],
        "done": len(items) - len(missing_of(items)),
        "all": len(items),
        "backup": backup or BackupForm(),
        "mobile": user.phone,
        "email": user.email,
        "branches": centre.parent_id is None,
    }
    return render(request, "web/register/setup/setup.html", context, status=status)


def _row(item: SetupItem, roles: frozenset[Role]) -> dict[str, Any]:
    """A page that only others may open is named with who opens it, instead of a link that leads nowhere."""
    mine = bool(item.who & roles)
    who = [str(role.label) for role in (Role.DIRECTOR, Role.INTAKE) if role in item.who]
    return {
        "title": item.title,
        "done": item.done,
        "detail": item.detail,
        "url": item.url if mine else "",
        "who": "" if mine else _("由%(who)s办理") % {"who": _("或者").join(who)},
    }


@never_cache
@require_POST
@login_required
def test_message(request: HttpRequest, code: str, channel: str) -> HttpResponse:
    """Send the administrator a message on one way and say what came of it."""
    user, centre, _centres = centre_being_set_up(request, code)
    if channel not in TESTED:
        raise Http404
    try:
        mark = send_test(centre, TESTED[channel], by=user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        say = messages.success if mark.done else messages.warning
        say(request, _("%(what)s：%(note)s。") % {"what": mark.get_item_display(), "note": mark.note})
    return redirect("setup", centre.code)


@never_cache
@require_POST
@login_required
def clocks_looked_at(request: HttpRequest, code: str) -> HttpResponse:
    """Keep that the administrator has looked at the days of the clocks."""
    user, centre, _centres = centre_being_set_up(request, code)
    mark_setup(centre, Mark.CLOCKS, done=True, by=user, at=timezone.now())
    messages.success(request, _("已记录。"))
    return redirect("setup", centre.code)


@never_cache
@require_POST
@login_required
def backup(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what the administrator says about the backup, with its date."""
    user, centre, centres = centre_being_set_up(request, code)
    form = BackupForm(request.POST)
    if not form.is_valid():
        items = setup_of(centre, at=timezone.now())
        return shown(request, user, centre, centres, items, backup=form, status=422)
    mark_setup(centre, Mark.BACKUP, done=True, note=form.sentence(), by=user, at=timezone.now())
    messages.success(request, _("已记录。"))
    return redirect("setup", centre.code)


@never_cache
@require_POST
@login_required
def finish(request: HttpRequest, code: str) -> HttpResponse:
    """Close the page, with whatever is still missing named in the journal."""
    user, centre, _centres = centre_being_set_up(request, code)
    missing = [item.title for item in missing_of(setup_of(centre, at=timezone.now()))]
    finish_setup(centre, missing=missing, by=user, at=timezone.now())
    left = _("还没有办的：%(items)s。") % {"items": _("、").join(missing)} if missing else ""
    messages.success(request, _("开办页面已经结束。") + left)
    return redirect("centre", centre.code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def branch(request: HttpRequest) -> HttpResponse:
    """Open a branch below one of the administrator's centres."""
    user = menu.require(request, "desk.setup")
    parents = [one for one in kept_centres(user) if one.parent_id is None]
    if not parents:
        raise Http404
    form = BranchForm(parents, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_centre(administrator=None, by=user, at=timezone.now(), **form.settled())
        except DomainError as error:
            form.add_error(None, str(error))
            return _branch_page(request, form, status=doors.status_of(error))
        messages.success(request, _("已开设%(centre)s。") % {"centre": opened.centre.name})
        return redirect("setup", opened.centre.code)
    return _branch_page(request, form, status=422 if request.method == "POST" else 200)


def _branch_page(request: HttpRequest, form: BranchForm, *, status: int) -> HttpResponse:
    context = {"forms": [form], "title": _("开设分中心"), "back_url": "/desk/centre/"}
    return render(request, "web/register/accounts/form.html", context, status=status)


def kept_centres(user: User) -> list[Centre]:
    """Return the centres that an administrator looks after: the own ones and their branches."""
    own = user.centre_ids(Role.SYSADMIN)
    return list(Centre.objects.filter(Q(pk__in=own) | Q(parent__in=own)).select_related("region", "parent"))


def unfinished_centres(user: User) -> list[Centre]:
    """Return those of them whose setup nobody has ended."""
    return [centre for centre in kept_centres(user) if centre.set_up_at is None]


def setup_left(request: HttpRequest) -> int:
    """Count what is still missing at the centres being set up: nothing, and the page is gone from the menu."""
    kept: int | None = getattr(request, "_setup_left", None)
    if kept is None:
        user: Any = request.user
        items = [item for one in unfinished_centres(user) for item in setup_of(one, at=timezone.now())]
        kept = request._setup_left = len(missing_of(items))  # type: ignore[attr-defined]
    return kept


IN_MENU = MenuLine(gettext_lazy("开办中心"), "/desk/setup/", "desk.setup", MANAGE, number=setup_left, when_waiting=True)

urlpatterns = [
    path("desk/setup/", setup_page, name="own_setup"),
    path("desk/setup/<slug:code>/", setup_page, name="setup"),
    path("desk/setup/<slug:code>/test/<slug:channel>/", test_message, name="setup_test"),
    path("desk/setup/<slug:code>/clocks/", clocks_looked_at, name="setup_clocks"),
    path("desk/setup/<slug:code>/backup/", backup, name="setup_backup"),
    path("desk/setup/<slug:code>/finish/", finish, name="setup_finish"),
    path("desk/branches/new/", branch, name="new_branch"),
]
