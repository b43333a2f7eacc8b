"""What each role does all day, in its own browser."""

from django.utils import timezone
from playwright.sync_api import expect

from cases.choices import Outcome, Status, Track
from cases.models import Case
from tests.browser.people import PHONE, Stage
from tests.journeys import all_came, begun


def test_a_caller_without_a_phone_gets_a_slip_that_opens_the_case(stage: Stage) -> None:
    clerk = stage.person(stage.world.intake).open("/desk/new/")
    clerk.fill(
        channel="PHONE", applicant_name="赵奶奶", estate="书香名邸", respondent_kind="COMPANY",
        respondent_name="绿洲物业服务有限公司", facts="楼道三个月没有打扫。", category="0201", requests="每周打扫",
        data_notice=True,
        source="APPLY", track="MEDIATION", consent_how="PHONE",
    )  # fmt: skip
    assert clerk.send().mistakes == ""
    number = clerk.page.url.rstrip("/").split("/")[-2]
    code = clerk.page.locator(".pass-code").inner_text()
    case = Case.objects.get(number=number)
    assert case.status == Status.SUBMITTED
    # The code of the slip, scanned as QR on a phone: nothing opens before the person confirms.
    grandson = stage.person(width=PHONE).open(f"/pass/{code}/").sees("打开您的案件")
    assert code not in grandson.page.url
    grandson.send().sees("现在：待受理").sees("赵奶奶")
    # A new slip makes the old one worthless, and says so on the phone that used it.
    clerk.open(f"/cases/{number}/do/pass/?of={case.parties.get(side='APPLICANT').pk}").send()
    fresh = clerk.page.locator(".pass-code").inner_text()
    stage.expected.add(422)
    stage.person(width=PHONE).open("/pass/").fill(code=code).send().sees("通行码不对，或者已经失效")
    stage.person(width=PHONE).open("/pass/").fill(code=fresh).send().sees("现在：待受理")


def complaint(stage: Stage) -> Case:
    return stage.case_in(Status.ANSWERING, track=Track.COMPLAINT)


def test_a_complaint_answered_redone_and_at_last_solved(stage: Stage) -> None:
    case = complaint(stage)
    resident = stage.person(stage.world.resident, width=PHONE).case(case).listening()
    company = stage.person(stage.world.company_user).open("/company/").sees(case.number or "").case(case)
    company.act("answer", body="已派人查看。")
    resident.sees_soon("已派人查看。").act("say-solved", solved="NOT_SOLVED")
    clerk = stage.person(stage.world.intake).case(case).sees("申请人认为")
    clerk.act("confirm-answer", verification="电话核实")
    follower = stage.person(stage.world.follower).case(case)
    follower.act("follow-up", how="PHONE", reached="yes", solved="NOT_SOLVED", satisfaction="DISSATISFIED")
    follower.act("redo-answer", reason="申请人说还在漏水")
    resident.sees_soon("正在等企业答复")
    company.case(case).act("answer", body="已重做防水。")
    resident.sees_soon("已重做防水。").act("say-solved", solved="SOLVED")
    clerk.case(case).act("confirm-answer")
    follower.case(case).act("follow-up", how="PHONE", reached="yes", solved="SOLVED", satisfaction="SATISFIED").act(
        "close"
    )
    case.refresh_from_db()
    assert (case.status, case.outcome) == (Status.CLOSED, Outcome.ANSWERED)


def test_an_answer_that_solves_nothing_leads_to_mediation(stage: Stage) -> None:
    case = complaint(stage)
    stage.person(stage.world.company_user).case(case).act("answer", body="不是我们的责任。")
    resident = stage.person(stage.world.resident, width=PHONE).case(case)
    resident.act("say-solved", solved="NOT_SOLVED").listening()
    stage.person(stage.world.intake).case(case).act("invite").sees("征询意见")
    resident.sees_soon("现在：征询意见")


def test_the_director_refuses_a_rejection_and_then_agrees_to_one(stage: Stage) -> None:
    world, case = stage.world, stage.case_in(Status.SUBMITTED)
    resident = stage.person(world.resident, width=PHONE).case(case).listening()
    clerk = stage.person(world.intake).case(case)
    clerk.act("propose-rejection", reason_code="R01", reason_text="属于行政事项")
    director = stage.person(world.director).open("/desk/director/?tab=proposals").sees(case.number or "")
    panel = director.page.locator("section.panel", has_text=case.number)
    panel.locator("summary").click()
    panel.locator("textarea").fill("双方之间的部分可以调解")
    panel.locator(".button--danger").click()
    expect(director.page.locator("main")).not_to_contain_text(case.number or "")
    resident.sees("现在：待受理")
    clerk.case(case).act("propose-rejection", reason_code="R03", reason_text="不在本中心地区")
    director.open("/desk/director/?tab=proposals")
    director.page.locator("section.panel", has_text=case.number).locator("button.button").first.click()
    resident.sees("结果和其他途径").sees("不在本中心地区")
    case.refresh_from_db()
    assert (case.status, case.outcome) == (Status.CLOSED, Outcome.REJECTED)


def test_the_lawyer_passes_the_text_that_the_mediator_wrote(stage: Stage) -> None:
    world, case = stage.world, stage.case_in(Status.MEDIATING)
    begun(case, timezone.now())
    mediator = stage.person(world.mediator).open("/desk/?who=me").sees(case.case_number or "").case(case)
    mediator.act("record-session", **all_came(case), record="双方到场。", result="达成一致")
    parties = {one.side: one.pk for one in case.parties.all()}
    mediator.follow("draft-text").fill(facts_and_issues="渗水", content="修好", **{"p0-what": "修好外墙"})
    stage.expected.add(422)
    mediator.send().sees("请写明怎么做")  # what was typed is still there
    mediator.fill(
        **{
            "p0-doer": parties["RESPONDENT"],
            "p0-manner": "上门施工",
            "p0-place": "小区外墙",
            "p0-due": timezone.localdate().isoformat(),
        }
    ).send()
    stage.person(world.legal).case(case).act("legal-check").open(f"/cases/{case.number}/?tab=mediation").sees(
        "法律审核"
    )
    mediator.case(case).act("draft-agreement").sees("待签协议")


def test_the_regulator_sees_figures_and_says_why_for_a_case(stage: Stage) -> None:
    case = stage.case_in(Status.MEDIATING)
    regulator = stage.person(stage.world.regulator).open("/region/").sees("登记")
    regulator.open("/region/cases/").sees(case.case_number or "").sees_nothing_of("张桂兰", "13855106612", case.facts)
    regulator.page.locator("a.row-link", has_text=case.case_number).first.click()
    regulator.fill(reason="核查信访件合信访2026-118").send()
    regulator.sees("不显示姓名").sees_nothing_of("张桂兰", "13855106612", case.facts)
    assert regulator.status_of(f"/cases/{case.number}/accept/") == 404


def test_the_desk_finds_a_case_from_the_keyboard(stage: Stage) -> None:
    case = stage.case_in(Status.INVITING)
    page = stage.person(stage.world.intake).open("/desk/").page
    page.keyboard.press("/")
    page.keyboard.type(case.number or "")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(case.number or "")
    page.locator("body").click(position={"x": 700, "y": 5})
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case.number}/")
