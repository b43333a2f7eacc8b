"""Who mediates, in the browsers of everybody concerned: chosen together, disclosed, challenged, replaced."""

from cases.choices import Status
from cases.models import Case
from mediation.models import Challenge, Disclosure
from tests.browser.people import DESK, PHONE, Stage


def test_a_mediator_is_challenged_and_replaced(stage: Stage) -> None:
    stage.expected.add(404)
    world, case = stage.world, stage.case_in(Status.MEDIATING)
    resident = stage.person(world.resident, width=PHONE).case(case).listening()
    first = stage.person(world.mediator, width=DESK).case(case).listening()
    director = stage.person(world.director, width=DESK)

    resident.follow("mediator").sees("调解员是李明哲").follow("suspend")
    resident.fill(grounds="INTEREST", reason="调解员的爱人在物业公司上班，邻居都知道。").send()
    resident.sees("现在：已中止")
    # What the first mediator has open says that it is gone; every address of the case is closed to him.
    first.page.get_by_text("您已无权查看").first.wait_for(timeout=5_000)
    for path in ("", "mediator/", "do/message/", "history/", "room/", "resume/"):
        assert first.status_of(f"/cases/{case.number}/{path}") == 404, path
    first.open(f"/desk/?q={case.number}").sees_nothing_of(case.title)

    director.open("/desk/director/?tab=challenges").sees(case.title)
    director.page.locator(f"main a.row-link[href='/cases/{case.number}/mediator/']").click()
    director.sees("邻居都知道")
    resident.follow("mediator").listening()
    director.follow("decide-challenge").fill(upheld="yes", reason="经核实属实，回避成立。").send()
    resident.sees_soon("经核实属实")
    second = world.second_mediator
    director.case(case).follow("nominate").fill(mediator=second.mediator_profile.pk, reason="回避成立").send()
    resident.sees_soon("已请周芳担任调解员")

    newcomer = stage.person(second, width=DESK).open("/desk/nominations/")
    newcomer.page.locator("main a.row-link").first.click()
    newcomer.sees("请核对有没有关系").sees_nothing_of("邻居都知道")
    newcomer.follow("accept").fill(has_interest="no", signed=True).send()
    resident.sees("调解员是周芳")
    newcomer.case(case).act("start-mediation", rights_told=True, identities_checked=True, how="ORAL", notice="SERVED")
    resident.case(case).sees("现在：调解中")
    assert first.status_of(f"/cases/{case.number}/") == 404
    found = Case.objects.get(pk=case.pk)
    assert (found.mediator, found.shut_out) == (second, [world.mediator.pk])
    assert Challenge.objects.get(case=case).decided_by == world.director


def test_both_sides_choose_the_same_mediator_who_discloses_and_both_waive(stage: Stage) -> None:
    world, case = stage.world, stage.case_in(Status.ACCEPTED)
    wanted = world.second_mediator.mediator_profile
    resident = stage.person(world.resident, width=PHONE).case(case)
    company = stage.person(world.company_user, width=PHONE).case(case)
    resident.follow("mediator").follow("mediators").sees("周芳").sees_nothing_of("在办")
    for one in (resident, company):
        one.case(case).act("choose-mediator", mediator=wanted.pk)
    resident.case(case).follow("mediator").sees("已请周芳担任调解员").listening()
    asked = stage.person(world.second_mediator).open(f"/cases/{case.number}/mediator/accept/")
    asked.fill(has_interest="yes", statement="五年前在该小区住过。", signed=True).send()
    asked.sees("每一方都书面表示不提异议以后")
    resident.sees_soon("五年前在该小区住过").follow("waive").fill(given="yes").send()
    company.case(case).follow("waive").fill(given="yes").send()
    company.sees("现在：已指派")
    signed = Disclosure.objects.get(case=case)
    assert (signed.recorded_by, signed.how, signed.waived_at is not None) == (world.second_mediator, "ONLINE", True)
    assert asked.status_of(f"/cases/{case.number}/") == 200
