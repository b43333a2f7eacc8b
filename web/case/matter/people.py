"""Consents, contacts, rights, identity, agents and passes: what concerns the people of a case."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import ConflictError
from accounts.models import User
from cases import asking, passes, services
from cases import facts as declared
from cases.choices import ConsentHow, ConsentMatter
from cases.models import ConsentRequest, Party
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.fields import SeveralParties, how
from web.case.matter.consent_words import asked_rows, question_of
from web.frame.fields import line, radios
from web.templatetags.look import moment
from workflows import consents


class RecordConsent(FactForm):
    name, label = "record-consent", gettext_lazy("记录当事人意见")
    fact = declared.matter.RECORD_CONSENT
    lead = gettext_lazy("记录当事人同意或者不同意，每一次都留下一条记录：谁、什么事、怎样表示的。")
    done = gettext_lazy("已记录当事人的意见。")

    def questions(self) -> dict[str, forms.Field]:
        matters = declared.matter.heard_in(self.case.status)
        return {
            "party": self.party_named(),
            "matter": radios(_("事项"), [(m.value, m.label) for m in matters]),
            "answer": radios(_("意见"), [("yes", _("同意")), ("no", _("不同意"))], row=True),
            "how": how(_("怎样表示的")),
            "note": line(_("说明"), most=300, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        consents.record(
            given["party"],
            matter=given["matter"],
            given=given["answer"] == "yes",
            how=given["how"],
            note=given["note"],
            by=by,
            at=at,
        )


class OwnConsent(FactForm):
    """The answer to one question of the centre; without a question there is no form."""

    name, label, button = "consent", gettext_lazy("表示是否同意"), gettext_lazy("提交意见")
    fact = declared.matter.CONSENT
    done = gettext_lazy("已收到您的意见。")
    whom = gettext_lazy("中心的工作人员会马上看到。")

    @classmethod
    def unanswered(cls, file: CaseFile) -> list[ConsentRequest]:
        """The questions that one of this reader's sides has not answered."""
        return [row for row in file.questions if any(file.answer_to(row, p) is None for p in cls.asked_of(file, row))]

    @staticmethod
    def asked_of(file: CaseFile, row: ConsentRequest) -> list[Party]:
        keys = asking.parties_asked(row)
        return [party for party in file.mine if party.pk in keys]

    @classmethod
    def label_on(cls, file: CaseFile) -> str:
        return super().label_on(file) if cls.unanswered(file) else _("改变意见")

    @classmethod
    def lead_on(cls, file: CaseFile) -> str:
        if any(row.matter == ConsentMatter.MEDIATION for row in file.questions):
            return _("调解要双方都自愿。不同意也没有关系，您仍可以起诉或者向主管部门投诉。")
        return _("先看清楚问的是什么，再选一项；不明白的，可以打电话问中心。")

    @property
    def row(self) -> ConsentRequest:
        """The question that is meant; where the address names none, the first that waits for an answer."""
        named = self.data.get("request") if self.is_bound else self.asked.get("request")
        rows = self.file.questions
        found = next((row for row in rows if str(row.pk) == named), None)
        return found or next(iter(self.unanswered(self.file)), rows[-1])

    @property
    def title(self) -> str:
        return question_of(self.row)

    @property
    def shown(self) -> list[tuple[str, str]]:
        said = [self.file.answer_to(self.row, party) for party in self.asked_of(self.file, self.row)]
        words = {True: _("同意"), False: _("不同意")}
        own = [(_("您已经答复"), f"{words[one.given]}，{moment(one.at)}") for one in said if one is not None]
        return [*asked_rows(self.row), *own]

    def questions(self) -> dict[str, forms.Field]:
        row = self.row
        found: dict[str, forms.Field] = {
            "request": forms.CharField(widget=forms.HiddenInput, max_length=18, initial=str(row.pk))
        }
        parties = self.asked_of(self.file, row)
        if len(parties) > 1:
            found["party"] = self.party_named(parties, _("代表哪一方"))
        return {**found, "answer": radios(_("您的意见"), [("yes", _("同意")), ("no", _("不同意"))])}

    def save(self, *, by: User, at: datetime) -> None:
        given, row = self.cleaned_data, self.row
        if given["request"] != str(row.pk):
            raise ConflictError(_("这次征求已经结束或者撤回，请看最新情况。"))
        consents.record(
            given.get("party") or self.asked_of(self.file, row)[0],
            matter=row.matter,
            given=given["answer"] == "yes",
            how=ConsentHow.ONLINE,
            request=row,
            by=by,
            at=at,
        )


class Contact(FactForm):
    name, label = "contact", gettext_lazy("记录联系")
    fact = declared.matter.CONTACT
    lead = gettext_lazy("记录一次联系；两次没有回音，可以视为对方不同意调解。")
    done = gettext_lazy("已记录这次联系。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "party": self.party_named(),
            "how": how(_("怎样联系")),
            "answered": radios(_("结果"), [("yes", _("有回音")), ("no", _("没有回音"))], row=True),
            "note": line(_("说明"), most=300, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        answered = given["answered"] == "yes"
        services.record_contact(given["party"], how=given["how"], answered=answered, note=given["note"], by=by, at=at)


class TellRights(FactForm):
    name, label = "tell-rights", gettext_lazy("记录权利义务告知")
    fact = declared.matter.TELL_RIGHTS
    lead = gettext_lazy("调解前要告诉每一方：自愿、可以要求换调解员、可以随时退出、可以公开或者不公开。")

    def questions(self) -> dict[str, forms.Field]:
        field = SeveralParties(self.file, self.file.parties, label=_("告知了哪些当事人"))
        return {"parties": field, "how": how(_("怎样告知的"))}

    def save(self, *, by: User, at: datetime) -> None:
        for party in self.cleaned_data["parties"]:
            services.tell_rights(party, how=self.cleaned_data["how"], by=by, at=at)


class CheckIdentity(FactForm):
    name, label = "check-identity", gettext_lazy("记录身份核对")
    fact = declared.matter.CHECK_IDENTITY
    lead = gettext_lazy("对照身份证、营业执照、备案文件核对过的当事人。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "parties": SeveralParties(self.file, self.file.parties, label=_("核对了哪些当事人")),
            "paper": radios(_("看过的是什么证件"), Party.IdentityPaper.choices),
        }
        files = {str(row.pk): row for row in self.file.evidence}
        if files:
            found["copy"] = forms.TypedChoiceField(
                label=_("留存的复印件（先上传到材料）"), required=False, coerce=files.get, empty_value=None,
                choices=[("", _("没有留存")), *((key, f"{row.number}. {row.name}") for key, row in files.items())],
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            )  # fmt: skip
        return found

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        for party in given["parties"]:
            services.check_identity(party, paper=given["paper"], copy=given.get("copy"), by=by, at=at)


class Pass(FactForm):
    name, label, button = "pass", gettext_lazy("打印新的通行码"), gettext_lazy("生成新的通行码")
    fact = declared.matter.ISSUE_PASS
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
    fact = declared.matter.REVOKE_PASS
    lead = gettext_lazy("码丢了或者被别人看到时作废；用它打开的页面会马上退出。")
    done = gettext_lazy("通行码已作废。")

    def questions(self) -> dict[str, forms.Field]:
        return {"party": self.party_named(self.rows_of(self.file))}

    def save(self, *, by: User, at: datetime) -> None:
        party = self.cleaned_data["party"]
        if self.file.as_party and party not in self.file.mine:
            raise passes.PassError(_("只能作废自己这一方的通行码。"))
        passes.revoke_passes(party, by=by, at=at)
