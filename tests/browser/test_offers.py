"""Bargaining on several screens at once: blind answers, partial agreement."""

from datetime import timedelta

from django.utils import timezone

from cases.choices import Side, Status
from mediation import services as mediation
from mediation.models import Offer
from tests.browser.people import DESK, PHONE, Stage


def test_a_blind_offer_is_answered_on_two_phones_and_shown_when_both_say_yes(stage: Stage) -> None:
    case, world = stage.case_in(Status.MEDIATING, requests="修好外墙防水\n赔偿18600元"), stage.world
    page = f"/cases/{case.number}/offers/"
    resident = stage.person(world.resident, width=PHONE).case(case).follow("offers")
    company = stage.person(world.company_user, width=PHONE).open(page)
    mediator = stage.person(world.mediator, width=DESK).open(page)
    resident.listening(), company.listening()
    company_party, resident_party = (case.parties.get(side=side) for side in (Side.RESPONDENT, Side.APPLICANT))
    mediator.follow("offer").fill(
        **{
            "mode": "BLIND",
            "t0-issue": "2",
            "t0-doer": company_party.pk,
            "t0-receiver": resident_party.pk,
            "t0-what": "赔偿天花板和衣柜损失",
            "t0-amount": "15000",
            "t0-manner": "银行转账",
            "t0-due": (timezone.localdate() + timedelta(days=15)).isoformat(),
            "t0-proof_wanted": "转账回单",
        }
    ).send()
    resident.sees_soon("方案1（调解员的建议）").sees("15,000.00元")
    company.sees_soon("方案1（调解员的建议）")
    mediator.listening()
    shown = mediator.page.locator("#offers").inner_text()
    company.follow("answer").fill(whole="yes").send()
    company.sees("我方的答复：同意")
    resident.page.wait_for_timeout(1_500)
    assert "我方的答复" not in resident.page.locator("#offers").inner_text()
    assert mediator.page.locator("#offers").inner_text() == shown
    resident.follow("answer").fill(whole="yes").send()
    for person in (resident, company, mediator):
        person.sees_soon("已谈妥")
    assert [str(one.amount) for one in mediation.accepted_terms(case)] == ["15000.00"]


def test_part_of_an_offer_is_agreed_and_the_rest_goes_on(stage: Stage) -> None:
    case, world = stage.case_in(Status.MEDIATING, requests="修好外墙防水\n赔偿18600元"), stage.world
    page = f"/cases/{case.number}/offers/"
    due = (timezone.localdate() + timedelta(days=15)).isoformat()
    company_party, resident_party = (case.parties.get(side=side) for side in (Side.RESPONDENT, Side.APPLICANT))
    company = stage.person(world.company_user, width=DESK).open(page)
    resident = stage.person(world.resident, width=PHONE).open(page).listening()
    company.follow("offer").fill(
        **{
            "t0-issue": "1", "t0-doer": company_party.pk, "t0-what": "重做外墙防水", "t0-manner": "请有资质的单位施工",
            "t0-due": due, "t1-issue": "2", "t1-doer": company_party.pk, "t1-receiver": resident_party.pk,
            "t1-what": "赔偿损失", "t1-amount": "8000", "t1-manner": "银行转账", "t1-due": due,
        }
    ).send()  # fmt: skip
    resident.sees_soon("重做外墙防水")
    resident.follow("answer").fill(issue_1="yes", issue_2="no", words="赔得太少").send()
    resident.sees("部分谈妥")
    company.sees_soon("赔得太少")
    company.listening()
    resident.page.locator("main a[href$='/offers/offer/']").first.click()
    resident.fill(
        **{
            "t0-issue": "2", "t0-doer": company_party.pk, "t0-receiver": resident_party.pk, "t0-what": "赔偿损失",
            "t0-amount": "1.2万", "t0-manner": "银行转账", "t0-due": due,
        }
    ).send()  # fmt: skip
    company.sees_soon("12,000.00元")
    company.follow("answer").fill(issue_2="yes").send()
    resident.sees_soon("各方都同意")
    accepted = [(one.issue.number, one.what, str(one.amount)) for one in mediation.accepted_terms(case)]
    assert accepted == [(1, "重做外墙防水", "None"), (2, "赔偿损失", "12000.00")]
    assert Offer.objects.filter(case=case).count() == 2
