"""What must hold, beside the state, before something is written; each answers with its sentence."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from accounts.services import administrators_of
from cases.choices import Outcome, SuspensionReason
from cases.conditions.base import condition
from cases.move import Move


@condition(_("调解员由中心主任指派；主任本人回避的，也可以由监督委员会换人。"))
def names_the_mediator(case: Any, move: Move) -> bool:
    """A director; the supervisory committee in place of a director who is shut out."""
    if move.by is None or Role.DIRECTOR in case.roles_of(move.by):
        return True
    former = case.mediator
    if former is None or former.pk not in case.shut_out:
        return False
    return bool(former.centre_ids(Role.DIRECTOR) & {case.centre_id, case.centre.parent_id})


@condition(_("没有待决定的回避申请，请看最新情况。"))
def stands_still_for_a_challenge(case: Any, move: Move) -> bool:
    return bool(case.suspended_for == SuspensionReason.S01)


def _who_enters_keepers(case: Any, move: Move) -> str:
    return gettext("印章由保管人加盖；您没有登记为保管人，登记由%(who)s办理。") % {
        "who": administrators_of(case.centre)
    }


@condition(_("印章由保管人加盖；您没有登记为保管人。"), says=_who_enters_keepers)
def keeps_the_seal(case: Any, move: Move) -> bool:
    return move.by is not None and move.by.holds_seal_of(case.centre_id, case.centre.parent_id)


@condition(_("回访人不能是本案的调解员。"))
def did_not_mediate_it(case: Any, move: Move) -> bool:
    return move.by is None or case.mediator_id != move.by.pk


@condition(_("现在还不能评价，事情有了结果以后再请您说。"))
def has_a_result(case: Any, move: Move) -> bool:
    return case.concluded_at is not None and case.outcome not in {Outcome.MERGED, Outcome.VOID}
