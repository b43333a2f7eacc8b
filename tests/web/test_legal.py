"""The desk of the legal consultation office, and what it may do for the court."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.errors import DomainError, NotAllowedError
from cases.choices import ConsentHow, Side, Status
from cases.evidence import add_evidence
from cases.models import Case, Evidence
from mediation import services as mediation
from mediation.errors import MediationError
from mediation.models import Agreement, JudicialConfirmation, Obligation, Signature
from notifications.models import Notice
from tests.cast import NOW, TODAY, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, record, text
from tests.web.pages import browser, send, text_of
from tests.web.test_desks import queries
from tests.web.test_queue import row, with_turns
from workflows import confirmation
from workflows.actions import perform
from workflows.agreements import save_text
from workflows.turns.models import Turn

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
URL = "/desk/legal/"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def with_text(
    world: World, sequence: int, amount: str = "120000", *, version: int = 1, more: dict[str, Any] | None = None,
    **fields: Any,
) -> Case:  # fmt: skip
    """A case in mediation with one promise of money in its text; `more`: of the text."""
    case = row(world, sequence, **({"status": Status.MEDIATING, "mediator": world.mediator} | fields))
    return with_turns(and_text(case, world, amount, version=version, **(more or {})))


def and_text(case: Case, world: World, amount: str, *, version: int, **more: Any) -> Case:
    agreement = Agreement.objects.create(
        case=case, version=version, form="WRITTEN", copies=3, drafted_by=world.mediator, drafted_at=NOW, **more
    )
    one, other = case.parties.order_by("pk")
    Obligation.objects.create(
        agreement=agreement, number=1, doer=other, receiver=one, what="赔偿", amount=Decimal(amount),
        manner="转账", due=TODAY + timedelta(days=10),
    )  # fmt: skip
    return case


def listed(client: Client) -> list[str]:
    answer = client.get(URL)
    assert answer.status_code == 200
    return [one["number"] for one in answer.context["rows"]]


def test_the_desk_is_the_legal_offices_alone(world: World) -> None:
    for name, user in world.people().items():
        page = browser(user).get(URL)
        assert (name, page.status_code) == (name, 200 if name == "legal" else 404)
    nobody = Client().get(URL)
    assert (nobody.status_code, nobody["Location"].startswith("/account/login/?next=")) == (302, True)
    assert URL in browser(world.legal).get("/desk/").content.decode()
    assert URL not in browser(world.director).get("/desk/").content.decode()


def test_what_waits_is_listed_with_its_reason_and_the_nearest_date_first(world: World) -> None:
    later = with_text(world, 1, next_due=TODAY + timedelta(days=5))
    soon = with_text(world, 2, "100000", next_due=TODAY + timedelta(days=1), status=Status.SIGNING)
    flagged = with_text(world, 3, "10", next_due=TODAY + timedelta(days=3), flags=["LEGAL_CHECK"])
    with_text(world, 4, "99999.99")
    with_text(world, 5, more={"legal_checked_at": NOW, "legal_checked_by": world.legal})
    with_text(world, 6, status=Status.PERFORMING, outcome="SETTLED_WRITTEN", concluded_at=NOW,
              more={"effective_on": TODAY})  # fmt: skip
    with_text(world, 7, more={"voided_at": NOW})
    with_text(world, 8, centre=world.other_centre)
    replaced = with_text(world, 9, more={"voided_at": NOW})
    with_turns(and_text(replaced, world, "5", version=2))
    client = browser(world.legal)
    assert listed(client) == [soon.number, flagged.number, later.number]
    why = [one["why"] for one in client.get(URL).context["rows"]]
    assert why == [
        ["金额100,000.00元，达到100,000.00元"],
        ["协议须法律审核"],
        ["金额120,000.00元，达到100,000.00元"],
    ]


def test_the_list_and_the_rule_of_one_text_never_disagree(world: World) -> None:
    amounts = ("0", "99999.99", "100000", "100000.01")
    cases = [
        with_text(world, number, amount, flags=flags)
        for number, (amount, flags) in enumerate((a, f) for a in amounts for f in ([], ["LEGAL_CHECK"], ["SAFETY"]))
    ]
    found = set(Turn.objects.filter(kind="legal_check", closed_at=None).values_list("case", flat=True))
    rule = {case.pk for case in cases if case.needs_legal_check(case.current_agreement.total_amount())}
    assert found == rule


def test_a_text_that_was_checked_leaves_the_list(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world, amount="250000.00"))
    client = browser(world.legal)
    assert listed(client) == [case.number]
    assert client.get(f"/cases/{case.number}/do/legal-check/").status_code == 200
    assert send(world.legal, case, "do/legal-check/", {}).status_code == 302
    assert listed(client) == []


def test_a_text_that_is_sent_back_waits_for_its_next_version(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world, amount="250000.00"))
    client, mediator = browser(world.legal), browser(world.mediator)
    empty = send(world.legal, case, "do/legal-return/", {"reason": " "})
    assert (empty.status_code, listed(client)) == (422, [case.number])
    before = Notice.objects.filter(recipient=world.mediator).count()
    assert send(world.legal, case, "do/legal-return/", {"reason": "第二项没有<写明>怎么支付。"}).status_code == 302
    assert listed(client) == []
    told = Notice.objects.filter(recipient=world.mediator).order_by("-pk")
    assert (told.count(), told[0].url) == (before + 1, f"/cases/{case.number}/agreement/")
    page = text_of(mediator.get(f"/cases/{case.number}/agreement/"))
    assert "法律咨询处退回了这一版：第二项没有&lt;写明&gt;怎么支付。" in page
    step = mediator.get(f"/cases/{case.number}/").context["next"]
    assert step.url.endswith("/do/draft-text/")
    assert step.sentence.startswith("法律咨询处退回了第1版：第二项没有<写明>怎么支付。 改好以后保存为新的一版")
    with pytest.raises(DomainError, match="须先经法律咨询处审核通过"):
        perform(case, "draft_agreement", by=world.mediator, at=NOW)
    assert "退回" not in text_of(browser(world.resident).get(f"/cases/{case.number}/agreement/"))
    with pytest.raises(MediationError, match="已经退回"):
        mediation.return_text(case.current_agreement, reason="再退", by=world.legal, at=NOW)
    mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world, amount="250000.00"))
    assert listed(client) == [case.number]


def test_nobody_signs_a_text_that_was_sent_back_while_it_was_being_signed(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    agreement = case.current_agreement
    applicant = case.parties.get(side=Side.APPLICANT)
    mediation.return_text(agreement, reason="第一项写明日期", by=world.legal, at=NOW)
    with pytest.raises(MediationError, match="还要修改"):
        mediation.sign(agreement, applicant, how=Signature.How.PAPER, by=world.intake, at=NOW)
    mine = browser(world.resident)
    assert "agreement/sign" not in mine.get(f"/cases/{case.number}/").context["next"].url
    assert "这份文本还要修改" in text_of(mine.get(f"/cases/{case.number}/"))
    assert mine.get(f"/cases/{case.number}/agreement/sign/").status_code == 302
    waiting = browser(world.intake).get(f"/cases/{case.number}/").context["next"]
    assert waiting.title == "等调解员修改文本，改好后请各方看过再签"
    told = text_of(mine.get(f"/cases/{case.number}/agreement/"))
    assert ("这份文本还要修改" in told, "写明日期" in told, "agreement/sign/" in told) == (True, False, False)
    offered = [step["url"] for step in browser(world.mediator).get(f"/cases/{case.number}/agreement/").context["steps"]]
    assert offered[0].endswith("/do/draft-text/")
    assert [url for url in offered if "sign" in url or "effect" in url] == []
    save_text(case, by=world.mediator, at=NOW, **text(case, world))
    mediation.sign(case.current_agreement, applicant, how=Signature.How.PAPER, by=world.intake, at=NOW)


def test_a_lawyer_may_think_better_of_a_text_that_was_sent_back(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    agreement = mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world, amount="250000.00"))
    mediation.return_text(agreement, reason="写明日期", by=world.legal, at=NOW)
    mediation.pass_legal_check(agreement, by=world.legal, at=NOW)
    assert perform(case, "draft_agreement", by=world.mediator, at=NOW).status == Status.SIGNING
    with pytest.raises(MediationError, match="不能再退回"):
        mediation.return_text(agreement, reason="再退", by=world.legal, at=NOW)


def test_the_list_costs_the_same_for_1_and_for_20_and_has_a_next_page(world: World) -> None:
    with_text(world, 1)
    client = browser(world.legal)
    one = queries(client, URL)
    for number in range(2, 32):
        with_text(world, number)
    assert queries(client, URL) <= one
    first = client.get(URL)
    rest = client.get(URL + first.context["next_url"])
    numbers = [row["number"] for page in (first, rest) for row in page.context["rows"]]
    assert (len(numbers), len(set(numbers))) == (31, 31)


def test_the_legal_office_records_what_the_court_did_and_keeps_its_ruling(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    for party in case.parties.all():
        confirmation.say(party, given=True, how=ConsentHow.SIGNED, by=world.intake, at=NOW)
    applied = {"court": "合肥市蜀山区人民法院", "applied_on": TODAY.isoformat(), "case_number": ""}
    assert send(world.legal, case, "confirmation/apply/", applied).status_code == 302
    ruling = SimpleUploadedFile("裁定书.pdf", PDF, content_type="application/pdf")
    given = {"event": "accept", "on": TODAY.isoformat(), "case_number": "（2026）皖0104调确1号", "reason": ""}
    assert send(world.legal, case, "confirmation/court/", given | {"ruling": ruling}).status_code == 302
    assert JudicialConfirmation.objects.get().state == JudicialConfirmation.State.COURT_ACCEPTED
    assert Evidence.objects.get(case=case).name == "裁定书.pdf"


def test_whoever_only_looks_on_keeps_no_ruling_and_records_no_court(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    for party in case.parties.all():
        confirmation.say(party, given=True, how=ConsentHow.SIGNED, by=world.intake, at=NOW)
    before = fingerprint()
    given = {"court": "合肥市蜀山区人民法院", "applied_on": TODAY, "case_number": ""}
    for user in (world.director, world.follower, world.archivist, world.supervisor, world.other_intake):
        with pytest.raises(NotAllowedError):
            confirmation.apply(case, by=user, at=NOW, **given)
        with pytest.raises(NotAllowedError):
            add_evidence(case, SimpleUploadedFile("裁定书.pdf", PDF), by=user, at=NOW)
    assert changed(before) == []
    assert case.parties.filter(side=Side.APPLICANT).count() == 1
