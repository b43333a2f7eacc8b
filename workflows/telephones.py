"""A telephone number changes: on the account or the case, and on the way that notices take."""

from datetime import datetime

from django.db import transaction

from accounts.crypto import blind_index
from accounts.models import User
from cases import telephones
from cases.agents import correct_number
from cases.choices import Status
from cases.models import Agent, Party
from notifications.contacts import confirm_phone, reroute_unread, tell_new_number, tell_old_number


@transaction.atomic
def confirm_own_phone(user: User, phone: str, *, at: datetime) -> None:
    """Let somebody's account have the number (E.164) that they have just proved to hold, and the own cases with it."""
    old = confirm_phone(user, phone, at=at)
    if not old or old == phone or not user.opens_by_code:
        return
    own = Party.objects.filter(user=user, left_at__isnull=True, phone_index=blind_index(old))
    for party in own.exclude(case__status=Status.ARCHIVED).select_related("case").order_by("case"):
        telephones.follow_holder(party, phone, by=user, at=at)


@transaction.atomic
def correct_phone(party: Party, phone: str, *, by: User, at: datetime, leave_account: bool = False) -> None:
    """Let staff correct the number of a party: the old one is told, what was not read goes to the new one."""
    people = people_behind(party)
    old = telephones.correct_phone(party, phone, by=by, at=at, leave_account=leave_account)
    follow_number(party, old, people, by=by, at=at)


@transaction.atomic
def correct_agent_phone(agent: Agent, phone: str, *, by: User, at: datetime) -> None:
    """Correct the number of an agent; whoever came in by the old one is told there, and acts for nobody any more."""
    old, user = correct_number(agent, phone, by=by, at=at)
    case = agent.principal.case
    if user is not None and old:
        number, url = case.case_number or case.number or "", case.get_absolute_url()
        tell_old_number(user, old, subject=case.subject, url=url, at=at, number=number)


def people_behind(party: Party) -> list[User]:
    """Return who is told for a person under its own number: the account, and the guest of the pass."""
    if not party.is_person:
        return []
    guests = {row.guest_id for row in party.passes.filter(revoked_at__isnull=True)}
    wanted = guests | ({party.user_id} if party.user_id else set())
    return list(User.objects.filter(pk__in=wanted, is_active=True).order_by("is_guest", "pk"))


def follow_number(party: Party, old: str, people: list[User], *, by: User, at: datetime) -> None:
    """Tell the old number that it was replaced, the new one that there is news; send on what was not read."""
    party.refresh_from_db(fields=["phone"])
    case = party.case
    if old == party.phone or not people or not case.number or not case.open_to(party.side):
        return
    number, url = case.case_number or case.number, case.get_absolute_url()
    if old:
        tell_old_number(people[0], old, subject=case.subject, url=url, at=at, number=number)
    if not party.phone:
        return
    for person in people:
        reroute_unread(person, party.phone, case.subject, by=by, at=at)
    tell_new_number(people[0], party.phone, subject=case.subject, url=url, at=at, number=number)
