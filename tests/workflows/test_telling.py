"""Whom the actions of a case are told to: every party that is still in it, also a third party, and nobody else."""

from typing import Any

import pytest

from cases.choices import ConsentHow, ConsentMatter, PartyKind, Side, Status
from cases.models import Case, Party, Service
from mediation import services as mediation
from notifications.models import Kind, Notice
from notifications.texts import TEXTS
from tests.cast import NOW, World
from tests.journeys import case_in, record, sign_all, text
from workflows.actions import perform
from workflows.telling import TOLD

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def with_third_party(world: World, **fields: Any) -> tuple[Case, Party]:
    """A case in mediation to which the neighbour came as a third party."""
    case = case_in(Status.MEDIATING, world)
    given = {"name": "王建国", "user": world.neighbour, "rights_told_at": NOW, "identity_checked_at": NOW} | fields
    third = Party.objects.create(case=case, side=Side.THIRD_PARTY, kind=PartyKind.PERSON, **given)
    third.consents.create(matter=ConsentMatter.MEDIATION, given=True, how=ConsentHow.SIGNED, at=NOW)
    return Case.objects.get(pk=case.pk), third


def put_in_force(case: Case, world: World) -> None:
    record(case, world, NOW)
    mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world))
    case = perform(case, "draft_agreement", by=world.mediator, at=NOW)
    sign_all(case, world, NOW)
    perform(case, "take_effect", by=world.mediator, at=NOW)


def told(user: Any) -> list[str]:
    return list(Notice.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))


def served(party: Party) -> list[str]:
    return list(Service.objects.filter(party=party).order_by("pk").values_list("kind", flat=True))


def test_a_third_party_hears_that_there_is_something_to_sign_and_that_it_binds(world: World) -> None:
    case, third = with_third_party(world)
    put_in_force(case, world)
    assert told(world.neighbour) == [Kind.AGREEMENT_READY, Kind.AGREEMENT_IN_FORCE]
    assert served(third) == [Kind.AGREEMENT_READY, Kind.AGREEMENT_IN_FORCE]


def test_a_third_party_that_has_left_hears_nothing(world: World) -> None:
    case, third = with_third_party(world, left_at=NOW)
    put_in_force(case, world)
    assert (told(world.neighbour), served(third)) == ([], [])


def test_what_is_told_to_both_sides_is_told_to_a_third_party(world: World) -> None:
    both = {name: audience for name, (_kind, audience) in TOLD.items() if {"applicants", "respondents"} <= {*audience}}
    assert both
    assert [name for name, audience in both.items() if "third_parties" not in audience] == []


def test_a_third_party_is_asked_together_with_the_other_side_and_hears_nothing_before(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    third = Party.objects.create(
        case=case, side=Side.THIRD_PARTY, kind=PartyKind.PERSON, name="王建国", user=world.neighbour
    )
    withdrawn = perform(Case.objects.get(pk=case.pk), "withdraw", by=world.resident, at=NOW, reason="已经解决")
    assert (told(world.neighbour), served(third)) == ([], [])
    again = case_in(Status.SUBMITTED, world)
    assert withdrawn.pk != again.pk
    Party.objects.filter(pk=third.pk).update(case=again)
    perform(Case.objects.get(pk=again.pk), "invite", by=world.intake, at=NOW)
    assert (told(world.neighbour), served(third)) == ([Kind.INVITATION], [Kind.INVITATION])


def test_what_is_told_of_a_text_never_says_what_is_in_it() -> None:
    said = [TEXTS[kind].zh for kind in (Kind.AGREEMENT_READY, Kind.AGREEMENT_IN_FORCE, Kind.AGREEMENT_CHANGED)]
    assert [word for word in ("协议", "调解", "赔偿", "元") if any(word in one for one in said)] == []
