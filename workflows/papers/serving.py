"""On whom an issued paper is served, and the day on which it is known to have arrived."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from cases import serving
from cases.changes import holding, journal, touch
from cases.choices import Side, Status
from cases.entries import CaseEntry
from cases.models import Agent, Case, CasePass, Party, Service, ServiceAddress, ServiceProof
from documents.kind import Audience
from documents.services import Ready
from mediation.models import Session, SessionNotice
from notifications.models import Channel, Delivery, Notice

SIDES = {
    Audience.PARTIES: frozenset(Side.values),
    Audience.APPLICANTS: frozenset({Side.APPLICANT}),
    Audience.RESPONDENTS: frozenset({Side.RESPONDENT}),
}
LOOKED_BACK = timedelta(days=400)  # what nobody opened by then is proved on paper or not at all


def addressees(case: Case, ready: Ready, about: Any, *, by: User | None, at: datetime) -> list[Party]:
    """Return the parties on whom a paper is served once it is issued: who has not left, and knows of the case."""
    audience = ready.kind.served
    present = [party for party in case.parties.all() if party.left_at is None and case.open_to(party.side)]
    if audience is None:
        return []
    if audience == Audience.PARTY:
        return [party for party in present if party.pk == ready.document.party_id]
    found = [party for party in present if party.side in SIDES[audience]]
    if ready.kind.code == "receipt" and by is not None:  # whoever files sees it on the page that follows
        mine = {party.pk for party in case.parties_of(by)}
        return [party for party in found if party.pk not in mine]
    return _called(ready, about, found, at) if ready.kind.code == "session_notice" else found


def _called(ready: Ready, about: Any, parties: list[Party], at: datetime) -> list[Party]:
    """Leave out who waived the notice; of a session whose time is past nobody is called to anything."""
    session = about or Session.objects.filter(pk=ready.document.about_id or 0).first()
    if session is None or session.starts_at <= at:
        return []
    waived = SessionNotice.objects.filter(session=session, change=session.changes, how=SessionNotice.How.WAIVED)
    keys = set(waived.values_list("party", flat=True))
    return [party for party in parties if party.pk not in keys]


def open_on(
    case: Case, served: Sequence[tuple[Ready, Party]], kinds: dict[int, str], *, by: User | None, at: datetime
) -> None:
    """Write down which paper must reach whom, and by which notice each party hears of it; one query."""
    Service.objects.bulk_create(
        Service(case=case, party=party, kind=kinds[party.pk], document=ready.document, at=at, by=by)
        for ready, party in served
    )


# --- that it arrived ---------------------------------------------------------------------------------------------


def prove_service(service: Service, *, by: User, at: datetime, **given: Any) -> ServiceProof:
    """Record how something was served on paper (see `cases.serving`), and that it arrived where that proves it."""
    with holding(service.case_id, "prove-service", by=by, at=at) as case:
        proof = serving.prove_service(service, by=by, at=at, **given)
        note_arrived(case, at=at)
    return proof


def confirm_receipt(service: Service, *, by: User, at: datetime) -> Service:
    """Let a party say that it received something (see `cases.serving`), and note that it arrived."""
    with holding(service.case_id, "receipt", by=by, at=at) as case:
        row = serving.confirm_receipt(service, by=by, at=at)
        note_arrived(case, at=at)
    return row


def note_arrivals(now: datetime, *, limit: int = 100) -> int:
    """Note the papers that parties have opened, or that went out on a way they agreed to; returns how many cases."""
    waiting = Service.objects.filter(document__isnull=False, arrived_on__isnull=True, at__gt=now - LOOKED_BACK)
    waiting = waiting.exclude(case__status=Status.ARCHIVED).filter(Exists(_notices(now)))
    keys = list(waiting.order_by("-case_id").values_list("case_id", flat=True).distinct()[:limit])
    return sum(_note(key, now) for key in keys)


def _notices(now: datetime) -> QuerySet[Notice]:
    """The notices by which the party of a service was told of it, and that make it count as served."""
    notices = Notice.objects.filter(
        subject_kind="case", subject_id=OuterRef("case_id"), created=OuterRef("at"), kind=OuterRef("kind")
    )
    party = OuterRef(OuterRef("party"))
    own = (
        Q(Exists(Party.objects.filter(pk=party, user=OuterRef("recipient"))))
        | Q(Exists(CasePass.objects.filter(party=party, guest=OuterRef("recipient"))))
        | Q(Exists(Agent.objects.filter(principal=party, user=OuterRef("recipient"))))
        | Q(Exists(Party.objects.filter(pk=party, company__memberships__user=OuterRef("recipient"))))
        | Q(Exists(Party.objects.filter(pk=party, committee__memberships__user=OuterRef("recipient"))))
    )
    agreed = ServiceAddress.objects.filter(
        party=OuterRef(OuterRef(OuterRef("party"))), ways__contains=[OuterRef("channel")], phone_void_at__isnull=True
    )
    sent = Delivery.objects.filter(Exists(agreed), notice=OuterRef("pk"), status=Delivery.Status.SENT)
    return notices.filter(own).filter(Q(read_at__isnull=False) | Exists(sent.exclude(channel=Channel.SITE)))


def _note(case_id: int, now: datetime) -> int:
    with holding(case_id, "paper_arrived", by=None, at=now) as case:
        found = note_arrived(case, at=now)
        if found:
            touch(case)
    return bool(found)


def note_arrived(case: Case, *, at: datetime) -> list[Service]:
    """Keep the day on which each paper is proved to have arrived; inside the caller's change of a locked case.

    Whoever is to be told that a paper reached the other side is told here, from what is returned.
    """
    lines = [line for rows in serving.lines_of(case, list(case.parties.all())).values() for line in rows]
    found = []
    for line in lines:
        service = line.service
        if line.arrived is None or service.arrived_on is not None or service.document is None:
            continue
        service.arrived_on = line.arrived.on
        service.save(update_fields=["arrived_on"])
        journal(case, CaseEntry.PAPER_ARRIVED, by=None, at=at, service=service.pk, on=line.arrived.on.isoformat())
        found.append(service)
    return found
