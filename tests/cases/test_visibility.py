"""Who sees a case: the list and the single case give the same answer, for everybody, in every state."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import policy
from accounts.models import Centre, Membership, User
from accounts.roles import CENTRE_ROLES, PARTY_ROLES, Role
from cases import services
from cases.choices import PartyKind, Side, Status
from cases.models import Agent, Case, CasePass, Category
from cases.passes import issue_pass, revoke_passes
from cases.selectors import desk_of
from mediation.models import Mediator
from tests.cast import NOW, TODAY, World, person, staff
from tests.journeys import case_in, draft, party
from workflows.actions import perform

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STAFF = {
    *("intake", "second_intake", "director", "second_director", "legal", "follower", "archivist", "supervisor"),
}
NOT_TOLD = {Status.DRAFT, Status.SUBMITTED, Status.RETURNED}
WITHOUT_MEDIATOR = NOT_TOLD | {Status.ANSWERING, Status.INVITING, Status.ACCEPTED}


def sees(case: Case, user: User) -> bool:
    """Ask both the list and the policy, which must agree."""
    return who_sees(case, {"user": user}) == {"user"}


def who_sees(case: Case, people: dict[str, User]) -> set[str]:
    rows = Case.objects.select_related("centre").prefetch_related("parties__passes", "parties__agents")
    fresh = rows.get(pk=case.pk)
    listed = {name for name, user in people.items() if rows.filter(pk=case.pk).visible_to(user).exists()}
    assert listed == {name for name, user in people.items() if policy.allows(user, "case.view", fresh)}
    return listed


@pytest.mark.parametrize("status", Status)
def test_everybody_sees_what_is_theirs_to_see(world: World, status: Status) -> None:
    case = case_in(status, world)
    expected = {"resident"}
    if status != Status.DRAFT:
        expected |= STAFF
    if status not in NOT_TOLD:
        expected |= {"company_user"}
    if status not in WITHOUT_MEDIATOR:
        expected |= {"mediator"}
    assert who_sees(case, world.people()) == expected


def test_a_foreign_estate_or_company_changes_nothing_for_others(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    services.classify(case, category=case.category, estate=world.other_estate, by=world.intake, at=NOW)  # type: ignore[arg-type]
    hidden = ("neighbour", "stranger", "competitor_user", "committee_user", "regulator", "other_intake", "sysadmin")
    assert not any(sees(case, world.people()[name]) for name in hidden)


def test_a_draft_is_its_creators_alone_also_after_it_was_discarded(world: World) -> None:
    case = draft(world, by=world.intake)
    assert sees(case, world.intake)
    assert not sees(case, world.second_intake)
    perform(case, "discard", by=None, at=NOW)
    assert who_sees(case, world.people()) == set()
    own = draft(world)
    perform(own, "discard", by=world.resident, at=NOW)
    assert who_sees(own, world.people()) == {"resident"}


def test_a_mediator_who_is_replaced_loses_sight(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    perform(case, "reassign", by=world.director, at=NOW, mediator=world.second_mediator, reason="生病", on_paper=True)
    assert (sees(case, world.mediator), sees(case, world.second_mediator)) == (False, True)


@pytest.mark.parametrize("status", Status)
def test_a_former_mediator_who_calls_back_neither_opens_nor_lists_the_own_mediations(
    world: World, status: Status
) -> None:
    case = case_in(status, world)
    world.mediator.memberships.update(role=Role.FOLLOWER)
    follower = User.objects.get(pk=world.mediator.pk)
    mine = status not in WITHOUT_MEDIATOR
    assert sees(case, follower) == (status != Status.DRAFT and not mine)
    assert desk_of(follower).cases().filter(pk=case.pk).exists() == sees(case, follower)


def memberships_of(world: World, user: User, roles: Sequence[Role], centres: Sequence[Centre]) -> User:
    """The user with exactly these roles at the centre, its parent or another one."""
    user.memberships.all().delete()
    for role, centre in zip(roles, centres, strict=True):
        Membership.objects.get_or_create(user=user, role=role, centre=centre, from_date=TODAY)
    return User.objects.get(pk=user.pk)


KNOWN = (Status.DRAFT, Status.SUBMITTED, Status.ACCEPTED, Status.MEDIATING)


@given(drawn=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_list_desk_and_policy_agree_for_any_roles_anywhere(world: World, drawn: st.DataObject) -> None:
    """Whoever it is: a case is listed if and only if it opens, whatever somebody is at whichever centres."""
    parent, _new = Centre.objects.get_or_create(
        code="CN", defaults={"name": "总中心", "region": world.province, "number_prefix": "总", "phone": "1"}
    )
    Centre.objects.filter(pk=world.centre.pk).update(parent=parent)
    places = [world.centre, parent, world.other_centre]
    held = drawn.draw(st.lists(st.tuples(st.sampled_from(sorted(CENTRE_ROLES)), st.sampled_from(places)), max_size=3))
    case = known_case(world, drawn.draw(st.sampled_from(KNOWN)))
    user = memberships_of(world, world.neighbour, [Role(role) for role, _place in held], [c for _role, c in held])
    if case.accepted_at and drawn.draw(st.booleans()):
        Case.objects.filter(pk=case.pk).update(mediator=user)
    if drawn.draw(st.integers(0, 5)) == 0:
        party(case, Side.RESPONDENT).agents.get_or_create(
            name="王建国", user=user, defaults={"scope": ["APPLY"], "from_date": TODAY}
        )
    listed = sees(case, user)  # the list and the policy, which must agree
    as_staff = bool(Case.objects.get(pk=case.pk).roles_of(user) - PARTY_ROLES - {Role.INTEGRITY, Role.SYSADMIN})
    assert desk_of(user).cases().filter(pk=case.pk).exists() == (listed and as_staff)


def known_case(world: World, status: Status) -> Case:
    """The one case of this example's state, made once; the next example finds it without what the last one did."""
    found = Case.objects.filter(status=status, estate=world.estate).first()
    if found is None:
        matters = Category.objects.filter(parent="02", mediable="Y")  # the same matter is not open twice
        found = case_in(status, world, category=matters[list(KNOWN).index(status)])
    Agent.objects.all().delete()
    Case.objects.filter(pk=found.pk).exclude(mediator=None).update(mediator=world.mediator)
    return Case.objects.get(pk=found.pk)


def test_staff_who_are_a_party_are_not_staff(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    services.put_party(
        case, by=world.intake, at=NOW, side=Side.RESPONDENT, kind=PartyKind.PERSON, name="吴主任", user=world.director
    )
    assert not sees(case, world.director)  # a respondent, not told yet
    with pytest.raises(Exception, match="不能"):
        perform(case, "void", by=world.director, at=NOW, reason="不喜欢")
    perform(case, "invite", by=world.intake, at=NOW)
    assert sees(case, world.director)
    assert Case.objects.get(pk=case.pk).roles_of(world.director) == {Role.RESPONDENT}


def test_staff_of_the_respondent_company_are_not_staff(world: World) -> None:
    case = case_in(Status.INVITING, world)
    Membership.objects.create(user=world.legal, role=Role.COMPANY_USER, company=world.company, from_date=TODAY)
    legal = User.objects.get(pk=world.legal.pk)
    assert sees(case, legal)
    assert Case.objects.get(pk=case.pk).roles_of(legal) == {Role.RESPONDENT}


def test_a_guest_sees_the_one_case_until_the_pass_ends(world: World) -> None:
    case, other = case_in(Status.SUBMITTED, world), case_in(Status.SUBMITTED, world, estate=world.other_estate)
    applicant, respondent = party(case, Side.APPLICANT), party(case, Side.RESPONDENT)
    issue_pass(applicant, by=world.intake, at=NOW)
    issue_pass(respondent, by=world.intake, at=NOW)
    guest, told_later = (CasePass.objects.get(party=one).guest for one in (applicant, respondent))
    assert (sees(case, guest), sees(other, guest), sees(case, told_later)) == (True, False, False)
    perform(case, "invite", by=world.intake, at=NOW)
    assert sees(case, told_later)
    revoke_passes(applicant, by=world.intake, at=NOW)
    assert not sees(case, User.objects.get(pk=guest.pk))
    assert not sees(case, guest)  # also where the session still holds the old object


def test_an_agent_sees_the_case_until_the_agency_ends(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    agency = party(case, Side.APPLICANT).agents.create(
        name="查理", user=world.stranger, scope=["APPLY"], from_date=TODAY
    )
    assert sees(case, world.stranger)
    agency.until = TODAY
    agency.save()
    assert not sees(case, world.stranger)


def test_who_has_left_the_case_or_the_office_sees_it_no_more(world: World) -> None:
    case = case_in(Status.INVITING, world)
    one = party(case, Side.APPLICANT)
    one.left_at = NOW
    one.save()
    assert not sees(case, world.resident)
    Membership.objects.filter(user=world.intake).update(until=TODAY - timedelta(days=400))
    assert not sees(case, User.objects.get(pk=world.intake.pk))
    world.director.is_active = False
    world.director.save()
    assert not sees(case, world.director)


def test_the_parent_centre_sees_its_branches_and_its_mediator_the_own_case(world: World) -> None:
    parent = Centre.objects.create(code="CN", name="总中心", region=world.province, number_prefix="总", phone="1")
    Centre.objects.filter(pk=world.centre.pk).update(parent=parent)
    above, mediator = staff("above", "上级", Role.DIRECTOR, parent), staff("m", "上级调解员", Role.MEDIATOR, parent)
    Mediator.objects.create(user=mediator, centre=parent)
    case = case_in(Status.ACCEPTED, world)
    case = Case.objects.get(pk=case.pk)
    assert (sees(case, above), sees(case, mediator)) == (True, False)
    case = perform(case, "assign", by=world.director, at=NOW, mediator=mediator, on_paper=True)
    assert sees(case, mediator)
    branch = case_in(Status.SUBMITTED, world, estate=world.other_estate)
    Case.objects.filter(pk=branch.pk).update(centre=parent)
    assert not sees(branch, world.intake)  # a branch does not look up


def test_a_committee_sees_its_own_case(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    services.put_party(
        case, by=world.intake, at=NOW, side=Side.APPLICANT, kind=PartyKind.COMMITTEE, committee=world.committee
    )
    assert sees(case, world.committee_user)


def test_the_regulator_finds_filed_cases_of_the_own_region_masked_only(world: World) -> None:
    filed, unfiled = case_in(Status.SUBMITTED, world), draft(world)
    discarded = perform(draft(world), "discard", by=world.resident, at=NOW)
    found = set(Case.objects.in_region_of(world.regulator).values_list("pk", flat=True))
    assert found == {filed.pk}
    assert not {unfiled.pk, discarded.pk} & found
    assert not Case.objects.in_region_of(world.other_regulator).exists()
    case: Any = Case.objects.get(pk=filed.pk)
    assert policy.allows(world.regulator, "case.view_masked", case)
    assert not policy.allows(world.regulator, "case.view", case)
    assert not policy.allows(world.other_regulator, "case.view_masked", case)


def test_nobody_sees_nothing(world: World) -> None:
    from django.contrib.auth.models import AnonymousUser

    case_in(Status.ARCHIVED, world)
    assert not Case.objects.all().visible_to(AnonymousUser()).exists()
    assert not Case.objects.all().visible_to(None).exists()
    assert not Case.objects.all().visible_to(person("new", "新人")).exists()
