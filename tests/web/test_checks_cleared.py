"""Every check of an agreement that is raised can be cleared from the page on which it stands, by pages only."""

from typing import Any

import pytest
from stdnum.cn import uscc

from audit.selectors import history
from cases.choices import PartyKind, Side, Status
from cases.models import Case, Party
from mediation import checks
from mediation import services as mediation
from mediation.agreement_text import text_hash
from mediation.models import Agreement, Signature
from members.models import Company
from tests.cast import NOW, World
from tests.journeys import case_in, party, record, text
from tests.web.pages import address, browser, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def drafted(world: World, **more: Any) -> Case:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    mediation.draft_text(case, by=world.mediator, at=NOW, **(text(case, world) | more))
    return fresh(case)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def problems(case: Case, code: str) -> list[str]:
    results = checks.results_of(checks.stored(fresh(case).current_agreement))
    return [problem.sentence for result in results if result.code == code for problem in result.problems]


def row_on_page(case: Case, world: World, code: str) -> dict[str, Any]:
    label = next(str(one.label) for one in checks.CHECKS if one.code == code)
    rows = browser(world.mediator).get(address(case, "agreement/")).context["checks"]
    return next(row for row in rows if row["label"] == label)


def headless(world: World) -> None:
    Company.objects.filter(pk=world.company.pk).update(legal_representative="")
    world.company.refresh_from_db()


def test_the_register_knows_who_speaks_for_the_company(world: World) -> None:
    headless(world)
    case = drafted(world)
    assert "还没有填写法定代表人" in problems(case, "parties_exact")[0]
    Company.objects.filter(pk=world.company.pk).update(legal_representative="刘启明")
    assert problems(case, "parties_exact") == []
    assert "法定代表人（负责人）刘启明" in text_of(browser(world.mediator).get(address(case, "agreement/")))


def test_the_warning_is_cleared_from_its_own_page_and_the_text_follows(world: World) -> None:
    headless(world)
    case = drafted(world)
    company = party(case, Side.RESPONDENT)
    [link] = row_on_page(case, world, "parties_exact")["mending"]
    assert link["url"] == address(case, "do/complete-party/")
    page = browser(world.mediator).get(link["url"])
    assert page.context["form"].row == company
    given = {"name_typed": company.name, "representative": "刘启明", "address": "合肥市蜀山区潜山路1号"}
    assert send(world.mediator, case, "do/complete-party/", given).status_code == 302
    assert problems(case, "parties_exact") == []
    assert row_on_page(case, world, "parties_exact")["mending"] == []
    for reader in (world.mediator, world.intake):
        assert "法定代表人（负责人）刘启明" in text_of(browser(reader).get(address(case, "agreement/")))
    entry = history(case.subject).get(action="complete_party")
    assert (entry.actor, entry.after) == (
        world.mediator,
        {"party": company.pk, "fields": ["address", "representative"]},
    )
    assert "补全当事人资料" in text_of(browser(world.intake).get(address(case, "history/")))


@pytest.mark.parametrize("status", ["ACCEPTED", "ASSIGNED", "MEDIATING", "SUSPENDED", "SIGNING"])
def test_a_party_is_completed_in_every_open_state_before_anybody_signs(world: World, status: str) -> None:
    case = case_in(status, world)
    own = party(case, Side.APPLICANT)
    given = {"of": str(own.pk), "name_typed": "张桂兰", "id_number": "340104196001011224", "address": "翠湖花园3幢"}
    answer = send(world.intake, case, f"do/complete-party/?of={own.pk}", given)
    assert answer.status_code == 302
    row = Party.objects.get(pk=own.pk)
    assert (row.id_number, row.address, row.name) == ("340104196001011224", "翠湖花园3幢", "张桂兰")


def test_a_name_that_is_corrected_before_anybody_signs_does_not_stop_the_agreement(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    own = party(case, Side.APPLICANT)
    Party.objects.filter(pk=own.pk).update(name="张女士")
    assert "不是证件上的全名" in "".join(problems(case, "parties_exact"))
    given = {"of": str(own.pk), "name_typed": "张桂兰", "id_number": "", "address": ""}
    assert send(world.mediator, case, f"do/complete-party/?of={own.pk}", given).status_code == 302
    assert [said for said in problems(case, "parties_exact") if "全名" in said] == []
    agreement = Agreement.objects.get(pk=case.current_agreement.pk)
    assert agreement.text_hash == text_hash(agreement)


def test_what_somebody_has_signed_is_not_changed_under_their_hand(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    own, other = party(case, Side.APPLICANT), party(case, Side.RESPONDENT)
    mediation.sign(case.current_agreement, own, how=Signature.How.PAPER, by=world.intake, at=NOW)
    given = {"of": str(other.pk), "name_typed": other.name, "representative": "王新任", "address": ""}
    answer = send(world.mediator, case, f"do/complete-party/?of={other.pk}", given)
    assert answer.status_code == 422
    assert "改动会让签名作废" in text_of(answer)
    assert "王新任" in text_of(answer)  # nothing typed is lost
    assert Party.objects.get(pk=other.pk).representative == ""
    assert not history(case.subject).filter(action="complete_party").exists()


def test_an_agreement_in_force_stays_and_an_address_may_change(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    own = party(case, Side.APPLICANT)
    given = {"of": str(own.pk), "name_typed": own.name, "id_number": own.id_number, "address": "新住处1号"}
    assert send(world.intake, case, f"do/complete-party/?of={own.pk}", given).status_code == 302
    assert Party.objects.get(pk=own.pk).address == "新住处1号"
    answer = send(world.intake, case, f"do/complete-party/?of={own.pk}", given | {"name_typed": "张桂花"})
    assert (answer.status_code, "协议已经生效" in text_of(answer)) == (422, True)


def test_a_company_off_the_register_gets_its_credit_code_checked(world: World) -> None:
    case = drafted(world)
    other = party(case, Side.RESPONDENT)
    Party.objects.filter(pk=other.pk).update(company=None, kind=PartyKind.COMPANY)
    given = {"of": str(other.pk), "name_typed": other.name, "representative": "王经理", "address": ""}
    wrong = send(world.mediator, case, f"do/complete-party/?of={other.pk}", given | {"id_number": "123"})
    assert (wrong.status_code, "应为18位" in text_of(wrong)) == (422, True)
    code = "91340100MA2N00001"
    code += uscc.calc_check_digit(code)
    right = send(world.mediator, case, f"do/complete-party/?of={other.pk}", given | {"id_number": code.lower()})
    assert (right.status_code, Party.objects.get(pk=other.pk).id_number) == (302, code)


@pytest.mark.parametrize("who", ["resident", "company_user", "follower", "archivist", "neighbour"])
def test_nobody_else_finds_the_form(world: World, who: str) -> None:
    case = drafted(world)
    assert browser(world.people()[who]).get(address(case, "do/complete-party/")).status_code in {403, 404}


def raise_identity(case: Case, world: World) -> None:
    case.parties.update(identity_checked_at=None)


def test_an_unchecked_identity_leads_to_its_form(world: World) -> None:
    case = drafted(world)
    raise_identity(case, world)
    assert len(problems(case, "identities_checked")) == 2
    assert [link["url"] for link in row_on_page(case, world, "identities_checked")["mending"]] == [
        address(case, "do/check-identity/")
    ]


@pytest.mark.parametrize("code", [one.code for one in checks.CHECKS])
def test_each_check_that_speaks_has_somewhere_to_go(world: World, code: str) -> None:
    """On the page of the text that the mediator works at, no check stands without a way to clear it."""
    from web.case.agreement.check_rows import mending
    from web.case.case_file import CaseFile

    case = drafted(world)
    file = CaseFile(case, world.mediator)
    if code == "page_seal":  # only after the seal, for whoever keeps it
        return
    assert mending(file, code), code
    for link in mending(file, code):
        assert browser(world.mediator).get(link["url"]).status_code == 200
