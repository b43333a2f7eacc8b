"""Agreements in browsers: three sign on three phones at once, a text changes after one signature, an oral one."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from cases.choices import ConsentHow, ConsentMatter, PartyKind, Side, Status
from cases.models import Case, Party
from mediation.models import Signature
from notifications.contacts import confirm_phone
from notifications.models import Kind, Notice
from tests.browser.agreements import ask_for_code, enter
from tests.browser.people import DESK, PHONE, Person, Stage
from tests.journeys import record, sign_all
from workflows.actions import perform


def with_committee(stage: Stage) -> Case:
    """A case in mediation with an owners' committee as third party; the company and the committee have phones."""
    world, now = stage.world, timezone.now()
    case = stage.case_in(Status.MEDIATING)
    Party.objects.filter(case=case, side=Side.RESPONDENT).update(representative="刘启明")
    for person, phone in ((world.company_user, "+8613855107701"), (world.committee_user, "+8613855107702")):
        confirm_phone(person, phone, at=now)
    third = Party.objects.create(
        case=case, side=Side.THIRD_PARTY, kind=PartyKind.COMMITTEE, committee=world.committee,
        name=world.committee.name, representative="周主任",
        rights_told_at=now, identity_checked_at=now,
    )  # fmt: skip
    third.consents.create(matter=ConsentMatter.MEDIATION, given=True, how=ConsentHow.SIGNED, at=now)
    record(case, world, now)
    return Case.objects.get(pk=case.pk)


def items(case: Case, **more: Any) -> dict[str, Any]:
    sides = {p.side: p.pk for p in case.parties.all()}
    due = timezone.localdate() + timedelta(days=10)
    return {
        "facts_and_issues": "双方对渗水原因和赔偿数额有争议。",
        "content": "物业公司修好外墙防水并赔偿18600元。",
        "p0-doer": sides[Side.RESPONDENT],
        "p0-receiver": sides[Side.APPLICANT],
        "p0-what": "赔偿天花板和衣柜损失",
        "p0-amount": "18600",
        "p0-manner": "银行转账",
        "p0-due": due.isoformat(),
    } | more


def phones(stage: Stage, *people: User) -> list[Person]:
    return [stage.person(one, width=PHONE) for one in people]


def test_three_sign_on_three_phones_at_once(stage: Stage) -> None:
    world, case = stage.world, with_committee(stage)
    mediator = stage.person(world.mediator, width=DESK).open(f"/cases/{case.number}/agreement/")
    mediator.open(f"/cases/{case.number}/do/draft-text/").fill(**items(case, **{"p0-what": "尽力赔偿损失"}))
    mediator.page.locator("button[name=check]").click()
    mediator.sees("“尽力”不明确")
    mediator.fill(**{"p0-what": "赔偿天花板和衣柜损失"}).send()
    mediator.case(case).act("draft-agreement")
    resident, company, committee = phones(stage, world.resident, world.company_user, world.committee_user)
    resident.open(f"/cases/{case.number}/agreement/").sees("张桂兰").sees("还没有盖章").listening()
    codes = [
        ask_for_code(resident, stage, case),
        ask_for_code(company, stage, case, signer_name="刘启明", capacity="REPRESENTATIVE", body_seal="LATER"),
        ask_for_code(committee, stage, case, signer_name="周主任", capacity="REPRESENTATIVE", body_seal="LATER"),
    ]
    for person, code in zip([resident, company, committee], codes, strict=True):
        enter(person, code).sees("您已签署")
    signed = Signature.objects.filter(agreement__case=case)
    assert {(s.how, bool(s.image_hash), s.provider) for s in signed} == {("ONLINE", True, "sms-code")}
    assert signed.count() == 3
    company.open(f"/cases/{case.number}/agreement/")
    assert company.page.locator("img.signed__image").count() == 3
    mediator.case(case).act("sign-as-mediator")
    stage.person(world.intake, width=DESK).case(case).act("apply-seal", pages="yes")
    mediator.case(case).act("take-effect")
    resident.open(f"/cases/{case.number}/agreement/").sees("生效")


def test_a_text_that_changes_after_one_signature(stage: Stage) -> None:
    world, case = stage.world, with_committee(stage)
    Party.objects.filter(case=case, side=Side.THIRD_PARTY).update(left_at=timezone.now())
    mediator = stage.person(world.mediator, width=DESK)
    mediator.open(f"/cases/{case.number}/do/draft-text/").fill(**items(case)).send()
    mediator.case(case).act("draft-agreement")
    resident, company = phones(stage, world.resident, world.company_user)
    enter(resident, ask_for_code(resident, stage, case)).sees("您已签署")
    body = {"capacity": "REPRESENTATIVE", "body_seal": "LATER"}
    code = ask_for_code(company, stage, case, signer_name="刘启明", **body)
    mediator.open(f"/cases/{case.number}/do/draft-text/").sees("以前的签署全部作废")
    mediator.fill(content="物业公司修好外墙防水并赔偿18600元，质保五年。").send()
    stage.expected.add(409)
    enter(company, code).sees("文本刚刚换了一版").sees("质保五年")
    resident.open(f"/cases/{case.number}/agreement/").sees("第2版").sees("和第1版相比").sees("还没有签")
    assert Notice.objects.filter(recipient=world.resident, kind=Kind.AGREEMENT_CHANGED, subject_id=case.pk).exists()
    mediator.open(f"/cases/{case.number}/agreement/?version=1").sees("这一版已经停用").sees("作废的签署 1 个")


def test_an_oral_agreement(stage: Stage) -> None:
    world, case = stage.world, stage.case_in(Status.MEDIATING)
    record(case, world, timezone.now())
    said = {f"how_{p.pk}": "ORAL" for p in case.parties.all()}
    mediator = stage.person(world.mediator, width=DESK).case(case)
    mediator.act("settle-orally", **items(case), **said)
    case.refresh_from_db()
    assert (case.status, case.outcome) == (Status.PERFORMING, "SETTLED_ORAL")
    stage.person(world.resident, width=PHONE).open(f"/cases/{case.number}/agreement/").sees("口头协议登记")


def test_the_page_of_a_signed_agreement_is_the_same_for_all_who_signed(stage: Stage) -> None:
    world, case = stage.world, stage.case_in(Status.SIGNING)
    sign_all(case, world, timezone.now())
    perform(case, "take_effect", by=world.mediator)
    for one in (world.resident, world.company_user):
        stage.person(one, width=PHONE).open(f"/cases/{case.number}/agreement/").sees("张桂兰").sees("已盖章")
