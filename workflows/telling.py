"""Tell the people concerned, in the action's transaction, that something happened; never what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import User, standing
from accounts.roles import Role
from audit.live import announce
from cases.changes import keeping_still, touch
from cases.choices import Side, Status
from cases.models import Case, Party
from cases.related import lead_of, merged_into
from cases.responsibility import staff_of as staff_of
from cases.serving import open_services
from documents.models import Document
from mediation.models import Session, SessionNotice
from notifications.models import Kind
from notifications.services import notify, notify_all
from notifications.texts import TEXTS

A, B, T = "applicants", "respondents", "third_parties"
PARTIES = (A, B, T)

# action → (what a notice says that happened, to whom)
TOLD: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "submit": (Kind.CASE_FILED, (A,)),
    "return_for_supplement": (Kind.SUPPLEMENT_NEEDED, (A,)),
    "lapse": (Kind.WITHDRAWN, (A,)),
    "reject": (Kind.REJECTED, (A,)),
    "review_rejection": (Kind.CASE_FILED, (A,)),
    "refer": (Kind.REFERRED, PARTIES),
    "forward_to_company": (Kind.COMPANY_ASKED, (B,)),
    "redo_answer": (Kind.COMPANY_ASKED, (B,)),
    "answer_enquiry": (Kind.MESSAGE_RECEIVED, (A,)),
    "confirm_answer": (Kind.FOLLOWUP_DUE, (A,)),
    "invite": (Kind.INVITATION, (B, T)),
    "accept": (Kind.ACCEPTED, PARTIES),
    "accept_jointly": (Kind.ACCEPTED, PARTIES),
    "decline": (Kind.ENDED, PARTIES),
    "assign": (Kind.MEDIATOR_ASSIGNED, (*PARTIES, "mediator")),
    "reassign": (Kind.MEDIATOR_ASSIGNED, (*PARTIES, "mediator")),
    "start_mediation": (Kind.SESSION_SCHEDULED, PARTIES),
    "extend": (Kind.DEADLINE_MOVED, PARTIES),
    "suspend": (Kind.SUSPENDED, (*PARTIES, "mediator")),
    "resume": (Kind.RESUMED, (*PARTIES, "mediator")),
    "draft_agreement": (Kind.AGREEMENT_READY, PARTIES),
    "settle_orally": (Kind.AGREEMENT_IN_FORCE, PARTIES),
    "take_effect": (Kind.AGREEMENT_IN_FORCE, PARTIES),
    "reopen_talks": (Kind.RESUMED, PARTIES),
    "fail": (Kind.ENDED, PARTIES),
    "finish_performance": (Kind.FOLLOWUP_DUE, (A,)),
    "report_breach": (Kind.PERFORMANCE_OVERDUE, PARTIES),
    "withdraw": (Kind.WITHDRAWN, (*PARTIES, "mediator")),
    "merge": (Kind.MERGED, PARTIES),
    "void": (Kind.CLOSED, (A,)),
    "close": (Kind.CLOSED, PARTIES),
    "remediate": (Kind.RESUMED, (*PARTIES, "mediator")),
    "archive": (Kind.ARCHIVED, (A,)),
}
SIDES = {A: Side.APPLICANT, B: Side.RESPONDENT, T: Side.THIRD_PARTY}


@dataclass(frozen=True)
class Telling:
    """One kind of notice to some people, the parties it serves and those that hear it, the page that it leads to."""

    kind: Kind
    people: list[User]
    served: list[Party]
    heard: list[Party]
    page: str = ""


def tellings_of(
    case: Case, action: str, *, by: User | None, called: Session | None = None, served: Sequence[Party] | None = None
) -> list[Telling]:
    """Return whom an action tells what, read from the case as it stands after it; the form shows it beforehand.

    The person who acts needs no notice. `called`: the session that the action fixes; `served`: on whom its papers are
    served, where they are written already: whoever hears of none of them yet is told that a document is there.
    """
    found = _tellings(case, action, by=by, called=called)
    told = {party.pk for one in found for party in one.heard}
    papers = _foreseen(case, action) if served is None else served
    rest = [party for party in papers if party.pk not in told]
    if rest:
        found.append(Telling(Kind.DOCUMENT_SERVED, _without(people_for(rest), by), [], rest, "service/"))
    return found


def _foreseen(case: Case, action: str) -> list[Party]:
    """The notice of rights goes to both sides where one is asked, once."""
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk, kind="rights_notice", revoked_at=None)
    if action != "invite" or rows.exists():
        return []
    return present(case)


def _tellings(case: Case, action: str, *, by: User | None, called: Session | None) -> list[Telling]:
    if action not in TOLD:
        return []
    kind, audience = TOLD[action]
    if kind == Kind.SESSION_SCHEDULED:  # of a session that was called before everybody has heard then
        return [_of_session(case, called, kind, by=by)] if called is not None else []
    sides = _sides(case, audience)
    heard = [party for party in present(case) if party.side in sides]
    return [Telling(kind, _without(_people(case, audience), by), heard if TEXTS[kind].legal else [], heard)]


def _of_session(case: Case, session: Session, kind: Kind, *, by: User | None) -> Telling:
    """A session is served on every party that did not waive it, and told to everybody who meets."""
    waived: set[int] = set()
    if session.pk is not None:
        rows = session.notices.filter(change=session.changes, how=SessionNotice.How.WAIVED)
        waived = set(rows.values_list("party", flat=True))
    parties = present(case)
    people = people_for(parties)
    if case.mediator is not None and case.mediator not in people:
        people.append(case.mediator)
    served = [party for party in parties if party.pk not in waived]
    return Telling(kind, _without(people, by), served, parties, "sessions/")


def _without(people: Sequence[User], by: User | None) -> list[User]:
    return [person for person in people if by is None or person.pk != by.pk]


def send(case: Case, told: Telling, *, by: User | None, at: datetime, with_paper: Collection[int] = ()) -> None:
    """Write the notices, and what serves somebody on the page of service; `with_paper`: who is served a paper by it."""
    served = [party for party in told.served if party.pk not in with_paper]
    if served:
        open_services(case, served, kind=told.kind, by=by, at=at)
    tell_all(told.people, case, told.kind, at=at, page=told.page)


def tell_people(
    case: Case,
    action: str,
    *,
    by: User | None,
    at: datetime,
    called: Session | None = None,
    served: Sequence[Party] = (),
) -> dict[int, str]:
    """Write the notices that an action calls for; return by which of them each party that is `served` papers hears."""
    keys, heard = {party.pk for party in served}, dict[int, str]()
    for told in tellings_of(case, action, by=by, called=called, served=served):
        send(case, told, by=by, at=at, with_paper=keys)
        heard = {party.pk: str(told.kind) for party in told.heard} | heard
    return heard


def tell_merged(case: Case, action: str, *, was: str, at: datetime) -> None:
    """Tell whoever was merged into a case that it has moved on, and whoever works on a case that another joined it.

    The merged see the stage and the outcome on the page of their own case, and nothing else of the lead.
    """
    lead = lead_of(case)
    if action == "merge" and lead is not None:
        staff = [person for person in (lead.handler, lead.mediator) if person is not None]
        tell_all(list(dict.fromkeys(staff)), lead, Kind.MERGED, at=at)
    if case.status == was or not getattr(case, "has_merged", True):  # asked with the row that was locked
        return
    for row in merged_into(case):
        with keeping_still(row.pk) as merged:
            tell_all(people_of(merged, Side.APPLICANT), merged, Kind.LEAD_MOVED, at=at)
            if merged.status != Status.ARCHIVED:
                touch(merged)


def tell_one(person: User, case: Case, kind: str, *, at: datetime) -> None:
    """Write one notice about a case."""
    tell_all([person], case, kind, at=at)


def tell_all(people: Sequence[User], case: Case, kind: str, *, at: datetime, page: str = "") -> None:
    """Write the same notice about a case to several people, in a constant number of queries; `page`: below the case."""
    notify_all(
        people,
        kind=kind,
        subject=case.subject,
        url=case.get_absolute_url() + page,
        at=at,
        number=case.case_number or case.number or "",
    )


def tell_parties(
    case: Case,
    parties: Sequence[Party],
    kind: str,
    *,
    by: User | None,
    at: datetime,
    document: Document | None = None,
    page: str = "",
) -> None:
    """Tell everybody who acts for these parties; what serves somebody stands on the page of service from then on."""
    if TEXTS[Kind(kind)].legal:
        open_services(case, parties, kind=kind, by=by, at=at, document=document)
    tell_all(people_for(list(parties)), case, kind, at=at, page=page)


def tell_session(
    case: Case, session: Session, kind: str, *, by: User | None, at: datetime, served: Collection[int] = ()
) -> list[Party]:
    """Serve what becomes of a session on every party that did not waive it, and tell everybody who meets.

    Those whom a paper is `served` on are served with it. Returns the parties that were told.
    """
    told = _of_session(case, session, Kind(kind), by=by)
    send(case, told, by=by, at=at, with_paper=served)
    return told.heard


def tell_director(case: Case, kind: str, *, at: datetime) -> None:
    """Write a notice to every director of the case's centre."""
    tell_all(staff_of(case, Role.DIRECTOR), case, kind, at=at)


def release(case: Case, mediator: User, *, at: datetime) -> None:
    """Tell somebody that a case is no longer his to mediate; his open pages find out at once."""
    notify(mediator, kind=Kind.MEDIATOR_RELEASED, subject=case.subject, url="/desk/", at=at, number=case.number or "")
    announce(f"roles:{mediator.pk}", 0)


def _people(case: Case, audience: tuple[str, ...]) -> list[User]:
    sides = _sides(case, audience)
    found = people_of(case, *sides) if sides else []
    shut_out = case.mediator_id in case.shut_out
    if "mediator" in audience and case.mediator and not shut_out and case.mediator not in found:
        found.append(case.mediator)
    return found


def _sides(case: Case, audience: tuple[str, ...]) -> list[Side]:
    """The other sides are told nothing before the centre has told them of the case."""
    return [SIDES[one] for one in audience if one in SIDES and case.open_to(SIDES[one])]


def present(case: Case) -> list[Party]:
    """Return the parties that have not left the case and know of it."""
    return [party for party in case.parties.all() if party.left_at is None and case.open_to(party.side)]


def people_of(case: Case, *sides: str) -> list[User]:
    """Return everybody who acts for these sides: accounts, pass guests, company and committee contacts; one query."""
    return people_for([party for party in case.parties.all() if party.side in sides and party.left_at is None])


def people_for(rows: list[Party]) -> list[User]:
    """Return everybody who acts for these parties; one query."""
    wanted = Q(pk__in={party.user_id for party in rows if party.user_id} | _guests(rows) | _agents(rows))
    for place in ("company", "committee"):
        keys = [getattr(party, f"{place}_id") for party in rows if getattr(party, f"{place}_id")]
        if keys:
            wanted |= standing(timezone.localdate(), "memberships__") & Q(**{f"memberships__{place}__in": keys})
    return list(User.objects.filter(wanted, is_active=True).distinct().order_by("pk"))


def _guests(rows: list[Party]) -> set[int]:
    return {p.guest_id for party in rows for p in party.passes.all() if p.revoked_at is None}


def _agents(rows: list[Party]) -> set[int]:
    return {agent.user_id for party in rows for agent in party.acting_agents if agent.user_id}
