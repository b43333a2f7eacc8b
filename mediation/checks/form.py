"""The form of a written agreement: copies, seals, the word on the court."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediation.agreement_text import THIRTY_DAYS, copies_for
from mediation.checks.check import Problem, check, name_of
from mediation.checks.draft import Draft


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
    silent = [name_of(party) for party in draft.parties if party.pk not in draft.answers]
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
            % {"party": name_of(refusing[0])},
            False,
        )
