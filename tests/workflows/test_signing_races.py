"""Signing on several phones at the same moment, and against a new version of the text: real threads, real commits."""

from collections.abc import Generator
from datetime import timedelta

import pytest
from django.db import transaction

from audit.verification import Verification
from cases.choices import Side, Status
from cases.models import Case
from mediation import services as mediation
from mediation.models import Agreement, Signature, SigningCode
from notifications.models import Kind, Notice
from tests.cast import NOW, World, make_world
from tests.journeys import case_in, party, sign_all, text
from tests.signing import PROOF, STROKES
from tests.workflows.test_races import entries, fresh, race, winners
from workflows.actions import perform
from workflows.agreements import save_text
from workflows.tasks import check

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ONLINE = Signature.How.ONLINE
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def case(world: World) -> Generator[Case]:
    """A text before the parties; after the race the journal verifies and the case has its tasks."""
    made = case_in(Status.SIGNING, world)
    yield made
    check(fresh(made))
    with transaction.atomic():
        places = [str(place) for place in Verification().breaks()]
    assert [place for place in places if not place.endswith("has no journal")] == []


def resident_signs(case: Case, world: World, agreement: Agreement) -> Signature:
    return mediation.sign(
        agreement, party(case, Side.APPLICANT), how=ONLINE, by=world.resident, at=NOW, proof=PROOF, strokes=STROKES
    )


def company_signs(case: Case, world: World, agreement: Agreement) -> Signature:
    return mediation.sign(
        agreement, party(case, Side.RESPONDENT), how=ONLINE, by=world.company_user, at=NOW, proof=PROOF,
        strokes=STROKES, signer_name="刘经理", authority="授权书第3号",
    )  # fmt: skip


def new_version(case: Case, world: World) -> Agreement:
    return save_text(fresh(case), by=world.mediator, at=LATER, **text(case, world, amount="20000.00"))


def nothing_valid_stands_on_a_dead_text(case: Case) -> bool:
    dead = Signature.objects.filter(agreement__case=case, agreement__voided_at__isnull=False, voided_at__isnull=True)
    standing = fresh(case).current_agreement
    valid = Signature.objects.filter(agreement__case=case, voided_at__isnull=True)
    return not dead.exists() and all(row.text_hash == standing.text_hash for row in valid)


@pytest.mark.parametrize("again", range(3))
def test_two_parties_sign_at_once_and_both_have_signed(world: World, case: Case, again: int) -> None:
    agreement = case.current_agreement
    results = race(lambda: resident_signs(case, world, agreement), lambda: company_signs(case, world, agreement))
    assert len(winners(results)) == 2
    rows = Signature.objects.filter(agreement=agreement, voided_at__isnull=True)
    assert {row.party_id for row in rows} == {one.pk for one in case.parties.all()}
    assert (entries(case, "sign"), fresh(case).current_agreement.missing_signatures()) == (2, [])


def test_one_party_that_signs_twice_at_once_has_signed_once(world: World, case: Case) -> None:
    agreement = case.current_agreement
    results = race(*[lambda: resident_signs(case, world, agreement)] * 6)
    assert len({row.pk for row in winners(results)}) == 1
    assert len(winners(results)) == 6  # a second touch of the button is answered like the first
    assert (Signature.objects.filter(agreement=agreement).count(), entries(case, "sign")) == (1, 1)


def test_one_code_entered_twice_at_once_proves_one_signature(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediation.signature_providers.sms_code.secrets.randbelow", lambda most: 123456)
    agreement, mine = case.current_agreement, party(case, Side.APPLICANT)
    mediation.start_signing(agreement, mine, by=world.resident, address="127.0.0.1", language="", at=NOW)

    def enter() -> Signature:
        proof = mediation.verify_signing(agreement, mine, "123456", by=world.resident, at=NOW)
        return mediation.sign(agreement, mine, how=ONLINE, by=world.resident, at=NOW, proof=proof, strokes=STROKES)

    assert len(winners(race(*[enter] * 6))) == 1
    assert (Signature.objects.count(), SigningCode.objects.filter(used_at=NOW).count()) == (1, 1)


@pytest.mark.parametrize("again", range(4))
def test_a_signature_against_a_new_version_never_stands_on_the_dead_text(world: World, case: Case, again: int) -> None:
    agreement = case.current_agreement
    resident, company, version = race(
        lambda: resident_signs(case, world, agreement),
        lambda: company_signs(case, world, agreement),
        lambda: new_version(case, world),
    )
    assert isinstance(version, Agreement)
    winners([resident, company])  # whoever came too late reads why
    assert nothing_valid_stands_on_a_dead_text(case)
    assert fresh(case).current_agreement.pk == version.pk
    assert len(fresh(case).current_agreement.missing_signatures()) == 2
    told = Notice.objects.filter(kind=Kind.AGREEMENT_CHANGED).values_list("recipient", flat=True)
    assert {world.resident.pk, world.company_user.pk} <= set(told)


@pytest.mark.parametrize("again", range(3))
def test_a_text_takes_effect_or_is_replaced_never_both(world: World, case: Case, again: int) -> None:
    sign_all(case, world, NOW)
    effect, version = race(
        lambda: perform(case, "take_effect", by=world.mediator, at=LATER), lambda: new_version(case, world)
    )
    assert len(winners([effect, version])) == 1
    after = fresh(case)
    if after.status == Status.PERFORMING:
        assert (after.current_agreement.version, after.current_agreement.missing_signatures()) == (1, [])
    else:
        assert (after.status, after.current_agreement.version) == (Status.SIGNING, 2)
        assert nothing_valid_stands_on_a_dead_text(case)


def test_the_mediator_and_the_seal_never_stand_under_a_dead_text(world: World, case: Case) -> None:
    agreement = case.current_agreement
    results = race(
        lambda: mediation.sign_as_mediator(agreement, by=world.mediator, at=NOW),
        lambda: mediation.apply_seal(agreement, by=world.intake, at=NOW),
        lambda: new_version(case, world),
    )
    winners(results)
    standing = fresh(case).current_agreement
    assert (standing.version, standing.mediator_signed_at, standing.sealed_at) == (2, None, None)
