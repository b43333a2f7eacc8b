"""The journal of a case in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    Status,
)
from cases.entries import CaseEntry
from cases.models import Case
from web.case.case_file import CaseFile
from web.case.page.registry import FORMS
from web.frame.doors import Row
from web.templatetags.look import moment


def entry_label(action: str) -> str:
    if action in FORMS:
        from workflows.actions import label_of

        return label_of(Case, action)
    return str(CaseEntry(action).label) if action in CaseEntry.values else action


def other_case(entry: Any) -> str:
    """Name the case into which this one was merged, or that was merged into it."""
    after = entry.after if isinstance(entry.after, dict) else {}
    if entry.action == "merge" and after.get("lead"):
        return _("并入登记号%(number)s的案件") % {"number": after["lead"]}
    return str(after.get("number") or "") if entry.action == CaseEntry.TAKE_IN else ""


CLOCK = gettext_lazy("期限届满，由系统执行")
ON_TIME = gettext_lazy("由系统按时发出")
ANSWERED = gettext_lazy("各方答复以后，由系统登记")
# What nobody did by hand, and how it came about. An action that moves the case is only ever moved by its clock.
BY_ITSELF: dict[str, Any] = {
    CaseEntry.EXPIRE_OFFER: CLOCK,
    CaseEntry.CONFIRMATION_EXPIRE: CLOCK,
    CaseEntry.PROPOSE_FAIL: CLOCK,
    CaseEntry.TAKE_OVER: gettext_lazy("新调解员接手"),
    CaseEntry.HAND_OVER: gettext_lazy("换经办人"),
    CaseEntry.END_NOMINATION: CLOCK,
    CaseEntry.OVERDUE: gettext_lazy("期限已过，由系统登记"),
    CaseEntry.REMIND: ON_TIME,
    CaseEntry.REMIND_PROMISE: ON_TIME,
    CaseEntry.INVITE_SURVEY: ON_TIME,
    CaseEntry.CANNOT_REACH: gettext_lazy("通知发不出去，由系统登记"),
    CaseEntry.MOVE_DEADLINES: gettext_lazy("放假安排有变动，由系统重新计算"),
    CaseEntry.CONFIRMATION_PLAN: gettext_lazy("各方签署时都表示愿意，由系统登记"),
    CaseEntry.OFFER_DECIDED: ANSWERED,
    CaseEntry.OFFER_ACCEPTED: ANSWERED,
    CaseEntry.OFFERS_MET: ANSWERED,
    CaseEntry.ISSUE_DOCUMENT: gettext_lazy("随这一步由系统制发"),
    CaseEntry.PAPER_ARRIVED: gettext_lazy("收到的证明已有，由系统登记"),
    CaseEntry.DECIDE_CHALLENGE: gettext_lazy("案件状态变化，由系统登记"),
    CaseEntry.KEEP_REPLY: gettext_lazy("由管理员导入"),
    CaseEntry.IMPORT_MESSAGE: gettext_lazy("由管理员导入"),
}


def by_itself(action: str) -> str:
    """Say of an entry without a person how it came about: by the clock only where a clock did it."""
    return str(BY_ITSELF.get(action, CLOCK if action in FORMS else _("由系统登记")))


def decided(after: Any) -> str:
    """Say what became of an offer whose last issue was answered."""
    agreed, refused = after.get("agreed", 0), after.get("refused", 0)
    if not refused:
        return _("各方都同意")
    words = {"agreed": agreed, "refused": refused}
    return _("%(agreed)d项各方都同意，%(refused)d项没有同意") % words if agreed else _("没有都同意")


def entry_row(file: CaseFile, entry: Any) -> Row:
    after = entry.after if isinstance(entry.after, dict) else {}
    outcome = decided(after) if entry.action == CaseEntry.OFFER_DECIDED else ""
    moved = after.get("status")
    before = entry.before.get("status") if isinstance(entry.before, dict) else None
    change = ""
    if entry.action in FORMS and moved in Status.values and before in Status.values and moved != before:
        change = f"{Status(before).label} → {Status(moved).label}"
    return {
        "title": entry_label(entry.action),
        "who": file.actor_name(entry.actor) if entry.actor else by_itself(entry.action),
        "when": moment(entry.at),
        "text": _("，").join(filter(None, [change, other_case(entry), outcome])),
    }
