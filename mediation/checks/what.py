"""What is agreed: complete, clear enough to be enforced, its amounts the same everywhere, burdening nobody else."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediation import wording
from mediation.checks.check import Problem, check
from mediation.checks.draft import Draft

# Paid from account to account: the account is the place.
WITHOUT_PLACE = ("转账", "汇款", "银行", "微信", "支付宝", "线上", "网上", "抵扣", "抵减", "短信")


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
