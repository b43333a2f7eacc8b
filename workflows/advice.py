"""Advise the desk on a matter that somebody filed online: where it may belong, and what calls for care.

Only advice: the words that led to it stand beside it, and staff decide (PIPL 24).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from cases import recognition
from cases.models import Case, Message


def advise(case: Case, *, at: datetime) -> None:
    """Write the suggested referral on the case and a note for staff, inside the caller's change."""
    referral = recognition.suggest_referral(case.title, case.facts, case.category_id or "")
    guess = recognition.suggest_category(case.title, case.facts)
    lines = []
    if referral is not None:
        case.suggested_referral, case.suggested_referral_reason = referral.target, referral.reason[:300]
        lines.append(_("建议移送：%(target)s。%(why)s") % {"target": referral.target.label, "why": referral.reason})
    if guess.code != case.category_id and guess.words:
        case.category_reason = guess.reason[:300]
        lines.append(_("建议类别 %(code)s：%(why)s") % {"code": guess.code, "why": guess.reason})
    for flag, word in recognition.suggest_flags(case.title, case.facts).items():
        lines.append(_("请留意“%(flag)s”：申请里写到“%(word)s”。") % {"flag": flag.label, "word": word})
    case.save(update_fields=["suggested_referral", "suggested_referral_reason", "category_reason"])
    if lines:
        Message.objects.create(
            case=case,
            room=Message.Room.NOTE,
            author_label=_("系统提示"),
            from_centre=True,
            body="\n".join(lines)[:5000],
            at=at,
        )
