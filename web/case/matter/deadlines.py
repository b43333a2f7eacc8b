"""The deadlines of a case, for the desk and for the parties: rule, law, count, pauses, moves, kept or late."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import limitation
from cases.deadlines import rule_of
from cases.ledger import Entry, Moved, ledger
from cases.models import Deadline, DeadlineMove
from web.case.case_file import CaseFile
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.templatetags.look import due_day, moment

State = Deadline.State


@case_view()
def deadlines_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show every clock of a case, or with `?fragment=1` only the part that changes by itself."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    entries = ledger(case, today=file.today, for_party=file.as_party)
    context = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "case": case,
        "as_party": file.as_party,
        "case_url": case_url(case),
        "live_topic": case.topic,
        "region_url": f"{case_url(case)}deadlines/?fragment=1",
        "groups": [group for group in _groups(file, entries) if group["rows"]],
        "limitation": limitation.notes(case),
    }
    template = (
        "web/case/matter/deadlines/_ledger.html"
        if "fragment" in request.GET
        else "web/case/matter/deadlines/ledger.html"
    )
    return render(request, template, context)


def _groups(file: CaseFile, entries: list[Entry]) -> list[Row]:
    rows = [(entry.deadline.state in {State.RUNNING, State.PAUSED}, _row(file, entry)) for entry in entries]
    return [
        {"title": _("正在计时"), "rows": [row for running, row in rows if running]},
        {"title": _("已经结束"), "rows": [row for running, row in reversed(rows) if not running]},
    ]


def _row(file: CaseFile, entry: Entry) -> Row:
    deadline = entry.deadline
    running = deadline.state == State.RUNNING
    rows = [
        (_("规则"), rule_of(deadline)),
        (_("依据"), _(deadline.legal_basis)),
        (_("起算"), _("%(day)s，%(event)s") % {"day": due_day(deadline.start), "event": _(deadline.start_event)}),
        (_("最初到期日"), due_day(deadline.first_due) if deadline.first_due != deadline.due else ""),
        (_("到期日"), due_day(deadline.due)),
    ]
    return {
        "key": deadline.pk,
        "name": deadline.get_clock_display(),
        "clock": deadline.clock,
        "days_left": file.days_left(deadline.due) if running else None,
        "state": deadline.get_state_display(),
        "provisional": deadline.provisional,
        "facts": [{"label": label, "value": value} for label, value in rows if value],
        "pauses": [_pause_words(pause) for pause in deadline.pauses.all()],
        "moves": [_move_words(file, one) for one in entry.moved],
        "verdict": verdict(entry),
        "late": bool(entry.days_late),
        "blame": [] if file.as_party else _blame(entry),
        "explain_url": _explain_url(file, entry),
        "why_url": f"{case_url(file.case)}why/{deadline.pk}/",
    }


def _pause_words(pause: Any) -> str:
    if pause.until is None:
        return _("%(day)s起暂停：%(why)s") % {"day": due_day(pause.from_date), "why": _(pause.reason)}
    return _("%(day)s至%(until)s暂停：%(why)s") % {
        "day": due_day(pause.from_date),
        "until": due_day(pause.until),
        "why": _(pause.reason),
    }


def _move_words(file: CaseFile, one: Moved) -> str:
    move = one.move
    words = _("%(cause)s%(days)s：%(old)s → %(new)s") % {
        "cause": move.get_cause_display(),
        "days": _("%(n)d日") % {"n": move.days} if move.cause != DeadlineMove.Cause.CALENDAR else "",
        "old": due_day(move.from_due),
        "new": due_day(move.to_due),
    }
    if one.agreed:
        names = [f"{party.get_side_display()} {file.name_of(party)}" for party in one.agreed]
        words += _("（同意的：%(names)s）") % {"names": _("、").join(names)}
    return words


def verdict(entry: Entry) -> str:
    """Say in a few words whether the date was kept."""
    deadline, late = entry.deadline, entry.days_late
    if deadline.state == State.PAUSED:
        return _("现在暂停，暂停的日子不计。")
    if deadline.state == State.STOPPED:
        return _("%(day)s因办案进展终止，不再计时。") % {"day": due_day(deadline.ended_on)}
    if deadline.state == State.MET:
        day = due_day(deadline.ended_on)
        if not late:
            return _("%(day)s按期办结。") % {"day": day}
        return ngettext("%(day)s办结，晚了%(n)d天。", "%(day)s办结，晚了%(n)d天。", late) % {"day": day, "n": late}
    if late:
        return ngettext("已超过%(n)d天。", "已超过%(n)d天。", late) % {"n": late}
    return _("在期限内。")


def _blame(entry: Entry) -> list[str]:
    """Who answered for a clock that is or was late, the reason given, and what the director asked."""
    deadline = entry.deadline
    if not entry.days_late and deadline.overdue_at is None:
        return []
    who = str(deadline.overdue_of) if deadline.overdue_of else _("这段时间属于当事人，没有责任人")
    lines = [_("超期时的责任人：%(who)s") % {"who": who}] if deadline.overdue_at else []
    lines.append(
        _("原因：%(why)s") % {"why": deadline.overdue_reason} if deadline.overdue_reason else _("原因还没有说明。")
    )
    for one in deadline.supervisions.all():
        lines.append(supervision_words(one))
    return lines


def supervision_words(one: Any) -> str:
    """Say who was asked what when, and what came back."""
    asked = _("%(when)s%(kind)s，责任人%(who)s") % {
        "when": moment(one.at),
        "kind": one.get_kind_display(),
        "who": one.person,
    }
    if one.withdrawn_at:
        return asked + _("：已收回")
    if one.answered_at:
        return asked + _("：%(answer)s（%(when)s）") % {"answer": one.answer, "when": moment(one.answered_at)}
    return asked + _("：还没有答复")


def _explain_url(file: CaseFile, entry: Entry) -> str:
    late = entry.days_late or entry.deadline.overdue_at is not None
    if file.as_party or not late or entry.deadline.overdue_reason or not file.may("case.assist_overdue"):
        return ""
    return f"{case_url(file.case)}do/explain-overdue/?of={entry.deadline.pk}"


urlpatterns = [path("cases/<slug:number>/deadlines/", deadlines_page, name="case_deadlines")]
