"""Sessions of a mediation: calling one directly, and its record."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.models import User
from cases import facts as declared
from mediation import services as mediation
from mediation.models import Attendance, Session
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.fields import party_label
from web.frame.fields import BoundedMoment, LinesField, line, radios, text, tick
from workflows import meetings

Part = Attendance.Part
# What the mediator ticks where it was so, and the record then says; nothing of it is written beforehand.
RIGHTS = gettext_noop("已告知调解的性质、原则、效力和各方的权利义务，说明了调解员的身份。")
NO_CHALLENGE = gettext_noop("已询问各方是否申请回避，各方没有申请。")
RISK = gettext_noop(
    "已告知：协议有约束力，应当按约定履行；自协议生效之日起30日内可以共同申请司法确认；谈不成可以起诉。"
)
PRESENCE = [
    ("PARTY", gettext_lazy("本人或负责人到场")),
    ("AGENT", gettext_lazy("代理人到场")),
    ("EXCUSED", gettext_lazy("没到，有正当理由")),
    ("ABSENT", gettext_lazy("没到，没有正当理由")),
]


def when_and_where(file: CaseFile, session: Session | None = None) -> dict[str, forms.Field]:
    """Ask when, how long, where and, online, under which link."""
    tomorrow = datetime.combine(file.today + timedelta(days=1), time(9, 30))
    return {
        "starts_at": BoundedMoment(label=_("时间"), initial=session.starts_at if session else tomorrow),
        "minutes": duration(session.minutes if session else 90),
        "place": line(_("地点或线上方式"), most=200, initial=session.place if session else ""),
        "link": meeting_link(session.link if session else ""),
    }


def duration(initial: int) -> forms.Field:
    return forms.IntegerField(label=_("大约多久（分钟）"), min_value=15, max_value=480, initial=initial, required=False)


def meeting_link(initial: str) -> forms.Field:
    return forms.URLField(
        label=_("线上会议的链接"),
        max_length=300,
        required=False,
        initial=initial,
        assume_scheme="https",
        help_text=_("线上开的才填；只有各方和调解员看得到。"),
        error_messages={"invalid": _("请填写完整的网址，例如 https://meeting.example.cn/123。")},
    )


def given_time(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "starts_at": given["starts_at"],
        "minutes": given["minutes"] or 90,
        "place": given["place"],
        "link": given["link"],
    }


class ScheduleSession(FactForm):
    name, label = "schedule-session", gettext_lazy("安排调解会")
    fact = declared.talks.SCHEDULE_SESSION
    lead = gettext_lazy("时间和地点会显示在各方的页面上，并通知各方。想先问各方哪天方便，请用“约时间”。")
    done = gettext_lazy("已安排调解会。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            **when_and_where(self.file),
            "notice": radios(_("通知"), Session.Notice.choices, row=True),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        meetings.schedule(self.case, notice=given["notice"], by=by, at=at, **given_time(given))


class RecordSession(FactForm):
    name, label = "record-session", gettext_lazy("填写调解记录")
    fact = declared.talks.RECORD_SESSION
    lead = gettext_lazy("每次调解会一份记录，保存后不能改写；补充内容记入下一次。保存后请各方核对签名。")
    done = gettext_lazy("调解记录已保存，请各方核对签名。")
    whom = gettext_lazy("会通知各方核对签名。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "session": self.one(_("哪一次"), self.file.begun, session_words),
            **{name: field for party in self.file.parties for name, field in self._of_party(party)},
            "invited": LinesField(label=_("邀请参加的人（一行一位，写明单位）"), required=False),
            "rights_told": tick(_(RIGHTS), required=False),
            "no_challenge": tick(_(NO_CHALLENGE), required=False),
            "rights_notice": text(_("权利义务告知的其他情况"), rows=2, most=2000, required=False),
            "record": text(_("调解记录"), rows=10, most=20000, error_messages={"required": _("请填写调解记录。")}),
            "facts_checked": text(_("核对事实情况"), rows=3, most=5000, required=False),
            "risk_told": tick(_(RISK), required=False),
            "risk_notice": text(_("风险告知的其他情况"), rows=2, most=2000, required=False),
            "undisputed_facts": text(
                _("无争议的事实"), most=5000, required=False, help_text=_("单独成文，由各方另外签名；谈不成时也有用。")
            ),
            "outcome": radios(_("结论"), Session.Result.choices, required=False, row=True),
            "result": line(_("结果"), most=300),
            "why_not": text(_("没有达成一致的原因"), rows=2, most=500, required=False),
            "other_routes": text(_("告知的其他解决途径"), rows=2, most=500, required=False),
            "recorder": line(_("记录人"), most=60, required=False, initial=str(self.file.user)),
        }

    def _of_party(self, party: Any) -> Iterator[tuple[str, forms.Field]]:
        who = party_label(self.file, party)
        yield f"came_{party.pk}", radios(_("%(who)s到场了吗") % {"who": who}, PRESENCE, row=True)
        yield f"why_{party.pk}", line(_("%(who)s没到的理由") % {"who": who}, most=200, required=False)
        yield f"said_{party.pk}", text(_("%(who)s的陈述") % {"who": who}, rows=3, most=5000, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for party in self.file.parties:
            if given.get(f"came_{party.pk}") == "EXCUSED" and not given.get(f"why_{party.pk}"):
                self.add_error(f"why_{party.pk}", _("请写明没到的理由。"))
        return given

    def presence(self) -> list[mediation.Presence]:
        found = []
        for party in self.file.parties:
            word = self.cleaned_data[f"came_{party.pk}"]
            if word in {"PARTY", "AGENT"}:
                found.append(mediation.Presence(part=Part(word), party=party))
            elif word:
                why = self.cleaned_data[f"why_{party.pk}"] if word == "EXCUSED" else ""
                found.append(mediation.Presence(part=Part.PARTY, party=party, came=False, reason=why))
        return found + [mediation.Presence(part=Part.INVITED, name=name) for name in self.cleaned_data["invited"]]

    def _said(self, sentences: dict[str, str], typed: str) -> str:
        """Return the sentences that were ticked, as the file of the case writes them, and what was typed beside."""
        ticked = "".join(sentence for name, sentence in sentences.items() if self.cleaned_data[name])
        return "\n".join(part for part in (ticked, typed.strip()) if part)

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        presence = self.presence()
        came = [party_label(self.file, one.party) if one.party else one.name for one in presence if one.came]
        same = (
            "record",
            "result",
            "undisputed_facts",
            "outcome",
            "facts_checked",
            "why_not",
            "other_routes",
            "recorder",
        )
        meetings.record(
            given["session"],
            attendees=_("、").join(came),
            presence=presence,
            statements={party: given[f"said_{party.pk}"] for party in self.file.parties},
            rights_notice=self._said({"rights_told": RIGHTS, "no_challenge": NO_CHALLENGE}, given["rights_notice"]),
            risk_notice=self._said({"risk_told": RISK}, given["risk_notice"]),
            by=by,
            at=at,
            **{name: given[name] for name in same},
        )


def session_words(session: Session) -> str:
    return _("第%(n)d次，%(at)s") % {
        "n": session.number,
        "at": f"{timezone.localtime(session.starts_at):%m-%d %H:%M}",
    }
