"""What is said and handed in: answers, messages, notes, files."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import evidence, services
from cases import facts as declared
from cases.choices import (
    Solved,
)
from cases.file_types import EvidenceError
from cases.models import Message, Party
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm, FilesRefusedError
from web.case.fields import party_label
from web.frame.fields import line, radios, text, tick
from web.frame.inputs import FilesField, Hinted, files_hint


class CompanyAnswer(FactForm):
    name, label = "answer", gettext_lazy("答复投诉")
    fact = declared.matter.ANSWER_COMPLAINT
    lead = gettext_lazy("写明查到什么、已经或者准备怎样解决、什么时候办好。申请人会看到这份答复，并说是否解决。")
    done = gettext_lazy("答复已记录。")

    @classmethod
    def label_on(cls, file: CaseFile) -> str:
        return super().label_on(file) if file.as_party else _("代企业记录答复")

    @property
    def title(self) -> str:
        return self.label_on(self.file)

    def questions(self) -> dict[str, forms.Field]:
        return {"body": text(_("答复内容"), rows=8, most=5000, error_messages={"required": _("请填写答复内容。")})}

    def save(self, *, by: User, at: datetime) -> None:
        services.answer_complaint(self.case, body=self.cleaned_data["body"], by=by, at=at)


class SaySolved(FactForm):
    name, label = "say-solved", gettext_lazy("说一说是否解决了")
    fact = declared.matter.SAY_SOLVED
    lead = gettext_lazy("企业已经答复。请按实际情况选；没有解决的，可以转为调解。")
    done = gettext_lazy("已记录。")
    whom = gettext_lazy("中心的工作人员会马上看到。")

    def questions(self) -> dict[str, forms.Field]:
        return {"solved": radios(_("事情解决了吗？"), Solved.choices)}

    @property
    def shown(self) -> list[tuple[str, str]]:
        answer = self.file.company_answer
        return [(_("企业答复"), answer.body)] if answer else []

    def save(self, *, by: User, at: datetime) -> None:
        services.say_solved(self.case, solved=self.cleaned_data["solved"], by=by, at=at)


class WriteMessage(FactForm):
    name, label, button = "message", gettext_lazy("写留言"), gettext_lazy("发送")
    fact = declared.matter.MESSAGE
    done = gettext_lazy("已发送。")

    def questions(self) -> dict[str, forms.Field]:
        body = text(_("想说什么"), most=5000, error_messages={"required": _("请先写下要说的话。")})
        rooms = self.rooms()
        if self.file.as_party and self.is_bound and "to" not in self.data:
            rooms = rooms[:1]  # typed while only the centre could read it: it stays with the centre
        # A party that chooses nobody writes to the centre alone; staff say to whom they write.
        label = _("谁能看到（不选的，只给中心）") if self.file.as_party else _("谁能看到")
        to = radios(label, rooms, required=not self.file.as_party)
        return {"body": body, "to": to} if len(rooms) > 1 else {"body": body}

    def rooms(self) -> list[tuple[str, Any]]:
        informed = self.case.respondents_informed_at is not None
        joint = [("JOINT", Hinted(_("各方"), _("双方和中心都能看到")))] if informed else []
        if self.file.as_party:
            return [("CENTRE", Hinted(_("只给中心"), _("对方看不到"))), *joint]
        own = [(f"p{p.pk}", Hinted(party_label(self.file, p), _("只有这一方和中心能看到"))) for p in self.informed()]
        return [*own, *joint]

    def informed(self) -> list[Party]:
        """The parties that know of the case: the others could not read what is written to them."""
        return [p for p in self.file.parties if self.case.open_to(p.side)]

    def save(self, *, by: User, at: datetime) -> None:
        to = self.cleaned_data.get("to") or self.rooms()[0][0]
        room = Message.Room.JOINT if to == "JOINT" else Message.Room.CENTRE
        party = self.file.party(int(to[1:])) if to.startswith("p") else None
        services.write_message(self.case, body=self.cleaned_data["body"], room=room, party=party, by=by, at=at)


class Note(FactForm):
    name, label = "note", gettext_lazy("写内部备注")
    fact = declared.matter.NOTE
    lead = gettext_lazy("只有中心的工作人员能看到，当事人永远看不到。")

    def questions(self) -> dict[str, forms.Field]:
        return {"body": text(_("备注"), most=5000, error_messages={"required": _("请先写下要说的话。")})}

    def save(self, *, by: User, at: datetime) -> None:
        services.write_message(self.case, body=self.cleaned_data["body"], room=Message.Room.NOTE, by=by, at=at)


class WithdrawMessage(FactForm):
    name, label, button = "withdraw-message", gettext_lazy("撤回留言"), gettext_lazy("撤回")
    fact = declared.matter.WITHDRAW_MESSAGE
    lead = gettext_lazy("撤回后别人看不到内容，只看到“已撤回”。")
    done = gettext_lazy("已撤回。")

    def questions(self) -> dict[str, forms.Field]:
        return {"which": self.one(_("哪一条"), self.rows_of(self.file)[::-1], lambda m: m.body[:80])}

    def save(self, *, by: User, at: datetime) -> None:
        services.withdraw_message(self.cleaned_data["which"], by=by, at=at)


class AddEvidence(FactForm):
    name, label, button = "evidence", gettext_lazy("上传材料"), gettext_lazy("上传")
    fact = declared.matter.ADD_EVIDENCE
    multipart = True
    lead = gettext_lazy("一次可以选几个文件。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "files": FilesField(
                label=_("选择文件"),
                allow_empty_file=True,
                help_text=files_hint(),
                error_messages={"required": _("请先选择文件。")},
            ),
            "purpose": line(_("这些材料能证明什么"), most=300, required=False),
            "sensitive": tick(_("含身份证号、银行卡号等敏感信息，不给对方看"), required=False),
        }
        if not self.file.as_party:
            found["party"] = self.party_named(label=_("哪一方提供的"), required=False)
        return found

    def save(self, *, by: User, at: datetime) -> None:
        """Take each file in by itself: one that is refused does not lose the others."""
        given, refused, kept = self.cleaned_data, [], 0
        for upload in given["files"]:
            try:
                evidence.add_evidence(
                    self.case,
                    upload,
                    by=by,
                    at=at,
                    purpose=given["purpose"],
                    sensitive=given["sensitive"],
                    party=given.get("party"),
                )
                kept += 1
            except EvidenceError as error:
                refused.append(f"{evidence.clean_name(upload.name or '')}：{error}")
        self.done = _("已收下%(n)d个文件。") % {"n": kept}
        if refused:
            raise FilesRefusedError(kept, refused)


class WithdrawEvidence(FactForm):
    name, label, button = "withdraw-evidence", gettext_lazy("撤回材料"), gettext_lazy("撤回")
    fact = declared.matter.WITHDRAW_EVIDENCE
    lead = gettext_lazy("受理前可以撤回自己提交的材料；会留下撤回的记录。")
    done = gettext_lazy("已撤回。")

    def questions(self) -> dict[str, forms.Field]:
        return {"which": self.one(_("哪一份"), self.rows_of(self.file), str)}

    def save(self, *, by: User, at: datetime) -> None:
        evidence.withdraw_evidence(self.cleaned_data["which"], by=by, at=at)
