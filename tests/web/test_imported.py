"""What staff settle on a case that came out of a table of messages: category, flags, the other side."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from cases import services
from cases.choices import PartyKind, Side, Status
from cases.models import Case, Category, Party
from members.models import Company
from members.services import create_company
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.web.pages import address, browser, send, text_of
from web.case.page.registry import FACTS

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def other_company(world: World) -> Company:
    return create_company(
        name="云栖物业服务有限公司", credit_code="91340100MADEM0001T", region=world.district, by=None, at=NOW
    )


def filed(world: World, **fields: Any) -> Case:
    case = case_in(Status.SUBMITTED, world)
    Case.objects.filter(pk=case.pk).update(category_confirmed=False, **fields)
    case.refresh_from_db()
    return case


def respondent(case: Case) -> Party:
    return case.parties.get(side=Side.RESPONDENT)


def put_right(case: Case, world: World, **fields: Any) -> Any:
    party = respondent(case)
    first = {"side": "RESPONDENT", "kind": "COMPANY", "company": party.company_id or "", "name_typed": party.name}
    return send(world.intake, case, f"do/parties/?of={party.pk}", first | fields)


def unknown(case: Case, world: World) -> None:
    party = respondent(case)
    services.put_party(case, by=world.intake, at=NOW, party=party, side=Side.RESPONDENT, kind="OTHER", name="待查明")


@pytest.mark.parametrize("code", ["16", "17", "99"])
def test_a_category_without_a_second_level_can_be_confirmed(world: World, code: str) -> None:
    case = filed(world, category=Category.objects.get(pk=code))
    assert send(world.intake, case, "do/classify/", {"category": code, "track": "COMPLAINT"}).status_code == 302
    case.refresh_from_db()
    assert (case.category_id, case.category_confirmed) == (code, True)


def test_a_case_known_only_to_lie_in_the_province_can_be_given_its_estate(world: World) -> None:
    case = filed(world, region=world.district.parent.parent, estate=None, estate_name="翠湖")
    given = {"category": "0301", "track": "COMPLAINT", "estate": world.estate.pk}
    assert send(world.intake, case, "do/classify/", given).status_code == 302
    case.refresh_from_db()
    assert (case.estate, case.region) == (world.estate, world.district)


def test_the_words_for_a_flag_stand_beside_the_flags(world: World) -> None:
    case = filed(world, facts="电梯困人一个小时，没有人管。")
    page = text_of(browser(world.intake).get(address(case, "do/classify/")))
    assert "写到“困人”，请考虑“安全紧急”。" in page


def test_the_referral_stays_in_sight_while_it_can_still_be_made(world: World) -> None:
    case = filed(world, suggested_referral="FIRE", suggested_referral_reason="留言写到“消防通道”。")
    services.classify(case, category=case.category, by=world.intake, at=NOW)
    assert "建议移送消防救援机构" in text_of(browser(world.intake).get(address(case)))


def test_the_right_company_is_put_in_and_sees_the_case(world: World) -> None:
    case, company = filed(world), other_company(world)
    unknown(case, world)
    assert put_right(case, world, company=company.pk).status_code == 302
    party = respondent(case)
    assert (party.kind, party.company, party.name) == (PartyKind.COMPANY, company, company.name)


def test_a_company_written_with_its_full_name_is_found(world: World) -> None:
    case, company = filed(world), other_company(world)
    unknown(case, world)
    put_right(case, world, name_typed=company.name)
    assert respondent(case).company == company


def test_the_wrong_company_of_the_roster_gives_way_to_the_name_written(world: World) -> None:
    case = filed(world)
    assert respondent(case).company is not None
    put_right(case, world, name_typed="鲲鹏物业")
    assert (respondent(case).company, respondent(case).name) == (None, "鲲鹏物业")


def test_one_company_chosen_and_another_written_is_asked_again(world: World) -> None:
    case, company = filed(world), other_company(world)
    before = respondent(case).company
    answer = put_right(case, world, company=company.pk, name_typed="鲲鹏物业")
    assert answer.status_code == 422
    assert "请只改一处" in text_of(answer)
    assert "鲲鹏物业" in text_of(answer)
    assert respondent(case).company == before


def test_a_party_has_a_name(world: World) -> None:
    case = filed(world)
    answer = put_right(case, world, company="", name_typed="")
    assert answer.status_code == 422
    assert "请填写姓名或名称" in text_of(answer)


def next_of(case: Case, world: World) -> str:
    found: str = browser(world.intake).get(address(case)).context["next"].title
    return found


def test_a_clerk_is_never_told_to_wait_for_the_clerk(world: World) -> None:
    case = filed(world)
    case.parties.get(side=Side.APPLICANT).consents.filter(matter="MEDIATION").delete()
    Case.objects.filter(pk=case.pk).update(wants_mediation=False)
    services.classify(case, category=case.category, track="MEDIATION", by=world.intake, at=NOW)
    assert next_of(case, world) == str(FACTS["record-consent"].label)


def test_danger_is_reported_first(world: World) -> None:
    case = filed(world, suggested_referral="MARKET", suggested_referral_reason="困人")
    services.classify(case, category=case.category, track="COMPLAINT", flags=["SAFETY"], by=world.intake, at=NOW)
    assert next_of(case, world) == str(FACTS["meet-duty"].label)
    services.meet_duty(case, "K10", note="已报街道", by=world.intake, at=NOW)
    case.refresh_from_db()
    assert next_of(case, world) == "移送"


def test_a_complaint_against_nobody_known_asks_for_the_company(world: World) -> None:
    case = filed(world)
    unknown(case, world)
    services.classify(case, category=case.category, track="COMPLAINT", by=world.intake, at=NOW)
    assert next_of(case, world) == str(FACTS["parties"].label)


def test_an_applicant_who_asks_later_gets_mediation(world: World) -> None:
    case = filed(world)
    applicant = case.parties.get(side=Side.APPLICANT)
    applicant.consents.filter(matter="MEDIATION").delete()
    Case.objects.filter(pk=case.pk).update(wants_mediation=False)
    services.classify(case, category=case.category, track="MEDIATION", by=world.intake, at=NOW)
    assert "请先记录申请人同意调解" in text_of(send(world.intake, case, "invite/", {}))
    services.record_consent(applicant, matter="MEDIATION", given=True, how="PHONE", by=world.intake, at=NOW)
    assert next_of(case, world) == "征询对方意见"
    assert send(world.intake, case, "invite/", {}).status_code == 302


def test_after_a_proposal_the_clerk_waits_for_the_director(world: World) -> None:
    case = filed(world)
    case.parties.get(side=Side.APPLICANT).consents.filter(matter="MEDIATION").delete()
    Case.objects.filter(pk=case.pk).update(wants_mediation=False)
    services.classify(case, category=case.category, track="MEDIATION", by=world.intake, at=NOW)
    assert send(world.intake, case, "do/propose-rejection/", {"reason_code": "R03"}).status_code == 302
    assert next_of(case, world) != str(FACTS["record-consent"].label)
