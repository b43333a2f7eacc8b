"""Every check of an agreement before it is signed: what it says, whether it blocks, and that a good text passes all."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from accounts.errors import DomainError
from cases import services
from cases.choices import ConsentHow, ConsentMatter, Flag, PartyKind, Side, Status
from cases.models import Case, Category, Party
from mediation import checks
from mediation import services as mediation
from mediation.checks import Draft, results_of, stored
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party, record, text
from workflows.actions import perform

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    made = case_in(Status.MEDIATING, world)
    record(made, world, NOW)
    Party.objects.filter(case=made, side=Side.RESPONDENT).update(representative="刘启明")
    return Case.objects.select_related("centre", "category").get(pk=made.pk)


@pytest.fixture
def good(case: Case, world: World) -> Draft:
    agreement = mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world))
    agreement.case = Case.objects.get(pk=case.pk)
    return stored(agreement)


def problems(draft: Draft, code: str) -> list[checks.Problem]:
    return [p for result in results_of(draft) if result.code == code for p in result.problems]


def test_a_good_text_passes(good: Draft) -> None:
    states = {result.code: result.state for result in results_of(good)}
    assert states == {
        code: "warn" if code in {"lawful", "confirmation_asked"} else "ok" for code in (c.code for c in checks.CHECKS)
    }
    assert len(checks.CHECKS) == 16


def item(draft: Draft, **more: Any) -> Draft:
    mine = mediation.Promise(
        doer=draft.promises[0].doer, receiver=draft.promises[0].receiver, what="赔偿损失", manner="银行转账",
        due=TODAY, amount=Decimal("18600.00"), place="",
    )  # fmt: skip
    return replace(draft, promises=[replace(mine, **more)])


def unchecked(draft: Draft) -> Draft:
    Party.objects.filter(case=draft.case, side=Side.APPLICANT).update(identity_checked_at=None)
    return draft


def renamed(draft: Draft, side: str, name: str) -> Draft:
    Party.objects.filter(case=draft.case, side=side).update(name=name)
    return draft


def excluded(draft: Draft) -> Draft:
    draft.case.category = Category.objects.filter(confirmation_excluded=True).first()
    return replace(draft, wants_confirmation=True)


def flagged(draft: Draft) -> Draft:
    draft.case.flags = [Flag.LEGAL_CHECK]
    return draft


def with_committee(draft: Draft) -> Draft:
    Party.objects.filter(case=draft.case, side=Side.RESPONDENT).update(kind=PartyKind.COMMITTEE, company=None)
    return draft


Spoil = Callable[[Draft], Draft]
SPOILS: list[tuple[str, bool, str, Spoil]] = [
    ("parties_exact", True, "与登记的", lambda d: renamed(d, Side.RESPONDENT, "绿洲物业")),
    ("parties_exact", True, "全名", lambda d: renamed(d, Side.APPLICANT, "张女士")),
    ("identities_checked", True, "还没有核对", unchecked),
    ("facts_present", True, "主要事实", lambda d: replace(d, facts_and_issues=" ")),
    ("facts_present", True, "协议内容", lambda d: replace(d, content="")),
    ("items_complete", True, "至少写一项", lambda d: replace(d, promises=[])),
    ("items_complete", True, "在哪里", lambda d: item(d, manner="上门维修", amount=None)),
    ("items_complete", True, "做什么、怎么做、在哪里", lambda d: item(d, what=" ", manner="")),
    ("items_complete", True, "金额是0", lambda d: item(d, amount=Decimal(0))),
    ("items_complete", True, "付给谁", lambda d: item(d, receiver=None)),
    ("enforceable_wording", True, "“适当”", lambda d: item(d, what="适当减免物业费", amount=None)),
    ("enforceable_wording", True, "“协商解决”", lambda d: item(d, what="其余损失协商解决")),
    ("enforceable_wording", False, "“尽快”", lambda d: replace(d, content="物业公司尽快修好外墙。")),
    ("amounts_agree", True, "大写和小写不一致", lambda d: replace(d, content="赔偿壹万元整（¥18,600.00）。")),
    ("amounts_agree", False, "没有对应的一项", lambda d: replace(d, content="赔偿20000元。")),
    ("no_third_party", False, "案外的“开发商”", lambda d: replace(d, content="由开发商负责维修外墙。")),
    ("no_ownership", False, "第355条", lambda d: replace(d, content="车位归张某所有。")),
    ("no_ownership", True, "第355条", lambda d: replace(d, content="车位归张某所有。", wants_confirmation=True)),
    ("no_ownership", True, "不能申请司法确认", excluded),
    ("lawful", True, "没有效力", lambda d: replace(d, content="张某不得再投诉。")),
    ("lawful", True, "须先经法律咨询处", flagged),
    ("lawful", True, "须先经法律咨询处", lambda d: item(d, amount=Decimal("100000.00"))),
    ("utilities", True, "第944条", lambda d: replace(d, content="逾期不交的，可以停水。")),
    ("utilities", False, "只能纸质签署", lambda d: replace(d, content="检修水管时停水4小时。")),
    ("owners_decision", True, "第278条", lambda d: replace(with_committee(d), content="使用维修资金3000元。")),
    ("owners_decision", False, "一般要有业主大会", with_committee),
    ("copies", True, "应当一式3份", lambda d: replace(d, copies=2)),
    ("page_seal", False, "骑缝章", lambda d: replace(d, sealed=True)),
    ("confirmation_notice", True, "30日内", lambda d: replace(d, closing="本协议自签字之日起生效。")),
]


@pytest.mark.parametrize(("code", "blocks", "words", "spoil"), SPOILS)
def test_what_is_wrong_is_said(good: Draft, code: str, blocks: bool, words: str, spoil: Spoil) -> None:
    found = problems(spoil(good), code)
    assert [p.blocks for p in found if words in p.sentence] == [blocks], found


ON_PAPER = {"copies", "page_seal", "confirmation_notice", "confirmation_asked"}


@pytest.mark.parametrize(("code", "blocks", "words", "spoil"), SPOILS)
def test_what_is_wrong_is_said_of_an_oral_agreement_but_for_what_is_about_its_paper(
    good: Draft, code: str, blocks: bool, words: str, spoil: Spoil
) -> None:
    found = problems(replace(spoil(good), oral=True), code)
    if code in ON_PAPER or words == "只能纸质签署":
        assert found == []
        return
    words = "不能只是口头协议" if words == "须先经法律咨询处" else words
    assert [p.blocks for p in found if words in p.sentence] == [blocks], found


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"what": "尽力修好外墙", "amount": None, "receiver": None}, "“尽力”不明确"),
        ({"amount": Decimal("900000.00")}, "不能只是口头协议"),
        ({"manner": "上门维修", "amount": None, "place": ""}, "在哪里"),
    ],
)
def test_what_blocks_refuses_an_oral_agreement_too(
    case: Case, world: World, spoil: dict[str, Any], sentence: str
) -> None:
    given, agreed = text(case, world), list(case.parties.all())
    wrong = given | {"promises": [replace(given["promises"][0], **spoil)]}
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        perform(case, "settle_orally", by=world.mediator, at=NOW, agreed=agreed, **wrong)
    assert changed(before) == []
    done = perform(case, "settle_orally", by=world.mediator, at=NOW, agreed=agreed, **given)
    assert (done.status, done.outcome) == (Status.PERFORMING, "SETTLED_ORAL")


def test_a_committee_settles_orally_by_the_number_of_the_owners_decision(case: Case, world: World) -> None:
    Party.objects.filter(case=case, side=Side.RESPONDENT).update(
        kind=PartyKind.COMMITTEE, company=None, committee=world.committee, name=world.committee.name
    )
    case = Case.objects.get(pk=case.pk)
    given = text(case, world) | {"agreed": list(case.parties.all()), "content": "使用维修资金3000元修外墙。"}
    with pytest.raises(DomainError, match="第278条"):
        perform(case, "settle_orally", by=world.mediator, at=NOW, **given)
    done = perform(case, "settle_orally", by=world.mediator, at=NOW, **given, owners_decision_number="业大〔2026〕3号")
    assert done.current_agreement.owners_decision_number == "业大〔2026〕3号"


def test_every_check_is_tried() -> None:
    tried = {code for code, *_rest in SPOILS} | {"authority", "confirmation_asked"}
    assert tried == {check.code for check in checks.CHECKS}


@pytest.mark.parametrize(
    ("scope", "paper", "blocks"), [(["SIGN"], True, False), (["SIGN", "DISPOSE"], False, True), (["SIGN"], False, True)]
)
def test_what_an_agent_may_not_is_said(good: Draft, world: World, scope: list[str], paper: bool, blocks: bool) -> None:
    principal = party(good.case, Side.APPLICANT)
    proof = good.case.evidence.create(
        number=1, name="委托书.pdf", content_type="application/pdf", size=9, sha256="0" * 64, at=NOW
    )
    principal.agents.create(
        name="查理", scope=scope, from_date=TODAY, power_of_attorney=proof if paper else None, user=world.stranger
    )
    again = replace(good, case=Case.objects.get(pk=good.case.pk))
    assert [p.blocks for p in problems(again, "authority")] == [blocks]


def test_each_party_says_itself_whether_it_wants_the_court(good: Draft, case: Case, world: World) -> None:
    mine = party(case, Side.APPLICANT)
    services.add_consent(
        case, mine, matter=ConsentMatter.CONFIRMATION, given=False, how=ConsentHow.SIGNED, by=world.intake, at=NOW
    )
    answers = checks.confirmation_answers(case)
    assert answers == {mine.pk: False}
    said = " ".join(
        p.sentence for p in problems(replace(good, answers=answers, wants_confirmation=True), "confirmation_asked")
    )
    assert "不愿意申请司法确认" in said
    assert "还没有问过" in said


def test_what_blocks_refuses_to_put_the_text_before_the_parties(case: Case, world: World) -> None:
    given = text(case, world)
    given["promises"] = [replace(given["promises"][0], what="尽力修好外墙", amount=None, receiver=None)]
    mediation.draft_text(case, by=world.mediator, at=NOW, **given)
    before = fingerprint()
    with pytest.raises(DomainError, match="“尽力”不明确"):
        perform(case, "draft_agreement", by=world.mediator, at=NOW)
    assert changed(before) == []
    mediation.draft_text(case, by=world.mediator, at=later(hours=1), **text(case, world))
    done = perform(case, "draft_agreement", by=world.mediator, at=later(hours=1))
    assert done.current_agreement.put_forward_at == later(hours=1)


def test_the_amount_that_needs_the_lawyer_is_the_centres_own(case: Case, world: World) -> None:
    type(world.centre).objects.update(legal_check_amount=10_000)
    agreement = mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world))
    with pytest.raises(DomainError, match="法律咨询处审核"):
        perform(case, "draft_agreement", by=world.mediator, at=NOW)
    mediation.pass_legal_check(agreement, by=world.legal, at=NOW)
    assert perform(case, "draft_agreement", by=world.mediator, at=NOW).status == Status.SIGNING
