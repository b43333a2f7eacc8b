"""The promises of a case: what each side does by when, what was done, what the other side says to it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import Status
from cases.clocks import ClockKey
from mediation.models import Agreement, Obligation, Performance
from web.case.agreement import promise_facts
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.rows import state_of
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.templatetags.look import due_day, moment

TALKS = frozenset({"MEDIATING", "SUSPENDED", "SIGNING"})  # another agreement is talked about while one binds
OWN_WORDS = {
    "WAITING": gettext_lazy("等您确认"),
    "CONFIRMED": gettext_lazy("您已确认收到"),
    "DISPUTED": gettext_lazy("您说没有收到"),
}
# The forms lead back to where they were opened.
FROM_HERE = "&from=promises"
PILLS = {"WAITING": "yellow", "CONFIRMED": "green", "DISPUTED": "red"}


@case_view()
def promises_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show the promises of the agreement in force, or with `?fragment=1` only what changes by itself."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    agreement = file.in_force
    if agreement is None:
        raise Http404
    template = "_promises" if "fragment" in request.GET else "promises"
    return render(request, f"web/case/agreement/promises/{template}.html", _context(file, agreement))


def _context(file: CaseFile, agreement: Agreement) -> Row:
    case, url = file.case, case_url(file.case)
    own = {party.pk for party in file.mine}
    promises = list(agreement.obligations.all())
    rows = [_promise_row(file, promise, own) for promise in promises]
    groups = [
        (_("我要做的"), [row for row in rows if row["mine"]]),
        (_("对方为我做的"), [row for row in rows if row["to_me"]]),
        (_("其他约定"), [row for row in rows if not row["mine"] and not row["to_me"]]),
    ]
    return {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "file": file,
        "case": case,
        "case_url": url,
        "live_topic": case.topic,
        "region_url": f"{url}promises/?fragment=1",
        "performing": case.status == Status.PERFORMING,
        "talks": case.status in TALKS,
        "groups": [one for one in groups if one[1]] if file.as_party else [(_("约定的事项"), rows)],
        "urging": [] if file.as_party else _urging_rows(file, promises),
        "effective": due_day(agreement.effective_on),
        "may_vary": _open(file, promise_facts.AskVariation),
        "finish_url": f"{url}finish-performance/?from=promises" if _may_finish(file, promises) else "",
    }


def _open(file: CaseFile, form: type[FactForm]) -> bool:
    return form.allowed(file) and form.open(file)


def _may_finish(file: CaseFile, promises: list[Obligation]) -> bool:
    done = all(promise.is_settled(file.today) for promise in promises)
    return file.case.status == Status.PERFORMING and file.may("case.finish_performance") and done


def _promise_row(file: CaseFile, promise: Obligation, own: set[int]) -> Row:
    mine = promise.doer_id in own
    to_me = bool(own) and not mine and (promise.receiver_id is None or promise.receiver_id in own)
    late = promise.performed_on is None and promise.due < file.today
    return {
        "number": promise.number,
        "what": promise.what,
        "doer": _name(file, promise.doer_id),
        "receiver": _name(file, promise.receiver_id),
        "amount": f"{promise.amount:,.2f}" if promise.is_money else "",
        "paid": f"{promise.paid():,.2f}" if promise.is_money and promise.paid() else "",
        "rest": f"{promise.rest():,.2f}" if promise.is_money and promise.performed_on is None else "",
        "how": _("，").join(filter(None, [promise.manner, promise.place])),
        "due": due_day(promise.due),
        "days_left": None if promise.performed_on else file.days_left(promise.due),
        "state": state_of(promise),
        "colour": "green" if promise.performed_on else "red" if late else "yellow",
        "mine": mine,
        "to_me": to_me,
        "missing": _missing(promise),
        "urgings": [f"{moment(u.at)} {u.get_how_display()} {u.note}".strip() for u in promise.urgings.all()],
        "done": [_performance_row(file, row, mine=mine, to_me=to_me) for row in promise.performances.all()],
        "buttons": _buttons(file, promise, mine=mine, to_me=to_me),
    }


def _name(file: CaseFile, key: int | None) -> str:
    party = file.party(key)
    return f"{party.get_side_display()} {file.name_of(party)}" if party else ""


def _missing(promise: Obligation) -> str:
    if promise.missed_at is None:
        return ""
    said = _("%(at)s对方说还没有收到") % {"at": moment(promise.missed_at)}
    return f"{said}：{promise.missed_note}" if promise.missed_note else said


def _performance_row(file: CaseFile, row: Performance, *, mine: bool, to_me: bool) -> Row:
    url = case_url(file.case)
    proof = next((one for one in file.evidence if one.pk == row.proof_id), None)
    may, of = _open(file, promise_facts.ConfirmPerformance) and (not file.as_party or to_me), f"?of={row.pk}{FROM_HERE}"
    return {
        "on": due_day(row.on),
        "part": _("%(amount)s元") % {"amount": f"{row.amount:,.2f}"} if row.amount is not None
        else _("全部做完") if row.completes else _("做了一部分"),
        "note": row.note,
        "answer": str(OWN_WORDS[row.answer]) if to_me else row.get_answer_display(),
        "colour": PILLS[row.answer],
        "reason": row.dispute_reason if row.answer == "DISPUTED" else "",
        "proof_url": f"{url}evidence/{proof.number}/" if proof else "",
        "proof": proof.name if proof else "",
        "confirm_url": f"{url}do/confirm-performance/{of}" if may and row.answer != "CONFIRMED" else "",
        "dispute_url": f"{url}do/dispute-performance/{of}" if may and row.answer == "WAITING" else "",
    }  # fmt: skip


def _buttons(file: CaseFile, promise: Obligation, *, mine: bool, to_me: bool) -> list[Row]:
    """Return the large buttons under one promise for this reader."""
    url, found = f"{case_url(file.case)}do/", []
    if promise.performed_on is not None or file.case.status != Status.PERFORMING:
        return []
    if (mine or not file.as_party) and _open(file, promise_facts.Performance):
        label = _("我已履行") if mine else _("记录履行")
        found.append({"label": label, "url": f"{url}performance/?of={promise.pk}{FROM_HERE}"})
    waiting = any(row.answer == "WAITING" for row in promise.performances.all())
    if to_me and not waiting:
        found.append({"label": _("我已收到"), "url": f"{url}performance/?of={promise.pk}{FROM_HERE}"})
        if promise.due <= file.today:
            found.append({"label": _("还没收到"), "url": f"{url}report-missing/?of={promise.pk}{FROM_HERE}"})
    if not file.as_party and promise.due < file.today and _open(file, promise_facts.Urge):
        found.append({"label": _("督促履行"), "url": f"{url}urge/?of={promise.pk}{FROM_HERE}"})
    return found


def _urging_rows(file: CaseFile, promises: list[Obligation]) -> list[dict[str, Any]]:
    """What the desk has to urge, by its clocks."""
    names = {promise.pk: promise for promise in promises}
    rows = []
    for clock in file.open_deadlines:
        if clock.clock != ClockKey.K8B:
            continue
        promise = names.get(clock.about_id or 0)
        nth = len(promise.urgings.all()) + 1 if promise else 1
        what = f"{promise.number}. {promise.what}" if promise else _("回访发现未履行的约定")
        rows.append(
            {
                "words": _("第%(n)d次督促：%(what)s") % {"n": nth, "what": what},
                "due": due_day(clock.due),
                "days_left": file.days_left(clock.due),
                "url": f"{case_url(file.case)}do/urge/?of={promise.pk}{FROM_HERE}" if promise else "",
            }
        )
    return rows


urlpatterns = [path("cases/<slug:number>/promises/", promises_page, name="promises")]
