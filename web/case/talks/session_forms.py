"""The forms of meeting: times to choose from, moving and cancelling, notices, signatures, undisputed facts."""

from datetime import datetime, time, timedelta

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from mediation import services as mediation
from mediation.models import Session, Slot, SlotAnswer, SlotPoll
from web.case.case_file import CaseFile
from web.case.fact_form import AreaForm
from web.case.fields import STAFF_HOW, OneParty
from web.case.talks.mediation_facts import duration, given_time, meeting_link, when_and_where
from web.case.talks.record_forms import EvidenceField, SessionForm, SignOnPaper, SignText, WriteFacts
from web.frame.fields import BoundedMoment, line, radios, select
from web.templatetags.look import due_day, moment
from workflows import meetings

SLOTS = 4


def open_poll(file: CaseFile) -> SlotPoll | None:
    polls = SlotPoll.objects.filter(case=file.case, closed_at__isnull=True)
    return polls.select_related("case__mediator").prefetch_related("slots").first()


# --- finding a time -------------------------------------------------------------------------------------------------


class ProposeSlots(SessionForm):
    name, label, button = "slots", gettext_lazy("约时间"), gettext_lazy("请各方选时间")
    fact = declared.talks.PROPOSE_SLOTS
    lead = gettext_lazy("提出几个时间，各方在手机上选哪些方便，再由您定一个。")
    done = gettext_lazy("已请各方选时间。")
    whom = gettext_lazy("会通知各方。")

    def questions(self) -> dict[str, forms.Field]:
        day = datetime.combine(self.file.today + timedelta(days=2), time(9, 30))
        first = {0: day, 1: day + timedelta(hours=5)}
        return {
            **{
                f"slot{i}": BoundedMoment(
                    label=_("时间%(n)d") % {"n": i + 1}, required=i < len(first), initial=first.get(i)
                )
                for i in range(SLOTS)
            },
            "minutes": duration(90),
            "place": line(_("地点或线上方式"), most=200),
            "link": meeting_link(""),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        meetings.propose_slots(
            self.case,
            starts=[given[f"slot{i}"] for i in range(SLOTS) if given[f"slot{i}"]],
            place=given["place"],
            link=given["link"],
            minutes=given["minutes"] or 90,
            by=by,
            at=at,
        )


class AboutPoll(SessionForm):
    """A form about the question that is open now."""

    @property
    def poll(self) -> SlotPoll | None:
        if "_poll" not in self.__dict__:
            self.__dict__["_poll"] = open_poll(self.file)
        found: SlotPoll | None = self.__dict__["_poll"]
        return found

    @property
    def obstacle(self) -> str:
        return super().obstacle or ("" if self.poll else _("时间已经定下，或者换成了新的时间，请看最新情况。"))

    def standing_poll(self) -> SlotPoll:
        if self.poll is None:
            raise mediation.MediationError(self.obstacle)
        return self.poll

    def slots(self) -> list[Slot]:
        return list(self.poll.slots.all()) if self.poll else []


class AnswerSlots(AboutPoll):
    name, label, button = "answer-slots", gettext_lazy("选时间"), gettext_lazy("就这样答复")
    fact = declared.talks.ANSWER_SLOTS
    lead = gettext_lazy("每个时间都请选一个；定下以前可以再改。")
    done = gettext_lazy("已记下您方便的时间。")
    whom = gettext_lazy("调解员和对方会看到哪些时间您方便。")

    def questions(self) -> dict[str, forms.Field]:
        poll = self.poll
        said = mediation.latest_words(poll) if poll else {}
        mine = next(iter(self.file.mine), None)
        return self.own_party(_("代表哪一方")) | {
            f"slot_{i}": radios(
                slot_words(slot),
                SlotAnswer.Word.choices,
                row=True,
                initial=said.get((slot.pk, mine.pk)) if mine else None,
            )
            for i, slot in enumerate(self.slots(), 1)
        }

    def save(self, *, by: User, at: datetime) -> None:
        poll = self.standing_poll()
        words = {slot.pk: self.cleaned_data[f"slot_{i}"] for i, slot in enumerate(self.slots(), 1)}
        meetings.answer_slots(poll, party=self.chosen_party(), words=words, by=by, at=at)


class FixSlot(AboutPoll):
    name, label, button = "fix", gettext_lazy("定下调解会的时间"), gettext_lazy("就定这个时间")
    fact = declared.talks.FIX_SLOT
    lead = gettext_lazy("定下以后各方会收到通知。")
    done = gettext_lazy("调解会的时间已定。")
    whom = ""

    def questions(self) -> dict[str, forms.Field]:
        choices = [(str(i), slot_words(slot)) for i, slot in enumerate(self.slots(), 1)]
        return {"slot": radios(_("哪个时间"), choices, initial=self.of or None)}

    def save(self, *, by: User, at: datetime) -> None:
        self.standing_poll()
        meetings.fix_slot(self.slots()[int(self.cleaned_data["slot"]) - 1], by=by, at=at)


def slot_words(slot: Slot) -> str:
    starts_at = timezone.localtime(slot.starts_at)
    return f"{due_day(starts_at.date())} {starts_at:%H:%M}"


# --- one session ----------------------------------------------------------------------------------------------------


class AboutSession(SessionForm):
    """A form about one session, named by its number."""

    @property
    def session(self) -> Session:
        rows = Session.objects.filter(case=self.case).select_related("case__mediator")
        found = rows.filter(number=int(self.of)).first() if self.of.isascii() and self.of.isdigit() else None
        if found is None:
            raise Http404
        return found

    @property
    def shown(self) -> list[tuple[str, str]]:
        session = self.session
        return [
            (_("哪一次"), _("第%(n)d次调解会") % {"n": session.number}),
            (_("时间"), moment(session.starts_at)),
            (_("地点"), session.place),
        ]


class AboutStanding(AboutSession):
    """A form about a session that is still to be held."""

    @property
    def obstacle(self) -> str:
        held = self.session.cancelled_at is not None or self.session.record
        return super().obstacle or (_("这次调解会已经取消，或者已经开过。") if held else "")


class MoveSession(AboutStanding):
    name, label, button = "move", gettext_lazy("改期"), gettext_lazy("改到这个时间")
    fact = declared.talks.MOVE_SESSION
    lead = gettext_lazy("原来的通知作废，各方会收到新的通知。")
    done = gettext_lazy("已改期，并通知各方。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            **when_and_where(self.file, self.session),
            "reason": line(_("为什么改期"), most=300),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        meetings.move(self.session, reason=given["reason"], by=by, at=at, **given_time(given))


class CancelSession(AboutStanding):
    name, label, button = "cancel", gettext_lazy("取消调解会"), gettext_lazy("取消这次调解会")
    fact = declared.talks.CANCEL_SESSION
    lead = gettext_lazy("各方会收到通知。")
    done = gettext_lazy("已取消，并通知各方。")
    danger = True

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": line(_("为什么取消"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        meetings.cancel(self.session, reason=self.cleaned_data["reason"], by=by, at=at)


class ServeNotice(AboutStanding):
    name, label = "notice", gettext_lazy("登记通知")
    fact = declared.talks.SERVE_NOTICE
    lead = gettext_lazy("不上网的当事人，打电话、当面或书面通知以后登记在这里。")
    done = gettext_lazy("已登记。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "party": OneParty(self.file, self.file.parties, label=_("哪一方")),
            "channel": select(_("怎样通知的"), STAFF_HOW),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.serve_session_notice(self.session, given["party"], channel=given["channel"], by=by, at=at)


class WaiveNotice(AboutStanding):
    name, label = "waive", gettext_lazy("不用再通知我")
    fact = declared.talks.WAIVE_NOTICE
    lead = gettext_lazy("您已经知道这次调解会的时间和地点，不用再另外通知。")
    done = gettext_lazy("已记下。")

    def questions(self) -> dict[str, forms.Field]:
        return self.own_party(_("代表哪一方"))

    def save(self, *, by: User, at: datetime) -> None:
        mediation.waive_session_notice(self.session, self.chosen_party(), by=by, at=at)


class AttachRecording(AboutSession):
    name, label = "recording", gettext_lazy("存入录音录像")
    fact = declared.talks.ATTACH_RECORDING
    lead = gettext_lazy("录音录像要各方都同意（先登记各方对“录音录像”的意见），文件先上传到案件材料。")
    done = gettext_lazy("已存入。")

    def questions(self) -> dict[str, forms.Field]:
        return {"file": EvidenceField(self.file, label=_("哪一份材料"))}

    def save(self, *, by: User, at: datetime) -> None:
        mediation.attach_recording(self.session, self.cleaned_data["file"], by=by, at=at)


SESSION_FORMS: dict[str, type[AreaForm]] = {
    form.name: form
    for form in (
        ProposeSlots, AnswerSlots, FixSlot, MoveSession, CancelSession, ServeNotice, WaiveNotice, AttachRecording,
        SignText, SignOnPaper, WriteFacts,
    )
}  # fmt: skip
