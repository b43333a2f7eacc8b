"""Mediators, sessions, the text of an agreement and what is put under it."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from mediation import services as mediation
from mediation.models import Session, Signature
from web.action_forms import AgreementText, promise_words
from web.case_file import CaseFile
from web.fact_forms.base import FactForm, S
from web.form_parts import (
    BoundedMoment,
    line,
    party_label,
    radios,
    text,
    tick,
)


class ScheduleSession(FactForm):
    name, label = "schedule-session", gettext_lazy("安排调解会")
    permissions = ("case.hold_session",)
    statuses = frozenset({S.ASSIGNED, S.MEDIATING})
    lead = gettext_lazy("时间和地点会显示在各方的页面上。")
    done = gettext_lazy("已安排调解会。")

    def questions(self) -> dict[str, forms.Field]:
        tomorrow = datetime.combine(self.file.today + timedelta(days=1), time(9, 30))
        return {
            "starts_at": BoundedMoment(label=_("时间"), initial=tomorrow),
            "place": line(_("地点或线上方式"), most=200),
            "notice": radios(_("通知"), Session.Notice.choices, row=True, initial="SERVED"),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.schedule_session(
            self.case, starts_at=given["starts_at"], place=given["place"], notice=given["notice"], by=by, at=at
        )


class RecordSession(FactForm):
    name, label = "record-session", gettext_lazy("填写调解记录")
    permissions = ("case.hold_session",)
    statuses = frozenset({S.ASSIGNED, S.MEDIATING, S.SIGNING})
    lead = gettext_lazy("每次调解会一份记录，保存后不能改写；补充内容记入下一次。")
    done = gettext_lazy("调解记录已保存。")

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(file.unrecorded)

    def questions(self) -> dict[str, forms.Field]:
        rows = self.file.unrecorded
        everybody = _("、").join(party_label(self.file, p) for p in self.file.parties)
        return {
            "session": self.one(
                _("哪一次"),
                rows,
                lambda s: (
                    _("第%(n)d次，%(at)s") % {"n": s.number, "at": f"{timezone.localtime(s.starts_at):%m-%d %H:%M}"}
                ),
            ),
            "attendees": line(_("到场人员"), most=500, initial=everybody),
            "record": text(_("调解记录"), rows=10, most=20000, error_messages={"required": _("请填写调解记录。")}),
            "undisputed_facts": text(_("无争议的事实"), most=5000, required=False),
            "result": line(_("结果"), most=300),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.record_session(
            given["session"],
            attendees=given["attendees"],
            record=given["record"],
            result=given["result"],
            undisputed_facts=given["undisputed_facts"],
            by=by,
            at=at,
        )


class DraftText(FactForm, AgreementText):
    name, label = "draft-text", gettext_lazy("起草协议")
    permissions = ("case.write_agreement",)
    statuses = frozenset({S.MEDIATING})
    lead = gettext_lazy("写新的一版协议文本；上一版不再使用，但会保留。每一项都写清谁、做什么、怎么做、什么时候。")
    done = gettext_lazy("协议文本已保存为新的一版。")

    def questions(self) -> dict[str, forms.Field]:
        stands = self.file.agreement
        return {
            **self.text_questions(),
            "wants_confirmation": tick(
                _("各方打算共同申请司法确认"), required=False, initial=bool(stands and stands.wants_confirmation)
            ),
            "owners_decision_number": line(
                _("业主大会决定文号"),
                most=60,
                required=False,
                help_text=_("使用维修资金、公共收益等须业主共同决定的事项。"),
            ),
        }

    def save(self, *, by: User, at: datetime) -> None:
        mediation.draft_text(self.case, by=by, at=at, **self.given())


class AgreementFact(FactForm):
    """A mark on the text that stands."""

    statuses = frozenset({S.MEDIATING, S.SIGNING})

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and file.agreement is not None and not cls.marked(file)

    @classmethod
    def marked(cls, file: CaseFile) -> bool:
        return False

    @property
    def shown(self) -> list[tuple[str, str]]:
        agreement = self.file.agreement
        if agreement is None:
            return []
        promises = "\n".join(promise_words(self.file, p) for p in self.file.promises)
        version = _("第%(n)d版") % {"n": agreement.version}
        return [
            (_("文本"), version),
            (_("主要事实和争议"), agreement.facts_and_issues),
            (_("协议内容"), agreement.content),
            (_("履行事项"), promises),
        ]

    def agreed_text(self) -> Any:
        if self.file.agreement is None:
            raise mediation.MediationError(_("还没有协议文本。"))
        return self.file.agreement


class LegalCheck(AgreementFact):
    name, label = "legal-check", gettext_lazy("法律审核通过")
    permissions = ("case.legal_check",)
    lead = gettext_lazy("确认协议合法、自愿、能履行，不损害他人和公共利益。")
    done = gettext_lazy("已记录法律审核。")

    @classmethod
    def marked(cls, file: CaseFile) -> bool:
        return file.agreement is not None and file.agreement.legal_checked_at is not None

    def save(self, *, by: User, at: datetime) -> None:
        mediation.pass_legal_check(self.agreed_text(), by=by, at=at)


class Sign(AgreementFact):
    name, label = "sign", gettext_lazy("签署协议")
    permissions = ("case.sign", "case.record_signature")
    statuses = frozenset({S.SIGNING})
    lead = gettext_lazy("请从头看一遍。签署后，各方和调解员都签了、盖了章，协议就生效，对各方都有约束力。")
    done = gettext_lazy("已签署。")
    whom = gettext_lazy("各方和调解员会看到已经签署。")

    @property
    def title(self) -> str:
        return super().title if self.file.as_party else _("登记纸质签署")

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        own = {p.pk for p in file.mine}
        waiting = (
            [p for p in file.unsigned if not file.as_party or p.pk in own] if file.case.status == S.SIGNING else []
        )
        return super().open(file) and bool(waiting)

    def questions(self) -> dict[str, forms.Field]:
        agreement = self.file.agreement
        version = forms.CharField(
            widget=forms.HiddenInput, required=False, max_length=12, initial=agreement.pk if agreement else ""
        )
        if not self.file.as_party:
            return {"text": version, "party": self.party_named(self.file.unsigned, _("哪一方签署了纸质协议"))}
        found: dict[str, forms.Field] = {"text": version}
        waiting = [p for p in self.file.unsigned if p in self.file.mine]
        if len(waiting) > 1:
            found["party"] = self.party_named(waiting, _("代表哪一方"))
        read = _("我已看过全文，自愿签署")
        found["read"] = tick(read, error_messages={"required": _("请先看完全文，再勾选这一项。")})
        return found

    def save(self, *, by: User, at: datetime) -> None:
        agreement, given = self.agreed_text(), self.cleaned_data
        if given["text"] != str(agreement.pk):
            raise mediation.MediationError(_("文本刚刚换了一版，请从头看过再签。"))
        party = given.get("party") or next(p for p in self.file.unsigned if p in self.file.mine)
        way = Signature.How.ONLINE if self.file.as_party else Signature.How.PAPER
        mediation.sign(agreement, party, how=way, by=by, at=at)


class SignAsMediator(AgreementFact):
    name, label = "sign-as-mediator", gettext_lazy("调解员签名")
    permissions = ("case.sign_as_mediator",)
    lead = gettext_lazy("以调解员身份在现在的文本上签名。")
    done = gettext_lazy("已签名。")
    statuses = frozenset({S.SIGNING})

    @classmethod
    def marked(cls, file: CaseFile) -> bool:
        return file.agreement is not None and file.agreement.mediator_signed_at is not None

    def save(self, *, by: User, at: datetime) -> None:
        mediation.sign_as_mediator(self.agreed_text(), by=by, at=at)


class ApplySeal(AgreementFact):
    name, label = "apply-seal", gettext_lazy("加盖调解组织印章")
    permissions = ("case.apply_seal",)
    lead = gettext_lazy("印章由保管人加盖，调解员不能自己盖章。")
    done = gettext_lazy("已盖章。")
    statuses = frozenset({S.SIGNING})

    @classmethod
    def marked(cls, file: CaseFile) -> bool:
        return file.agreement is not None and file.agreement.sealed_at is not None

    def save(self, *, by: User, at: datetime) -> None:
        mediation.apply_seal(self.agreed_text(), by=by, at=at)
