"""The offers of a case: what is in dispute, what lies on the table side by side, what was agreed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from mediation.models import Offer, OfferEnd
from mediation.offer_table import Seen
from web.case.case_file import CaseFile
from web.case.fields import party_label
from web.case.taking import form_view
from web.case.talks.offer_forms import OFFER_FORMS, MakeOffer, SealOffer
from web.case.talks.offer_parts import Table, offer_name, term_words
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.templatetags.look import moment

Mode, How = Offer.Mode, OfferEnd.How
COLUMNS = 4
SEE = "case.view_offers"
PILLS = {"": "yellow", How.ACCEPTED: "green", How.PARTLY: "green", How.REFUSED: "red"}


@case_view()
def offers_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show the offers as this person may see them, or with `?fragment=1` only what changes by itself."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    if not file.may(SEE) or case.accepted_at is None:
        raise Http404
    template = (
        "web/case/talks/offers/_offers.html" if "fragment" in request.GET else "web/case/talks/offers/offers.html"
    )
    return render(request, template, _context(file))


@case_view("POST")
def offer_form(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show one of the forms of bargaining, or carry it out."""
    return form_view(request, number, name, area="offers", label=_("回到方案"), forms=OFFER_FORMS, see=SEE)


def _context(file: CaseFile) -> Row:
    table, url = Table(file), case_url(file.case)
    talks = file.case.status == "MEDIATING"
    return {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "file": file,
        "case": file.case,
        "case_url": url,
        "url": f"{url}offers/",
        "live_topic": file.case.topic,
        "region_url": f"{url}offers/?fragment=1",
        "talks": talks,
        "issues": [_issue_row(table, issue, talks) for issue in table.issues],
        "columns": [offer_name(file, seen.offer) for seen in _compared(table)],
        "compared": _comparison(table),
        "offers": [_offer_row(table, seen, talks) for seen in table.offers],
        "buttons": _buttons(table) if talks else [],
        "limit": "" if table.may_offer else _limit_words(file),
    }


def _limit_words(file: CaseFile) -> str:
    return _("您这一方本轮已提满%(n)d次方案；接下来由调解员提出方案，您仍然可以答复。") % {
        "n": file.case.centre.offer_limit
    }


def _buttons(table: Table) -> list[Row]:
    file, url = table.file, f"{case_url(table.file.case)}offers/"
    found = []
    if not file.as_party:
        found.append({"label": _("提出调解建议方案"), "url": f"{url}offer/"})
        found.append({"label": _("添加争议事项"), "url": f"{url}issue/"})
    elif table.may_offer:
        found.append({"label": str(MakeOffer.label), "url": f"{url}offer/"})
        found.append({"label": str(SealOffer.label), "url": f"{url}seal/"})
    return found


def _issue_row(table: Table, issue: Any, talks: bool) -> Row:
    agreed = table.agreed.get(issue.pk)
    words = [term_words(table.file, t) for t in agreed.offer.terms.all() if t.issue_id == issue.pk] if agreed else []
    state, colour = (_("已谈妥"), "green") if agreed else (_("还没有谈妥"), "yellow")
    if issue.ended_at and not agreed:
        state, colour = _("不再协商"), "grey"
    act = ""
    if talks and table.file.may("case.keep_issues") and not agreed:
        act = "resume-issue" if issue.ended_at else "end-issue"
    return {
        "number": issue.number,
        "title": issue.title,
        "state": state,
        "colour": colour,
        "terms": words,
        "reason": issue.ended_reason,
        "act": act,
        "act_label": OFFER_FORMS[act].label if act else "",
    }


def _compared(table: Table) -> list[Seen]:
    """The offers that stand, the newest few, in the order in which they were made."""
    return [seen for seen in table.offers if seen.stands][:COLUMNS][::-1]


def _comparison(table: Table) -> list[Row]:
    columns = _compared(table)
    if len(columns) < 2:
        return []
    rows = []
    for issue in table.issues:
        cells = [
            {
                "label": offer_name(table.file, seen.offer),
                "terms": [term_words(table.file, term) for term in seen.of_issue(issue)],
            }
            for seen in columns
        ]
        if any(cell["terms"] for cell in cells):
            rows.append({"number": issue.number, "title": issue.title, "cells": cells})
    return rows


def _offer_row(table: Table, seen: Seen, talks: bool) -> Row:
    file, offer = table.file, seen.offer
    own = offer.party_id in {p.pk for p in file.mine} if file.as_party else offer.party_id is None
    standing = seen.stands and talks
    return {
        "key": offer.key,
        "name": offer_name(file, offer),
        "mode": offer.get_mode_display(),
        "when": moment(offer.at),
        "until": moment(offer.expires_at) if seen.stands else "",
        "state": OfferEnd.How(seen.state).label if seen.state else _("等答复"),
        "colour": PILLS.get(seen.state, "grey"),
        "answers_to": offer_name(file, offer.answers_to) if offer.answers_to else "",
        "text": offer.text,
        "issues": _answers(table, seen),
        "note": _blind_words(table, seen),
        "may_answer": standing and _may_answer(table, seen),
        "answer_label": _("改答复") if _answered_blind(table, seen) else _("答复"),
        "may_counter": standing
        and not own
        and offer.mode == Mode.OPEN
        and (not file.as_party or any(table.limit.values())),
        "may_withdraw": standing and own and offer.mode != Mode.MET,
    }


def _answers(table: Table, seen: Seen) -> list[Row]:
    file = table.file
    rows = []
    for issue in table.issues:
        terms = seen.of_issue(issue)
        if not terms:
            continue
        given = [
            {
                "who": _("我方") if party in file.mine else party_label(file, party),
                "yes": answer.yes,
                "word": _("同意") if answer.yes else _("不同意"),
                "note": answer.note,
            }
            for party in file.parties
            if (answer := seen.answer_of(party.pk, issue.pk)) is not None
        ]
        rows.append(
            {
                "number": issue.number,
                "title": issue.title,
                "terms": [term_words(file, term) for term in terms],
                "answers": given,
                "agreed": issue.pk in seen.agreed,
            }
        )
    return rows


def _own_blind(table: Table, seen: Seen) -> Any:
    if seen.offer.mode != Mode.BLIND:
        return None
    return next((a for party in table.file.mine if (a := seen.answer_of(party.pk, None)) is not None), None)


def _answered_blind(table: Table, seen: Seen) -> bool:
    return _own_blind(table, seen) is not None


def _blind_words(table: Table, seen: Seen) -> str:
    if seen.offer.mode == Mode.SEALED and seen.stands:
        return (
            _("只有我方看得到；对方的报价碰上了才公开。") if table.file.as_party else _("这一方让您看的，对方不知道。")
        )
    if seen.offer.mode != Mode.BLIND or seen.state == How.ACCEPTED:
        return ""
    own = _own_blind(table, seen)
    if own is None:
        return _("各方都同意才公开答复；没有都同意，谁答了什么都不公开。")
    word = _("同意") if own.yes else _("不同意")
    return _("我方的答复：%(word)s。各方都同意才公开；没有都同意，谁答了什么都不公开。") % {"word": word}


def _may_answer(table: Table, seen: Seen) -> bool:
    if not table.file.may("case.answer_offer") or seen.offer.mode not in {Mode.OPEN, Mode.BLIND}:
        return False
    others = [party for party in table.file.mine if party.pk != seen.offer.party_id]
    if seen.offer.mode == Mode.BLIND:
        return bool(others)
    return any(seen.unanswered(party.pk) for party in others)


urlpatterns = [
    path("cases/<slug:number>/offers/", offers_page, name="case_offers"),
    path("cases/<slug:number>/offers/<slug:name>/", offer_form, name="case_offer_form"),
]
