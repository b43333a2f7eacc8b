"""Consents, contacts, rights, identity, agents and passes: what concerns the people of a case."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from cases import passes, services
from cases.choices import (
    ConsentHow,
    ConsentMatter,
)
from cases.models import Party
from web.case_file import CaseFile
from web.fact_forms.base import FactForm, S
from web.form_parts import (
    STAFF_HOW,
    SeveralParties,
    line,
    radios,
    select,
)

MATTERS: dict[str, tuple[ConsentMatter, ...]] = {
    S.SUBMITTED: (ConsentMatter.MEDIATION, ConsentMatter.FORWARD, ConsentMatter.SHARE),
    S.RETURNED: (ConsentMatter.MEDIATION, ConsentMatter.FORWARD, ConsentMatter.SHARE),
    S.ANSWERING: (ConsentMatter.MEDIATION, ConsentMatter.SHARE),
    S.INVITING: (ConsentMatter.MEDIATION,),
    S.ACCEPTED: (ConsentMatter.MEDIATION, ConsentMatter.RECORDING, ConsentMatter.ATTENDANCE, ConsentMatter.PUBLICITY),
    S.ASSIGNED: (ConsentMatter.MEDIATION, ConsentMatter.RECORDING, ConsentMatter.ATTENDANCE, ConsentMatter.PUBLICITY),
    S.MEDIATING: (
        ConsentMatter.EXTENSION,
        ConsentMatter.ORAL_FORM,
        ConsentMatter.RECORDING,
        ConsentMatter.ATTENDANCE,
        ConsentMatter.PUBLICITY,
        ConsentMatter.SHARE,
    ),
    S.PERFORMING: (ConsentMatter.VARIATION,),
    S.CLOSED: (ConsentMatter.REMEDIATION,),
}
ASKED_OF_APPLICANT = {ConsentMatter.FORWARD, ConsentMatter.SHARE}


class RecordConsent(FactForm):
    name, label = "record-consent", gettext_lazy("记录当事人意见")
    permissions = ("case.record_consent",)
    statuses = frozenset(MATTERS)
    lead = gettext_lazy("记录当事人同意或者不同意，每一次都留下一条记录：谁、什么事、怎样表示的。")
    done = gettext_lazy("已记录当事人的意见。")

    def questions(self) -> dict[str, forms.Field]:
        matters = [(m.value, m.label) for m in MATTERS.get(self.case.status, ())]
        return {
            "party": self.party_named(),
            "matter": radios(_("事项"), matters, initial=matters[0][0] if matters else None),
            "answer": radios(_("意见"), [("yes", _("同意")), ("no", _("不同意"))], row=True),
            "how": select(_("怎样表示的"), STAFF_HOW, initial=ConsentHow.PHONE),
            "note": line(_("说明"), most=300, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        services.record_consent(
            given["party"],
            matter=given["matter"],
            given=given["answer"] == "yes",
            how=given["how"],
            note=given["note"],
            by=by,
            at=at,
        )


class OwnConsent(FactForm):
    name, label = "consent", gettext_lazy("表示是否同意")
    permissions = ("case.consent",)
    statuses = frozenset(MATTERS)
    lead = gettext_lazy("调解要双方都自愿。不同意也没有关系，您仍可以起诉或者向主管部门投诉。")
    done = gettext_lazy("已收到您的意见。")
    whom = gettext_lazy("中心的工作人员会马上看到。")

    @property
    def title(self) -> str:
        if self.case.status != S.INVITING:
            return super().title
        return _("改变是否同意调解的意见") if self.answered(self.file) else _("您是否同意调解？")

    @classmethod
    def answered(cls, file: CaseFile) -> bool:
        """Say whether everything that is asked now was answered; whoever changes their mind may say so."""
        asked = cls.matters(file)[:1] if file.case.status == S.INVITING else cls.matters(file)
        return all(file.consented(party, matter) is not None for party in file.mine for matter in asked)

    @classmethod
    def matters(cls, file: CaseFile) -> list[ConsentMatter]:
        found = list(MATTERS.get(file.case.status, ()))
        if ConsentMatter.VARIATION in found:
            found.remove(ConsentMatter.VARIATION)  # has a form of its own
        return found if file.has(Role.APPLICANT) else [m for m in found if m not in ASKED_OF_APPLICANT]

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return bool(cls.matters(file))

    def questions(self) -> dict[str, forms.Field]:
        matters = [(m.value, m.label) for m in self.matters(self.file)]
        first = self.of if self.of in dict(matters) else (matters[0][0] if matters else None)
        found: dict[str, forms.Field] = {"matter": radios(_("什么事"), matters, initial=first)}
        if len(matters) == 1:
            found["matter"].widget = forms.HiddenInput()
        if len(self.file.mine) > 1:
            found["party"] = self.party_named(self.file.mine, _("代表哪一方"))
        yes, no = _("同意"), _("不同意")
        return {**found, "answer": radios(_("您的意见"), [("yes", yes), ("no", no)])}

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        services.record_consent(
            given.get("party") or self.file.mine[0],
            matter=given["matter"],
            given=given["answer"] == "yes",
            how=ConsentHow.ONLINE,
            by=by,
            at=at,
        )


class Contact(FactForm):
    name, label = "contact", gettext_lazy("记录联系")
    permissions = ("case.record_consent",)
    lead = gettext_lazy("记录一次联系；两次没有回音，可以视为对方不同意调解。")
    done = gettext_lazy("已记录这次联系。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "party": self.party_named(),
            "how": select(_("怎样联系"), STAFF_HOW, initial=ConsentHow.PHONE),
            "answered": radios(_("结果"), [("yes", _("有回音")), ("no", _("没有回音"))], row=True),
            "note": line(_("说明"), most=300, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        answered = given["answered"] == "yes"
        services.record_contact(given["party"], how=given["how"], answered=answered, note=given["note"], by=by, at=at)


class TellRights(FactForm):
    name, label = "tell-rights", gettext_lazy("记录权利义务告知")
    permissions = ("case.record_consent",)
    lead = gettext_lazy("调解前要告诉每一方：自愿、可以要求换调解员、可以随时退出、可以公开或者不公开。")

    def questions(self) -> dict[str, forms.Field]:
        waiting = [str(p.pk) for p in self.file.parties if p.rights_told_at is None]
        field = SeveralParties(self.file, self.file.parties, label=_("告知了哪些当事人"), initial=waiting)
        return {"parties": field, "how": select(_("怎样告知的"), STAFF_HOW, initial=ConsentHow.ORAL)}

    def save(self, *, by: User, at: datetime) -> None:
        for party in self.cleaned_data["parties"]:
            services.tell_rights(party, how=self.cleaned_data["how"], by=by, at=at)


class CheckIdentity(FactForm):
    name, label = "check-identity", gettext_lazy("记录身份核对")
    permissions = ("case.record_consent",)
    lead = gettext_lazy("对照身份证、营业执照、备案文件核对过的当事人。")

    def questions(self) -> dict[str, forms.Field]:
        waiting = [str(p.pk) for p in self.file.parties if p.identity_checked_at is None]
        return {"parties": SeveralParties(self.file, self.file.parties, label=_("核对了哪些当事人"), initial=waiting)}

    def save(self, *, by: User, at: datetime) -> None:
        for party in self.cleaned_data["parties"]:
            services.check_identity(party, by=by, at=at)


class Pass(FactForm):
    name, label, button = "pass", gettext_lazy("打印新的通行码"), gettext_lazy("生成新的通行码")
    permissions = ("case.issue_pass",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    lead = gettext_lazy("通行码只显示这一次，请打印或者抄下来；旧的码马上失效，用旧码打开的页面会退出。")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.code = ""

    def questions(self) -> dict[str, forms.Field]:
        rows = self.file.mine or [p for p in self.file.parties if self.case.open_to(p.side)]
        return {"party": self.party_named(rows)}

    def save(self, *, by: User, at: datetime) -> None:
        self.code = passes.issue_pass(self.cleaned_data["party"], by=by, at=at)


class RevokePass(FactForm):
    name, label, button, danger = "revoke-pass", gettext_lazy("作废通行码"), gettext_lazy("作废"), True
    permissions = ("case.issue_pass",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    lead = gettext_lazy("码丢了或者被别人看到时作废；用它打开的页面会马上退出。")
    done = gettext_lazy("通行码已作废。")

    @classmethod
    def holders(cls, file: CaseFile) -> list[Party]:
        rows = file.mine or file.parties
        return [p for p in rows if any(one.revoked_at is None for one in p.passes.all())]

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(cls.holders(file))

    def questions(self) -> dict[str, forms.Field]:
        return {"party": self.party_named(self.holders(self.file))}

    def save(self, *, by: User, at: datetime) -> None:
        party = self.cleaned_data["party"]
        if self.file.as_party and party not in self.file.mine:
            raise passes.PassError(_("只能作废自己这一方的通行码。"))
        passes.revoke_passes(party, by=by, at=at)
