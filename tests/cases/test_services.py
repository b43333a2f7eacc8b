"""Facts that do not move a case: on the own case, by whoever may, while there is time."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.errors import DomainError
from cases import services
from cases.choices import ConsentHow, PartyKind, Side, Status
from cases.models import Case, Party
from tests.cast import NOW, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, draft, party
from workflows.actions import perform

pytestmark = pytest.mark.django_db


def refused(call: Callable[[], Any], sentence: str) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()
    assert changed(before) == []


def test_a_party_of_another_case_is_not_changed_through_mine(world: World) -> None:
    mine, other = draft(world), case_in(Status.SUBMITTED, world)
    given: dict[str, Any] = {"side": Side.APPLICANT, "kind": PartyKind.PERSON, "name": "我"}
    refused(
        lambda: services.put_party(mine, by=world.resident, at=NOW, party=party(other, Side.APPLICANT), **given),
        "不在本案中",
    )


def test_an_applicant_whose_page_still_shows_the_draft_changes_nobody_after_filing(world: World) -> None:
    stale = Case.objects.get(pk=draft(world).pk)
    perform(stale, "submit", by=world.resident, at=NOW, data_notice=True)
    assert stale.status == Status.DRAFT
    refused(
        lambda: services.put_party(
            stale, by=world.resident, at=NOW, side=Side.RESPONDENT, kind=PartyKind.PERSON, name="别人"
        ),
        "已经提交|不能",
    )
    refused(lambda: services.edit_filing(stale, by=world.resident, at=NOW, facts="改了"), "已经提交")


def test_a_party_speaks_for_its_own_side_only(world: World) -> None:
    case = case_in(Status.INVITING, world)
    theirs = party(case, Side.RESPONDENT)
    given: dict[str, Any] = {"matter": "MEDIATION", "given": True, "at": NOW}
    refused(lambda: services.record_consent(theirs, how=ConsentHow.ONLINE, by=world.resident, **given), "自己这一方")
    refused(lambda: services.record_consent(theirs, how=ConsentHow.SIGNED, by=world.resident, **given), "不能")
    refused(lambda: services.record_consent(theirs, how=ConsentHow.ONLINE, by=world.intake, **given), "不能")
    assert services.record_consent(theirs, how=ConsentHow.ONLINE, by=world.company_user, **given).given


def test_a_consent_is_a_row_and_the_last_one_counts(world: World) -> None:
    case = case_in(Status.INVITING, world)
    theirs: Party = party(case, Side.RESPONDENT)
    for given in (True, False, True, False):
        services.record_consent(theirs, matter="MEDIATION", given=given, how=ConsentHow.PHONE, by=world.intake, at=NOW)
    assert theirs.consents.filter(matter="MEDIATION").count() == 4
    assert theirs.consented("MEDIATION") is False
    refused(lambda: perform(case, "accept", by=world.intake, at=NOW), "还有当事人没有同意调解")


def test_what_was_asked_only_of_the_company_is_answered_by_the_company(world: World) -> None:
    case = case_in(Status.ANSWERING, world)
    refused(lambda: services.answer_complaint(case, body="好了", by=world.resident, at=NOW), "不能")
    refused(lambda: services.answer_complaint(case, body="好了", by=world.competitor_user, at=NOW), "不能")
    refused(lambda: services.answer_complaint(case, body=" ", by=world.company_user, at=NOW), "请填写答复内容")
    refused(lambda: services.say_solved(case, solved="SOLVED", by=world.resident, at=NOW), "还没有答复")


def test_nothing_is_said_to_the_other_side_before_the_centre_has_told_it(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    refused(lambda: services.write_message(case, body="喂", room="JOINT", by=world.resident, at=NOW), "还不知道")
    refused(lambda: services.write_message(case, body="内部", room="NOTE", by=world.resident, at=NOW), "不能")
    refused(lambda: services.write_message(case, body="x" * 5001, by=world.resident, at=NOW), "5000")
    message = services.write_message(case, body="请问", by=world.resident, at=NOW)
    refused(lambda: services.withdraw_message(message, by=world.intake, at=NOW), "自己写的")


def test_somebody_who_is_staff_and_no_party_does_not_decide_for_a_party(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    for by in (world.follower, world.legal, world.archivist, world.supervisor, world.stranger):
        refused(
            lambda by=by: services.put_party(
                case, by=by, at=NOW, side=Side.APPLICANT, kind=PartyKind.PERSON, name="李"
            ),
            "不能",
        )
