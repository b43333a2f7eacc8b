"""Asking both sides: invited, accepted on joint application, declined."""

from collections.abc import Sequence
from datetime import date

from cases.asking import put_request, use_requests
from cases.choices import ROUTES, ConsentHow, ConsentMatter, Outcome, RejectionReason
from cases.language import on_file
from cases.models import Case, Ending, Party
from cases.move import Move
from cases.services import add_consent
from workflows.actions.base import all_agree, end, handle, present, require_reason


def invite(case: Case, move: Move) -> None:
    """Ask everybody whether they agree to mediation, within the period of the invitation (K4)."""
    handle(case, move)
    use_requests(case, ConsentMatter.MEDIATION, by=move.by, at=move.at)  # whatever was asked before in the same matter
    put_request(case, matter=ConsentMatter.MEDIATION, parties=present(case), by=move.by, at=move.at)


def accept_jointly(case: Case, move: Move, *, agreed: Sequence[Party] = (), how: str = ConsentHow.SIGNED) -> None:
    all_agree(case, move, ConsentMatter.MEDIATION, agreed, how)
    handle(case, move)


def decline(
    case: Case,
    move: Move,
    *,
    reason_text: str,
    refused_by: Party | None = None,
    refused_how: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    require_reason(reason_text)
    if refused_by is not None:
        add_consent(
            case,
            refused_by,
            matter=ConsentMatter.MEDIATION,
            given=False,
            how=refused_how or ConsentHow.PHONE,
            by=move.by,
            at=move.at,
            note=reason_text,
        )
    routes = on_file(ROUTES[RejectionReason.R04])
    end(case, move, Outcome.DECLINED, RejectionReason.R04, reason_text, routes, served_how, served_on)
