"""Offers: who may make and answer them, what each side learns of the other's, and what comes out."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import policy
from accounts.errors import DomainError
from accounts.models import Membership, User
from accounts.roles import Role
from audit.models import Entry
from cases.choices import Side, Status
from cases.models import Case, Party, RoomEntry
from mediation import services as mediation
from mediation.models import Issue, Offer, OfferAnswer, OfferEnd
from mediation.offer_table import seen_offers
from notifications.models import Notice
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party, record
from tests.web.pages import browser
from workflows.actions import perform

pytestmark = pytest.mark.django_db
Mode, How = Offer.Mode, OfferEnd.How
SOON = later(2)


def refused(call: Callable[[], Any], sentence: str) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()
    assert changed(before) == []


@contextmanager
def rolled_back() -> Iterator[None]:
    """Leave nothing behind: each example begins with the same talks."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def talks(world: World) -> Case:
    """A case in mediation about two claims."""
    return case_in(Status.MEDIATING, world, requests="修好外墙防水\n赔偿18600元")


def issue(case: Case, number: int = 1) -> Issue:
    return Issue.objects.get(case=case, number=number)


def sides(case: Case) -> tuple[Party, Party]:
    return party(case, Side.APPLICANT), party(case, Side.RESPONDENT)


def term(case: Case, number: int = 1, **more: Any) -> mediation.Term:
    resident, company = sides(case)
    given: dict[str, Any] = {
        "issue": issue(case, number),
        "doer": company,
        "receiver": resident,
        "what": "赔偿损失",
        "amount": Decimal("12000.00"),
        "manner": "银行转账",
        "due": TODAY + timedelta(days=20),
        "proof": "转账回单",
    }
    return mediation.Term(**(given | more))


def offer(case: Case, by: User, *terms: mediation.Term, **more: Any) -> Offer:
    given = {"terms": terms or (term(case),), "expires_at": later(7), "at": NOW} | more
    return mediation.make_offer(case, by=by, **given)


def how(one: Offer) -> str:
    return OfferEnd.objects.get(offer=one).how


def test_the_claims_are_on_the_table_when_talks_begin(world: World, talks: Case) -> None:
    assert [(row.number, row.title) for row in talks.issues.all()] == [(1, "修好外墙防水"), (2, "赔偿18600元")]
    mediation.add_issue(talks, title="诉讼费由谁承担", by=world.mediator, at=NOW)
    assert [row.title for row in mediation.open_issues(talks)] == ["修好外墙防水", "赔偿18600元", "诉讼费由谁承担"]


def test_a_long_request_lies_on_the_table_whole(world: World) -> None:
    long = "电梯停运三十天，请求减免这段时间的物业费。" * 40
    talks = case_in(Status.MEDIATING, world, requests=f"修好电梯\n{long}")
    assert [claim.text for claim in talks.claims.all()] == ["修好电梯", long]
    assert [row.title for row in mediation.open_issues(talks)] == ["修好电梯", long]
    page = browser(world.resident).get(f"/cases/{talks.number}/offers/")
    assert (page.status_code, long in page.content.decode()) == (200, True)


def test_an_open_offer_that_the_other_side_accepts_is_agreed(world: World, talks: Case) -> None:
    resident, _company = sides(talks)
    made = offer(talks, world.company_user)
    mediation.answer_offer(made, party=resident, answers={issue(talks).pk: True}, by=world.resident, at=later(1))
    assert how(made) == How.ACCEPTED
    [accepted] = mediation.accepted_terms(talks)
    assert accepted == mediation.AcceptedTerm(
        issue=issue(talks), doer=sides(talks)[1], receiver=resident, what="赔偿损失", amount=Decimal("12000.00"),
        manner="银行转账", place="", due=TODAY + timedelta(days=20), proof="转账回单",
    )  # fmt: skip


def test_a_refused_offer_is_over_and_may_be_countered(world: World, talks: Case) -> None:
    resident, company = sides(talks)
    first = offer(talks, world.company_user)
    second = offer(talks, world.resident, term(talks, amount=Decimal("15000")), answers_to=first)
    assert (second.answers_to, second.number, second.party) == (first, 2, resident)
    mediation.answer_offer(first, party=resident, answers={issue(talks).pk: False}, by=world.resident, at=NOW)
    assert how(first) == How.REFUSED
    mediation.answer_offer(second, party=company, answers={issue(talks).pk: True}, by=world.company_user, at=NOW)
    assert [one.amount for one in mediation.accepted_terms(talks)] == [Decimal("15000.00")]


def test_some_issues_may_be_agreed_and_the_others_go_on_or_end(world: World, talks: Case) -> None:
    resident, _company = sides(talks)
    made = offer(talks, world.company_user, term(talks, 1), term(talks, 2, what="分期付款"))
    answers = {issue(talks, 1).pk: True, issue(talks, 2).pk: False}
    mediation.answer_offer(made, party=resident, answers=answers, by=world.resident, at=NOW)
    assert how(made) == How.PARTLY
    assert [one.issue.number for one in mediation.accepted_terms(talks)] == [1]
    assert mediation.open_issues(talks) == [issue(talks, 2)]
    mediation.end_issue(issue(talks, 2), reason="另行诉讼", by=world.mediator, at=NOW)
    assert mediation.open_issues(talks) == []
    refused(lambda: offer(talks, world.resident, term(talks, 2)), "停止协商")
    mediation.resume_issue(issue(talks, 2), by=world.mediator, at=NOW)
    assert mediation.open_issues(talks) == [issue(talks, 2)]


def test_issues_may_be_answered_one_after_the_other_but_each_once(world: World, talks: Case) -> None:
    resident, _company = sides(talks)
    made = offer(talks, world.company_user, term(talks, 1), term(talks, 2))
    one, two = issue(talks, 1).pk, issue(talks, 2).pk
    mediation.answer_offer(made, party=resident, answers={one: True}, by=world.resident, at=NOW)
    assert not OfferEnd.objects.filter(offer=made).exists()
    answer = {"party": resident, "by": world.resident, "at": NOW}
    refused(lambda: mediation.answer_offer(made, answers={one: False}, **answer), "已经答复过")
    refused(lambda: mediation.answer_offer(made, answers={}, **answer), "逐项选择")
    mediation.answer_offer(made, answers={two: True}, **answer)
    assert how(made) == How.ACCEPTED


def test_a_later_agreement_on_an_issue_takes_the_place_of_the_earlier(world: World, talks: Case) -> None:
    resident, _company = sides(talks)
    for amount in ("12000", "13000"):
        made = offer(talks, world.company_user, term(talks, amount=Decimal(amount)))
        mediation.answer_offer(made, party=resident, answers={issue(talks).pk: True}, by=world.resident, at=NOW)
    assert [one.amount for one in mediation.accepted_terms(talks)] == [Decimal("13000.00")]


# --- too late -----------------------------------------------------------------------------------------------------


def test_a_withdrawn_an_expired_and_a_decided_offer_take_no_answer(world: World, talks: Case) -> None:
    resident, _company = sides(talks)
    answer = {"party": resident, "answers": {issue(talks).pk: True}, "by": world.resident}
    withdrawn, expired, decided = (offer(talks, world.company_user) for _i in range(3))
    mediation.withdraw_offer(withdrawn, by=world.company_user, at=NOW)
    refused(lambda: mediation.answer_offer(withdrawn, at=NOW, **answer), "已经被撤回")
    refused(lambda: mediation.answer_offer(expired, at=later(7), **answer), "已经到期")
    mediation.answer_offer(decided, at=NOW, **answer)
    refused(lambda: mediation.answer_offer(decided, at=NOW, **answer), "已经同意")
    refused(lambda: mediation.withdraw_offer(decided, by=world.company_user, at=NOW), "已经同意")


def test_an_offer_expires_once_by_the_clock_also_after_downtime(world: World, talks: Case) -> None:
    made = offer(talks, world.company_user)
    assert mediation.due_offers(later(6)) == []
    assert mediation.expire_offer(made.pk, at=later(6)) is None
    assert mediation.due_offers(later(40)) == [made.pk]
    assert mediation.expire_offer(made.pk, at=later(40)) == made
    assert (how(made), mediation.due_offers(later(40))) == (How.EXPIRED, [])
    assert mediation.expire_offer(made.pk, at=later(41)) is None


def test_offers_are_made_and_answered_only_while_talks_go_on(world: World, talks: Case) -> None:
    resident, _company = sides(talks)
    made = offer(talks, world.company_user)
    case = perform(talks, "suspend", by=world.mediator, at=NOW, reason_code="S02", reason="等检测")
    answer = {"party": resident, "answers": {issue(talks).pk: True}, "by": world.resident, "at": NOW}
    refused(lambda: mediation.answer_offer(made, **answer), "已中止")
    refused(lambda: offer(case, world.company_user), "已中止")
    case = perform(case, "resume", by=world.mediator, at=NOW, reason="检测完")
    record(case, world, NOW)
    perform(case, "fail", by=world.mediator, at=NOW, reason_code="E04")
    assert how(made) == How.TALKS_OVER
    refused(lambda: mediation.answer_offer(made, **answer), "不在调解中")


# --- who ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["director", "intake", "legal", "follower", "supervisor", "second_mediator", "regulator", "competitor_user"]
)
def test_nobody_but_the_parties_and_the_mediator_makes_an_offer(world: World, talks: Case, who: str) -> None:
    refused(lambda: offer(talks, getattr(world, who)), "不能在这个案件上")
    assert not policy.allows(getattr(world, who), "case.view_offers", Case.objects.get(pk=talks.pk))
    made = offer(talks, world.company_user)
    refused(
        lambda: mediation.answer_offer(
            made, party=sides(talks)[0], answers={issue(talks).pk: True}, by=getattr(world, who), at=NOW
        ),
        "不能在这个案件上",
    )
    refused(lambda: mediation.withdraw_offer(made, by=getattr(world, who), at=NOW), "不能在这个案件上")
    refused(lambda: mediation.add_issue(talks, title="x", by=getattr(world, who), at=NOW), "不能在这个案件上")


def test_a_party_answers_for_itself_and_not_its_own_offer(world: World, talks: Case) -> None:
    resident, company = sides(talks)
    made = offer(talks, world.company_user)
    answers = {issue(talks).pk: True}
    refused(
        lambda: mediation.answer_offer(made, party=resident, answers=answers, by=world.company_user, at=NOW),
        "自己这一方",
    )
    refused(
        lambda: mediation.answer_offer(made, party=company, answers=answers, by=world.company_user, at=NOW),
        "您自己提出的",
    )
    refused(lambda: offer(talks, world.company_user, party=resident), "自己这一方")
    refused(lambda: mediation.withdraw_offer(made, by=world.resident, at=NOW), "自己这一方")
    refused(lambda: mediation.withdraw_offer(made, by=world.mediator, at=NOW), "不能在这个案件上")
    refused(lambda: mediation.add_issue(talks, title="x", by=world.resident, at=NOW), "不能在这个案件上")


def test_an_agent_bargains_only_with_the_power_to_dispose(world: World, talks: Case) -> None:
    resident, company = sides(talks)
    agency = resident.agents.create(name="查理", user=world.stranger, scope=["SIGN", "APPLY"], from_date=TODAY)
    made = offer(talks, world.company_user)
    answer = {"party": resident, "answers": {issue(talks).pk: True}, "by": world.stranger, "at": NOW}
    refused(lambda: mediation.answer_offer(made, **answer), "授权委托书")
    refused(lambda: offer(talks, world.stranger), "授权委托书")
    agency.scope = ["DISPOSE"]
    agency.save()
    assert offer(talks, world.stranger).party == resident
    mediation.answer_offer(made, **answer)
    assert how(made) == How.ACCEPTED
    assert company.pk != resident.pk


def test_an_offer_binds_the_parties_of_the_case_and_says_everything(world: World, talks: Case) -> None:
    other = case_in(Status.MEDIATING, world, estate=world.other_estate)
    mine = term(talks)
    for wrong, sentence in [
        (replace(mine, doer=party(other, Side.RESPONDENT)), "只能约束本案"),
        (replace(mine, receiver=party(other, Side.APPLICANT)), "只能约束本案"),
        (replace(mine, issue=issue(other)), "停止协商"),
        (replace(mine, receiver=mine.doer), "不能向自己"),
        (replace(mine, what=" "), "做什么、怎么做"),
        (replace(mine, due=TODAY - timedelta(days=1)), "不能早于今天"),
        (replace(mine, amount=Decimal(0)), "大于零"),
    ]:
        refused(lambda wrong=wrong: offer(talks, world.company_user, wrong), sentence)
    refused(lambda: mediation.make_offer(talks, terms=[], expires_at=later(7), by=world.resident, at=NOW), "至少写一项")
    for moment in (NOW, later(61)):
        refused(lambda moment=moment: offer(talks, world.company_user, expires_at=moment), "有效期")


def test_at_the_limit_only_the_mediator_proposes(world: World, talks: Case) -> None:
    type(talks.centre).objects.update(offer_limit=2)
    resident, company = sides(talks)
    for _i in range(2):
        offer(talks, world.company_user)
    fresh = Case.objects.get(pk=talks.pk)
    assert (mediation.offers_left(fresh, company), mediation.offers_left(fresh, resident)) == (0, 2)
    refused(lambda: offer(talks, world.company_user), "达到上限")
    refused(lambda: seal(talks, world.company_user, "1"), "达到上限")
    assert offer(talks, world.resident).number == 3
    for _i in range(3):
        offer(talks, world.mediator)


# --- blind --------------------------------------------------------------------------------------------------------


def blind(case: Case, world: World, **more: Any) -> Offer:
    return offer(case, world.mediator, mode=Mode.BLIND, **more)


def say(one: Offer, case: Case, who: User, *, yes: bool) -> bool:
    mine = Case.objects.get(pk=case.pk).parties_of(who)[0]
    return mediation.answer_blind(one, party=mine, yes=yes, by=who, at=later(1))


def test_a_blind_offer_is_agreed_when_the_last_says_yes(world: World, talks: Case) -> None:
    made = blind(talks, world)
    assert not say(made, talks, world.resident, yes=False)
    assert not say(made, talks, world.company_user, yes=True)
    assert mediation.accepted_terms(talks) == []
    assert say(made, talks, world.resident, yes=True)  # the last answer counts
    assert how(made) == How.ACCEPTED
    assert [one.what for one in mediation.accepted_terms(talks)] == ["赔偿损失"]
    refused(lambda: say(made, talks, world.resident, yes=False), "已经同意")


def test_only_the_mediator_makes_a_blind_offer(world: World, talks: Case) -> None:
    refused(lambda: offer(talks, world.resident, mode=Mode.BLIND), "由调解员提出")


def readers(world: World) -> dict[str, User]:
    return {name: getattr(world, name) for name in ("resident", "company_user", "mediator", "director", "intake")}


def view(case: Case, reader: User, at: datetime = SOON) -> Any:
    """Everything that the table of offers tells a reader, row by row, and the queries by which it was read."""
    fresh = Case.objects.get(pk=case.pk)
    mine = [one.pk for one in fresh.parties_of(reader)]
    with CaptureQueriesContext(connection) as queries:
        rows = seen_offers(fresh, mine=mine, mediator=fresh.mediator_id == reader.pk, at=at)
    told = [
        (r.offer.pk, r.state, sorted(r.agreed), [(a.party_id, a.issue_id, a.yes) for a in r.answers], len(r.terms))
        for r in rows
    ]
    return told, [query["sql"] for query in queries.captured_queries]


def traces(case: Case, reader: User) -> Any:
    """What else of the case could tell: its row, journal, notices to this reader, the rooms."""
    return (
        Case.objects.filter(pk=case.pk).values_list().get(),
        list(Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk)).values_list("pk")),
        list(Entry.objects.filter(head__subject_kind="room").values_list("pk")),
        Notice.objects.filter(recipient=reader).count(),
        RoomEntry.objects.filter(room__case=case).count(),
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=st.sampled_from([None, True, False]), other=st.lists(st.booleans(), min_size=1, max_size=3))
@pytest.mark.slow
def test_nobody_learns_the_other_answer_to_a_blind_offer_unless_both_say_yes(
    world: World, talks: Case, own: bool | None, other: list[bool]
) -> None:
    with rolled_back():
        made = blind(talks, world)
        if own is not None:
            say(made, talks, world.resident, yes=own)
        watching = ("resident", "mediator", "director", "intake")
        before = {name: (view(talks, getattr(world, name)), traces(talks, getattr(world, name))) for name in watching}
        agreed = [say(made, talks, world.company_user, yes=yes) for yes in other if not own or not yes]
        after = {name: (view(talks, getattr(world, name)), traces(talks, getattr(world, name))) for name in watching}
        assert not any(agreed)
        assert after == before
        if own and other[-1]:
            assert say(made, talks, world.company_user, yes=True)
            assert view(talks, world.resident) != before["resident"][0]


def test_an_expired_blind_offer_tells_nobody_who_said_what(world: World, talks: Case) -> None:
    made = blind(talks, world)
    say(made, talks, world.company_user, yes=True)
    mediation.expire_offer(made.pk, at=later(8))
    told, _queries = view(talks, world.resident, later(8))
    assert told == [(made.pk, How.EXPIRED, [], [], 1)]
    assert view(talks, world.mediator, later(8))[0] == told
    own = view(talks, world.company_user, later(8))[0]
    assert own == [(made.pk, How.EXPIRED, [], [(sides(talks)[1].pk, None, True)], 1)]


# --- sealed -------------------------------------------------------------------------------------------------------


def seal(case: Case, by: User, amount: str, *, days: int = 20, **more: Any) -> Offer:
    one = term(case, amount=Decimal(amount), due=TODAY + timedelta(days=days))
    return mediation.seal_offer(case, term=one, by=by, at=NOW, expires_at=later(7), **more)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pays=st.integers(1, 400), takes=st.integers(1, 400), pay_days=st.integers(5, 9), take_days=st.integers(5, 9),
    payer_first=st.booleans(),
)  # fmt: skip
@pytest.mark.slow
def test_sealed_figures_stay_hidden_unless_they_meet_and_then_the_middle_is_agreed(
    world: World, talks: Case, pays: int, takes: int, pay_days: int, take_days: int, payer_first: bool
) -> None:
    with rolled_back():
        moves = [(world.company_user, f"{pays}.55", pay_days), (world.resident, f"{takes}.20", take_days)]
        (first, *one), (second, *two) = moves if payer_first else moves[::-1]
        watching = {"second": second, "mediator": world.mediator, "director": world.director}
        before = {name: (view(talks, who), traces(talks, who)) for name, who in watching.items()}
        seal(talks, first, one[0], days=one[1])
        assert {name: (view(talks, who), traces(talks, who)) for name, who in watching.items()} == before
        others = {"first": first, "mediator": world.mediator, "director": world.director}
        before = {name: (view(talks, who), traces(talks, who)) for name, who in others.items()}
        seal(talks, second, two[0], days=two[1])
        after = {name: (view(talks, who), traces(talks, who)) for name, who in others.items()}
        if pays >= takes and pay_days <= take_days:
            [accepted] = mediation.accepted_terms(talks)
            middle = (Decimal(f"{pays}.55") + Decimal(f"{takes}.20")) / 2
            assert (accepted.amount, accepted.due) == (
                middle.quantize(Decimal("0.01"), ROUND_HALF_UP),
                TODAY + timedelta(days=pay_days),
            )
            assert Offer.objects.filter(case=talks, end__how=How.ACCEPTED).count() == 3
        else:
            assert after == before
            assert mediation.accepted_terms(talks) == []


def test_a_new_figure_takes_the_place_of_the_old_and_an_expired_one_does_not_meet(world: World, talks: Case) -> None:
    old = seal(talks, world.resident, "9000")
    new = seal(talks, world.resident, "15000")
    assert how(old) == How.REPLACED
    seal(talks, world.company_user, "10000")
    assert mediation.accepted_terms(talks) == []
    late = mediation.seal_offer(
        talks, term=term(talks, amount=Decimal(20000)), by=world.company_user, at=later(8), expires_at=later(9)
    )
    assert not hasattr(late, "end")
    assert mediation.accepted_terms(talks) == []
    assert mediation.expire_offer(new.pk, at=later(8)) == new


def test_a_sealed_offer_is_a_payment_between_the_two(world: World, talks: Case) -> None:
    refused(lambda: seal(talks, world.mediator, "1"), "您不能在这个案件上这样做")
    given = {"by": world.resident, "at": NOW, "expires_at": later(7)}
    for wrong in (term(talks, amount=None), term(talks, receiver=None)):
        refused(lambda wrong=wrong: mediation.seal_offer(talks, term=wrong, **given), "谁付给谁")


def test_the_author_may_let_the_mediator_see_a_sealed_offer(world: World, talks: Case) -> None:
    made = seal(talks, world.resident, "9000", shown_to_mediator=True)
    assert [row[0] for row in view(talks, world.mediator)[0]] == [made.pk]
    assert view(talks, world.company_user)[0] == []
    rooms = RoomEntry.objects.filter(kind=RoomEntry.Kind.OFFER_MADE).values_list("room__side", flat=True)
    assert list(rooms) == [Side.APPLICANT]


def test_two_who_answer_at_once_are_told_apart(world: World, talks: Case) -> None:
    """Two people of one company: the first counts, the second reads that it was answered."""
    second = world.committee_user
    Membership.objects.create(user=second, role=Role.COMPANY_USER, company=world.company, from_date=TODAY)
    made = offer(talks, world.resident)
    company, answers = sides(talks)[1], {issue(talks).pk: True}
    mediation.answer_offer(made, party=company, answers=answers, by=world.company_user, at=NOW)
    before = OfferAnswer.objects.count()
    with pytest.raises(DomainError, match="已经同意"):
        mediation.answer_offer(made, party=company, answers=answers, by=second, at=NOW)
    assert OfferAnswer.objects.count() == before


# --- nowhere else -------------------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"Issue", "Offer", "OfferTerm", "OfferAnswer", "OfferEnd", "AgreedIssue"}
READERS = {
    "mediation/models/__init__.py",
    "mediation/models/offers.py",
    "mediation/offer_table.py",
    "mediation/party_desk.py",  # that an answer is awaited, from the own answers alone
    "mediation/services/issues.py",
    "mediation/services/offer_answers.py",
    "mediation/services/offers.py",
    "demo/talks.py",
    "workflows/talks.py",
    "workflows/turns/asked.py",  # who is awaited and until when, never what was offered or answered blind
    "web/case/page/awaited.py",  # the same on the page of a case
    "web/entrance/demo.py",  # which case of the demo is being talked about
    "web/case/talks/offers.py",
    "web/case/talks/offer_forms.py",
    "web/case/talks/offer_parts.py",
    "web/case/talks/room_events.py",
}
TABLES = ("mediation_offer", "mediation_issue", "mediation_agreedissue", ".offers.", ".issues.", "offers__", "issues__")


def test_nothing_else_reads_what_was_offered() -> None:
    """A concession stays in the talks (INV16 22, ONL21 18): no report, record, list or other page knows the rows."""
    floors = [*Path(ROOT).glob("*/"), *Path(ROOT).glob("mediation/"), *Path(ROOT).glob("web/")]
    found = set()
    for source in {f for floor in floors for f in floor.rglob("*.py")}:
        name = source.relative_to(ROOT).as_posix()
        if name.startswith((".", "tests/", "bench/")) or "/migrations/" in name or "/." in name or name in READERS:
            continue
        text = source.read_text()
        tree = ast.parse(text)
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mediation.models")
            for alias in node.names
        }
        if imported & NAMES or any(table in text for table in TABLES):
            found.add(name)
    assert found == set()
