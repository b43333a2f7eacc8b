"""The page of a case as its parties see it: where it stands, what comes next, what they can do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import mask_text
from accounts.phones import national_phone
from cases.choices import (
    STATUS_SENTENCES,
    Side,
    Status,
)
from cases.related import lead_of, stage_of
from web.case.case_file import SHOWN, CaseFile
from web.case.matter.material import WriteMessage
from web.case.matter.merging import merging_rows
from web.case.rows import (
    agreement_row,
    answer_row,
    clock_row,
    ending_row,
    file_row,
    message_row,
    older_messages,
    session_rows,
)
from web.frame.doors import Row
from web.frame.home import home_of
from web.templatetags.look import moment

# Which clocks a party needs to see, and what the date means to them.
PARTY_CLOCKS = {
    "K1": gettext_lazy("最晚这一天告诉您是否受理"),
    "K2": gettext_lazy("请在这一天前补上材料"),
    "K3": gettext_lazy("企业最晚这一天答复"),
    "K3B": gettext_lazy("最晚这一天我们核实企业的答复，并问您是否解决"),
    "K4": gettext_lazy("最晚这一天知道对方是否同意"),
    "K5": gettext_lazy("最晚这一天定下调解员"),
    "K6": gettext_lazy("调解一般在这一天前结束"),
    "K6B": gettext_lazy("最晚这一天我们再看中止的原因还在不在"),
    "K7": gettext_lazy("请在这一天前签署协议"),
    "K8": gettext_lazy("约定的履行日期"),
    "K9": gettext_lazy("共同申请司法确认的最后一天"),
    "K12": gettext_lazy("最晚这一天回访您"),
}


def party_context(file: CaseFile, page: Row) -> Row:
    case = file.case
    writes = WriteMessage.allowed(file) and WriteMessage.open(file)
    own = Side.APPLICANT in {p.side for p in file.mine}
    return {
        "base": "web/resident_base.html",
        "standing": _("现在：%(status)s") % {"status": case.get_status_display()},
        "standing_sentence": standing_sentence(file),
        "steps": steps(file),
        "clocks": [
            clock_row(file, d) | {"name": str(PARTY_CLOCKS[d.clock])}
            for d in file.open_deadlines
            if d.clock in PARTY_CLOCKS
        ],
        "matter": [
            {"label": _("小区"), "value": str(case.estate or case.estate_name or "")},
            {"label": _("事情经过"), "value": case.facts if own else mask_text(case.facts)},
            {"label": _("希望怎样解决"), "value": case.requests if own else mask_text(case.requests)},
        ],
        "parties": [
            {
                "role": party.get_side_display(),
                "name": file.name_of(party),
                "badge": _("您") if party in file.mine else "",
                "notes": [national_phone(party.phone), party.address] if party in file.mine and party.is_person else [],
            }
            for party in file.parties
        ],
        "mediator": str(case.mediator) if case.mediator else "",
        "supplement": file.supplement if case.status == Status.RETURNED and own else None,
        "answers": [answer_row(a) for a in file.answers],
        "sessions": session_rows(file) if case.accepted_at else [],
        "agreement": agreement_row(file),
        "merging": merging_rows(file),
        "endings": [ending_row(e) for e in file.endings] if case.outcome else [],
        "thread": [message_row(file, m) for m in file.messages[-SHOWN:]],
        "older_messages": older_messages(file),
        "message_form": WriteMessage(file) if writes else None,
        "files": [file_row(file, e) for e in file.evidence],
        **home_of(file.user),
    }


def standing_sentence(file: CaseFile) -> str:
    """Say where it stands, as this side needs to hear it."""
    own = {p.side for p in file.mine}
    status = file.case.status
    if status == Status.INVITING and Side.RESPONDENT in own:
        return _("申请人请中心调解这件事。调解要双方都同意：请您看一看，告诉我们是否同意。")
    if status == Status.ANSWERING and Side.RESPONDENT in own:
        return _("中心把这件投诉转给了您，请在期限内查明并答复。")
    if status == Status.SIGNING and file.unsigned_text is not None and file.unsigned_text.sent_back:
        return _("这份文本还要修改，请等新的一版；到时会通知您。")
    if (lead := lead_of(file.case)) is not None:
        return _("这件事已并入登记号%(number)s的案件一起办理。那件案件现在：%(stage)s。") % {
            "number": lead.number,
            "stage": stage_of(lead),
        }
    if status in {Status.CLOSED, Status.ARCHIVED} and file.case.outcome:
        return _("这件事已经结案，结果：%(outcome)s。") % {"outcome": file.case.get_outcome_display()}
    return str(STATUS_SENTENCES[Status(status)])


ORDER = [
    (gettext_lazy("提交"), {Status.DRAFT, Status.RETURNED}),
    (gettext_lazy("中心审查、问对方"), {Status.SUBMITTED, Status.ANSWERING, Status.INVITING}),
    (gettext_lazy("安排和进行调解"), {Status.ACCEPTED, Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED}),
    (gettext_lazy("签协议、按约定做"), {Status.SIGNING, Status.PERFORMING}),
    (gettext_lazy("回访、结案"), {Status.FOLLOWUP, Status.CLOSED, Status.ARCHIVED}),
]


def steps(file: CaseFile) -> list[Row]:
    """Return the way of the matter in five plain steps."""
    case = file.case
    here = next(i for i, (_name, statuses) in enumerate(ORDER) if case.status in statuses)
    over = case.status in {Status.CLOSED, Status.ARCHIVED}
    dates = [case.filed_at, case.accepted_at, None, None, case.closed_at]
    skipped = {
        2: case.accepted_at is None,
        3: case.outcome not in {"", "SETTLED_ORAL", "SETTLED_WRITTEN"} or case.accepted_at is None,
    }
    rows = []
    for i, (name, _statuses) in enumerate(ORDER):
        if i < here and skipped.get(i):
            continue
        state = "" if i < here or (over and i == here) else ("now" if i == here else "next")
        when = moment(dates[i]) if dates[i] and state != "next" else ""
        rows.append({"title": str(name), "state": state, "when": when})
    return rows
