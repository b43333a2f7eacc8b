"""What stands on the page of a case, row by row: clocks, answers, messages, files, sessions, promises."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import mask_text
from cases.choices import (
    Outcome,
    RejectionReason,
    Side,
    TerminationReason,
)
from cases.file_types import PICTURES, SOUND, TYPES, VIDEO
from cases.models import Deadline, Evidence, Message, RoomEntry
from web.case.case_file import SHOWN, CaseFile
from web.frame.doors import Row, case_url
from web.templatetags.look import day, due_day, moment


def clock_row(file: CaseFile, deadline: Deadline) -> Row:
    paused = deadline.state == Deadline.State.PAUSED
    return {
        "name": deadline.get_clock_display(),
        "due": due_day(deadline.due),
        "days_left": None if paused else file.days_left(deadline.due),
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


def older_messages(file: CaseFile) -> str:
    return f"{case_url(file.case)}messages/" if len(file.messages) > SHOWN else ""


def message_row(file: CaseFile, message: Message) -> Row:
    mine = message.author_id == file.user.pk
    kind = "mine" if mine else ("private" if message.room == Message.Room.NOTE else "")
    return {
        "id": message.pk,
        "who": written_by(file, message),
        "when": moment(message.at),
        "text": _("（已撤回）") if message.withdrawn_at else message.body,
        "kind": kind,
        "role": _("只给中心") if file.as_party and message.room == Message.Room.CENTRE else "",
    }


def written_by(file: CaseFile, message: Message | RoomEntry) -> str:
    """Name who wrote: oneself, a masked party, a desk."""
    if message.author_id == file.user.pk:
        return _("我")
    if file.applicant_is_hidden and message.author_label.startswith(str(Side.APPLICANT.label)):
        return str(Side.APPLICANT.label)
    return message.author_label


KINDS = {
    "image/jpeg": gettext_lazy("照片"),
    "image/png": gettext_lazy("图片"),
    "image/webp": gettext_lazy("图片"),
    "image/heic": gettext_lazy("照片"),
    "application/pdf": "PDF",
} | {one.content_type: one.group for one in TYPES if one.group in (SOUND, VIDEO)}


def file_row(file: CaseFile, row: Evidence) -> Row:
    url = f"{case_url(file.case)}evidence/{row.number}/"
    owner = _("%(side)s提供") % {"side": row.party.get_side_display()} if row.party else _("中心存入")
    purpose = mask_text(row.purpose) if file.as_party and row.party not in file.mine else row.purpose
    notes = [owner, purpose, f"{max(row.size // 1024, 1)} KB", moment(row.at)]
    if row.sensitive:
        notes.append(_("含敏感信息，对方看不到"))
    return {
        "name": f"{row.number}. {file_name(file, row)}",
        "url": url,
        "kind": KINDS.get(row.content_type, _("文件")),
        "thumbnail_url": picture_url(url, row),
        "note": " · ".join(str(note) for note in notes if note),
        "action_url": "" if file.as_party else f"{url}?original=1",
        "action": _("原件"),
    }


def picture_url(url: str, row: Evidence) -> str:
    """Return what is shown of a picture in a list: of a long one its first part; nothing for other files."""
    if row.content_type not in PICTURES:
        return ""
    return f"{url}?page=1" if row.pages > 1 else url


def file_name(file: CaseFile, row: Evidence) -> str:
    """Name a file as this reader may read it: a party reads no numbers of the other side in it."""
    return mask_text(row.name) if file.as_party and row.party not in file.mine else row.name


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
    if agreement is None:
        return None
    yes, no = _("已签"), _("还没有签")
    signatures = [
        {"label": f"{p.get_side_display()} {file.name_of(p)}", "value": yes if p.pk in file.signed else no}
        for p in file.parties
    ]
    marks = [
        (_("调解员签名"), agreement.mediator_signed_at, no),
        (_("调解组织印章"), agreement.sealed_at, _("还没有盖章")),
    ]
    return {
        "title": agreement.get_form_display(),
        "version": agreement.version,
        "facts": agreement.facts_and_issues,
        "content": agreement.content,
        "promises": [promise_row(file, p) for p in file.promises],
        "signatures": [*signatures, *({"label": label, "value": moment(at) or missing} for label, at, missing in marks)]
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


def promise_words(file: CaseFile, promise: Any) -> str:
    """Say a promise in one line."""
    doer, receiver = file.party(promise.doer_id), file.party(promise.receiver_id)
    who = file.name_of(doer) if doer else ""
    words = _("%(n)d. %(who)s：%(what)s") % {"n": promise.number, "who": who, "what": promise.what}
    if promise.amount is not None:
        words += _("，%(amount)s元") % {"amount": f"{promise.amount:,.2f}"}
    if receiver:
        words += _("，向%(receiver)s") % {"receiver": file.name_of(receiver)}
    due = due_day(promise.due)
    return words + _("，方式：%(manner)s，%(due)s前。") % {"manner": promise.manner, "due": due}


def state_of(promise: Any) -> str:
    """Say where a promise stands."""
    rows = promise.performances.all()
    if promise.performed_on and promise.confirmed_at:
        return _("已履行，对方已确认")
    if promise.performed_on:
        return _("已履行，等对方确认")
    done = _done_so_far(promise)
    if any(row.answer == "DISPUTED" for row in rows):
        done = done or _("对方说没有收到")
    urged = len(promise.urgings.all())
    return "，".join(filter(None, [done or _("未履行"), _("已督促%(n)d次") % {"n": urged} if urged else ""]))


def _done_so_far(promise: Any) -> str:
    if promise.is_money and promise.paid():
        paid, rest = f"{promise.paid():,.2f}", f"{promise.rest():,.2f}"
        return _("已付%(paid)s元，还差%(rest)s元") % {"paid": paid, "rest": rest}
    return _("已做一部分") if promise.standing() else ""


def performance_words(row: Any) -> str:
    """Say what was done on a promise at one time."""
    parts = [day(row.on)]
    if row.amount is not None:
        parts.append(_("付%(amount)s元") % {"amount": f"{row.amount:,.2f}"})
    else:
        parts.append(_("全部做完") if row.completes else _("做了一部分"))
    return " · ".join([*parts, *filter(None, [row.note])])
