"""A form for every fact that does not move a case: messages, consents, files, sessions, signatures, promises.

`FACTS` names them as in the address (/cases/<number>/do/<name>/). Each knows for whom and when it is open, and `save`s
through one service.
"""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.models import User
from accounts.roles import Role
from cases import evidence, passes, services
from cases.choices import (
    ConsentHow,
    ConsentMatter,
    Flag,
    PartyKind,
    RejectionReason,
    Satisfaction,
    Side,
    Solved,
    Status,
    Track,
)
from cases.clocks import ClockKey
from cases.models import Case, Category, Message, Party, Proposal
from cases.recognition import suggest_flags
from mediation import services as mediation
from mediation.models import Session, Signature
from members.models import Company, Estate
from web.action_forms import ActionForm, AgreementText, promise_words, rejection_choices, state_of
from web.case_file import CaseFile
from web.filing_forms import committee_of, serving_company
from web.form_parts import (
    STAFF_HOW,
    AmountField,
    BoundedDate,
    BoundedMoment,
    MediatorField,
    OneParty,
    SeveralParties,
    line,
    party_label,
    radios,
    select,
    text,
    tick,
)
from web.inputs import FilesField, Hinted, PhoneInput
from workflows import filing
from workflows.actions import label_of

S = Status
ENDED = {S.CLOSED, S.ARCHIVED}
ACTIVE = frozenset(set(S) - ENDED - {S.DRAFT})
BEFORE_ACCEPTANCE = frozenset({S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING})
DUTIES = (ClockKey.K10, ClockKey.K11, ClockKey.K14, ClockKey.K15, ClockKey.K16)


class FactForm(ActionForm):
    """What every fact's form has: who may, in which states, and the service that writes it."""

    permissions: tuple[str, ...] = ()
    statuses: frozenset[Any] = ACTIVE
    label: Any = ""
    done: Any = gettext_lazy("已保存。")
    whom: Any = ""
    multipart = False

    def __init__(self, file: CaseFile, data: Any = None, files: Any = None, of: str = "") -> None:
        self.of = of
        super().__init__(file, data, files)
        del self.fields["version"]  # a fact is written on whatever state the case is in

    @property
    def title(self) -> str:
        return str(self.label)

    @property
    def told(self) -> str:
        return str(self.whom)

    @property
    def address(self) -> str:
        """Where the form goes when it stands on the page of the case."""
        return f"/cases/{self.case.number or self.case.key}/do/{self.name}/"

    @classmethod
    def allowed(cls, file: CaseFile) -> bool:
        """Say whether this person may write this fact on this case at all."""
        return any(file.may(permission) for permission in cls.permissions)

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        """Say whether there is anything to write now."""
        return file.case.status in cls.statuses

    def save(self, *, by: User, at: datetime) -> None:
        """Write the fact; raises DomainError."""
        raise NotImplementedError

    def one(self, label: Any, rows: list[Any], words: Any, **more: Any) -> forms.TypedChoiceField:
        """Return the question which of these rows is meant; the one named in the address is chosen already."""
        found = {str(row.pk): row for row in rows}
        first = self.of if self.of in found else (next(iter(found)) if len(found) == 1 else None)
        return forms.TypedChoiceField(
            label=label,
            choices=[(key, words(row)) for key, row in found.items()],
            widget=forms.RadioSelect(),
            coerce=found.get,
            empty_value=None,
            initial=first,
            error_messages={"required": _("请从列表中选择一项。"), "invalid_choice": _("请从列表中选择一项。")},
            **more,
        )

    def party_named(self, parties: list[Party] | None = None, label: Any = None, **more: Any) -> OneParty:
        rows = self.file.parties if parties is None else parties
        if self.of in {str(p.pk) for p in rows}:
            more["initial"] = self.of
        return OneParty(self.file, rows, label=label or _("哪一方"), **more)


# --- what the matter is -------------------------------------------------------------------------------------


class Classify(FactForm):
    name, label = "classify", gettext_lazy("确认类别、小区和标记")
    permissions = ("case.classify",)
    lead = gettext_lazy("确认后按类别统计和指派；标记“安全紧急”“可能激化”“群体性”会当天开始计时。")
    done = gettext_lazy("已确认类别。")

    def questions(self) -> dict[str, forms.Field]:
        case = self.case
        return {
            "category": forms.ModelChoiceField(
                Category.objects.filter(children__isnull=True).select_related("parent"),
                label=_("类别"),
                initial=case.category_id,
                widget=forms.Select(),
                help_text=_("系统建议的理由：%(why)s") % {"why": case.category_reason} if case.category_reason else "",
                error_messages={"required": _("请选择问题的类别。"), "invalid_choice": _("请从列表中选择一项。")},
            ),
            "track": radios(_("办理方式"), Track.choices, row=True, initial=case.track),
            "estate": forms.ModelChoiceField(
                Estate.objects.filter(region__code__startswith=case.region.prefix[:4]).select_related("region"),
                label=_("小区"),
                required=False,
                initial=case.estate_id,
                help_text=_("申请人写的是：%(name)s") % {"name": case.estate_name} if case.estate_name else "",
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            ),
            "flags": forms.MultipleChoiceField(
                label=_("标记"),
                choices=Flag.choices,
                required=False,
                initial=list(case.flags),
                widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--row"}),
                help_text=self._words_for_flags(),
            ),
        }

    def _words_for_flags(self) -> str:
        """Say which flags the text speaks for; a person decides."""
        found = suggest_flags(self.case.title, self.case.facts)
        return "".join(
            _("写到“%(word)s”，请考虑“%(flag)s”。") % {"word": word, "flag": flag.label}
            for flag, word in found.items()
            if flag not in self.case.flags
        )

    def __init__(self, file: CaseFile, data: Any = None, files: Any = None, of: str = "") -> None:
        super().__init__(file, data, files, of)
        groups: dict[str, list[tuple[str, str]]] = {}
        for row in self.fields["category"].queryset:  # type: ignore[attr-defined]
            head = row.parent or row
            groups.setdefault(f"{head.pk} {head}", []).append((row.pk, f"{row.pk} {row}"))
        self.fields["category"].choices = [("", _("请选择")), *groups.items()]  # type: ignore[attr-defined]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        services.classify(
            self.case,
            category=given["category"],
            track=given["track"],
            estate=given["estate"],
            flags=given["flags"],
            by=by,
            at=at,
        )


class EditFiling(FactForm):
    name, label = "edit-filing", gettext_lazy("修改申请内容")
    permissions = ("case.edit_filing",)
    statuses = frozenset({S.DRAFT, S.RETURNED})
    lead = gettext_lazy("补正期间可以修改事实、诉求和金额；改好后请再“补正后提交”。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "title": line(_("用一句话说是什么事"), most=100, initial=self.case.title),
            "facts": text(_("事情经过"), rows=8, most=10000, initial=self.case.facts),
            "requests": text(_("您希望怎样解决"), most=3000, initial=self.case.requests),
            "amount": AmountField(label=_("涉及金额（元）"), required=False, initial=self.case.amount),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = {name: self.cleaned_data[name] for name in ("title", "facts", "requests", "amount")}
        services.edit_filing(self.case, by=by, at=at, **given)


class Parties(FactForm):
    name, label = "parties", gettext_lazy("添加或修改当事人")
    permissions = ("case.classify",)
    statuses = BEFORE_ACCEPTANCE
    lead = gettext_lazy("受理前可以补充或者改正当事人。姓名、电话、住址只有办案人员能看到全部。")

    @classmethod
    def allowed(cls, file: CaseFile) -> bool:
        return not file.as_party and super().allowed(file)

    @property
    def row(self) -> Party | None:
        return self.file.party(int(self.of)) if self.of.isascii() and self.of.isdigit() and len(self.of) < 12 else None

    def questions(self) -> dict[str, forms.Field]:
        row = self.row
        relations = [("", "—"), *Party.Relation.choices]
        return {
            "of": forms.CharField(required=False, widget=forms.HiddenInput, initial=self.of, max_length=12),
            "side": radios(_("地位"), Side.choices, row=True, initial=row.side if row else Side.RESPONDENT),
            "kind": radios(_("类型"), PartyKind.choices, row=True, initial=row.kind if row else PartyKind.PERSON),
            "company": forms.ModelChoiceField(
                Company.objects.order_by("name"),
                label=_("名册里的企业"),
                required=False,
                empty_label=_("不在名册里，或者不是企业"),
                initial=row.company_id if row else None,
                help_text=self._serving_hint(),
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            ),
            "name_typed": line(
                _("姓名或名称"),
                most=120,
                required=False,
                initial=row.name if row else "",
                help_text=_("选了名册里的企业，就用名册里的名称。"),
            ),
            "phone": forms.CharField(
                label=_("电话"), required=False, max_length=40, widget=PhoneInput, initial=row.phone if row else ""
            ),
            "address": line(_("住址或住所"), most=200, required=False, initial=row.address if row else ""),
            "relation": select(_("与小区的关系"), relations, required=False, initial=row.relation if row else ""),
            "representative": line(
                _("法定代表人或负责人"), most=60, required=False, initial=row.representative if row else ""
            ),
        }

    def _serving_hint(self) -> str:
        serving = serving_company(self.case.estate)
        if serving is None:
            return _("选了以后，这家企业就能在网上看到并答复这件事。")
        return _("现在为%(estate)s服务的是%(company)s。选了以后，这家企业就能在网上看到并答复这件事。") % {
            "estate": self.case.estate,
            "company": serving,
        }

    def clean(self) -> dict[str, Any]:
        """A company comes from the roster or by its name, never from both at odds."""
        given: dict[str, Any] = super().clean() or {}
        row, company, name = self.row, given.get("company"), (given.get("name_typed") or "").strip()
        if given.get("kind") != PartyKind.COMPANY:
            company = None
        before = row.company if row else None
        renamed = bool(name) and name != (row.name if row else "")
        if company is not None and renamed and name != company.name:
            if company != before:
                self.add_error("name_typed", _("名册里的企业和这里写的名称不一样，请只改一处。"))
            company = None  # the roster's company was not this one: what was written counts
        if company is None and not name and not self.errors:
            self.add_error("name_typed", _("请填写姓名或名称。"))
        if company is None and given.get("kind") == PartyKind.COMPANY:
            company = Company.objects.filter(name=name).first()
            if company is not None and company == before and not given.get("company"):
                company = None  # taken off the roster's entry on purpose
        return given | {"company": company}

    def save(self, *, by: User, at: datetime) -> None:
        given, row = self.cleaned_data, self.row
        kind = given["kind"]
        committee = row.committee if row and row.kind == kind == PartyKind.COMMITTEE else None
        if kind == PartyKind.COMMITTEE and committee is None:
            known = committee_of(self.case.estate, at=at)
            committee = known if known is not None and known.name == given["name_typed"].strip() else None
        services.put_party(
            self.case,
            by=by,
            at=at,
            party=row,
            side=given["side"],
            kind=kind,
            name=given["name_typed"],
            phone=given["phone"],
            address=given["address"],
            relation=given["relation"],
            representative=given["representative"],
            id_number=row.id_number if row else "",
            company=given["company"],
            committee=committee,
        )


class ViewPersonal(FactForm):
    name, label = "view-personal", gettext_lazy("查看完整信息")
    permissions = ("case.view_personal",)
    statuses = frozenset(set(S) - {S.DRAFT})
    lead = gettext_lazy(
        "显示这位当事人的完整姓名、电话、住址和证件号码，只显示这一次；谁、何时、为什么查看会记入日志。"
    )
    button = gettext_lazy("查看")

    def questions(self) -> dict[str, forms.Field]:
        return {"party": self.party_named(), "reason": line(_("为什么要看"), most=200)}

    def save(self, *, by: User, at: datetime) -> None:
        services.view_personal(self.case, self.cleaned_data["party"], by=by, at=at)


# --- consents, rights, identity -------------------------------------------------------------------------------

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
        return _("您是否同意调解？") if self.case.status == S.INVITING else super().title

    @classmethod
    def matters(cls, file: CaseFile) -> list[ConsentMatter]:
        found = list(MATTERS.get(file.case.status, ()))
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


# --- complaint -------------------------------------------------------------------------------------------------


class CompanyAnswer(FactForm):
    name, label = "answer", gettext_lazy("答复投诉")
    permissions = ("case.answer_complaint", "case.record_answer")
    statuses = frozenset({S.ANSWERING})
    lead = gettext_lazy("写明查到什么、已经或者准备怎样解决、什么时候办好。申请人会看到这份答复，并说是否解决。")
    done = gettext_lazy("答复已记录。")

    @property
    def title(self) -> str:
        return super().title if self.file.as_party else _("代企业记录答复")

    def questions(self) -> dict[str, forms.Field]:
        return {"body": text(_("答复内容"), rows=8, most=5000, error_messages={"required": _("请填写答复内容。")})}

    def save(self, *, by: User, at: datetime) -> None:
        services.answer_complaint(self.case, body=self.cleaned_data["body"], by=by, at=at)


class SaySolved(FactForm):
    name, label = "say-solved", gettext_lazy("说一说是否解决了")
    permissions = ("case.say_solved",)
    statuses = frozenset({S.ANSWERING})
    lead = gettext_lazy("企业已经答复。请按实际情况选；没有解决的，可以转为调解。")
    done = gettext_lazy("已记录。")
    whom = gettext_lazy("中心的工作人员会马上看到。")

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and file.company_answer is not None

    def questions(self) -> dict[str, forms.Field]:
        return {"solved": radios(_("事情解决了吗？"), Solved.choices)}

    @property
    def shown(self) -> list[tuple[str, str]]:
        answer = self.file.company_answer
        return [(_("企业答复"), answer.body)] if answer else []

    def save(self, *, by: User, at: datetime) -> None:
        services.say_solved(self.case, solved=self.cleaned_data["solved"], by=by, at=at)


# --- messages and notes -----------------------------------------------------------------------------------------


class WriteMessage(FactForm):
    name, label, button = "message", gettext_lazy("写留言"), gettext_lazy("发送")
    permissions = ("case.write_message",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    done = gettext_lazy("已发送。")

    def questions(self) -> dict[str, forms.Field]:
        body = text(_("想说什么"), most=5000, error_messages={"required": _("请先写下要说的话。")})
        rooms = self.rooms()
        to = radios(_("谁能看到"), rooms, initial=rooms[0][0])
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
    permissions = ("case.write_note",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    lead = gettext_lazy("只有中心的工作人员能看到，当事人永远看不到。")

    def questions(self) -> dict[str, forms.Field]:
        return {"body": text(_("备注"), most=5000, error_messages={"required": _("请先写下要说的话。")})}

    def save(self, *, by: User, at: datetime) -> None:
        services.write_message(self.case, body=self.cleaned_data["body"], room=Message.Room.NOTE, by=by, at=at)


class WithdrawMessage(FactForm):
    name, label, button = "withdraw-message", gettext_lazy("撤回留言"), gettext_lazy("撤回")
    permissions = ("case.write_message",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    lead = gettext_lazy("撤回后别人看不到内容，只看到“已撤回”。")
    done = gettext_lazy("已撤回。")

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(cls.own(file))

    @classmethod
    def own(cls, file: CaseFile) -> list[Message]:
        return [m for m in file.messages if m.author_id == file.user.pk and m.withdrawn_at is None]

    def questions(self) -> dict[str, forms.Field]:
        return {"which": self.one(_("哪一条"), self.own(self.file)[::-1], lambda m: m.body[:80])}

    def save(self, *, by: User, at: datetime) -> None:
        services.withdraw_message(self.cleaned_data["which"], by=by, at=at)


# --- evidence ---------------------------------------------------------------------------------------------------


class AddEvidence(FactForm):
    name, label, button = "evidence", gettext_lazy("上传材料"), gettext_lazy("上传")
    permissions = ("case.add_evidence",)
    statuses = frozenset(set(S) - {S.ARCHIVED})
    multipart = True
    lead = gettext_lazy("照片、PDF、Word、Excel、录音、视频都可以，一次可以选几个，每个最大20MB。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "files": FilesField(
                label=_("选择文件"), allow_empty_file=True, error_messages={"required": _("请先选择文件。")}
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
            except evidence.EvidenceError as error:
                refused.append(f"{evidence.clean_name(upload.name or '')}：{error}")
        self.done = _("已收下%(n)d个文件。") % {"n": kept}
        if refused:
            raise FilesRefusedError(kept, refused)


class FilesRefusedError(DomainError):
    """Some files were not taken; those that were are kept."""

    def __init__(self, kept: int, refused: list[str]) -> None:
        self.kept, self.refused = kept, refused
        first = _("已收下%(n)d个文件；下面的没有收下：") % {"n": kept} if kept else _("文件没有收下：")
        super().__init__(first + _("；").join(refused))


class WithdrawEvidence(FactForm):
    name, label, button = "withdraw-evidence", gettext_lazy("撤回材料"), gettext_lazy("撤回")
    permissions = ("case.add_evidence",)
    statuses = BEFORE_ACCEPTANCE
    lead = gettext_lazy("受理前可以撤回自己提交的材料；会留下撤回的记录。")
    done = gettext_lazy("已撤回。")

    def questions(self) -> dict[str, forms.Field]:
        return {"which": self.one(_("哪一份"), self.own(self.file), str)}

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(cls.own(file))

    @classmethod
    def own(cls, file: CaseFile) -> list[Any]:
        return [e for e in file.evidence if e.provided_by_id == file.user.pk]

    def save(self, *, by: User, at: datetime) -> None:
        evidence.withdraw_evidence(self.cleaned_data["which"], by=by, at=at)


# --- mediation --------------------------------------------------------------------------------------------------


class ChooseMediator(FactForm):
    name, label, button = "choose-mediator", gettext_lazy("选调解员"), gettext_lazy("就选这一位")
    permissions = ("case.choose_mediator",)
    statuses = frozenset({S.ACCEPTED})
    lead = gettext_lazy("双方选同一位，就由这一位调解；选得不同，由中心主任指派。")
    done = gettext_lazy("已记录您选的调解员。")
    whom = gettext_lazy("中心会看到您的选择；对方选了同一位才会生效。")

    def questions(self) -> dict[str, forms.Field]:
        fitting = [c for c in mediation.candidates(self.case) if c.fits]
        mine = next((self.file.choices[p.pk] for p in self.file.mine if p.pk in self.file.choices), None)
        return {"mediator": MediatorField(fitting, label=_("调解员"), initial=str(mine.mediator_id) if mine else None)}

    def save(self, *, by: User, at: datetime) -> None:
        mediation.choose_mediator(self.case, self.cleaned_data["mediator"].mediator, by=by, at=at)


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


# --- promises ----------------------------------------------------------------------------------------------------


class PromiseFact(FactForm):
    """Something about one promise of the agreement in force."""

    statuses = frozenset({S.PERFORMING})

    @classmethod
    def rows_of(cls, file: CaseFile) -> list[Any]:
        return [p for p in file.promises if p.performed_on is None]

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(cls.rows_of(file))

    def which(self) -> forms.TypedChoiceField:
        words = lambda p: promise_words(self.file, p) + " " + state_of(p)  # noqa: E731
        return self.one(_("哪一项"), self.rows_of(self.file), words)


class Performance(PromiseFact):
    name, label = "performance", gettext_lazy("记录已履行")
    permissions = ("case.record_performance",)
    lead = gettext_lazy("写明哪天、怎样做的，最好附上凭证（先上传转账回单、照片等材料）。")
    done = gettext_lazy("已记录履行。")

    def questions(self) -> dict[str, forms.Field]:
        proofs = [e for e in self.file.evidence if not self.file.as_party or e.provided_by_id == self.file.user.pk]
        found: dict[str, forms.Field] = {
            "obligation": self.which(),
            "on": BoundedDate(label=_("哪天做的"), initial=timezone.localdate),
            "note": line(_("怎样做的，凭证是什么"), most=300, required=False),
        }
        if proofs:
            rows = {str(e.pk): e for e in proofs}
            found["proof"] = forms.TypedChoiceField(
                label=_("凭证"), choices=[("", "—"), *((k, str(e)) for k, e in rows.items())],
                coerce=rows.get, empty_value=None, required=False,
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            )  # fmt: skip
        return found

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.record_performance(
            given["obligation"], on=given["on"], proof=given.get("proof"), note=given["note"], by=by, at=at
        )


class ConfirmPerformance(PromiseFact):
    name, label = "confirm-performance", gettext_lazy("确认对方已履行")
    permissions = ("case.confirm_performance",)
    lead = gettext_lazy("确认对方说做了的事确实做到了。")
    done = gettext_lazy("已确认。")

    @classmethod
    def rows_of(cls, file: CaseFile) -> list[Any]:
        own = {p.pk for p in file.mine}
        return [p for p in file.promises if p.performed_on and not p.confirmed_at and p.doer_id not in own]

    def questions(self) -> dict[str, forms.Field]:
        return {"obligation": self.which()}

    def save(self, *, by: User, at: datetime) -> None:
        mediation.confirm_performance(self.cleaned_data["obligation"], by=by, at=at)


class Urge(PromiseFact):
    name, label = "urge", gettext_lazy("督促履行")
    permissions = ("case.urge",)
    lead = gettext_lazy("记录一次督促；逾期且督促满两次，可以结束履行阶段，告知申请人可以起诉。")
    done = gettext_lazy("已记录督促。")

    @classmethod
    def rows_of(cls, file: CaseFile) -> list[Any]:
        return [p for p in file.promises if p.performed_on is None and p.due < file.today]

    def questions(self) -> dict[str, forms.Field]:
        return {
            "obligation": self.which(),
            "how": select(_("怎样督促的"), STAFF_HOW, initial=ConsentHow.PHONE),
            "note": line(_("说明"), most=300, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.urge(given["obligation"], how=given["how"], note=given["note"], by=by, at=at)


# --- after ------------------------------------------------------------------------------------------------------


class FollowUpForm(FactForm):
    name, label = "follow-up", gettext_lazy("记录回访")
    permissions = ("case.follow_up",)
    statuses = frozenset({S.FOLLOWUP})
    lead = gettext_lazy("回访人不能是本案的调解员。联系不上的也要记录，满三次可以结案。")
    done = gettext_lazy("已记录回访。")

    def questions(self) -> dict[str, forms.Field]:
        blank = [("", _("—"))]
        return {
            "how": select(_("怎样回访"), STAFF_HOW, initial=ConsentHow.PHONE),
            "reached": radios(_("联系上了吗"), [("yes", _("联系上了")), ("no", _("没有联系上"))], row=True),
            "solved": select(_("申请人认为是否解决"), [*blank, *Solved.choices], required=False),
            "satisfaction": select(_("满意度"), [*blank, *Satisfaction.choices], required=False),
            "performance": line(_("协议履行情况"), most=200, required=False),
            "note": text(_("说明"), most=500, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        reached = given["reached"] == "yes"
        heard = {name: given[name] if reached or name == "note" else "" for name in HEARD}
        mediation.follow_up(self.case, how=given["how"], reached=reached, by=by, at=at, **heard)


HEARD = ("solved", "satisfaction", "performance", "note")


class MeetDuty(FactForm):
    name, label = "meet-duty", gettext_lazy("记录期限事项已办")
    permissions = ("case.assist_overdue",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    lead = gettext_lazy("风险报告、首次联系、回复委派单位、送达通知书等办案步骤以外的期限，办好后在这里记录。")

    @classmethod
    def duties(cls, file: CaseFile) -> list[Any]:
        return [d for d in file.open_deadlines if d.clock in DUTIES]

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(cls.duties(file))

    def questions(self) -> dict[str, forms.Field]:
        field = self.one(_("哪一项"), self.duties(self.file), lambda d: f"{d.get_clock_display()} {d.due:%Y-%m-%d}")
        return {"deadline": field, "note": text(_("怎样办的"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        services.meet_duty(self.case, self.cleaned_data["deadline"].clock, note=self.cleaned_data["note"], by=by, at=at)


class ExplainOverdue(FactForm):
    name, label = "explain-overdue", gettext_lazy("说明超期原因")
    permissions = ("case.assist_overdue",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    lead = gettext_lazy("超期不会挡住办案，但要写明原因。")

    @classmethod
    def late(cls, file: CaseFile) -> list[Any]:
        return [d for d in file.deadlines if (d.overdue_at or d.state == "RUNNING") and d.due < file.today]

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(cls.late(file))

    def questions(self) -> dict[str, forms.Field]:
        field = self.one(_("哪一项"), self.late(self.file), lambda d: f"{d.get_clock_display()} {d.due:%Y-%m-%d}")
        return {"deadline": field, "reason": text(_("原因"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        services.explain_overdue(self.cleaned_data["deadline"], reason=self.cleaned_data["reason"], by=by, at=at)


# --- passes -------------------------------------------------------------------------------------------------------


class Pass(FactForm):
    name, label, button = "pass", gettext_lazy("打印新的通行码"), gettext_lazy("生成新的通行码")
    permissions = ("case.issue_pass",)
    statuses = frozenset(set(S) - {S.DRAFT, S.ARCHIVED})
    lead = gettext_lazy("通行码只显示这一次，请打印或者抄下来；旧的码马上失效，用旧码打开的页面会退出。")

    def __init__(self, file: CaseFile, data: Any = None, files: Any = None, of: str = "") -> None:
        super().__init__(file, data, files, of)
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


# --- proposals ------------------------------------------------------------------------------------------------------


class ProposeRejection(FactForm):
    name, label, button = "propose-rejection", gettext_lazy("提出不予受理"), gettext_lazy("提交主任决定")
    permissions = ("case.propose_rejection",)
    statuses = frozenset({S.SUBMITTED})
    lead = gettext_lazy("由中心主任决定；主任同意后才通知申请人。")
    done = gettext_lazy("已提交，等主任决定。")
    whom = gettext_lazy("会通知：中心主任。")

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and not any(p.action == "reject" for p in file.waiting_proposals)

    def questions(self) -> dict[str, forms.Field]:
        return {
            "reason_code": radios(_("原因"), rejection_choices()),
            "reason_text": text(_("给申请人的说明"), most=1000, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        reason = f"{RejectionReason(given['reason_code']).label} {given['reason_text']}".strip()
        filing.propose(
            self.case,
            "reject",
            by=by,
            at=at,
            reason=reason,
            reason_code=given["reason_code"],
            reason_text=given["reason_text"],
        )


class DecideProposal(FactForm):
    name, label, button = "decide-proposal", gettext_lazy("决定待批事项"), gettext_lazy("确定")
    permissions = ("case.decide_proposal",)
    statuses = ACTIVE
    lead = gettext_lazy("同意的，马上按所提的办，并通知当事人；不同意的，写明理由退回。")
    done = gettext_lazy("已决定。")

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(file.waiting_proposals)

    def questions(self) -> dict[str, forms.Field]:
        return {
            "proposal": self.one(_("哪一项"), self.file.waiting_proposals, proposal_words),
            "decision": radios(_("决定"), [("yes", _("同意")), ("no", _("不同意"))], row=True),
            "note": text(_("不同意的理由"), most=300, required=False),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(proposal_words(p), p.reason) for p in self.file.waiting_proposals]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        if given["decision"] == "yes":
            filing.approve(given["proposal"], by=by, at=at)
        else:
            filing.refuse(given["proposal"], by=by, at=at, note=given["note"])


def proposal_words(row: Proposal) -> str:
    """Say who proposes what."""
    who = str(row.by) if row.by else _("期限届满，由系统提出")
    return label_of(Case, row.action) + _("（%(who)s）") % {"who": who}


FACTS: dict[str, type[FactForm]] = {
    form.name: form
    for form in list(globals().values())
    if isinstance(form, type) and issubclass(form, FactForm) and form.name
}
AS_ACTION = {"propose_rejection": "propose-rejection"}
