"""The register of companies, estates and owners' committees: lists, one of them, forms, spreadsheets."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts import policy
from accounts.errors import DomainError
from accounts.models import Centre, User
from audit.models import Entry
from audit.selectors import history
from cases.models import Case
from members import selectors, services
from members.imports import COLUMNS, TITLES, Kind, import_file
from members.models import Company, Estate, OwnersCommittee, ServiceTerm
from members.services import MemberAction
from members.template_files import template_file
from web.frame.keyset import page_of
from web.frame.menu import MANAGE, MenuLine, require
from web.register.member_forms import (
    MOST_ROWS,
    CommitteeForm,
    CompanyForm,
    EndServiceForm,
    EstateForm,
    ImportForm,
    ServiceForm,
    put_error,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HISTORY = 20
MOST_TERMS = 200
View = Callable[..., HttpResponse]


def desk(view: View) -> View:
    """Open a page to those who keep the register; the others find no such page."""

    @login_required
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(request, "desk.members")
        return view(request, *args, **kwargs)

    return opened


@require_safe
@desk
def front(request: HttpRequest) -> HttpResponse:
    return redirect("members_companies")


# --- companies --------------------------------------------------------------------------------------------------------


@require_safe
@desk
def companies(request: HttpRequest) -> HttpResponse:
    """List companies by name."""
    text = _typed(request)
    page = page_of(request, selectors.companies(text), "name", "pk")
    return render(
        request, "web/register/members/companies.html", {"page": page, "text": text, "tabs": _tabs("companies")}
    )


@require_safe
@desk
def company(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one company, what it serves and how many cases concern it."""
    found = get_object_or_404(Company.objects.select_related("region"), pk=pk)
    context = {
        "company": found,
        "facts": _facts(found) + _alike(selectors.spelt_alike(found)[:10]),
        "terms": list(selectors.served_by(found)[:MOST_TERMS]),
        "cases": _cases_of(request.user, parties__company=found),
        "history": _history("company", found.pk),
    }
    return render(request, "web/register/members/company.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def edit_company(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Enter a company or change it."""
    found = get_object_or_404(Company.objects.select_related("region__parent__parent"), pk=pk) if pk else None
    form = CompanyForm(request.POST or None, instance=found, centres=_keeping(request))

    def store(**fields: Any) -> Company:
        if found is None:
            return services.create_company(**fields)
        services.update_company(found, **fields)
        return found

    back = _url_of(found) if found else "/members/companies/"
    return _form_page(request, form, store, title=_("修改企业") if found else _("登记企业"), back=back)


# --- estates ----------------------------------------------------------------------------------------------------------


@require_safe
@desk
def estates(request: HttpRequest) -> HttpResponse:
    """List estates by name, each with the company that serves it now."""
    text = _typed(request)
    page = page_of(request, selectors.estates(text), "name", "pk")
    return render(request, "web/register/members/estates.html", {"page": page, "text": text, "tabs": _tabs("estates")})


@require_safe
@desk
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one estate: who serves it, its committees, how many cases it has."""
    found = get_object_or_404(Estate.objects.select_related("region__parent"), pk=pk)
    context = {
        "estate": found,
        "facts": _facts(found) + _alike(selectors.spelt_alike(found)[:10]),
        "terms": list(found.service_terms.select_related("company")[:MOST_TERMS]),
        "committees": list(selectors.committees_of(found)[:MOST_TERMS]),
        "today": timezone.localdate(),
        "cases": _cases_of(request.user, estate=found),
        "history": _history("estate", found.pk),
    }
    return render(request, "web/register/members/estate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def edit_estate(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Enter an estate or change it."""
    found = get_object_or_404(Estate.objects.select_related("region"), pk=pk) if pk else None
    form = EstateForm(request.POST or None, instance=found, centres=_keeping(request))

    def store(**fields: Any) -> Estate:
        if found is None:
            return services.create_estate(**fields)
        services.update_estate(found, **fields)
        return found

    back = _url_of(found) if found else "/members/estates/"
    return _form_page(request, form, store, title=_("修改小区") if found else _("登记小区"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def begin_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a company in charge of an estate from a day on."""
    found = get_object_or_404(Estate, pk=pk)

    def store(*, company: Company, **fields: Any) -> Estate:
        services.begin_service(found, company, **fields)
        return found

    title = _("%(estate)s：登记物业企业") % {"estate": found.name}
    return _form_page(request, ServiceForm(request.POST or None), store, title=title, back=_url_of(found))


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def end_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the last day of a company's service."""
    term = get_object_or_404(ServiceTerm.objects.select_related("estate", "company"), pk=pk)

    def store(**fields: Any) -> Estate:
        services.end_service(term, **fields)
        return term.estate

    title = _("%(company)s在%(estate)s的服务到哪一天为止") % {"company": term.company.name, "estate": term.estate.name}
    return _form_page(request, EndServiceForm(request.POST or None), store, title=title, back=_url_of(term.estate))


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def add_committee(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the owners' committee of a term of office."""
    found = get_object_or_404(Estate, pk=pk)
    form = CommitteeForm(request.POST or None, initial={"name": _("%(estate)s业主委员会") % {"estate": found.name}})

    def store(**fields: Any) -> Estate:
        services.create_committee(estate=found, **fields)
        return found

    title = _("%(estate)s：登记业主委员会") % {"estate": found.name}
    return _form_page(request, form, store, title=title, back=_url_of(found))


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def edit_committee(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an owners' committee."""
    found = get_object_or_404(OwnersCommittee.objects.select_related("estate"), pk=pk)

    def store(**fields: Any) -> Estate:
        services.update_committee(found, **fields)
        return found.estate

    form = CommitteeForm(request.POST or None, instance=found)
    return _form_page(request, form, store, title=_("修改业主委员会"), back=_url_of(found.estate))


def _form_page(
    request: HttpRequest, form: forms.BaseForm, store: Callable[..., Any], *, title: str, back: str
) -> HttpResponse:
    """Show a form; store what is right and go on to the thing, show what is wrong with everything typed."""
    if request.method == "POST" and form.is_valid():
        try:
            stored = store(by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            put_error(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect(_url_of(stored))
    status = 422 if request.method == "POST" else 200
    return render(
        request, "web/register/members/form.html", {"form": form, "title": title, "back_url": back}, status=status
    )


def _keeping(request: HttpRequest) -> list[Centre]:
    """Return the centres for which this person keeps the register."""
    here = require(request, "desk.members").centre_ids(*policy.RULES["register.edit"])
    return list(Centre.objects.filter(pk__in=here).select_related("region"))


def _url_of(thing: Company | Estate) -> str:
    return f"/members/{'companies' if isinstance(thing, Company) else 'estates'}/{thing.pk}/"


# --- spreadsheets -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a spreadsheet and say of every bad line what is wrong with it."""
    what = _kind(kind)
    form = ImportForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        try:
            report = import_file(
                what,
                form.cleaned_data["file"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                skip_bad=form.cleaned_data["skip_bad"],
                most_rows=MOST_ROWS,
            )
        except DomainError as error:
            form.add_error("file", str(error))
    refused = request.method == "POST" and (report is None or not report.stored)
    context = {
        "form": form,
        "kind": what,
        "title": _("导入%(what)s") % {"what": TITLES[what]},
        "report": report,
        "columns": COLUMNS[what],
        "back_url": "/members/companies/" if what == Kind.COMPANIES else "/members/estates/",
    }
    return render(request, "web/register/members/import.html", context, status=422 if refused else 200)


@require_GET
@desk
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out the empty spreadsheet."""
    what = _kind(kind)
    headers = {"Content-Disposition": f'attachment; filename="{what.value}.xlsx"'}
    return HttpResponse(template_file(what), content_type=XLSX, headers=headers)


def _kind(written: str) -> Kind:
    if written not in set(Kind):
        raise Http404
    return Kind(written)


# --- parts of the pages -----------------------------------------------------------------------------------------------


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:60]


def _tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"url": "/members/companies/", "label": _("企业"), "current": current == "companies"},
        {"url": "/members/estates/", "label": _("小区与业委会"), "current": current == "estates"},
    ]


def _cases_of(user: Any, **wanted: Any) -> int:
    return Case.objects.visible_to(user).filter(**wanted).distinct().count()


def _facts(thing: Company | Estate) -> list[dict[str, Any]]:
    if isinstance(thing, Company):
        return [
            {"label": _("统一社会信用代码"), "value": thing.credit_code},
            {"label": _("地区"), "value": thing.region.name},
            {"label": _("会员单位"), "value": thing.member_number or _("是") if thing.is_member else _("否")},
            {"label": _("法定代表人"), "value": thing.legal_representative},
            {"label": _("联系人"), "value": " ".join(filter(None, [thing.contact_name, thing.phone]))},
            {"label": _("住所"), "value": thing.address},
        ]
    above = f"{thing.region.parent.name} " if thing.region.parent else ""
    return [
        {"label": _("区县"), "value": f"{above}{thing.region.name}"},
        {"label": _("街道"), "value": thing.street},
        {"label": _("地址"), "value": thing.address},
        {"label": _("户数"), "value": f"{thing.households:,}"},
        {"label": _("建筑面积（平方米）"), "value": f"{thing.area:,}"},
    ]


def _alike(others: Iterable[Company | Estate]) -> list[dict[str, Any]]:
    """Say which other rows of the register have the same name in whatever spelling: nobody merges them in silence."""
    named = [f"{row.name} {row.credit_code if isinstance(row, Company) else row.address}" for row in others]
    return [{"label": _("同名的另有"), "value": "\n".join([*named, _("请核对是不是同一家。")])}] if named else []


ACTIONS = dict(MemberAction.choices) | {"": gettext_lazy("变更")}


def _history(kind: str, key: int) -> list[dict[str, Any]]:
    entries: list[Entry] = list(history((kind, key)).reverse()[:HISTORY])
    return [
        {"title": ACTIONS.get(e.action, e.action), "when": timezone.localtime(e.at).strftime("%Y-%m-%d %H:%M"),
         "who": _actor(e.actor)}
        for e in entries
    ]  # fmt: skip


def _actor(user: User | None) -> str:
    return str(user) if user else _("系统")


COMPANIES = MenuLine(gettext_lazy("会员企业"), "/members/companies/", "desk.members", MANAGE)
ESTATES = MenuLine(gettext_lazy("小区与业委会"), "/members/estates/", "desk.members", MANAGE)

urlpatterns = [
    path("members/", front, name="members_front"),
    path("members/companies/", companies, name="members_companies"),
    path("members/companies/new/", edit_company, name="members_new_company"),
    path("members/companies/<int:pk>/", company, name="members_company"),
    path("members/companies/<int:pk>/edit/", edit_company, name="members_edit_company"),
    path("members/estates/", estates, name="members_estates"),
    path("members/estates/new/", edit_estate, name="members_new_estate"),
    path("members/estates/<int:pk>/", estate, name="members_estate"),
    path("members/estates/<int:pk>/edit/", edit_estate, name="members_edit_estate"),
    path("members/estates/<int:pk>/service/", begin_service, name="members_begin_service"),
    path("members/estates/<int:pk>/committee/", add_committee, name="members_add_committee"),
    path("members/terms/<int:pk>/end/", end_service, name="members_end_service"),
    path("members/committees/<int:pk>/edit/", edit_committee, name="members_edit_committee"),
    path("members/<slug:kind>/import/", upload, name="members_import"),
    path("members/<slug:kind>/template.xlsx", template, name="members_template"),
]
