"""Agents are appointed with their power of attorney, see the case by their phone, and sign only within their scope."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.choices import Side
from cases.choices import Status as S
from cases.models import Agent, Case
from cases.passes import claim_cases
from mediation import services as mediation
from mediation.models import Signature
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.web.pages import send

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


def test_an_agent_finds_the_case_by_phone_and_loses_it_when_dismissed(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    agent = appoint(world, case, "EVIDENCE", "SIGN")
    assert not Case.objects.visible_to(world.neighbour).exists()
    assert claim_cases(world.neighbour, at=NOW) == [case]
    assert Case.objects.visible_to(world.neighbour).get() == case
    assert send(world.resident, case, "do/dismiss-agent/", {"agent": agent.pk}).status_code == 302
    assert not Case.objects.visible_to(world.neighbour).exists()


def test_an_agent_without_the_power_to_dispose_cannot_sign(world: World) -> None:
    case = case_in(S.SIGNING, world)
    appoint(world, case, "EVIDENCE", "SIGN")
    claim_cases(world.neighbour, at=NOW)
    party = Case.objects.get(pk=case.pk).parties.get(side=Side.APPLICANT)
    with pytest.raises(mediation.MediationError, match="没有授权您承认、放弃请求"):
        mediation.sign(case.current_agreement, party, how=Signature.How.ONLINE, by=world.neighbour, at=NOW)
    assert not Signature.objects.exists()


def test_the_other_side_cannot_appoint_for_the_applicant(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    given = {"party": party_of(case), "agent_name": "某人", "scope": ["SIGN"], "letter": letter()}
    assert send(world.company_user, case, "do/appoint-agent/", given).status_code == 422
    assert not Agent.objects.exists()
