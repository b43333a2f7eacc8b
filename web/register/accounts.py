"""The system administrator's desk: who may sign in and in which roles; a new password is shown once."""

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import DomainError
from accounts.models import Centre, Membership, User, region_prefix
from accounts.phones import national_phone
from accounts.roles import Role
from audit import accounts
from audit.accounts import AccountAction
from audit.selectors import history
from notifications.contacts import change_account
from web.frame import menu
from web.frame.keyset import page_of
from web.frame.menu import MANAGE, MenuLine
from web.register.account_forms import ContactForm, PersonForm, ReasonForm, RoleForm, shown_person
from web.register.handing_over import LeaveForm, takers_of
from web.templatetags.look import moment
from workflows import handing_over
from workflows.handing_over import Pile

SHOWN = 30
PASSWORD_BYTES = 12


def centres_of(request: HttpRequest) -> list[Centre]:
    """Return the centres whose accounts this person keeps: the own ones and their branches; else there is no page."""
    user = menu.require(request, "desk.accounts")
    own = user.centre_ids(Role.SYSADMIN)
    return list(Centre.objects.filter(Q(pk__in=own) | Q(parent__in=own)))


def kept_accounts(centres: list[Centre]) -> QuerySet[User]:
    """Return the accounts with a role in these centres, in their regions, or in the bodies kept there; no residents."""
    places = Q(centre__in=centres)
    for centre in centres:
        prefix = region_prefix(centre.region_id)
        places |= (
            Q(region__code__startswith=prefix)
            | Q(company__region__code__startswith=prefix)
            | Q(committee__estate__region__code__startswith=prefix)
        )
    theirs = Membership.objects.filter(places, user=OuterRef("pk"))
    nobodys = ~Exists(Membership.objects.filter(user=OuterRef("pk"))) & Q(created_by__isnull=False, is_guest=False)
    return User.objects.filter(Exists(theirs) | nobodys & Q(created_by__memberships__centre__in=centres)).distinct()


def account_or_404(request: HttpRequest, pk: int) -> tuple[list[Centre], User]:
    centres = centres_of(request)
    found = kept_accounts(centres).filter(pk=pk).first()
    if found is None:
        raise Http404
    return centres, found


@never_cache
@require_safe
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """List the accounts, fifty a page, found by name."""
    centres = centres_of(request)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    rows = kept_accounts(centres).prefetch_related(
        "memberships__centre", "memberships__region", "memberships__company", "memberships__committee"
    )
    if text:
        rows = rows.filter(Q(display_name__contains=text) | Q(username__contains=text))
    page = page_of(request, rows, "username", "pk")
    context = {"page": page, "rows": [shown_person(user) for user in page.rows], "text": text}
    return render(request, "web/register/accounts/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_page(request: HttpRequest) -> HttpResponse:
    """Make an account with its first role; its first password is shown once."""
    centres = centres_of(request)
    person, role = PersonForm(request.POST or None), RoleForm(centres, request.POST or None)
    if request.method == "POST" and all([person.is_valid(), role.is_valid()]):
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        at, by = timezone.now(), menu.require(request, "desk.accounts")
        try:
            with transaction.atomic():
                user = accounts.create_staff(**person.cleaned_data, password=password, by=by, at=at)
                grant(user, role, by=by, at=at)
        except DomainError as error:
            person.add_error(None, str(error))
        else:
            return shown_once(request, user, password)
    status = 422 if request.method == "POST" else 200
    context = {"forms": [person, role], "title": _("建立账户"), "back_url": "/desk/accounts/"}
    return render(request, "web/register/accounts/form.html", context, status=status)


def grant(user: User, form: RoleForm, *, by: User, at: Any) -> None:
    given = form.cleaned_data
    accounts.grant_membership(
        user, Role(given["role"]), by=by, at=at, from_date=timezone.localdate(at), **given["where"]
    )


def shown_once(request: HttpRequest, user: User, password: str) -> HttpResponse:
    """Show a new password on this answer only."""
    context = {"account": user, "password": password, "back_url": f"/desk/accounts/{user.pk}/"}
    return render(request, "web/register/accounts/password.html", context)


@never_cache
@require_safe
@login_required
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one account: its roles, what was done with it, what can be done."""
    centres, user = account_or_404(request, pk)
    return render(request, "web/register/accounts/account.html", context_of(request, centres, user))


def context_of(request: HttpRequest, centres: list[Centre], user: User, **forms: Any) -> dict[str, Any]:
    kept = {centre.pk for centre in centres}
    rows = user.memberships.select_related("centre", "region", "company", "committee").order_by("-from_date", "-pk")
    words, today = dict(AccountAction.choices), timezone.localdate()
    return {
        "account": user,
        "own": user.pk == request.user.pk,
        "memberships": [
            {
                "label": f"{Role(m.role).label} · {m.centre or m.region or m.company or m.committee}",
                "when": f"{m.from_date:%Y-%m-%d} – {m.until:%Y-%m-%d}" if m.until else f"{m.from_date:%Y-%m-%d} –",
                "ended": m.until is not None and m.until <= today,
                "holds_seal": m.holds_seal and (m.until is None or m.until > today),
                "seal_url": f"/desk/accounts/{user.pk}/seal/{m.pk}/"
                if m.until is None and m.centre_id in kept and m.role != Role.MEDIATOR
                else "",
                "end_url": f"/desk/accounts/{user.pk}/end/{m.pk}/"
                if m.until is None and (m.centre_id is None or m.centre_id in kept)
                else "",
            }
            for m in rows
        ],
        "role_form": forms.get("role_form") or RoleForm(centres),
        "contact_form": forms.get("contact_form") or contact_form(user),
        "reason_form": forms.get("reason_form") or ReasonForm(),
        "timeline": [
            {
                "title": str(words.get(e.action, e.action)),
                "who": str(e.actor or ""),
                "when": moment(e.at),
                "text": e.reason,
            }
            for e in history(("account", user.pk)).order_by("-sequence")[:SHOWN]
        ],
    }


@never_cache
@require_http_methods(["POST"])
@login_required
def grant_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one more role."""
    centres, user = account_or_404(request, pk)
    form = RoleForm(centres, request.POST)
    if form.is_valid():
        try:
            grant(user, form, by=menu.require(request, "desk.accounts"), at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已授予角色。"))
            return redirect("account", pk)
    return render(
        request, "web/register/accounts/account.html", context_of(request, centres, user, role_form=form), status=422
    )


def contact_form(user: User) -> ContactForm:
    phone = national_phone(user.phone) if user.phone else ""
    return ContactForm(initial={"display_name": user.display_name, "phone": phone, "email": user.email})


@never_cache
@require_http_methods(["POST"])
@login_required
def change_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a name, a mobile or an address for mail; the person is told."""
    centres, user = account_or_404(request, pk)
    form = ContactForm(request.POST)
    if form.is_valid():
        by = menu.require(request, "desk.accounts")
        try:
            changed = change_account(user, **form.cleaned_data, by=by, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已保存，本人会收到通知。") if changed else _("没有改动。"))
            return redirect("account", pk)
    context = context_of(request, centres, user, contact_form=form)
    return render(request, "web/register/accounts/account.html", context, status=422)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end_role(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Let a role end today, what waits for it handed over; nobody ends the own administration."""
    centres, user = account_or_404(request, pk)
    row = user.memberships.filter(pk=membership, until__isnull=True).first()
    if row is None or (row.centre_id and row.centre_id not in {centre.pk for centre in centres}):
        raise Http404
    if user.pk == request.user.pk and row.role == Role.SYSADMIN:
        messages.error(request, _("不能结束自己的系统管理员角色，请由另一位系统管理员办理。"))
        return redirect("account", pk)
    piles, by = handing_over.ending_role(row), menu.require(request, "desk.accounts")
    given = request.method == "POST" and (not piles or "sure" in request.POST)
    form = LeaveForm(piles, request.POST if given else None)
    if given and form.is_valid():
        try:
            handing_over.end_role(row, takers_of(form, piles), by=by, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已结束任职。"))
            return redirect("account", pk)
    title = _("结束任职：%(name)s · %(role)s") % {"name": user, "role": row.get_role_display()}
    return leaving(request, user, form, piles, title)


def leaving(request: HttpRequest, user: User, form: LeaveForm, piles: list[Pile], title: str) -> HttpResponse:
    """Show what waits for somebody who is to leave, and ask who takes it."""
    context = {"account": user, "form": form, "piles": piles, "title": title, "back_url": f"/desk/accounts/{user.pk}/"}
    return render(request, "web/register/accounts/leave.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account, what waits for the person handed over in the same form."""
    _centres, user = account_or_404(request, pk)
    by = menu.require(request, "desk.accounts")
    if user.pk == by.pk:
        messages.error(request, _("不能这样改自己的账户，请由另一位系统管理员办理。"))
        return redirect("account", pk)
    piles = handing_over.ending_account(user)
    given = request.method == "POST" and (not piles or "sure" in request.POST)
    form = LeaveForm(piles, request.POST if given else None, reason=request.POST.get("reason", "")[:200])
    if given and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            handing_over.close_account(user, takers_of(form, piles), reason=reason, by=by, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已办理。"))
            return redirect("account", pk)
    return leaving(request, user, form, piles, _("停用账户：%(name)s") % {"name": user})


@never_cache
@require_http_methods(["POST"])
@login_required
def keep_seal(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Register or strike out somebody as keeper of the seal of one centre."""
    centres, user = account_or_404(request, pk)
    row = user.memberships.filter(pk=membership, until__isnull=True, centre__in=centres).first()
    if row is None or row.role == Role.MEDIATOR:
        raise Http404
    by = menu.require(request, "desk.accounts")
    accounts.set_seal_holder(row, holds="keep" in request.POST, by=by, at=timezone.now())
    messages.success(request, _("已登记为印章保管人。") if "keep" in request.POST else _("已取消印章保管。"))
    return redirect("account", pk)


@never_cache
@require_http_methods(["POST"])
@login_required
def switch(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Open an account again, free it of its one-time code, or give it a new password."""
    centres, user = account_or_404(request, pk)
    by, at, form = menu.require(request, "desk.accounts"), timezone.now(), ReasonForm(request.POST)
    if user.pk == by.pk:
        messages.error(request, _("不能这样改自己的账户，请由另一位系统管理员办理。"))
        return redirect("account", pk)
    if what == "password":
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        accounts.set_password(user, password, by=by, at=at)
        return shown_once(request, user, password)
    if not form.is_valid():
        context = context_of(request, centres, user, reason_form=form)
        return render(request, "web/register/accounts/account.html", context, status=422)
    done = {
        "reopen": accounts.reactivate_user,
        "second-factor": accounts.reset_second_factor,
        "demand-second-factor": accounts.demand_second_factor,
        "release-second-factor": accounts.release_second_factor,
    }.get(what)
    if done is None:
        raise Http404
    done(user, by=by, at=at, reason=form.cleaned_data["reason"])
    messages.success(request, _("已办理。"))
    return redirect("account", pk)


IN_MENU = MenuLine(gettext_lazy("账户"), "/desk/accounts/", "desk.accounts", MANAGE)

urlpatterns = [
    path("desk/accounts/", list_page, name="accounts"),
    path("desk/accounts/new/", new_page, name="new_account"),
    path("desk/accounts/<int:pk>/", account_page, name="account"),
    path("desk/accounts/<int:pk>/contact/", change_contact, name="account_contact"),
    path("desk/accounts/<int:pk>/grant/", grant_role, name="account_grant"),
    path("desk/accounts/<int:pk>/end/<int:membership>/", end_role, name="account_end_role"),
    path("desk/accounts/<int:pk>/seal/<int:membership>/", keep_seal, name="account_keep_seal"),
    path("desk/accounts/<int:pk>/close/", close, name="account_close"),
    path("desk/accounts/<int:pk>/<slug:what>/", switch, name="account_switch"),
]
