"""What an agreement must hold before it is put before the parties (domain.md 8.7): named checks with their sentences.

A blocking failure refuses to put the text forward; a warning is for the mediator to judge. The same checks run on a
stored text and on one that is still being typed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import AgentScope, ConsentMatter, Flag, PartyKind
from cases.models import Case, Consent, Party
from mediation import wording
from mediation.agreement_text import THIRTY_DAYS, closing_of, copies_for, parties_of
from mediation.models import Agreement

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

NEEDED = {AgentScope.DISPOSE, AgentScope.SIGN}
# Paid from account to account: the account is the place.
WITHOUT_PLACE = ("转账", "汇款", "银行", "微信", "支付宝", "线上", "网上", "抵扣", "抵减", "短信")
TITLES = ("先生", "女士", "小姐", "某", "*", "＊", "老师")


class Problem(NamedTuple):
    """One thing that is not right, in a sentence that says what to do."""

    sentence: str
    blocks: bool


@dataclass(frozen=True)
class Draft:
    """A text as it is to be checked, stored or still typed."""

    case: Case
    facts_and_issues: str
    content: str
    promises: Sequence[Any]
    wants_confirmation: bool = False
    owners_decision_number: str = ""
    closing: str = ""
    copies: int = 0
    legal_checked: bool = False
    sealed: bool = False
    page_sealed: bool = False
    answers: dict[int, bool] = field(default_factory=dict)
    oral: bool = False

    @property
    def parties(self) -> list[Party]:
        return parties_of(self.case)

    @property
    def whole(self) -> str:
        items = "。".join(f"{p.what}，{p.manner}，{p.place}" for p in self.promises)
        return f"{self.content}。{items}"

    @property
    def total(self) -> Any:
        return sum(p.amount for p in self.promises if p.amount is not None)

    @property
    def confirmation_wanted(self) -> bool:
        return self.wants_confirmation or (bool(self.answers) and all(self.answers.values()))


def stored(agreement: Agreement) -> Draft:
    """Read a stored text; its parties, items and answers at most one query each."""
    case = agreement.case
    return Draft(
        case=case,
        facts_and_issues=agreement.facts_and_issues,
        content=agreement.content,
        promises=list(agreement.obligations.all()),
        wants_confirmation=agreement.wants_confirmation,
        owners_decision_number=agreement.owners_decision_number,
        closing=agreement.closing,
        copies=agreement.copies,
        legal_checked=agreement.legal_checked_at is not None,
        sealed=agreement.sealed_at is not None,
        page_sealed=agreement.page_sealed,
        answers=confirmation_answers(case),
        oral=agreement.form == Agreement.Form.ORAL,
    )


def typed(case: Case, *, oral: bool = False, **given: Any) -> Draft:
    """Read a text that is still being typed."""
    return Draft(
        case=case,
        facts_and_issues=given.get("facts_and_issues") or "",
        content=given.get("content") or "",
        promises=list(given.get("promises") or ()),
        wants_confirmation=bool(given.get("wants_confirmation")),
        owners_decision_number=given.get("owners_decision_number") or "",
        closing=closing_of(case),
        copies=copies_for(case),
        answers=confirmation_answers(case),
        oral=oral,
    )


def confirmation_answers(case: Case) -> dict[int, bool]:
    """Return what each party last said about applying to the court together, in this round."""
    rows = Consent.objects.filter(party__case=case, matter=ConsentMatter.CONFIRMATION, round=case.round).order_by("pk")
    return {row.party_id: row.given for row in rows}


Question = Callable[[Draft], Iterable[Problem]]


@dataclass(frozen=True)
class Check:
    """A named check."""

    code: str
    label: "_StrOrPromise"
    question: Question
    on_paper: bool = False


CHECKS: list[Check] = []


def check(label: "_StrOrPromise", *, on_paper: bool = False) -> Callable[[Question], Question]:
    """Register a check under the name of its function; `on_paper`: about copies, seals, sentences of a written text."""

    def keep(question: Question) -> Question:
        CHECKS.append(Check(question.__name__, label, question, on_paper))
        return question

    return keep


@dataclass(frozen=True)
class Result:
    """What one check found."""

    code: str
    label: str
    problems: tuple[Problem, ...]

    @property
    def state(self) -> str:
        if any(problem.blocks for problem in self.problems):
            return "block"
        return "warn" if self.problems else "ok"


def results_of(draft: Draft) -> list[Result]:
    """Run every check that applies to the form of the agreement, in the order of the text."""
    asked = [one for one in CHECKS if not (draft.oral and one.on_paper)]
    return [Result(one.code, str(one.label), tuple(one.question(draft))) for one in asked]


def obstacles(draft: Draft) -> list[str]:
    """Return the sentences of everything that blocks."""
    return [p.sentence for result in results_of(draft) for p in result.problems if p.blocks]


# --- who -----------------------------------------------------------------------------------------------------


def _name(party: Party) -> str:
    return f"{party.get_side_display()}{party.shown_name}"


@check(gettext_lazy("当事人与身份证件一致"))
def parties_exact(draft: Draft) -> Iterator[Problem]:
    for party in draft.parties:
        registered = party.company or party.committee
        if registered is not None and party.name != registered.name:
            yield Problem(
                _("%(party)s的名称与登记的“%(name)s”不一致，请改成证件上的全称。")
                % {"party": _name(party), "name": registered.name},
                True,
            )
        if party.is_person and (len(party.name.strip()) < 2 or any(sign in party.name for sign in TITLES)):
            yield Problem(_("%(party)s的姓名不是证件上的全名，请核对身份证后改正。") % {"party": _name(party)}, True)
        if not party.is_person and not party.representative.strip():
            yield Problem(
                _("%(party)s还没有填写法定代表人或者负责人，协议书上要写明。") % {"party": _name(party)}, False
            )


@check(gettext_lazy("身份已核对"))
def identities_checked(draft: Draft) -> Iterator[Problem]:
    for party in draft.parties:
        if party.identity_checked_at is None:
            yield Problem(_("还没有核对%(party)s的身份证件。") % {"party": _name(party)}, True)


@check(gettext_lazy("代理人、代表人的权限"))
def authority(draft: Draft) -> Iterator[Problem]:
    for party in draft.parties:
        for agent in party.agents.all():
            if agent.until is not None:
                continue
            if agent.power_of_attorney_id is None:
                yield Problem(_("%(party)s的代理人还没有提交授权委托书。") % {"party": _name(party)}, True)
            elif not set(agent.scope) >= NEEDED:
                yield Problem(
                    _("%(party)s的代理人没有承认、放弃、变更请求并签署协议的授权，须由当事人本人签署或者补充授权。")
                    % {"party": _name(party)},
                    False,
                )


# --- what ----------------------------------------------------------------------------------------------------


@check(gettext_lazy("写明主要事实和争议"))
def facts_present(draft: Draft) -> Iterator[Problem]:
    if not draft.facts_and_issues.strip():
        yield Problem(_("请写明主要事实和争议事项。"), True)
    if not draft.content.strip():
        yield Problem(_("请写明协议内容。"), True)


@check(gettext_lazy("每一项写清谁、做什么、怎么做、在哪里、什么时候"))
def items_complete(draft: Draft) -> Iterator[Problem]:
    if not draft.promises:
        yield Problem(_("请至少写一项履行事项。"), True)
    today_missing = {"what": _("做什么"), "manner": _("怎么做")}
    for number, item in enumerate(draft.promises, 1):
        missing = [label for name, label in today_missing.items() if not getattr(item, name).strip()]
        if not item.place.strip() and not any(way in item.manner for way in WITHOUT_PLACE):
            missing.append(_("在哪里"))
        if item.due is None:
            missing.append(_("什么时候以前"))
        if missing:
            yield Problem(_("第%(n)d项没有写%(what)s。") % {"n": number, "what": _("、").join(missing)}, True)
        if item.amount is not None and item.amount == 0:
            yield Problem(_("第%(n)d项的金额是0，请填写金额，或者不填。") % {"n": number}, True)
        if item.amount is not None and item.receiver is None:
            yield Problem(_("第%(n)d项是付款，没有写付给谁。") % {"n": number}, True)


@check(gettext_lazy("用词明确，能够执行"))
def enforceable_wording(draft: Draft) -> Iterator[Problem]:
    for number, item in enumerate(draft.promises, 1):
        counted = item.amount is not None
        for word in dict.fromkeys(
            found.word for found in wording.vague_words(f"{item.what}，{item.manner}", dated=True, counted=counted)
        ):
            yield Problem(
                _("第%(n)d项里的“%(word)s”不明确，法院没有办法执行，请改成具体的数额、做法或者日期。")
                % {"n": number, "word": word},
                True,
            )
    for vague in wording.vague_words(draft.content):
        yield Problem(
            _("协议内容里“%(sentence)s”的“%(word)s”不明确，请写明数额或者日期。")
            % {"sentence": vague.sentence[:60], "word": vague.word},
            False,
        )


@check(gettext_lazy("大写、小写和合计金额一致"))
def amounts_agree(draft: Draft) -> Iterator[Problem]:
    for found in wording.amounts_that_differ(draft.whole):
        yield Problem(_("金额的大写和小写不一致：%(amounts)s，请改成一样的。") % {"amounts": found.word}, True)
    amounts = {p.amount for p in draft.promises if p.amount is not None}
    known = amounts | {draft.total}
    for amount in dict.fromkeys(wording.amounts_of(draft.content)):
        if amounts and amount not in known:
            yield Problem(
                _("协议内容里的%(amount)s元在履行事项里没有对应的一项，请核对。") % {"amount": f"{amount:,.2f}"}, False
            )


@check(gettext_lazy("不给案外人设定义务"))
def no_third_party(draft: Draft) -> Iterator[Problem]:
    inside = {party.pk for party in draft.parties}
    for number, item in enumerate(draft.promises, 1):
        receiver = item.receiver.pk if item.receiver is not None else None
        if item.doer.pk not in inside or (receiver is not None and receiver not in inside):
            yield Problem(_("第%(n)d项约束了不在本案中的人，只能约束本案的当事人。") % {"n": number}, True)
    for found in wording.burdened_outsiders(draft.whole, {party.name for party in draft.parties}):
        yield Problem(
            _("“%(sentence)s”好像给案外的“%(word)s”设定了义务，对它没有约束力；需要它参加的，请先追加为第三人。")
            % {"sentence": found.sentence[:60], "word": found.word},
            False,
        )


# --- what the law forbids ------------------------------------------------------------------------------------


@check(gettext_lazy("不确定物权归属（申请司法确认时）"))
def no_ownership(draft: Draft) -> Iterator[Problem]:
    wanted = draft.confirmation_wanted
    for found in wording.ownership_clauses(draft.whole):
        yield Problem(
            _("“%(sentence)s”确定了物权归属，法院不予司法确认（民诉法解释第355条）；请删去，或者改为不申请司法确认。")
            % {"sentence": found.sentence[:60]},
            wanted,
        )
    category = draft.case.category
    if category is not None and category.confirmation_excluded:
        yield Problem(
            _("“%(category)s”一类的纠纷不能申请司法确认，请不要写“拟申请司法确认”，并向各方说明可以起诉。")
            % {"category": str(category)},
            draft.wants_confirmation,
        )


@check(gettext_lazy("不违反法律和公序良俗"))
def lawful(draft: Draft) -> Iterator[Problem]:
    for found in wording.waived_rights(draft.whole):
        yield Problem(
            _("“%(word)s”限制了当事人起诉、投诉等权利或者人身自由，没有效力，请删去。") % {"word": found.word}, True
        )
    if draft.legal_checked:
        return
    if needs_legal_check(draft.case, draft.total):
        if draft.oral:
            yield Problem(_("金额较大或有标记的，不能只是口头协议：请起草书面协议，送法律咨询处审核。"), True)
        else:
            yield Problem(_("金额较大或有标记的协议须先经法律咨询处审核。"), True)
    elif not draft.oral:
        yield Problem(
            _("这份协议不用送审，请您自己核对内容不违反法律、不损害他人和公共利益；拿不准的，可以送法律咨询处审核。"),
            False,
        )


def needs_legal_check(case: Case, total: Any) -> bool:
    """Say whether the legal consultation office must look first: by a mark on the case, or by the amount."""
    return case.has_flag(Flag.LEGAL_CHECK) or total >= case.centre.legal_check_amount


@check(gettext_lazy("不涉及停水、停电、停气、停热"))
def utilities(draft: Draft) -> Iterator[Problem]:
    for found in wording.stopped_utilities(draft.whole):
        if wording.is_for_debt(found):
            yield Problem(
                _("“%(word)s”：不得以停止供水、供电、供热、供气催交费用（民法典第944条），请删去。")
                % {"word": found.word},
                True,
            )
        elif not draft.oral:
            yield Problem(
                _(
                    "“%(word)s”涉及停止供水、供热、供气等公用事业服务，不能用电子签名（电子签名法第3条），这份协议只能纸质签署。"
                )
                % {"word": found.word},
                False,
            )


def paper_only(text: str) -> bool:
    """Say whether the law keeps this text from electronic signatures (ESL 3)."""
    return bool(wording.stopped_utilities(text))


@check(gettext_lazy("业主大会的决定"))
def owners_decision(draft: Draft) -> Iterator[Problem]:
    committees = {party.pk for party in draft.parties if party.kind == PartyKind.COMMITTEE}
    if not committees or draft.owners_decision_number.strip():
        return
    touched = wording.disposes_of_owners_rights(draft.whole)
    if touched:
        yield Problem(
            _("业主委员会处分业主共有的权利（“%(word)s”）须有业主大会的决定（民法典第278条），请填写决定文号。")
            % {"word": touched[0].word},
            True,
        )
    elif any(item.doer.pk in committees for item in draft.promises):
        yield Problem(_("业主委员会承担义务的，一般要有业主大会的决定，请核对并填写决定文号。"), False)


# --- form ----------------------------------------------------------------------------------------------------


@check(gettext_lazy("份数是当事人数加一"), on_paper=True)
def copies(draft: Draft) -> Iterator[Problem]:
    wanted = copies_for(draft.case)
    if draft.copies != wanted:
        yield Problem(
            _("当事人有变动：应当一式%(wanted)d份，文本写的是%(copies)d份，请保存新的一版。")
            % {"wanted": wanted, "copies": draft.copies},
            True,
        )


@check(gettext_lazy("骑缝章或者逐页签名"), on_paper=True)
def page_seal(draft: Draft) -> Iterator[Problem]:
    if draft.sealed and not draft.page_sealed:
        yield Problem(_("已盖章，但没有记录骑缝章或者逐页签名，请保管人核对纸质件。"), False)


@check(gettext_lazy("写明生效后30日内可以申请司法确认"), on_paper=True)
def confirmation_notice(draft: Draft) -> Iterator[Problem]:
    if THIRTY_DAYS not in draft.closing or "司法确认" not in draft.closing:
        yield Problem(_("文本里没有30日内共同申请司法确认的告知，请保存新的一版。"), True)


@check(gettext_lazy("每一方是否愿意申请司法确认"), on_paper=True)
def confirmation_asked(draft: Draft) -> Iterator[Problem]:
    silent = [_name(party) for party in draft.parties if party.pk not in draft.answers]
    if silent:
        yield Problem(
            _("还没有问过%(parties)s是否愿意共同申请司法确认，签署时会请每一方自己选。")
            % {"parties": _("、").join(silent)},
            False,
        )
    refusing = [p for p in draft.parties if draft.answers.get(p.pk) is False]
    if draft.wants_confirmation and refusing:
        yield Problem(
            _("%(party)s不愿意申请司法确认；要各方共同申请才行，请改为不写“拟申请司法确认”。")
            % {"party": _name(refusing[0])},
            False,
        )
