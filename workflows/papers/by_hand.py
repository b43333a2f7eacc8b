"""What papers still need a hand: written, signed, sealed, delivered; by when, and why.

Read by whoever says whose turn it is. Nothing here asks the clock: what opens later says when.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calendars.today import local_date
from calendars.working_days import WorkCalendar, add_working_days
from cases.models import Case, Party, Service, ServiceAddress
from cases.serving import addresses_of
from documents.kind import Hand
from documents.kinds import KINDS
from documents.models import Document
from workflows.papers.due import BY_HAND_ONLY

# The centre's own rule for papers; as long as a notice of termination may take to be served (K16).
WORKING_DAYS = 3
# Somebody who is told online and has not agreed to be served there may still open it before anybody goes out.
FIRST_ONLINE = 1
ONLINE = frozenset({"SITE", "SMS", "EMAIL"})


class What(models.TextChoices):
    """What a hand is needed for."""

    WRITE = "WRITE", _("制作文书")
    SIGN = "SIGN", _("在文书上签名")
    SEAL = "SEAL", _("盖章并送出文书")
    DELIVER = "DELIVER", _("送达文书")


@dataclass(frozen=True)
class HandWork:
    """One thing that somebody of the intake has to do with one paper."""

    what: What
    document: int
    title: str
    since: datetime
    due: date
    why: str = ""
    party: int | None = None
    opens_on: date | None = None


def by_hand(case: Case, calendar: WorkCalendar) -> list[HandWork]:
    """Return everything that the papers of a case still need a hand for; at most four queries."""
    rows = open_papers(case)
    ways = open_services(case)
    parties = {service.party_id: service.party for service in ways}
    addresses = addresses_of(list(parties.values())) if parties else {}
    return work_of(rows, ways, addresses, calendar)


def open_papers(case: Case) -> list[Document]:
    """Return the papers that are due, and those issued that still want a signature or the seal."""
    due = Q(issued_at__isnull=True, dropped_at__isnull=True)
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk).exclude(kind__in=["", *BY_HAND_ONLY])
    hands = Q(kind__in=WITH_HAND, issued_at__isnull=False, revoked_at__isnull=True)
    found = rows.filter(due | hands & Q(signed_at__isnull=True, sealed_at__isnull=True)).order_by("pk")
    return [row for row in found if row.is_due or not hand_done(row)]


WITH_HAND = tuple(kind.code for kind in KINDS.values() if kind.hand)


def hand_done(document: Document) -> bool:
    """Say whether an issued paper bears what its kind wants on it."""
    kind = KINDS.get(document.kind)
    if kind is None or kind.hand is None:
        return True
    return (document.sealed_at if kind.hand == Hand.SEAL else document.signed_at) is not None


def open_services(case: Case) -> list[Service]:
    """Return the papers that are on their way to a party and are not known to have arrived."""
    rows = Service.objects.filter(case=case, document__isnull=False, arrived_on__isnull=True)
    rows = rows.filter(document__revoked_at__isnull=True, party__left_at__isnull=True)
    return list(rows.select_related("document", "party").prefetch_related("party__passes").order_by("pk"))


def work_of(
    rows: Iterable[Document],
    ways: Iterable[Service],
    addresses: dict[int, ServiceAddress],
    calendar: WorkCalendar,
) -> list[HandWork]:
    """Say what is to be done with these papers. Pure."""
    found = [_on_paper(row, calendar) for row in rows]
    for service in ways:
        work = _to_deliver(service, addresses.get(service.party_id), calendar)
        found += [work] if work is not None else []
    return found


def due_on(row: Document, calendar: WorkCalendar) -> date:
    """Return the day by which a paper that is due should be issued."""
    return _after(row.due_at, calendar)


def _on_paper(row: Document, calendar: WorkCalendar) -> HandWork:
    if row.is_due:
        return HandWork(What.WRITE, row.pk, row.title, row.due_at, _after(row.due_at, calendar), row.obstacle)
    since = row.issued_at or row.due_at
    hand = KINDS[row.kind].hand
    what = What.SEAL if hand == Hand.SEAL else What.SIGN
    return HandWork(what, row.pk, row.title, since, _after(since, calendar), str(hand.label) if hand else "")


def _to_deliver(service: Service, address: ServiceAddress | None, calendar: WorkCalendar) -> HandWork | None:
    """Serve only in the way that this party agreed to; where it agreed to none online, somebody goes out."""
    if service.document is None or agreed_online(address, service.party):
        return None
    opens = None
    if service.party.reachable_online and address is None:
        opens = _after(service.at, calendar, FIRST_ONLINE)
    why = _("这一方没有同意用网上的方式送达") if address is None else _("这一方要求邮寄或者到中心领取")
    due = _after(service.at, calendar)
    document = service.document
    return HandWork(What.DELIVER, document.pk, document.title, service.at, due, str(why), service.party_id, opens)


def agreed_online(address: ServiceAddress | None, party: Party) -> bool:
    """Say whether a party agreed to be served online, and can be."""
    return address is not None and bool(ONLINE & set(address.ways)) and party.reachable_online


def _after(moment: datetime, calendar: WorkCalendar, days: int = WORKING_DAYS) -> date:
    return add_working_days(calendar, local_date(moment), days).due
