"""What the centre has asked the parties of a case to consent to, with the answers; and what one person has asked."""

from typing import Any

from django.db.models.query import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from cases.asking import is_standing, may_take_back, parties_asked
from cases.choices import ASKED_IN, ConsentMatter
from cases.models import Case, Consent, ConsentRequest, Party
from cases.selectors import Desk
from notifications.services import mark_seen
from web.case.case_file import CaseFile
from web.case.fields import party_label
from web.case.matter.consent_forms import CONSENT_FORMS, AskConsent
from web.case.matter.consent_words import asked_rows, matter_of, question_of
from web.case.taking import form_view
from web.frame import menu
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.frame.menu import WORK, MenuLine
from web.templatetags.look import due_day, moment

SEE = "case.view"
SHOWN, LISTED = 50, 100


@case_view()
def consents_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show what was asked: staff everything with every answer, a party what it was asked and what it said."""
    file = _file(request, number)
    if request.method == "GET" and file.as_party:
        mark_seen(file.user, file.case.subject, at=timezone.now(), url=request.path)
    rows = _requests(file)
    said = _answers(rows)
    context = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "file": file,
        "case": file.case,
        "case_url": case_url(file.case),
        "rows": [_row(file, row, said) for row in rows],
        "may_ask": AskConsent.allowed(file) and AskConsent.open(file),
    }
    return render(request, "web/case/matter/consents/consents.html", context)


@case_view("POST")
def consent_form(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show one of the forms of asking, or carry it out."""
    return form_view(
        request, number, name, area="consents", label=_("回到征求意见"), forms=CONSENT_FORMS, see="case.ask_consent"
    )  # fmt: skip


def may_see(file: CaseFile) -> bool:
    """Say whether this reader finds the page: whoever asks, and a party that was asked."""
    if file.case.number is None:
        return False
    return file.may("case.consent") if file.as_party else file.may("case.ask_consent")


def _file(request: HttpRequest, number: str) -> CaseFile:
    file = CaseFile(visible_case(request, number), user_of(request))
    if not file.may(SEE) or not may_see(file):
        raise Http404
    return file


def _requests(file: CaseFile) -> list[ConsentRequest]:
    rows = ConsentRequest.objects.filter(case=file.case).select_related("asked_by", "ended_by")
    found = list(rows.prefetch_related("parties").order_by("-pk")[:SHOWN])
    mine = {party.pk for party in file.mine}
    return [row for row in found if not file.as_party or mine & parties_asked(row)]


Answers = dict[tuple[int, int], Consent]


def _answers(rows: list[ConsentRequest]) -> Answers:
    """The last answer of each party to each question, in one query."""
    found = Consent.objects.filter(request__in=rows).order_by("pk")
    return {(row.request_id or 0, row.party_id): row for row in found}


def _row(file: CaseFile, row: ConsentRequest, said: Answers) -> Row:
    open_now = is_standing(row, file.case, today=file.today)
    url, keys = case_url(file.case), parties_asked(row)
    parties = [party for party in (file.mine if file.as_party else file.parties) if party.pk in keys]
    answers = [_answer(file, row, party, said, open_now) for party in parties]
    waiting = any(not one["done"] for one in answers)
    state, colour = _state(row, open_now=open_now, waiting=waiting)
    return {
        "title": question_of(row),
        "state": state,
        "colour": colour,
        "facts": [{"label": label, "value": value} for label, value in asked_rows(row)],
        "why_ended": row.end_reason,
        "answers": answers,
        "answer_url": f"{url}do/consent/?request={row.pk}" if file.as_party and open_now else "",
        "answer_label": _("表示意见") if waiting else _("改变意见"),
        "withdraw_url": f"{url}consents/withdraw/?of={row.pk}"
        if not file.as_party and may_take_back(row, file.case)
        else "",
    }


def _state(row: ConsentRequest, *, open_now: bool, waiting: bool) -> tuple[str, str]:
    if row.end:
        return str(row.get_end_display()), "grey"
    if not open_now:
        return _("已过期限或者已不需要答复"), "grey"
    return (_("等答复"), "yellow") if waiting else (_("都已答复"), "green")


def _answer(file: CaseFile, row: ConsentRequest, party: Party, said: Answers, open_now: bool) -> Row:
    found = said.get((row.pk, party.pk))
    if found is None and row.matter == ConsentMatter.MEDIATION and not row.end:
        found = file.answer_to(row, party)
    words = _("还没有答复")
    if found is not None:
        given = _("同意") if found.given else _("不同意")
        words = f"{given} · {found.get_how_display()} · {moment(found.at)}"
    record = f"{case_url(file.case)}do/record-consent/?of={party.pk}&matter={row.matter}"
    return {
        "who": _("我方") if file.as_party else party_label(file, party),
        "words": words,
        "done": found is not None,
        "note": found.note if found is not None and not file.as_party else "",
        "record_url": record if open_now and found is None and file.may("case.record_consent") else "",
    }


# --- what one person has asked, on all cases ------------------------------------------------------------------------


@never_cache
@require_safe
def asked_page(request: HttpRequest) -> HttpResponse:
    """List the questions of this person that are not ended, the nearest date first."""
    user = menu.require(request, "desk.asked")
    return render(request, "web/case/matter/consents/asked.html", {"rows": asked_list(user)})


def asked_list(user: User) -> list[dict[str, Any]]:
    """Return the lines of the list, in the same number of queries however many they are."""
    found = (
        ConsentRequest.objects.filter(asked_by=user, end="", case__in=Case.objects.visible_to(user))
        .filter(case__status__in=list(ASKED_IN))
        .select_related("case")
        .prefetch_related("parties__consents")
        .order_by("answer_by", "pk")[:LISTED]
    )
    today = timezone.localdate()
    return [_line(row, today) for row in found if row.matter in ASKED_IN[row.case.status]]


def _line(row: ConsentRequest, today: Any) -> dict[str, Any]:
    parties = list(row.parties.all())
    said = [any(_counts(one, row) for one in party.consents.all()) for party in parties]
    late = row.answer_by is not None and row.answer_by < today
    return {
        "case": row.case,
        "url": f"{case_url(row.case)}consents/",
        "what": matter_of(row),
        "said": _("%(n)d方中%(done)d方已答复") % {"n": len(parties), "done": sum(said)},
        "due": due_day(row.answer_by) if row.answer_by else "",
        "late": late and not all(said),
    }


def _counts(one: Consent, row: ConsentRequest) -> bool:
    asked_with_the_case = row.matter == ConsentMatter.MEDIATION == one.matter and one.round == row.round
    return one.request_id == row.pk or asked_with_the_case


def questions(here: Desk) -> dict[str, QuerySet[Any]]:
    return {
        "questions": ConsentRequest.objects.filter(asked_by=here.user, end="", case__status__in=list(ASKED_IN)),
    }


IN_MENU = MenuLine(gettext_lazy("我征求的意见"), "/desk/asked/", "desk.asked", WORK, questions, "questions")

urlpatterns = [
    path("desk/asked/", asked_page, name="asked"),
    path("cases/<slug:number>/consents/", consents_page, name="case_consents"),
    path("cases/<slug:number>/consents/<slug:name>/", consent_form, name="case_consent_form"),
]
