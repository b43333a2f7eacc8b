"""The sessions of a case: times to choose from, sessions to come, records to sign, undisputed facts."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.roles import Role
from cases import serving
from cases.models import Party
from mediation import services as mediation
from mediation.calendar_file import event_file
from mediation.models import RecordSignature, Session, SessionNotice, SlotAnswer, SlotPoll, UndisputedFacts
from notifications.models import Kind
from notifications.services import mark_seen
from web.case.case_file import CaseFile
from web.case.fields import party_label
from web.case.taking import form_view
from web.case.talks.clash_rows import clash_rows
from web.case.talks.mediation_facts import RecordSession
from web.case.talks.record_forms import record_parts
from web.case.talks.session_forms import SESSION_FORMS, open_poll, slot_words
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.templatetags.look import day, moment

SEE = "case.view_sessions"
Word = SlotAnswer.Word
COLOURS = {Word.YES: "green", Word.MAYBE: "yellow", Word.NO: "red"}
MOST_EVENTS = 50
OF_A_SESSION = frozenset({Kind.SESSION_SCHEDULED, Kind.SESSION_CHANGED})


@case_view()
def sessions_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show the sessions, or with `?fragment=1` only what changes by itself."""
    file = _file(request, number)
    if request.method == "GET" and "fragment" not in request.GET and file.as_party:
        mark_seen(file.user, file.case.subject, at=timezone.now(), url=request.path)
    template = (
        "web/case/talks/sessions/_sessions.html"
        if "fragment" in request.GET
        else "web/case/talks/sessions/sessions.html"
    )
    return render(request, template, _context(file))


@case_view("POST")
def session_form(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show one of the forms of meeting, or carry it out."""
    return form_view(request, number, name, area="sessions", label=_("回到调解会"), forms=SESSION_FORMS, see=SEE)


@case_view()
def calendar_file(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Give a participant a session for the own calendar: when and where, nobody's name, not what about."""
    file = _file(request, number)
    session = next((one for one in _sessions(file) if one.number == n), None)
    if session is None or not takes_part(file):
        raise Http404
    case = file.case
    body = event_file(
        uid=f"{case.key}-{session.number}@tiaochu",
        summary=_("调解会 %(number)s") % {"number": case.case_number or case.number or ""},
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        location=session.place,
        description="\n".join(
            part for part in (session.link, _("咨询电话：%(phone)s") % {"phone": case.centre.phone}) if part
        ),
        url=f"{settings.SITE_URL.rstrip('/')}{case_url(case)}sessions/",
        stamp=timezone.now(),
        sequence=session.changes,
        cancelled=session.cancelled_at is not None,
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="session-{session.number}.ics"'
    return response


def _file(request: HttpRequest, number: str) -> CaseFile:
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    if not file.may(SEE) or case.accepted_at is None:
        raise Http404
    return file


def takes_part(file: CaseFile) -> bool:
    """Say whether this person is one of those who meet: a side or the mediator."""
    return file.as_party or file.has(Role.MEDIATOR)


def _sessions(file: CaseFile) -> list[Session]:
    rows = Session.objects.filter(case=file.case).order_by("-number")
    related = ("notices", "attendance__party", "statements__party", "signatures")
    return list(rows.select_related("recording").prefetch_related(*related)[:MOST_EVENTS])


def _context(file: CaseFile) -> Row:
    url = case_url(file.case)
    poll = open_poll(file)
    texts = UndisputedFacts.objects.filter(case=file.case, voided_at__isnull=True).prefetch_related("signatures")
    calling = file.case.status in {"ASSIGNED", "MEDIATING"} and file.may("case.hold_session")
    sessions = _sessions(file)
    proved = _proved(file, sessions)
    return {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "file": file,
        "case": file.case,
        "case_url": url,
        "url": f"{url}sessions/",
        "live_topic": file.case.topic,
        "region_url": f"{url}sessions/?fragment=1",
        "clashes": clash_rows(file),
        "buttons": _buttons(file, url) if calling else [],
        "poll": _poll_row(file, poll) if poll else None,
        "sessions": [_session_row(file, one, proved.get(one.pk, {})) for one in sessions],
        "facts": [_facts_row(file, one) for one in texts],
    }


def _buttons(file: CaseFile, url: str) -> list[Row]:
    found = [
        {"label": _("约时间"), "url": f"{url}sessions/slots/"},
        {"label": _("直接安排"), "url": f"{url}do/schedule-session/"},
    ]
    if file.case.status == "MEDIATING":
        found.append({"label": _("写无争议事实记载"), "url": f"{url}sessions/facts/"})
    return found


def _poll_row(file: CaseFile, poll: SlotPoll) -> Row:
    said = mediation.latest_words(poll)
    mine = {party.pk for party in file.mine}
    slots = []
    for i, slot in enumerate(poll.slots.all(), 1):
        cells = []
        for party in file.parties:
            word = said.get((slot.pk, party.pk))
            cells.append(
                {
                    "who": _("我方") if party.pk in mine else party_label(file, party),
                    "word": Word(word).label if word else _("还没有答复"),
                    "colour": COLOURS[Word(word)] if word else "grey",
                }
            )
        slots.append({"number": i, "when": slot_words(slot), "cells": cells})
    return {
        "slots": slots,
        "parties": [_("我方") if party.pk in mine else party_label(file, party) for party in file.parties],
        "place": poll.place,
        "minutes": poll.minutes,
        "may_answer": file.may("case.take_part"),
        "answered": any(key[1] in mine for key in said),
        "may_fix": file.may("case.hold_session"),
    }


def _stands(session: Session) -> bool:
    return not session.record and session.cancelled_at is None


def _untold(file: CaseFile, session: Session) -> list[Party]:
    known = {row.party_id for row in session.notices.all() if row.change == session.changes}
    return [party for party in file.parties if party.pk not in known]


def _proved(file: CaseFile, sessions: list[Session]) -> dict[int, dict[int, str]]:
    """How the page of service proves what nobody noted here, by session and party.

    A thing served names no session: only where one session stands is it clear which one it was about.
    """
    standing = [one for one in sessions if _stands(one)]
    untold = _untold(file, standing[0]) if len(standing) == 1 else []
    if not untold:
        return {}
    found = {}
    for key, lines in serving.lines_of(file.case, untold).items():
        last = next((line for line in lines if line.service.kind in OF_A_SESSION), None)
        if last is not None and last.arrived is not None:
            given = {"day": day(last.arrived.on), "how": last.arrived.how}
            found[key] = _("%(day)s已送达（%(how)s）") % given
    return {standing[0].pk: found}


def _session_row(file: CaseFile, session: Session, proved: dict[int, str]) -> Row:
    held, off = bool(session.record), session.cancelled_at is not None
    standing = _stands(session)
    state, colour = (_("已开"), "green") if held else (_("已取消"), "grey") if off else _not_held(session)
    signed = _signatures(file, session.signatures.all(), with_mediator=True) if held else []
    return {
        "number": session.number,
        "title": _("第%(n)d次调解会") % {"n": session.number},
        "state": state,
        "colour": colour,
        "when": f"{moment(session.starts_at)}–{timezone.localtime(session.ends_at):%H:%M}",
        "place": session.place,
        "link": session.link if takes_part(file) and standing else "",
        "changes": session.changes if standing else 0,
        "cancel_reason": session.cancel_reason,
        "notices": [] if off else _notices(file, session, proved),
        "parts": [{"label": label, "value": words} for label, words in record_parts(file, session)[2:]] if held else [],
        "signatures": signed,
        "of": f"record-{session.number}",
        "recording": session.recording.name if session.recording else "",
        "recording_url": f"{case_url(file.case)}evidence/{session.recording.number}/" if session.recording else "",
        "may_sign": held and _may_sign(file, session.signatures.all(), with_mediator=True),
        "may_paper": held and file.may("case.record_paper"),
        "may_waive": standing and _may_waive(file, session),
        "may_move": standing and file.may("case.hold_session"),
        "may_serve": standing and file.may("case.record_paper"),
        "may_record": standing
        and _time_has_come(file, session)
        and RecordSession.allowed(file)
        and RecordSession.open(file),
        "record_of": session.pk,
        "may_attach": held and file.may("case.hold_session") and session.recording is None,
        "calendar": standing and takes_part(file),
    }


def _time_has_come(file: CaseFile, session: Session) -> bool:
    return session.round == file.case.round and session.starts_at <= timezone.now()


def _not_held(session: Session) -> tuple[str, str]:
    """Whether it was held nobody knows before there is a record of it."""
    if session.starts_at > timezone.now():
        return _("将召开"), "yellow"
    return _("时间已到，还没有记录"), "yellow"


def _notices(file: CaseFile, session: Session, proved: dict[int, str]) -> list[Row]:
    known = {row.party_id: row for row in session.notices.all() if row.change == session.changes}
    rows = []
    for party in file.parties:
        row = known.get(party.pk)
        words = proved.get(party.pk) or _("还没有通知到")
        if row is not None:
            served = row.how == SessionNotice.How.SERVED
            words = f"{row.get_how_display()}（{row.get_channel_display()}）" if served else row.get_how_display()
        rows.append({"label": party_label(file, party), "value": words})
    return rows


def _may_waive(file: CaseFile, session: Session) -> bool:
    own = {party.pk for party in file.mine}
    return any(party.pk in own for party in _untold(file, session))


def _signatures(file: CaseFile, rows: Any, *, with_mediator: bool) -> list[Row]:
    known: dict[int | None, RecordSignature] = {row.party_id: row for row in rows}
    who: list[tuple[int | None, str]] = [(party.pk, party_label(file, party)) for party in file.parties]
    if with_mediator:
        who.append((None, _("调解员")))
    return [{"label": label, "value": _signed_words(known.get(key))} for key, label in who]


def _signed_words(row: RecordSignature | None) -> str:
    if row is None:
        return _("还没有签")
    words = f"{row.get_how_display()} {moment(row.at)}"
    return f"{words}：{row.note}" if row.note else words


def _may_sign(file: CaseFile, rows: Any, *, with_mediator: bool) -> bool:
    known = {row.party_id for row in rows}
    if file.as_party:
        return file.may("case.take_part") and any(party.pk not in known for party in file.mine)
    return with_mediator and file.may("case.hold_session") and None not in known


def _facts_row(file: CaseFile, facts: UndisputedFacts) -> Row:
    return {
        "version": facts.version,
        "text": facts.text,
        "when": moment(facts.at),
        "of": f"facts-{facts.version}",
        "signatures": _signatures(file, facts.signatures.all(), with_mediator=False),
        "may_sign": _may_sign(file, facts.signatures.all(), with_mediator=False),
        "may_paper": file.may("case.record_paper"),
    }


urlpatterns = [
    path("cases/<slug:number>/sessions/", sessions_page, name="case_sessions"),
    path("cases/<slug:number>/sessions/<int:n>/calendar.ics", calendar_file, name="case_session_calendar"),
    path("cases/<slug:number>/sessions/<slug:name>/", session_form, name="case_session_form"),
]
