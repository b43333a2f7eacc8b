"""Tell the people concerned, in the action's transaction, that something happened; never what."""

from datetime import datetime

from accounts.models import Membership, User
from accounts.roles import Role
from cases.choices import Side
from cases.models import Case, Party
from notifications.models import Kind
from notifications.services import notify

A, B = "applicants", "respondents"
PARTIES = (A, B)

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
    "invite": (Kind.INVITATION, (B,)),
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
    "merge": (Kind.CLOSED, (A,)),
    "void": (Kind.CLOSED, (A,)),
    "close": (Kind.CLOSED, PARTIES),
    "remediate": (Kind.RESUMED, (*PARTIES, "mediator")),
    "archive": (Kind.ARCHIVED, (A,)),
}
SIDES = {A: Side.APPLICANT, B: Side.RESPONDENT}


def tell_people(case: Case, action: str, *, by: User | None, at: datetime) -> None:
    """Write the notices that an action calls for; the person who acted needs none."""
    told = TOLD.get(action)
    if told is None:
        return
    kind, audience = told
    for person in _people(case, audience):
        if by is None or person.pk != by.pk:
            tell_one(person, case, kind, at=at)


def tell_one(person: User, case: Case, kind: str, *, at: datetime) -> None:
    """Write one notice about a case."""
    notify(
        person,
        kind=kind,
        subject=case.subject,
        url=case.get_absolute_url(),
        at=at,
        number=case.case_number or case.number or "",
    )


def tell_director(case: Case, kind: str, *, at: datetime) -> None:
    """Write a notice to every director of the case's centre."""
    for person in staff_of(case, Role.DIRECTOR):
        tell_one(person, case, kind, at=at)


def staff_of(case: Case, role: Role) -> list[User]:
    """Return the people who hold a role at the case's own centre today."""
    return list(
        User.objects.filter(
            is_active=True,
            memberships__role=role,
            memberships__centre=case.centre,
            memberships__until__isnull=True,
        ).distinct()
    )


def _people(case: Case, audience: tuple[str, ...]) -> list[User]:
    found: dict[int, User] = {}
    for one in audience:
        if one == "mediator" and case.mediator:
            found[case.mediator.pk] = case.mediator
        elif one in SIDES and (one == A or case.respondents_informed_at is not None):
            for person in people_of(case, SIDES[one]):
                found.setdefault(person.pk, person)
    return list(found.values())


def people_of(case: Case, side: str) -> list[User]:
    """Return everybody who acts for a side: accounts, pass guests, company and committee contacts; two queries."""
    rows = [party for party in case.parties.all() if party.side == side and party.left_at is None]
    ids = {party.user_id for party in rows if party.user_id} | _guests(rows)
    people = list(User.objects.filter(pk__in=ids, is_active=True)) if ids else []
    companies = [party.company_id for party in rows if party.company_id]
    committees = [party.committee_id for party in rows if party.committee_id]
    if companies or committees:
        members = Membership.objects.filter(until__isnull=True, user__is_active=True).select_related("user")
        chosen = members.filter(company__in=companies) | members.filter(committee__in=committees)
        people += [membership.user for membership in chosen]
    return people


def _guests(rows: list[Party]) -> set[int]:
    return {p.guest_id for party in rows for p in party.passes.all() if p.revoked_at is None}
