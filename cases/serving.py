"""Service (送达): what must reach which party, on which ways it was tried, and what proves that it arrived.

Telling is the ledger's work (`notifications`); here stands what counts. A notice counts as served when the party opened
it or ticked that it was received; by the moment it went out only where the party agreed to be told on that way
(CPL23 90 on electronic service); on paper by the signed slip, the post's delivery, or a refusal before a witness.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.errors import DomainError
from accounts.models import Membership, User
from accounts.phones import normalise_mobile
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import ConsentHow
from cases.entries import CaseEntry
from cases.evidence import Upload, add_evidence
from cases.facts import matter
from cases.models import Case, Evidence, Party, Service, ServiceAddress, ServiceProof
from documents.models import Document
from notifications.models import Channel, Delivery, Notice

Way = ServiceProof.Way
SLIP = gettext_noop("送达回证")


class ServiceError(DomainError):
    """This does not prove that something was served."""


@dataclass(frozen=True)
class Served:
    """When something reached a party, and by what we know."""

    on: date
    how: str


def open_services(
    case: Case, parties: Iterable[Party], *, kind: str, by: User | None, at: datetime, document: Document | None = None
) -> list[Service]:
    """Write down what must reach these parties; inside the caller's change, one query."""
    return Service.objects.bulk_create(
        Service(case=case, party=party, kind=kind, document=document, at=at, by=by) for party in parties
    )


def served(service: Service, notices: Sequence[Notice], address: ServiceAddress | None) -> Served | None:
    """Say when and how it arrived, the earliest that counts; None: it is not proved. `notices`: with deliveries."""
    found = [
        *([Served(local_date(service.receipt_at), _("本人确认收到"))] if service.receipt_at else []),
        *(Served(local_date(notice.read_at), _("本人在网上看过")) for notice in notices if notice.read_at),
        *_told_as_agreed(notices, address),
        *(Served(day, proof.get_way_display()) for proof in service.proofs.all() if (day := _day_of(proof))),
    ]
    return min(found, key=lambda one: one.on, default=None)


def _told_as_agreed(notices: Sequence[Notice], address: ServiceAddress | None) -> Iterable[Served]:
    agreed = set(address.ways) & {"SMS", "EMAIL"} if address else set()
    for notice in notices:
        for way in notice.deliveries.all():
            void = address.phone_void_at if address and way.channel == Channel.SMS else None
            if void is not None and way.sent_at is not None and way.sent_at >= void:
                continue  # nobody has agreed to be served at the new number
            if way.channel in agreed and way.status == Delivery.Status.SENT and way.sent_at:
                yield Served(
                    local_date(way.sent_at), _("按送达地址确认书发到：%(way)s") % {"way": way.get_channel_display()}
                )


def _day_of(proof: ServiceProof) -> date | None:
    """The day on which paper counts as served; a telephone call proves nothing by itself."""
    if proof.returned or proof.way == Way.PHONE:
        return None
    if proof.way == Way.POST:
        return proof.delivered_on
    return proof.delivered_on or proof.sent_on


def prove_service(
    service: Service,
    *,
    way: str,
    sent_on: date,
    by: User,
    at: datetime,
    delivered_on: date | None = None,
    tracking: str = "",
    returned: bool = False,
    witness: str = "",
    reason: str = "",
    scan: Upload | None = None,
) -> ServiceProof:
    """Record one way of serving on paper with what proves it. Raises ServiceError, EvidenceError."""
    today = local_date(at)
    with changing(service.case, matter.PROVE_SERVICE, by=by, at=at) as locked:
        _require_sense(way, sent_on, delivered_on, today)
        _require_proof(way, tracking=tracking, witness=witness, reason=reason, scan=scan)
        slip = _slip(locked, service.party, scan, by=by, at=at)
        row = ServiceProof.objects.create(
            service=service,
            way=Way(way),
            sent_on=sent_on,
            delivered_on=None if returned else delivered_on,
            tracking=within(tracking, 40),
            returned=returned,
            witness=within(witness, 120),
            reason=within(reason, 300),
            slip=slip,
            at=at,
            by=by,
        )
        journal(locked, CaseEntry.PROVE_SERVICE, by=by, at=at, service=service.pk, way=row.way, returned=returned)
    return row


def _require_sense(way: str, sent_on: date, delivered_on: date | None, today: date) -> None:
    if sent_on > today or (delivered_on and delivered_on > today):
        raise ServiceError(_("日期不能晚于今天。"))
    if delivered_on and delivered_on < sent_on:
        raise ServiceError(_("送达日期不能早于送出日期。"))
    if delivered_on and way == Way.PHONE:
        raise ServiceError(_("电话告知不能单独证明送达，请不要填送达日期。"))


def _require_proof(way: str, *, tracking: str, witness: str, reason: str, scan: Upload | None) -> None:
    if way == Way.COUNTER and scan is None:
        raise ServiceError(_("当面送达请附上本人签收的送达回证（照片或扫描件）。"))
    if way == Way.POST and not tracking.strip():
        raise ServiceError(_("邮寄送达请填写邮件号。"))
    if way == Way.LEFT and not (witness.strip() and reason.strip()):
        raise ServiceError(_("留置送达请写明见证人和拒收的经过。"))


def _slip(case: Case, party: Party, scan: Upload | None, *, by: User, at: datetime) -> Evidence | None:
    """Keep the scan with the file of the case: the other side does not see it."""
    if scan is None:
        return None
    return add_evidence(case, scan, by=by, at=at, purpose=SLIP, party=party, sensitive=True)


def confirm_address(
    party: Party,
    *,
    ways: Sequence[str],
    how: str,
    by: User,
    at: datetime,
    receiver: str = "",
    address: str = "",
    phone: str = "",
    scan: Upload | None = None,
) -> ServiceAddress:
    """Record where and how a party wants to be served: by itself, or by staff from the signed form.

    Raises ServiceError, PhoneError.
    """
    own = how == ConsentHow.ONLINE
    permission = "case.confirm_service_address" if own else "case.serve"
    with changing(party.case, matter.SERVICE_ADDRESS, by=by, at=at, permission=permission) as locked:
        if own and party.pk not in {mine.pk for mine in locked.parties_of(by)}:
            raise ServiceError(_("您只能确认自己这一方的送达地址。"))
        if not ways:
            raise ServiceError(_("请至少选择一种送达方式。"))
        if "POST" in ways and not address.strip():
            raise ServiceError(_("选择邮寄的，请填写邮寄地址。"))
        if not own and how == ConsentHow.SIGNED and scan is None:
            raise ServiceError(_("书面确认的，请附上签字的送达地址确认书。"))
        row = ServiceAddress.objects.create(
            party=party,
            ways=[ServiceAddress.Way(way) for way in ways],
            receiver=within(receiver, 60),
            address=within(address, 200),
            phone=normalise_mobile(phone) if phone.strip() else "",
            how=ConsentHow(how),
            slip=_slip(locked, party, scan, by=by, at=at),
            at=at,
            by=by,
        )
        journal(locked, CaseEntry.SERVICE_ADDRESS, by=by, at=at, party=party.pk, ways=sorted(ways), how=how)
    return row


def confirm_receipt(service: Service, *, by: User, at: datetime) -> Service:
    """Let a party say that it received something; once. Raises ServiceError."""
    with changing(service.case, matter.CONFIRM_RECEIPT, by=by, at=at) as locked:
        if service.party_id not in {mine.pk for mine in locked.parties_of(by)}:
            raise ServiceError(_("您只能确认送达给自己这一方的。"))
        row = Service.objects.select_for_update().get(pk=service.pk)
        if row.receipt_at is None:
            row.receipt_at, row.receipt_by = at, by
            row.save(update_fields=["receipt_at", "receipt_by"])
            journal(locked, CaseEntry.RECEIPT, by=by, at=at, service=row.pk)
    return row


def people_of_parties(parties: Iterable[Party]) -> dict[int, set[int]]:
    """Return who is or was told for each party: accounts, pass guests, agents, contacts of its body; one query."""
    rows = list(parties)
    bodies = Q(company__in=[p.company_id for p in rows if p.company_id]) | Q(
        committee__in=[p.committee_id for p in rows if p.committee_id]
    )
    contacts = list(Membership.objects.filter(bodies).values_list("company_id", "committee_id", "user_id"))
    found: dict[int, set[int]] = {}
    for party in rows:
        own: set[Any] = {party.user_id, *(p.guest_id for p in party.passes.all())}
        own |= {agent.user_id for agent in party.agents.all()}
        own |= {
            user
            for company, committee, user in contacts
            if (party.company_id and company == party.company_id)
            or (party.committee_id and committee == party.committee_id)
        }
        found[party.pk] = own - {None}
    return found


@dataclass(frozen=True)
class Line:
    """One thing on its way to one party: the notices of it, and whether it arrived."""

    service: Service
    notices: list[Notice]
    arrived: Served | None


def lines_of(case: Case, parties: Sequence[Party]) -> dict[int, list[Line]]:
    """Return everything that was to reach each of these parties, the newest first; in five queries."""
    services = (
        Service.objects.filter(case=case, party__in=parties)
        .select_related("document", "by")
        .prefetch_related("proofs__slip", "proofs__by")
        .order_by("-pk")
    )
    notices = Notice.objects.filter(subject_kind="case", subject_id=case.pk).prefetch_related("deliveries")
    told: dict[tuple[str, datetime], list[Notice]] = {}
    for notice in notices.order_by("pk"):
        told.setdefault((notice.kind, notice.created), []).append(notice)
    people, addresses = people_of_parties(parties), addresses_of(parties)
    found: dict[int, list[Line]] = {party.pk: [] for party in parties}
    for service in services:
        own = [n for n in told.get((service.kind, service.at), []) if n.recipient_id in people[service.party_id]]
        arrived = served(service, own, addresses.get(service.party_id))
        found[service.party_id].append(Line(service, own, arrived))
    return found


def addresses_of(parties: Sequence[Party]) -> dict[int, ServiceAddress]:
    """Return the confirmation that stands for each party; one query."""
    rows = ServiceAddress.objects.filter(party__in=parties).select_related("slip").order_by("pk")
    return {row.party_id: row for row in rows}
