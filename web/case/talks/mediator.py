"""Who mediates a case: chosen, asked, disclosed, challenged, replaced; and the page of whoever is only asked."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models.query import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import policy
from accounts.errors import DomainError
from accounts.roles import Role
from audit.services import record_view
from cases.choices import Status
from cases.clocks import ClockKey
from cases.models import Case
from cases.selectors import Desk
from mediation.models import Challenge, Disclosure, Nomination
from mediation.services import objectors
from web.case.case_file import CaseFile
from web.case.choices import Choice, choices_of, open_actions
from web.case.fields import party_label
from web.case.taking import save_once, was_done
from web.case.talks.clash_rows import clash_rows
from web.case.talks.mediator_facts import Answer, ChooseMediator, DecideChallenge, Nominate, RecordDisclosure, Waive
from web.case.talks.nominee import AcceptNomination, DeclineNomination
from web.frame import menu
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.frame.menu import WORK, MenuLine
from web.templatetags.look import due_day, moment

ANSWERS: dict[str, type[Answer]] = {"accept": AcceptNomination, "decline": DeclineNomination}
# What can be done here, in this order, as buttons.
HERE = ("waive", "choose-mediator", "decide-challenge", "nominate", "record-disclosure", "assign", "reassign", "resume")
FACTS_HERE = (Waive, ChooseMediator, DecideChallenge, Nominate, RecordDisclosure)
SHOWN_TO = frozenset({Role.DIRECTOR, Role.SUPERVISOR})  # who reads why a mediator declined or is challenged


@case_view()
def mediator_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show who mediates, or is asked to; to whoever is only asked, no more than what shows whether he may."""
    asked = asked_case(request, number)
    if asked is not None:
        return nominee_page(request, asked)
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    template = "_live" if "fragment" in request.GET else "page"
    return render(request, f"web/case/talks/mediator/{template}.html", context_of(file))


def context_of(file: CaseFile) -> Row:
    case, url = file.case, case_url(file.case)
    choices = {one.name: one for one in [*choices_of(file, FACTS_HERE), *open_actions(file)] if not one.obstacle}
    return {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "as_party": file.as_party,
        "case": case,
        "case_url": url,
        "live_topic": case.topic,
        "region_url": f"{url}mediator/?fragment=1",
        "headline": headline(file),
        "clashes": clash_rows(file),
        "standing": standing(file),
        "buttons": [button(file, choices[name]) for name in HERE if name in choices],
        "challenge_url": f"{url}suspend/" if file.as_party and "suspend" in choices else "",
        "choices": choice_rows(file),
        "choose_until": choose_until(file),
        "disclosures": [disclosure_row(file, one) for one in disclosures_of(file)],
        "challenges": [challenge_row(file, one) for one in challenges_of(case)],
        "declined": [declined_row(one) for one in declined(case)] if file.has(*SHOWN_TO) else [],
        "roster_url": f"/mediators/?centre={case.centre.code}",
    }


def headline(file: CaseFile) -> str:
    case = file.case
    if file.challenge is not None:
        return _("调解已暂停")
    if case.mediator is not None and case.mediator_id not in case.shut_out:
        return str(case.mediator)
    return _("还没有定")


def button(file: CaseFile, choice: Choice) -> Row:
    own = {form.name: form for form in (Nominate, Waive)}
    label = own[choice.name](file).title if choice.name in own else choice.label
    return {"url": choice.url, "label": label}


def standing(file: CaseFile) -> str:
    """Say in a sentence how it stands with the mediator."""
    case, asked = file.case, file.nomination
    if file.challenge is not None:
        return _("有人申请调解员回避，调解已经停下，等%(who)s决定。") % {"who": _("中心主任或者监督委员会")}
    if asked is not None and asked.state == Nomination.State.WAITING:
        words = _("已请%(name)s担任调解员，等本人在%(day)s前答复并签署披露声明。")
        return words % {"name": asked.mediator, "day": due_day(asked.answer_by)}
    if asked is not None:
        return _("%(name)s愿意担任调解员，并作了披露，等各方表示是否有异议。") % {"name": asked.mediator}
    if case.mediator_id is not None and case.mediator_id in case.shut_out:
        return _("原来的调解员已经回避，等中心另请一位。")
    if case.mediator is not None:
        return _("调解员是%(name)s。") % {"name": case.mediator}
    if case.status == Status.ACCEPTED:
        return _("还没有调解员。双方可以共同选定一位；选得不同或者没有选，由中心主任指派。")
    return _("受理以后才确定调解员。")


def choose_until(file: CaseFile) -> str:
    """Return until when the parties may choose, in words."""
    if file.case.status != Status.ACCEPTED:
        return ""
    running = next((d for d in file.open_deadlines if d.clock == ClockKey.K5), None)
    return due_day(running.due) if running else ""


def choice_rows(file: CaseFile) -> list[Row]:
    """Return whom the parties proposed: the director sees all, a party its own."""
    shown = file.mine if file.as_party else (file.parties if file.may("case.nominate") else [])
    return [
        {"label": party_label(file, p), "value": str(file.choices[p.pk].mediator or _("都可以，由中心指派"))}
        for p in shown
        if p.pk in file.choices
    ]


def disclosures_of(file: CaseFile) -> list[Disclosure]:
    """Return the disclosures of whoever mediates or is asked to, the newest of each first."""
    people = {file.case.mediator_id, file.case.nominee_id} - {None, *file.case.shut_out}
    rows = file.case.disclosures.filter(mediator__in=people).select_related("mediator").prefetch_related("waivers")
    newest: dict[int, Disclosure] = {}
    for row in rows.order_by("pk"):
        newest[row.mediator_id] = row
    return list(newest.values())[::-1]


def disclosure_row(file: CaseFile, row: Disclosure) -> Row:
    missing = {party.pk for party in objectors(file.case, row)}
    no_objection, silent = _("不提异议"), _("还没有表示意见")
    signed = _("%(at)s本人网上签署") if row.how == "ONLINE" else _("%(at)s纸质签署，原件入卷")
    said = [{"label": party_label(file, p), "value": silent if p.pk in missing else no_objection} for p in file.parties]
    return {
        "who": str(row.mediator),
        "text": _(row.statement),
        "signed": signed % {"at": moment(row.signed_at)},
        "parties": said if row.has_interest else [],
    }


def challenges_of(case: Case) -> list[Challenge]:
    return list(case.challenges.select_related("mediator", "party", "decided_by").order_by("-pk"))


def challenge_row(file: CaseFile, row: Challenge) -> Row:
    """What was asked and decided; what was said of the mediator only to whoever said it and whoever decides."""
    own = row.party_id in {party.pk for party in file.mine}
    decided = row.decided_by is not None
    return {
        "title": _("%(who)s申请%(name)s回避")
        % {"who": party_label(file, row.party) if row.party else str(row.by), "name": row.mediator},
        "when": moment(row.at),
        "grounds": str(row.get_grounds_display()) if own or file.has(*SHOWN_TO) else "",
        "text": row.text if own or file.has(*SHOWN_TO) else "",
        "decision": str(row.get_decision_display()),
        "reason": row.reason,
        "decided": f"{row.decided_by} {moment(row.decided_at)}" if decided else "",
    }


def declined(case: Case) -> list[Nomination]:
    gone = (Nomination.State.DECLINED, Nomination.State.REFUSED, Nomination.State.LAPSED)
    return list(case.nominations.filter(state__in=gone).select_related("mediator").order_by("-pk"))


def declined_row(row: Nomination) -> Row:
    return {
        "title": f"{row.mediator} · {row.get_state_display()}",
        "when": moment(row.answered_at) if row.answered_at else "",
        "text": row.decline_reason,
    }


# --- whoever is asked ---------------------------------------------------------------------------------------


def asked_case(request: HttpRequest, number: str) -> Case | None:
    """Return the case that this person is asked to mediate and otherwise may not open, or None."""
    user = user_of(request)
    cases = Case.objects.filter(number=number, nominee=user).select_related("centre", "category", "estate", "mediator")
    case = cases.prefetch_related("parties__passes", "parties__agents").first()
    if case is None or policy.allows(user, "case.view", case) or not policy.allows(user, "case.disclose", case):
        return None
    return case


def nominee_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Show who stands against whom, where, about what: enough to see whether there is anything to disclose."""
    file = CaseFile(case, user_of(request))
    with transaction.atomic():
        record_view(case.subject, by=file.user, what="names for disclosure", at=timezone.now())
    asked = file.nomination
    waiting = asked is not None and asked.state == Nomination.State.WAITING
    context = {
        "case": case,
        "facts": asked_facts(file),
        "asked": asked,
        "jointly": bool(asked and asked.jointly),
        "answer_by": due_day(asked.answer_by) if asked and waiting else "",
        "waiting": waiting,
        "reason": asked.reason if asked else "",
        "statement": asked.disclosure.statement if asked and asked.disclosure else "",
        "url": f"{case_url(case)}mediator/",
    }
    return render(request, "web/case/talks/mediator/nominee.html", context)


def asked_facts(file: CaseFile) -> list[Row]:
    case = file.case
    rows = [(party.get_side_display(), party.name) for party in file.parties]
    rows += [(_("代理人"), agent.name) for party in file.parties for agent in party.acting_agents]
    rows += [(_("小区"), str(case.estate or case.estate_name or "")), (_("类别"), str(case.category or ""))]
    return [{"label": str(label), "value": value} for label, value in rows if value]


@case_view("POST")
def answer(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """Accept with the signed disclosure, or decline."""
    user = user_of(request)
    case = asked_case(request, number)
    if case is None:
        return answered_already(request, number)
    file = CaseFile(case, user)
    kind, url = ANSWERS[what], f"{case_url(case)}mediator/"
    if not kind.open(file):
        return redirect(url)
    form = kind(file, request.POST) if request.method == "POST" else kind(file)
    if request.method == "POST" and form.is_valid():
        try:
            save_once(request, file, form)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(form.done))
            return redirect(url if what == "accept" else "/desk/")
    context = {
        "base": "web/desk_base.html",
        "form": form,
        "case": case,
        "back_url": url,
        "back_label": _("回到这次指派"),
        "facts": asked_facts(file),
    }
    return render(
        request, "web/case/talks/mediator/answer.html", context, status=422 if request.method == "POST" else 200
    )


def answered_already(request: HttpRequest, number: str) -> HttpResponse:
    """Lead whoever has just accepted, by a double click or from another page, to the case; nobody else anywhere."""
    case = visible_case(request, number)
    if any(was_done(request, case, kind.name) for kind in ANSWERS.values()) or case.mediator_id == user_of(request).pk:
        return redirect(f"{case_url(case)}mediator/")
    raise Http404


@case_view()
def nominations(request: HttpRequest) -> HttpResponse:
    """List what this person is asked to mediate and has not answered."""
    user = menu.require(request, "desk.staff")
    rows = Nomination.objects.filter(mediator=user, state=Nomination.State.WAITING, case__nominee=user)
    found: list[dict[str, Any]] = [
        {
            "url": f"{case_url(row.case)}mediator/",
            "title": row.case.case_number or row.case.number,
            "category": str(row.case.category or ""),
            "day": due_day(row.answer_by),
            "asked": _("双方共同选定") if row.jointly else _("中心主任指派"),
        }
        for row in rows.select_related("case__category").order_by("answer_by", "pk")
    ]
    return render(request, "web/case/talks/mediator/nominations.html", {"rows": found})


def asked_here(here: Desk) -> dict[str, QuerySet[Any]]:
    waiting = Nomination.objects.filter(mediator=here.user, state=Nomination.State.WAITING)
    return {"asked": waiting} if Role.MEDIATOR in here.user.roles() else {}


ASKED = MenuLine(
    gettext_lazy("请我答复的"), "/desk/nominations/", "desk.staff", WORK, asked_here, "asked", when_waiting=True
)

urlpatterns = [
    path("desk/nominations/", nominations, name="nominations"),
    path("cases/<str:number>/mediator/", mediator_page, name="case_mediator"),
    path("cases/<str:number>/mediator/accept/", answer, {"what": "accept"}, name="nomination_accept"),
    path("cases/<str:number>/mediator/decline/", answer, {"what": "decline"}, name="nomination_decline"),
]
