"""Agents are appointed with their power of attorney, see the case by their phone, and sign only within their scope."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.limits import AGENCY
from accounts.models import User
from audit.selectors import history
from cases.agents import take_up
from cases.choices import Side
from cases.choices import Status as S
from cases.models import Agent, Case
from cases.passes import claim_cases
from mediation import services as mediation
from mediation.models import Signature
from notifications.models import Channel, Delivery, Kind
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.web.pages import browser, send

pytestmark = pytest.mark.django_db


def party_of(case: Case) -> int:
    return Case.objects.get(pk=case.pk).parties.get(side=Side.APPLICANT).pk


def letter() -> SimpleUploadedFile:
    body = BytesIO()
    Image.new("RGB", (40, 40), "white").save(body, "PNG")
    return SimpleUploadedFile("授权委托书.png", body.getvalue())


def appoint(world: World, case: Case, *scope: str) -> Agent:
    given = {
        "party": party_of(case),
        "agent_name": "王建国",
        "phone": "13855100002",
        "scope": list(scope),
        "letter": letter(),
    }
    assert send(world.resident, case, "do/appoint-agent/", given).status_code == 302
    return Agent.objects.get()


def name_principal(user: User, name: str) -> Any:
    return browser(user).post("/my/agency/", {"principal": name})


def test_an_agent_finds_the_case_by_phone_and_the_principals_name_and_loses_it_when_dismissed(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    agent = appoint(world, case, "EVIDENCE", "SIGN")
    assert claim_cases(world.neighbour, at=NOW) == []
    assert "您是代理人吗" in browser(world.neighbour).get("/my/").content.decode()
    assert not Case.objects.visible_to(world.neighbour).exists()
    assert name_principal(world.neighbour, "张 桂兰")["Location"] == case.get_absolute_url()
    assert Case.objects.visible_to(world.neighbour).get() == case
    assert "您是代理人吗" not in browser(world.neighbour).get("/my/").content.decode()
    assert send(world.resident, case, "do/dismiss-agent/", {"agent": agent.pk}).status_code == 302
    assert not Case.objects.visible_to(world.neighbour).exists()


def test_an_agent_without_the_power_to_dispose_cannot_sign(world: World) -> None:
    case = case_in(S.SIGNING, world)
    appoint(world, case, "EVIDENCE", "SIGN")
    take_up(world.neighbour, principal="张桂兰", at=NOW)
    party = Case.objects.get(pk=case.pk).parties.get(side=Side.APPLICANT)
    with pytest.raises(mediation.MediationError, match="没有授权您承认、放弃请求"):
        mediation.sign(case.current_agreement, party, how=Signature.How.ONLINE, by=world.neighbour, at=NOW)
    assert not Signature.objects.exists()


def test_the_other_side_cannot_appoint_for_the_applicant(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    given = {"party": party_of(case), "agent_name": "某人", "scope": ["SIGN"], "letter": letter()}
    assert send(world.company_user, case, "do/appoint-agent/", given).status_code == 422
    assert not Agent.objects.exists()


def test_a_stranger_who_holds_a_mistyped_number_reads_nothing_of_the_case(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    appoint(world, case, "EVIDENCE")
    page = browser(world.neighbour).get("/my/").content.decode()
    assert [word in page for word in (case.number, case.title, "张桂兰", "绿洲")] == [False] * 4
    for wrong in ("王秀英", "", "桂兰", "绿洲物业服务有限公司"):
        refused = name_principal(world.neighbour, wrong)
        assert refused.status_code == 422
        assert refused.context["agency"].errors["principal"]
    for _more in range(AGENCY.times):
        refused = name_principal(world.neighbour, "张桂兰三")
    assert refused.status_code == 429
    assert name_principal(world.neighbour, "张桂兰").status_code == 429
    assert not Case.objects.visible_to(world.neighbour).exists()


def test_the_number_of_an_agent_is_corrected_and_the_old_one_is_told(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    agent = appoint(world, case, "EVIDENCE")
    name_principal(world.neighbour, "张桂兰")
    said = {"1385510000O": "字母", "138001380000": "", "0551-62345678": "", "13855100002": "没有改动"}
    for wrong, sentence in said.items():
        refused = send(world.intake, case, "do/agent-phone/", {"agent": agent.pk, "phone": wrong})
        assert (wrong, refused.status_code, sentence in refused.content.decode()) == (wrong, 422, True)
    assert Case.objects.visible_to(world.neighbour).exists()
    assert send(world.intake, case, "do/agent-phone/", {"agent": agent.pk, "phone": "13900139123"}).status_code == 302
    agent.refresh_from_db()
    assert (agent.phone, agent.user) == ("+8613900139123", None)
    assert not Case.objects.visible_to(world.neighbour).exists()
    told = Delivery.objects.get(notice__kind=Kind.PHONE_CHANGED, channel=Channel.SMS)
    assert (told.address, told.notice.recipient) == ("+8613855100002", world.neighbour)
    entry = history(case.subject).get(action="correct_agent_phone")
    assert (entry.actor_id, entry.after) == (world.intake.pk, {"party": party_of(case), "agent": agent.pk})
    page = browser(world.company_user).get(f"/cases/{case.number}/do/agent-phone/")
    assert page.status_code in {404, 409}  # the other side's agent is not theirs to correct
