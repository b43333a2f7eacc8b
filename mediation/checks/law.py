"""What the law forbids, or leaves to others to decide."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import PartyKind
from mediation import wording
from mediation.checks.check import Problem, check
from mediation.checks.draft import Draft


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
    if draft.legal_return_reason:
        said = {"reason": draft.legal_return_reason}
        yield Problem(_("法律咨询处退回了这一版：%(reason)s 请修改后保存新的一版。") % said, True)
    elif draft.case.needs_legal_check(draft.total):
        if draft.oral:
            yield Problem(_("金额较大或有标记的，不能只是口头协议：请起草书面协议，送法律咨询处审核。"), True)
        else:
            yield Problem(_("金额较大或有标记的协议须先经法律咨询处审核。"), True)
    elif not draft.oral:
        yield Problem(
            _("这份协议不用送审，请您自己核对内容不违反法律、不损害他人和公共利益；拿不准的，可以送法律咨询处审核。"),
            False,
        )


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
