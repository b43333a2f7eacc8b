"""The accounts of the demo and a way into each; the page does not exist in production mode."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.guests import BACKEND
from accounts.models import Membership, User
from accounts.phones import national_phone
from accounts.roles import Role
from cases.choices import Side
from cases.models import Case
from demo.load import PASSES, RESIDENTS
from demo.world import PASSWORD, STAFF
from mediation.models import Offer
from web.frame.home import desk_of


@dataclass(frozen=True)
class Account:
    """One demo account as the page lists it."""

    pk: int
    role: str
    name: str
    place: str
    sign_in: str


def _demo_people() -> list[User]:
    """Everybody who may be entered from the page: staff, companies, committees, regulators, residents."""
    if not settings.DEMO or not User.objects.filter(username=STAFF[0][0]).exists():
        raise Http404
    memberships = Membership.objects.select_related("user", "centre", "region", "company", "committee")
    people = {m.user_id: m.user for m in memberships.order_by("pk") if m.user.is_active}
    residents = User.objects.filter(opens_by_code=True, phone_verified=True).order_by("pk")
    return [*people.values(), *residents[: len(RESIDENTS)]]


def _account(user: User) -> Account:
    membership = user.memberships.select_related("centre", "region", "company", "committee").first()
    if membership is None:
        phone = national_phone(user.phone)
        return Account(
            user.pk, _("居民"), user.display_name, "", _("手机号 %(phone)s，验证码见运行窗口") % {"phone": phone}
        )
    place = membership.centre or membership.region or membership.company or membership.committee
    return Account(user.pk, str(Role(membership.role).label), user.display_name, str(place), user.username)


@never_cache
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """List the demo accounts of every role, with a button that enters as each."""
    rows = [_account(user) for user in _demo_people()]
    passes = json.loads(PASSES.read_text()) if PASSES.exists() else []
    context = {"accounts": rows, "password": PASSWORD, "passes": passes, **_talks({row.pk: row for row in rows})}
    return render(request, "web/entrance/demo/accounts.html", context)


def _talks(known: dict[int, Account]) -> dict[str, Any]:
    """A mediation and the accounts of the three who meet in it: to begin with, and to come back to."""
    rows = Offer.objects.filter(mode=Offer.Mode.OPEN, by__in=known)
    offer = rows.select_related("case").order_by("pk").first()
    if offer is None:
        return {}
    applicant = offer.case.parties.filter(side=Side.APPLICANT).values_list("user", flat=True).first()
    found = [known[key] for key in (applicant, offer.by_id, offer.case.mediator_id) if key in known]
    return {"talks": offer.case, "meet": found}


@require_POST
def enter(request: HttpRequest, user_id: int) -> HttpResponse:
    """Sign the browser in as one of the demo accounts."""
    if user_id not in {user.pk for user in _demo_people()}:
        raise Http404
    user = get_object_or_404(User, pk=user_id)
    logout(request)
    login(request, user, backend=BACKEND)
    wanted = request.POST.get("case", "")[:30].replace("\x00", "")
    case = Case.objects.visible_to(user).filter(number=wanted).first() if wanted else None
    return redirect(case or desk_of(user))


urlpatterns = [
    path("demo/", accounts, name="demo"),
    path("demo/<int:user_id>/", enter, name="demo_enter"),
]
