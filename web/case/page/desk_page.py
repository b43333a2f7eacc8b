"""What the page of a case shows, for the desk and for the parties."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.phones import national_phone
from cases import limitation
from cases.choices import (
    Flag,
    ReferralTarget,
    Status,
)
from cases.dossier import contents
from cases.models import Case, Message, Party
from web.case.agreement.ending import follow_up_words, survey_words
from web.case.agreement.rows import unable_to_sign
from web.case.case_file import SHOWN, CaseFile
from web.case.choices import open_actions
from web.case.matter.duties import proposal_words
from web.case.matter.material import WriteMessage
from web.case.matter.merging import merging_rows
from web.case.matter.supervision import supervision_title
from web.case.page.areas import areas_of
from web.case.page.journal_words import entry_row
from web.case.page.next_step import next_step, open_facts
from web.case.page.party_page import party_context
from web.case.page.registry import FACTS
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
from web.case.talks.clash_rows import clash_rows
from web.frame.doors import Row, case_url
from web.templatetags.look import due_day, moment

TABS = ("overview", "messages", "evidence", "mediation", "records")


def context_of(case: Case, user: User, *, tab: str = "", revealed: Party | None = None) -> Row:
    """Return everything that the template of this reader's page shows."""
    file = CaseFile(case, user)
    page = _shared(file)
    return page | (party_context(file, page) if file.as_party else _desk_context(file, page, tab, revealed))


def _shared(file: CaseFile) -> Row:
    case = file.case
    facts, actions = open_facts(file), open_actions(file)
    return {
        "file": file,
        "case": case,
        "case_url": case_url(case),
        "live_topic": case.topic,
        "title": case.shown_title or _("（未填事由）"),
        "numbers": numbers(case),
        "areas": areas_of(file),
        "limitation": limitation.notes(case),
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
        "supervisions": [supervision_row(file, one) for one in file.supervisions],
        "clashes": clash_rows(file),
        "unable_to_sign": [words for _party, words in unable_to_sign(file)],
        "flags": [Flag(flag).label for flag in file.case.flags],
        "days_left": file.days_left(file.case.next_due),
        "clock": file.case.next_clock,
        "blocked": [one for one in page["actions"] if one.obstacle],
        "more": [one for one in page["facts"] if one.url != page["next"].url],
        "timeline": [entry_row(file, entry) for entry in file.latest_entries[: 12 if tab == "overview" else SHOWN]],
        **parts[tab](),
    }


def supervision_row(file: CaseFile, row: Any) -> Row:
    url = f"{case_url(file.case)}do/answer-supervision/?of={row.pk}"
    return {"title": supervision_title(row), "note": row.note, "who": str(row.by), "url": url}


def _tabs(url: str, tab: str) -> list[Row]:
    names = [_("概况"), _("留言"), _("材料"), _("调解与协议"), _("记录")]
    return [
        {"url": url if key == "overview" else f"{url}?tab={key}", "label": name, "current": key == tab}
        for key, name in zip(TABS, names, strict=True)
    ]


def _overview(file: CaseFile, page: Row, revealed: Party | None) -> Row:
    case = file.case
    people = User.objects.in_bulk([key for key in (case.handler_id, case.mediator_id) if key is not None])
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
        (_("经办人"), str(people.get(case.handler_id, ""))),
        (_("调解员"), str(people.get(case.mediator_id, ""))),
        (_("结果"), case.get_outcome_display()),
    ]
    return {
        "facts_rows": [{"label": label, "value": value} for label, value in rows if value] + merging_rows(file),
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
        _("法定代表人或负责人：%(name)s") % {"name": party.head} if party.head else "",
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
        "older_messages": older_messages(file),
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
        ]
        + [
            {"title": " ".join((moment(s.at), _("本人评价"), s.party.get_side_display())), "text": survey_words(s)}
            for s in file.surveys
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
