"""One text: what is signed, checked by a lawyer, signed by a mediator and sealed is what is printed, line by line."""

from dataclasses import replace
from typing import Any

import pytest

from cases.choices import Status
from cases.models import Case
from mediation import services as mediation
from mediation.models import Agreement
from tests.cast import NOW, World
from tests.journeys import case_in, record, text
from tests.web.pages import address, browser
from web.case.agreement.text import blocks_of, lines_of
from web.case.case_file import CaseFile
from workflows import papers

pytestmark = pytest.mark.django_db


def draft(world: World, **more: Any) -> Case:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    given = text(case, world)
    given["promises"] = [replace(one, place="合肥市翠湖路8号", proof_wanted="转账回单") for one in given["promises"]]
    mediation.draft_text(case, by=world.mediator, at=NOW, wants_confirmation=True, **given, **more)
    return Case.objects.get(pk=case.pk)


def flat(blocks: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if block["t"] == "items":
            found += [f"{n}. {row}" for n, row in enumerate(block["rows"], 1)]
        elif block["t"] in {"p", "h"}:
            found.append(block.get("label", "") + block["text"])
    return found


def of_the_text(lines: list[str]) -> list[str]:
    """From the facts on: who the parties are stands in full in the issued document alone."""
    return lines[lines.index("纠纷主要事实、争议事项：") :]


def masked(lines: list[str], case: Case) -> list[str]:
    for party in case.parties.all():
        lines = [line.replace(party.name, party.shown_name) for line in lines]
    return lines


def test_everybody_reads_the_lines_that_are_printed(world: World) -> None:
    case = draft(world)
    issued = papers.make(case, "agreement_draft", by=world.intake, at=NOW)
    printed = of_the_text(flat(issued.sheet["blocks"]))
    printed = printed[: printed.index("一方不履行本协议的，其他方可以依法向人民法院起诉。") + 2]
    agreement = case.current_agreement
    Agreement.objects.filter(pk=agreement.pk).update(put_forward_at=NOW)
    agreement.refresh_from_db()
    for who in ("resident", "company_user"):
        file = CaseFile(case, getattr(world, who))
        assert of_the_text(lines_of(file, agreement)) == printed, who
    for who in ("mediator", "legal", "intake", "director"):
        file = CaseFile(case, getattr(world, who))
        assert masked(of_the_text(lines_of(file, agreement)), case) == masked(printed, case), who
        assert flat(blocks_of(file, agreement)) == lines_of(file, agreement)
    whole = "\n".join(printed)
    for part in (
        "地点：合肥市翠湖路8号",
        "以转账回单为凭",
        "各方打算自本协议生效之日起三十日内共同向人民法院申请司法确认。",
    ):
        assert part in whole
        assert whole.count(part) == 1


@pytest.mark.parametrize(
    ("rest", "who"),
    [("do/legal-check/", "legal"), ("do/legal-return/", "legal"), ("draft-agreement/", "mediator")],
)
def test_the_form_that_checks_a_text_shows_all_of_it(world: World, rest: str, who: str) -> None:
    case = draft(world)
    reader = getattr(world, who)
    page = browser(reader).get(address(case, rest))
    assert page.status_code == 200
    shown = dict(page.context["form"].shown)["全文"]
    assert shown == "\n".join(lines_of(CaseFile(case, reader), case.current_agreement))
    assert "地点：合肥市翠湖路8号" in shown
    assert "以转账回单为凭" in shown


@pytest.mark.parametrize(("rest", "who"), [("do/sign-as-mediator/", "mediator"), ("do/apply-seal/", "intake")])
def test_the_form_that_signs_or_seals_a_text_shows_all_of_it(world: World, rest: str, who: str) -> None:
    case = case_in(Status.SIGNING, world)
    reader = getattr(world, who)
    shown = dict(browser(reader).get(address(case, rest)).context["form"].shown)["全文"]
    assert shown == "\n".join(lines_of(CaseFile(case, reader), case.current_agreement))
    assert "地点：合肥" in shown


def test_an_oral_agreement_says_on_the_page_what_its_register_says(world: World) -> None:
    from tests import moves

    case = moves.ready("settle_orally", Status.MEDIATING, world).take("settle_orally")
    agreement = case.current_agreement
    issued = papers.make(case, "oral_agreement_form", by=world.intake, at=NOW)
    printed = of_the_text(flat(issued.sheet["blocks"]))
    assert of_the_text(lines_of(CaseFile(case, world.resident), agreement)) == printed
    assert "各方认为无需制作调解协议书" in "".join(printed)
    assert "签名、盖章或者按指印" not in "".join(printed)
