"""What stands on the page of one case: rows of words, made for the desk or for a party."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import mask_text
from accounts.models import User
from accounts.phones import national_phone
from calendars.services import load_calendar
from calendars.working_days import CalendarUnknownError, working_days_between
from cases.choices import (
    STATUS_SENTENCES,
    Flag,
    Outcome,
    ReferralTarget,
    RejectionReason,
    Side,
    Status,
    TerminationReason,
)
from cases.dossier import contents
from cases.models import Case, Deadline, Evidence, Message, Party
from web.action_forms import FORMS, follow_up_words, promise_words, state_of
from web.case_file import SHOWN, CaseFile
from web.fact_forms import FACTS, WriteMessage, proposal_words
from web.next_step import case_url, next_step, open_actions, open_facts
from web.templatetags.look import due_day, moment

Row = dict[str, Any]
TABS = ("overview", "messages", "evidence", "mediation", "records")
# Which clocks a party needs to see, and what the date means to them.
PARTY_CLOCKS = {
    "K1": gettext_lazy("最晚这一天告诉您是否受理"),
    "K2": gettext_lazy("请在这一天前补上材料"),
    "K3": gettext_lazy("企业最晚这一天答复"),
    "K4": gettext_lazy("最晚这一天知道对方是否同意"),
    "K5": gettext_lazy("最晚这一天定下调解员"),
    "K6": gettext_lazy("调解一般在这一天前结束"),
    "K7": gettext_lazy("请在这一天前签署协议"),
    "K8": gettext_lazy("约定的履行日期"),
    "K9": gettext_lazy("共同申请司法确认的最后一天"),
    "K12": gettext_lazy("最晚这一天回访您"),
}
KINDS = {
    "image/jpeg": gettext_lazy("照片"),
    "image/png": gettext_lazy("图片"),
    "image/webp": gettext_lazy("图片"),
    "image/heic": gettext_lazy("照片"),
    "application/pdf": "PDF",
    "video/mp4": gettext_lazy("视频"),
    "audio/mpeg": gettext_lazy("录音"),
}


def context_of(case: Case, user: User, *, tab: str = "", revealed: Party | None = None) -> Row:
    """Return everything that the template of this reader's page shows."""
    file = CaseFile(case, user)
    page = _shared(file)
    return page | (_party_context(file, page) if file.as_party else _desk_context(file, page, tab, revealed))


def _shared(file: CaseFile) -> Row:
    case = file.case
    facts, actions = open_facts(file), open_actions(file)
    return {
        "file": file,
        "case": case,
        "case_url": case_url(case),
        "live_topic": case.topic,
        "title": case.title or _("（未填事由）"),
        "numbers": numbers(case),
        "facts": facts,
        "actions": actions,
        "next": next_step(file, actions, facts),
        "may": {one.name.replace("-", "_"): True for one in [*facts, *actions] if not one.obstacle},
    }


def numbers(case: Case) -> str:
    parts = [case.case_number or case.number or "", case.number if case.case_number else ""]
    if case.filed_at:
        parts.append(_("%(at)s提交") % {"at": moment(case.filed_at)})
    return " · ".join(part for part in parts if part)


# --- the desk -----------------------------------------------------------------------------------------------


def _desk_context(file: CaseFile, page: Row, tab: str, revealed: Party | None) -> Row:
    tab = tab if tab in TABS else "overview"
    parts: dict[str, Callable[[], Row]] = {
        "overview": lambda: _overview(file, page, revealed),
        "messages": lambda: _messages(file),
        "evidence": lambda: {"files": [file_row(file, e) for e in file.evidence]},
        "mediation": lambda: {"sessions": session_rows(file), "agreement": agreement_row(file)},
        "records": lambda: _records(file),
    }
    return {
        "base": "web/desk_base.html",
        "tab": tab,
        "tabs": _tabs(page["case_url"], tab),
        "flags": [Flag(flag).label for flag in file.case.flags],
        "days_left": _days(file, file.case.next_due),
        "clock": file.case.next_clock,
        "blocked": [one for one in page["actions"] if one.obstacle],
        "more": [one for one in page["facts"] if one.url != page["next"].url],
        "timeline": [entry_row(file, entry) for entry in file.latest_entries[: 12 if tab == "overview" else SHOWN]],
        **parts[tab](),
    }


def _tabs(url: str, tab: str) -> list[Row]:
    names = [_("概况"), _("留言"), _("材料"), _("调解与协议"), _("记录")]
    return [
        {"url": url if key == "overview" else f"{url}?tab={key}", "label": name, "current": key == tab}
        for key, name in zip(TABS, names, strict=True)
    ]


def _overview(file: CaseFile, page: Row, revealed: Party | None) -> Row:
    case = file.case
    rows = [
        (_("小区"), str(case.estate or case.estate_name or "")),
        (_("类别"), str(case.category or _("未定")) + ("" if case.category_confirmed else _("（待确认）"))),
        (_("办理方式"), case.get_track_display()),
        (
            _("来源"),
            " ".join(filter(None, [case.get_source_display(), case.source_number, case.get_channel_display()])),
        ),
        (_("金额"), _("%(amount)s元") % {"amount": f"{case.amount:,.2f}"} if case.amount is not None else ""),
        (_("涉及户数"), str(case.households)),
        (_("经办人"), str(case.handler or "")),
        (_("调解员"), str(case.mediator or "")),
        (_("结果"), case.get_outcome_display()),
    ]
    return {
        "facts_rows": [{"label": label, "value": value} for label, value in rows if value],
        "suggestion": _suggestion(case),
        "parties": [party_row(file, party, revealed) for party in file.parties],
        "clocks": [clock_row(file, d) for d in file.open_deadlines],
        "answers": [answer_row(a) for a in file.answers],
        "supplement": file.supplement,
        "proposals": [
            {"title": proposal_words(p), "text": p.reason, "when": moment(p.at)} for p in file.waiting_proposals
        ],
    }


def _suggestion(case: Case) -> str:
    if case.category_confirmed and case.status != Status.SUBMITTED:
        return ""
    parts = [] if case.category_confirmed else [case.category_reason]
    if case.suggested_referral in ReferralTarget.values:
        where = ReferralTarget(case.suggested_referral).label
        parts.append(_("建议移送%(where)s：%(why)s") % {"where": where, "why": case.suggested_referral_reason})
    return "\n".join(part for part in parts if part)


def party_row(file: CaseFile, party: Party, revealed: Party | None) -> Row:
    full = revealed is not None and revealed.pk == party.pk
    phone = national_phone(party.phone) if full else party.shown_phone
    notes = [
        " · ".join(filter(None, [phone, party.get_relation_display()])),
        party.address if full else party.shown_address,
        _("法定代表人或负责人：%(name)s") % {"name": party.representative} if party.representative else "",
        _("证件号码：%(number)s") % {"number": party.id_number} if full and party.id_number else "",
        _consent_words(file, party),
        _("代理人：%(names)s") % {"names": _("、").join(str(a) for a in party.agents.all())}
        if party.agents.all()
        else "",
    ]
    marks = [
        _("已告知权利义务") if party.rights_told_at else "",
        _("身份已核对") if party.identity_checked_at else "",
        _("可以网上查看") if party.reachable_online else _("没有网上账号，请打电话或者打印通行码"),
    ]
    return {
        "id": party.pk,
        "role": party.get_side_display(),
        "name": party.name if full else party.shown_name,
        "badge": party.get_kind_display(),
        "notes": [note for note in [*notes, _("，").join(filter(None, marks))] if note],
        "full": full,
    }


def _consent_words(file: CaseFile, party: Party) -> str:
    if file.case.status in {Status.DRAFT, Status.ARCHIVED}:
        return ""
    words = {True: _("同意调解"), False: _("不同意调解"), None: _("还没有表示是否同意调解")}
    return words[file.consented(party)]


def _days(file: CaseFile, due: Any) -> int | None:
    try:
        return working_days_between(_calendar(file), file.today, due) if due else None
    except CalendarUnknownError:
        return None


def _calendar(file: CaseFile) -> Any:
    found = file.__dict__.get("calendar")
    if found is None:
        found = file.__dict__["calendar"] = load_calendar()
    return found


def clock_row(file: CaseFile, deadline: Deadline) -> Row:
    paused = deadline.state == Deadline.State.PAUSED
    return {
        "name": deadline.get_clock_display(),
        "due": due_day(deadline.due),
        "days_left": None if paused else _days(file, deadline.due),
        "clock": deadline.clock,
        "state": deadline.get_state_display(),
        "provisional": deadline.provisional,
        "rule": deadline.rule,
        "why_url": f"{case_url(file.case)}why/{deadline.pk}/",
        "note": _("超期原因：%(why)s") % {"why": deadline.overdue_reason} if deadline.overdue_reason else "",
    }


def answer_row(answer: Any) -> Row:
    notes = []
    if answer.solved:
        notes.append(_("申请人认为：%(solved)s") % {"solved": answer.get_solved_display()})
    return {
        "title": answer.get_kind_display(),
        "when": moment(answer.at),
        "text": answer.body,
        "note": _("，").join(notes),
        "verification": answer.verification,
    }


def _messages(file: CaseFile) -> Row:
    names = {party.pk: f"{party.get_side_display()} {file.name_of(party)}" for party in file.parties}
    shown = file.messages[-SHOWN:]
    kept: list[tuple[str, list[Message]]] = [
        (_("与%(name)s的往来") % {"name": name}, [m for m in shown if m.party_id == key]) for key, name in names.items()
    ]
    kept.append((_("各方共同"), [m for m in shown if m.room == Message.Room.JOINT]))
    kept.append((_("内部备注"), [m for m in shown if m.room == Message.Room.NOTE]))
    threads = [{"title": title, "rows": [message_row(file, m) for m in rows]} for title, rows in kept if rows]
    return {
        "threads": threads,
        "message_form": WriteMessage(file) if WriteMessage.allowed(file) and WriteMessage.open(file) else None,
        "note_form": FACTS["note"](file) if FACTS["note"].allowed(file) and FACTS["note"].open(file) else None,
        "older_messages": _older(file),
    }


def _older(file: CaseFile) -> str:
    return f"{case_url(file.case)}messages/" if len(file.messages) > SHOWN else ""


def message_row(file: CaseFile, message: Message) -> Row:
    mine = message.author_id == file.user.pk
    kind = "mine" if mine else ("private" if message.room == Message.Room.NOTE else "")
    return {
        "id": message.pk,
        "who": _author(file, message),
        "when": moment(message.at),
        "text": _("（已撤回）") if message.withdrawn_at else message.body,
        "kind": kind,
        "role": _("只给中心") if file.as_party and message.room == Message.Room.CENTRE else "",
    }


def _author(file: CaseFile, message: Message) -> str:
    if message.author_id == file.user.pk:
        return _("我")
    if file.applicant_is_hidden and message.author_label.startswith(str(Side.APPLICANT.label)):
        return str(Side.APPLICANT.label)
    return message.author_label


def file_row(file: CaseFile, row: Evidence) -> Row:
    url = f"{case_url(file.case)}evidence/{row.number}/"
    owner = _("%(side)s提供") % {"side": row.party.get_side_display()} if row.party else _("中心存入")
    notes = [owner, row.purpose, f"{max(row.size // 1024, 1)} KB", moment(row.at)]
    if row.sensitive:
        notes.append(_("含敏感信息，对方看不到"))
    return {
        "name": f"{row.number}. {row.name}",
        "url": url,
        "kind": KINDS.get(row.content_type, _("文件")),
        "thumbnail_url": url if row.content_type in {"image/jpeg", "image/png", "image/webp"} else "",
        "note": " · ".join(str(note) for note in notes if note),
        "action_url": "" if file.as_party else f"{url}?original=1",
        "action": _("原件"),
    }


def session_rows(file: CaseFile) -> list[Row]:
    return [
        {
            "title": _("第%(n)d次调解会") % {"n": s.number},
            "when": moment(s.starts_at),
            "place": s.place,
            "notice": s.get_notice_display(),
            "attendees": s.attendees,
            "record": "" if file.as_party else s.record,
            "facts": s.undisputed_facts,
            "result": s.result,
        }
        for s in file.sessions
    ]


def agreement_row(file: CaseFile) -> Row | None:
    """Return the text that stands with its promises and signatures; a party sees it once it was put forward."""
    agreement = file.agreement
    if agreement is None or (file.as_party and file.case.status in {Status.MEDIATING, Status.ASSIGNED}):
        return None
    yes, no = _("已签"), _("还没有签")
    signatures = [
        {"label": f"{p.get_side_display()} {file.name_of(p)}", "value": yes if p.pk in file.signed else no}
        for p in file.parties
    ]
    marks = [(_("调解员签名"), agreement.mediator_signed_at), (_("调解组织印章"), agreement.sealed_at)]
    return {
        "title": agreement.get_form_display(),
        "version": agreement.version,
        "facts": agreement.facts_and_issues,
        "content": agreement.content,
        "promises": [promise_row(file, p) for p in file.promises],
        "signatures": [*signatures, *({"label": label, "value": moment(at) if at else no} for label, at in marks)]
        if agreement.form == "WRITTEN"
        else [],
        "effective": due_day(agreement.effective_on),
        "legal": moment(agreement.legal_checked_at),
    }


def promise_row(file: CaseFile, promise: Any) -> Row:
    return {
        "words": promise_words(file, promise),
        "state": state_of(promise),
        "note": promise.proof_note,
        "late": promise.performed_on is None and promise.due < file.today,
        "urgings": [f"{moment(u.at)} {u.get_how_display()} {u.note}" for u in promise.urgings.all()],
    }


def _records(file: CaseFile) -> Row:
    return {
        "endings": [ending_row(e) for e in file.endings],
        "referrals": [
            {"title": f"{r.get_target_display()} {r.body_name}", "note": f"{r.letter_number} · {moment(r.at)}",
             "text": r.reason, "reply": r.reply}
            for r in file.referrals
        ],
        "all_proposals": [
            {"title": proposal_words(p), "note": p.get_decision_display(), "text": p.reason, "reply": p.note}
            for p in file.proposals
        ],
        "follow_ups": [
            {"title": f"{moment(f.at)} {f.get_how_display()} {f.by or ''}", "text": follow_up_words(f)}
            for f in file.follow_ups
        ],
        "contents": contents(file.case) if file.case.status in {Status.CLOSED, Status.ARCHIVED} else [],
        "ended_clocks": [
            {"name": d.get_clock_display(), "state": d.get_state_display(), "due": due_day(d.due),
             "ended": due_day(d.ended_on), "why_url": f"{case_url(file.case)}why/{d.pk}/",
             "late": d.ended_on > d.due, "reason": d.overdue_reason}
            for d in file.deadlines if d.ended_on is not None
        ],
        "history_url": f"{case_url(file.case)}history/",
    }  # fmt: skip


def ending_row(ending: Any) -> Row:
    reasons = {
        Outcome.REJECTED: RejectionReason,
        Outcome.DECLINED: RejectionReason,
        Outcome.FAILED: TerminationReason,
    }.get(ending.outcome)
    reason = reasons(ending.reason_code).label if reasons and ending.reason_code in reasons.values else ""
    return {
        "title": ending.get_outcome_display(),
        "reason": reason,
        "text": ending.reason_text,
        "routes": ending.routes,
        "served": _("%(day)s %(how)s") % {"day": due_day(ending.served_on), "how": ending.get_served_how_display()},
    }


# --- the journal in words --------------------------------------------------------------------------------------

ENTRY_LABELS = {
    "open_draft": gettext_lazy("开始填写"),
    "edit_filing": gettext_lazy("修改申请内容"),
    "put_party": gettext_lazy("添加或修改当事人"),
    "consent": gettext_lazy("记录当事人意见"),
    "contact": gettext_lazy("联系当事人"),
    "classify": gettext_lazy("确认类别和标记"),
    "meet_duty": gettext_lazy("期限事项已办"),
    "explain_overdue": gettext_lazy("说明超期原因"),
    "answer_complaint": gettext_lazy("企业答复"),
    "say_solved": gettext_lazy("申请人说是否解决"),
    "message": gettext_lazy("留言"),
    "withdraw_message": gettext_lazy("撤回留言"),
    "tell_rights": gettext_lazy("告知权利义务"),
    "check_identity": gettext_lazy("核对身份"),
    "view_personal": gettext_lazy("查看完整个人信息"),
    "add_evidence": gettext_lazy("上传材料"),
    "withdraw_evidence": gettext_lazy("撤回材料"),
    "issue_pass": gettext_lazy("办理通行码"),
    "revoke_passes": gettext_lazy("作废通行码"),
    "choose_mediator": gettext_lazy("当事人选调解员"),
    "schedule_session": gettext_lazy("安排调解会"),
    "record_session": gettext_lazy("填写调解记录"),
    "write_agreement": gettext_lazy("起草协议"),
    "sign": gettext_lazy("当事人签署"),
    "mediator_signed": gettext_lazy("调解员签名"),
    "sealed": gettext_lazy("加盖印章"),
    "legal_checked": gettext_lazy("法律审核"),
    "record_performance": gettext_lazy("记录履行"),
    "confirm_performance": gettext_lazy("确认履行"),
    "urge": gettext_lazy("督促履行"),
    "follow_up": gettext_lazy("回访"),
    "propose_reject": gettext_lazy("提出不予受理"),
    "propose_fail": gettext_lazy("期限届满，提出终止调解"),
    "refuse_reject": gettext_lazy("不同意不予受理"),
    "refuse_fail": gettext_lazy("不同意终止调解"),
    "export": gettext_lazy("导出数据"),
    "import_message": gettext_lazy("由留言平台导入"),
    "keep_reply": gettext_lazy("保存主管部门的答复"),
    "remind": gettext_lazy("提醒"),
    "overdue": gettext_lazy("记录超期"),
}


def entry_label(action: str) -> str:
    if action in FORMS:
        from workflows.actions import label_of

        return label_of(Case, action)
    return str(ENTRY_LABELS.get(action, action))


def entry_row(file: CaseFile, entry: Any) -> Row:
    moved = entry.after.get("status") if isinstance(entry.after, dict) else None
    before = entry.before.get("status") if isinstance(entry.before, dict) else None
    change = ""
    if entry.action in FORMS and moved in Status.values and before in Status.values and moved != before:
        change = f"{Status(before).label} → {Status(moved).label}"
    return {
        "title": entry_label(entry.action),
        "who": file.actor_name(entry.actor) if entry.actor else _("期限届满，由系统执行"),
        "when": moment(entry.at),
        "text": change,
    }


# --- a party ---------------------------------------------------------------------------------------------------


def _party_context(file: CaseFile, page: Row) -> Row:
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
        "endings": [ending_row(e) for e in file.endings] if case.outcome else [],
        "thread": [message_row(file, m) for m in file.messages[-SHOWN:]],
        "older_messages": _older(file),
        "message_form": WriteMessage(file) if writes else None,
        "files": [file_row(file, e) for e in file.evidence],
        **home_of(file.user),
    }


def home_of(user: User) -> Row:
    """Say where the list of this reader's cases is, and what it is called there."""
    if user.company_ids() or user.committee_ids():
        return {"home_url": "/company/", "home_label": _("本单位案件")}
    return {"home_url": "/my/", "home_label": _("我的事情")}


def standing_sentence(file: CaseFile) -> str:
    """Say where it stands, as this side needs to hear it."""
    own = {p.side for p in file.mine}
    status = file.case.status
    if status == Status.INVITING and Side.RESPONDENT in own:
        return _("申请人请中心调解这件事。调解要双方都同意：请您看一看，告诉我们是否同意。")
    if status == Status.ANSWERING and Side.RESPONDENT in own:
        return _("中心把这件投诉转给了您，请在期限内查明并答复。")
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
