"""Service (送达): for staff what is on its way to each party and what is not proved; for a party what came for it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import segno
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import passes, serving
from cases.changes import changing, journal
from cases.choices import ConsentHow
from cases.entries import CaseEntry
from cases.models import Case, Party, Service, ServiceAddress
from cases.services import view_personal
from mediation.models import SessionNotice
from notifications.models import CannotReach, Channel, Kind
from web.case.case_file import CaseFile
from web.case.papers.service_forms import SERVICE_FORMS, Serve, thing_of
from web.case.taking import form_view
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.frame.fields import radios
from web.frame.home import home_of
from web.templatetags.look import day, moment

SEE = "case.view"
# The notices by which an ending is told.
OF_AN_ENDING = frozenset({Kind.REJECTED, Kind.REFERRED, Kind.ENDED})


@case_view()
def service_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show what is on its way to whom."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    if case.number is None:
        raise Http404
    context = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "case": case,
        "case_url": case_url(case),
        "url": f"{case_url(case)}service/",
        "live_topic": case.topic,
    }
    layout = "party" if file.as_party else "desk"
    own = party_context(file) if file.as_party else desk_context(file)
    return render(request, f"web/case/papers/service/{layout}.html", context | own)


def desk_context(file: CaseFile) -> Row:
    parties = [party for party in file.parties if file.case.open_to(party.side)]
    lines, addresses = serving.lines_of(file.case, parties), serving.addresses_of(parties)
    people = serving.people_of_parties(parties)
    unreached = list(CannotReach.objects.filter(resolved_at__isnull=True, subject_kind="case", subject_id=file.case.pk))
    may = file.may("case.serve") and file.case.status != "ARCHIVED"
    endings = endings_of(file.case)
    sessions = told_of_sessions(file) if file.may("case.view_sessions") else {}
    rows: list[Row] = [
        {
            "key": party.pk,
            "name": f"{party.get_side_display()} {file.name_of(party)}",
            "address": address_words(addresses.get(party.pk)),
            "lines": [line_row(line, endings) for line in lines[party.pk]],
            "sessions": sessions.get(party.pk, []),
            "unreached": [f"/desk/unreachable/{t.pk}/" for t in unreached if t.recipient_id in people[party.pk]],
            "online": party.reachable_online,
        }
        for party in parties
    ]
    missing = sum(not line["arrived"] for row in rows for line in row["lines"])
    untold = len(file.parties) - len(parties)
    return {
        "rows": rows,
        "missing": missing,
        "untold": untold,
        "may": may,
        "may_reach": file.may("case.reach_party"),
        "may_letter": may and file.may("case.issue_pass") and file.may("case.view_personal"),
        "documents": may and bool(Serve.documents(file)),
    }


def endings_of(case: Case) -> dict[datetime, str]:
    """How the notice of each ending was served, as the staff recorded it with the ending; by its moment."""
    return {
        one.at: _("%(day)s %(how)s") % {"day": day(one.served_on), "how": one.get_served_how_display()}
        for one in case.endings.all()
    }


def told_of_sessions(file: CaseFile) -> dict[int, list[str]]:
    """What was noted on the page of sessions: whom staff told on a way of their own, who waived; by party."""
    found: dict[int, list[str]] = {}
    rows = SessionNotice.objects.filter(session__case=file.case).select_related("session")
    for row in rows.exclude(how=SessionNotice.How.SERVED, channel=ConsentHow.ONLINE):
        words = _("第%(n)d次调解会：%(how)s，%(channel)s，%(at)s") % {
            "n": row.session.number,
            "how": row.get_how_display(),
            "channel": row.get_channel_display(),
            "at": moment(row.at),
        }
        found.setdefault(row.party_id, []).append(words)
    return found


def _of_ending(service: Service, endings: dict[datetime, str]) -> str:
    return endings.get(service.at, "") if service.kind in OF_AN_ENDING else ""


def line_row(line: serving.Line, endings: dict[datetime, str]) -> Row:
    """One thing on its way: what, since when, what was tried, whether it arrived."""
    service = line.service
    recorded = _of_ending(service, endings)
    return {
        "key": service.pk,
        "thing": thing_of(service),
        "since": moment(service.at),
        "recorded": recorded,
        "tried": [
            *([_("办结时登记：%(how)s") % {"how": recorded}] if recorded else []),
            *_told(line),
            *[proof_words(proof) for proof in service.proofs.all()],
        ],
        "arrived": f"{day(line.arrived.on)} {line.arrived.how}" if line.arrived else "",
        "receipt": service.receipt_at is not None,
        "document_url": f"/cases/{service.case.number}/documents/{service.document_id}.pdf"
        if service.document_id
        else "",
    }


def _told(line: serving.Line) -> list[str]:
    """What the ledger knows of each way, without names and numbers."""
    words = []
    for notice in line.notices:
        for way in notice.deliveries.all():
            if way.channel == Channel.SITE:
                read = _("，%(at)s 看过") % {"at": moment(notice.read_at)} if notice.read_at else _("，还没有看")
                words.append(_("网上通知%(read)s") % {"read": read})
            else:
                sent = f" {moment(way.sent_at)}" if way.sent_at else ""
                words.append(f"{way.get_channel_display()}：{way.get_status_display()}{sent}")
    return words or [_("没有可以在网上通知的人，请打印后当面交或者邮寄")]


def proof_words(proof: Any) -> str:
    parts = [proof.get_way_display(), day(proof.sent_on)]
    parts += [_("邮件号 %(n)s") % {"n": proof.tracking}] if proof.tracking else []
    parts += [_("退回")] if proof.returned else []
    parts += [_("%(day)s 送达") % {"day": day(proof.delivered_on)}] if proof.delivered_on else []
    parts += [_("回证为材料%(n)s") % {"n": proof.slip.number}] if proof.slip else []
    parts += [proof.reason] if proof.reason else []
    return _("，").join(str(part) for part in parts)


def address_words(row: ServiceAddress | None) -> str:
    if row is None:
        return ""
    ways = _("、").join(str(ServiceAddress.Way(way).label) for way in row.ways)
    if row.phone_void_at is not None:
        ways += _("（手机号已更换，短信送达要重新确认）")
    return _("%(ways)s（%(day)s，%(how)s）") % {"ways": ways, "day": day(row.at.date()), "how": row.get_how_display()}


def party_context(file: CaseFile) -> Row:
    lines, addresses = serving.lines_of(file.case, file.mine), serving.addresses_of(file.mine)
    archived, endings = file.case.status == "ARCHIVED", endings_of(file.case)
    return {
        **home_of(file.user),
        "lines": [line_row(line, endings) for party in file.mine for line in lines[party.pk]],
        "addresses": [address_words(addresses[p.pk]) for p in file.mine if p.pk in addresses],
        "may": file.may("case.confirm_receipt") and not archived,
        "address_url": f"{case_url(file.case)}service/service-address/",
    }


@case_view("POST")
def service_form(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show one of the forms of service, or carry it out."""
    return form_view(request, number, name, area="service", label=_("回到送达"), forms=SERVICE_FORMS, see=SEE)


class LetterForm(forms.Form):
    """Whether the letter brings a new case pass."""

    with_pass = radios(
        gettext_lazy("信里附新的通行码吗"),
        [("yes", gettext_lazy("附上（旧的通行码作废）")), ("no", gettext_lazy("不附，只请本人打电话或者来中心"))],
    )


@case_view("POST")
def letter(request: HttpRequest, number: str) -> HttpResponse:
    """Print a letter in large type for somebody whom nothing else reaches; it says that, never what."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    key = (request.POST if request.method == "POST" else request.GET).get("of", "")
    party = next((p for p in file.parties if str(p.pk) == key and case.open_to(p.side)), None)
    allowed = file.may("case.issue_pass") and file.may("case.view_personal") and not file.as_party
    if party is None or not allowed or case.status == "ARCHIVED":
        raise Http404
    form = LetterForm(request.POST or None)
    context = {
        "case": case,
        "party": party,
        "name": file.name_of(party),
        "form": form,
        "back_url": f"{case_url(case)}service/",
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "web/case/papers/service/letter_form.html", context, status=422 if request.POST else 200)
    code = _write_letter(file, party, with_pass=form.cleaned_data["with_pass"] == "yes")
    address = f"{settings.SITE_URL.rstrip('/')}/pass/{code}/" if code else ""
    context |= {
        "today": timezone.localdate(),
        "number": case.number,
        "code": code,
        "qr": mark_safe(segno.make(address, error="m").svg_inline(scale=4, border=2)) if code else "",
        "site_url": f"{urlsplit(settings.SITE_URL).netloc}/pass/",
        "confirmed": serving.addresses_of([party]).get(party.pk),
    }
    return render(request, "web/case/papers/service/letter.html", context)


def _write_letter(file: CaseFile, party: Party, *, with_pass: bool) -> str:
    """Journal that the address was seen and a letter printed; return the new code, if one was wanted."""
    at, by = timezone.now(), file.user
    with transaction.atomic():
        view_personal(file.case, party, by=by, at=at)
        code = passes.issue_pass(party, by=by, at=at) if with_pass else ""
        with changing(file.case, "case.issue_pass", by=by, at=at) as locked:
            journal(locked, CaseEntry.PRINT_LETTER, by=by, at=at, party=party.pk, with_pass=with_pass)
    return code


urlpatterns = [
    path("cases/<str:number>/service/", service_page, name="case_service"),
    path("cases/<str:number>/service/letter/", letter, name="case_service_letter"),
    path("cases/<str:number>/service/<slug:name>/", service_form, name="case_service_form"),
]
