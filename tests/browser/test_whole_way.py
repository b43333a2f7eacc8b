"""A matter from a resident's phone to the closed file, in browsers that are open at the same time."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.selectors import history
from audit.verification import Verification
from cases.choices import Outcome, Status
from cases.models import Case
from mediation.models import Mediator
from notifications.contacts import confirm_phone
from tests.browser.agreements import ask_for_code, enter
from tests.browser.people import DESK, PHONE, Person, Stage
from tests.journeys import all_came, begun, let_thirty_days_pass
from workflows import tasks

PHONE_CANARY = "13966677788"
ADDRESS_CANARY = "翠湖花园9幢1单元1901"


def file_without_script(stage: Stage) -> tuple[Case, str]:
    """Fill in the whole wizard on a phone that runs no script; return the case and its pass code."""
    person = stage.person(width=PHONE, java_script_enabled=False)
    page = person.open("/").page
    page.locator("main a[href='/file/']").first.click()
    page.locator("main .buttons a").first.click()
    person.fill(city="340100", estate_name="翠湖花园").send()
    if page.locator("[name=estate]").count():
        person.fill(estate=stage.world.estate.pk).send()
    person.fill(group="repair").send()
    person.fill(category="0301").send()
    person.fill(facts="外墙渗水损坏天花板。10月起每逢下雨主卧就漏，多次报修没有修好。").send()
    person.fill(who="serving").send()
    person.fill(way="MEDIATION").send()
    person.fill(requests="修好外墙防水，赔偿18600元", amount="18600").send()
    person.fill(name="张桂兰", phone=PHONE_CANARY, address=ADDRESS_CANARY, relation="OWNER").send()
    person.send()  # no files
    person.sees("请核对您填写的内容").sees(ADDRESS_CANARY)
    person.fill(data_notice=True).send()
    person.sees("我们收到了")
    number, code = (page.locator(".pass-code").nth(i).inner_text() for i in (0, 1))
    page.locator("main .button--big").click()
    person.sees("现在：")
    return Case.objects.get(number=number), code


def enter_by_pass(stage: Stage, code: str) -> Person:
    """Come in on another device with the code from the slip."""
    person = stage.person(width=PHONE).open("/pass/").fill(code=code.lower().replace("-", " ")).send()
    return person


def test_from_the_phone_to_the_archive(stage: Stage) -> None:
    world = stage.world
    clerk = stage.person(world.intake, width=DESK).open("/desk/").listening()
    case, code = file_without_script(stage)
    clerk.sees_soon("新收案件 1 件")
    resident = enter_by_pass(stage, code).sees("现在：待受理").listening()
    company = stage.person(world.company_user, width=DESK).open("/company/").listening()

    clerk.case(case).act("invite")
    resident.sees_soon("征询")
    company.sees_soon(case.number)
    company.case(case).follow("consent").fill(answer="yes").send()
    clerk.sees_soon("同意调解")
    clerk.act("accept")
    resident.sees_soon("现在：已受理")
    clerk.sees("皖物调字第")

    director = stage.person(world.director).open("/desk/director/").case(case)
    director.act("nominate", mediator=Mediator.objects.get(user=world.mediator).pk)
    mediator = stage.person(world.mediator).open(f"/cases/{case.number}/mediator/accept/").sees_nothing_of(PHONE_CANARY)
    mediator.fill(has_interest="no", signed=True).send()
    resident.sees_soon("李明哲")

    mediator.case(case)
    start = timezone.localtime() + timedelta(hours=12)  # before those of the other tests
    mediator.act(
        "start-mediation",
        rights_told=True,
        identities_checked=True,
        starts_at=f"{start:%Y-%m-%dT%H:%M}",
        place="调解室一",
        how="ORAL",
        notice="SERVED",
    )
    resident.sees_soon("调解室一")
    begun(case, timezone.now())
    mediator.case(case).act(
        "record-session", **all_came(case), record="双方陈述，核对了漏水的位置。", result="达成一致"
    )
    company_party, resident_party = (case.parties.get(side=side) for side in ("RESPONDENT", "APPLICANT"))
    due = timezone.localdate() + timedelta(days=10)
    mediator.act(
        "draft-text",
        **{
            "facts_and_issues": "双方对渗水原因和赔偿数额有争议。",
            "content": "物业公司修好外墙防水并赔偿18600元。",
            "p0-doer": company_party.pk,
            "p0-receiver": resident_party.pk,
            "p0-what": "赔偿天花板和衣柜损失",
            "p0-amount": "18600",
            "p0-manner": "银行转账",
            "p0-due": due.isoformat(),
        },
    )
    mediator.act("draft-agreement")
    resident.sees_soon("请核对并签署调解协议")
    confirm_phone(stage.world.company_user, "+8613855107701", at=timezone.now())
    company_signs = {"signer_name": "刘启明", "capacity": "REPRESENTATIVE", "body_seal": "LATER"}
    for one, answers in ((resident, {}), (company, company_signs)):
        enter(one, ask_for_code(one, stage, case, **answers)).case(case)
    mediator.act("sign-as-mediator")
    clerk.case(case).act("apply-seal", pages="yes")
    mediator.case(case).act("take-effect")
    resident.sees_soon("履行")

    company.case(case).act("performance", on=timezone.localdate().isoformat(), note="转账回单")
    resident.sees_soon("请您确认")
    resident.act("confirm-performance")
    follower = stage.person(world.follower).open("/desk/follow-up/").sees_nothing_of(PHONE_CANARY).case(case)
    follower.act("finish-performance")
    resident.sees_soon("回访")
    follower.act("follow-up", how="PHONE", reached="yes", solved="SOLVED", satisfaction="SATISFIED").act("close")
    resident.sees_soon("现在：已结案")
    company.case(case).sees_nothing_of(PHONE_CANARY, ADDRESS_CANARY, "9幢1单元")
    let_thirty_days_pass(case, timezone.now())
    stage.person(world.archivist).open("/desk/archive/").sees(case.title).case(case).act(
        "archive", retention="YEARS_30"
    )
    resident.sees_soon("已归档")

    case.refresh_from_db()
    assert (case.status, case.outcome) == (Status.ARCHIVED, Outcome.SETTLED_WRITTEN)
    assert history(case.subject).count() > 20
    tasks.check(case)
    assert tasks.active_tasks(case) == []
    with transaction.atomic():
        # The cast is made without services: its companies and estates have no journal, everything since has.
        assert [str(one) for one in Verification().breaks() if one.what != "has no journal"] == []
