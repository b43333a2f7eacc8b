"""The retention desk: dossiers whose period is over, lists for destruction, who decided, what was destroyed."""

from typing import Any

from django.contrib import messages
from django.db import OperationalError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import DomainError
from accounts.models import Centre, User
from accounts.roles import Role
from cases import retention
from cases.models import Case, DestructionItem, DestructionList
from web.frame import doors, keyset, menu
from web.frame.menu import MANAGE, MenuLine
from web.templatetags.look import due_day, moment
from workflows.destruction import destroy

SIZE = 50
LISTS_SHOWN = 20
State = DestructionList.State


def _centres(request: HttpRequest, *roles: Role) -> frozenset[int]:
    here = menu.desk(request)
    return frozenset().union(*(here.places.get(role, frozenset()) for role in roles))


@require_safe
def retention_page(request: HttpRequest) -> HttpResponse:
    """Show the candidates and the lists of the centres whose shelf this person keeps or directs."""
    menu.require(request, "desk.retention")
    return _shelf(request)


def _shelf(request: HttpRequest, refusal: doors.Refused | None = None) -> HttpResponse:
    """Render the page; with the choice and the words kept where they were not taken."""
    user = doors.user_of(request)
    centres = _centres(request, Role.ARCHIVIST, Role.DIRECTOR)
    own = menu.desk(request).own
    found = retention.candidates(timezone.localdate()).filter(centre__in=centres).exclude(pk__in=own)
    page = keyset.page_of(request, found, "archived_at", "pk", size=SIZE)
    lists = (
        DestructionList.objects.filter(centre__in=centres)
        .select_related("centre", "proposed_by", "decided_by", "executed_by")
        .annotate(count=Count("items"), left=Count("items", filter=~Q(items__left_out="")))
        .order_by("-pk")[:LISTS_SHOWN]
    )
    context = {
        "rows": [_candidate(case) for case in page.rows],
        "previous_url": page.previous_url,
        "next_url": page.next_url,
        "may_propose": bool(_centres(request, Role.ARCHIVIST)),
        "lists": [_list(row, user, request) for row in lists],
        "refused": refusal,
        "chosen": _chosen(request) if refusal else set(),
    }
    status = refusal.status if refusal else 200
    return render(request, "web/desks/retention/retention.html", context, status=status)


def _candidate(case: Case) -> dict[str, Any]:
    return {
        "key": case.pk,
        "url": f"/cases/{case.number}/dossier/",
        "dossier": case.dossier_number,
        "number": case.case_number or case.number,
        "retention": case.get_retention_display(),
        "archived": moment(case.archived_at),
        "until": due_day(retention.kept_until(case)),
    }


def _list(row: Any, user: User, request: HttpRequest) -> dict[str, Any]:
    steps = [(_("提出"), row.proposed_by, row.proposed_at), (_("决定"), row.decided_by, row.decided_at),
             (_("执行"), row.executed_by, row.executed_at)]  # fmt: skip
    directs = row.centre_id in _centres(request, Role.DIRECTOR)
    keeps = row.centre_id in _centres(request, Role.ARCHIVIST)
    return {
        "key": row.pk,
        "number": row.number,
        "state": row.get_state_display(),
        "reason": row.reason,
        "note": row.note,
        "count": row.count,
        "left": row.left,
        "url": f"/desk/retention/{row.pk}/",
        "steps": [f"{label} {who} {moment(at)}" for label, who, at in steps if who],
        "may_decide": row.state == State.PROPOSED and directs and row.proposed_by_id != user.pk,
        "may_execute": row.state == State.APPROVED and keeps,
    }


def _find(request: HttpRequest, key: int) -> DestructionList:
    centres = _centres(request, Role.ARCHIVIST, Role.DIRECTOR)
    row = DestructionList.objects.filter(pk=key, centre__in=centres).select_related("centre").first()
    if row is None:
        raise Http404
    return row


@require_safe
def list_page(request: HttpRequest, key: int) -> HttpResponse:
    """Show one list with every dossier on it: before the decision what is proposed, afterwards the record."""
    menu.require(request, "desk.retention")
    return _list_page(request, _find(request, key))


def _list_page(request: HttpRequest, row: DestructionList, refusal: doors.Refused | None = None) -> HttpResponse:
    user = doors.user_of(request)
    items = DestructionItem.objects.filter(list=row).select_related("case").order_by("pk")
    row.count, row.left = len(items), sum(bool(one.left_out) for one in items)  # type: ignore[attr-defined]
    context = {
        "list": _list(row, user, request),
        "items": [
            {
                "dossier": one.dossier_number,
                "url": f"/cases/{one.case.number}/dossier/",
                "retention": one.get_retention_display(),
                "until": due_day(one.kept_until),
                "outcome": _outcome(one),
            }
            for one in items
        ],
        "refused": refusal,
    }
    return render(request, "web/desks/retention/list.html", context, status=refusal.status if refusal else 200)


def _outcome(item: DestructionItem) -> str:
    if item.left_out:
        return _("未销毁：%(why)s") % {"why": item.left_out}
    if item.destroyed_at is None:
        return ""
    given = {"when": moment(item.destroyed_at), "files": item.files, "fields": item.fields}
    return _("%(when)s销毁，文件%(files)d个，文字%(fields)d项") % given


@require_POST
@doors.answering_errors
def propose(request: HttpRequest) -> HttpResponse:
    """Put the chosen dossiers on a list, one list for each centre that they belong to."""
    menu.require(request, "desk.retention")
    try:
        row = _propose(request)
    except (DomainError, OperationalError) as error:
        return _shelf(request, doors.refused(request, "reason", error))
    messages.success(request, _("已提出清册%(number)s，等另一位同事批准。") % {"number": row.number})
    return redirect(f"/desk/retention/{row.pk}/")


def _chosen(request: HttpRequest) -> set[int]:
    return {int(key) for key in request.POST.getlist("case") if key.isascii() and key.isdigit() and len(key) < 18}


def _propose(request: HttpRequest) -> DestructionList:
    keys = _chosen(request)
    cases = list(
        Case.objects.filter(pk__in=keys, centre__in=_centres(request, Role.ARCHIVIST)).select_related("centre")
    )
    if not cases or len(cases) != len(keys):
        raise retention.RetentionError(_("请至少选一个卷宗；页面可能已过期，请刷新后再选。"))
    centres: dict[Centre, list[Case]] = {}
    for case in cases:
        centres.setdefault(case.centre, []).append(case)
    if len(centres) > 1:
        raise retention.RetentionError(_("一份清册只能有一个中心的卷宗，请分开提出。"))
    [(centre, chosen)] = centres.items()
    reason = request.POST.get("reason", "").replace("\x00", "")
    return retention.propose(centre, chosen, reason=reason, by=doors.user_of(request), at=timezone.now())


@require_POST
@doors.answering_errors
def decide(request: HttpRequest, key: int, approve: bool) -> HttpResponse:
    """Approve a list, or turn it down with a word why."""
    user, row = menu.require(request, "desk.retention"), _find(request, key)
    note = request.POST.get("note", "").replace("\x00", "")
    try:
        retention.decide(row, approve=approve, note=note, by=user, at=timezone.now())
    except (DomainError, OperationalError) as error:
        return _list_page(request, _find(request, key), doors.refused(request, "" if approve else "note", error))
    messages.success(request, _("已批准。") if approve else _("已退回。"))
    return redirect(f"/desk/retention/{row.pk}/")


@require_POST
@doors.answering_errors
def execute(request: HttpRequest, key: int) -> HttpResponse:
    """Destroy what is on an approved list; the number of the list is typed again, so that nobody does it by a slip."""
    user, row = menu.require(request, "desk.retention"), _find(request, key)
    try:
        if request.POST.get("number", "").strip() != row.number:
            raise retention.RetentionError(_("请照原样填写清册编号，再执行销毁。"))
        done = destroy(row, by=user, at=timezone.now())
    except (DomainError, OperationalError) as error:
        return _list_page(request, _find(request, key), doors.refused(request, "number", error))
    messages.success(request, ngettext("已销毁%(n)d个卷宗。", "已销毁%(n)d个卷宗。", done) % {"n": done})
    return redirect(f"/desk/retention/{row.pk}/")


IN_MENU = MenuLine(gettext_lazy("保管和销毁"), "/desk/retention/", "desk.retention", MANAGE)

urlpatterns = [
    path("desk/retention/", retention_page, name="desk_retention"),
    path("desk/retention/propose/", propose, name="retention_propose"),
    path("desk/retention/<int:key>/", list_page, name="retention_list"),
    path("desk/retention/<int:key>/approve/", decide, {"approve": True}, name="retention_approve"),
    path("desk/retention/<int:key>/refuse/", decide, {"approve": False}, name="retention_refuse"),
    path("desk/retention/<int:key>/execute/", execute, name="retention_execute"),
]
