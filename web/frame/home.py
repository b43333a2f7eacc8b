"""The front page, and the way from it to everybody's own desk."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import CENTRE_ROLES, Role


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Greet a visitor; send whoever is signed in to the own desk."""
    user = request.user
    if not isinstance(user, User) or user.is_guest:
        return render(request, "web/frame/home/home.html", {"guest": isinstance(user, User)})
    return redirect(desk_of(user))


def desk_of(user: Any) -> str:
    """Return the address of the desk that belongs to somebody's roles."""
    roles = user.roles()
    if user.is_centre_staff:
        return "/desk/accounts/" if roles & CENTRE_ROLES == {Role.SYSADMIN} else "/desk/"
    if Role.REGULATOR in roles:
        return "/region/"
    return "/company/" if roles & {Role.COMPANY_USER, Role.COMMITTEE_USER} else "/my/"


def home_of(user: Any) -> dict[str, Any]:
    """Say where the list of this reader's cases is, and what it is called there."""
    if user.company_ids() or user.committee_ids():
        return {"home_url": "/company/", "home_label": _("本单位案件")}
    return {"home_url": "/my/", "home_label": _("我的事情")}


urlpatterns = [path("", home, name="home")]
