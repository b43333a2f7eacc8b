"""The forms of signing: records of sessions and undisputed facts, on the site or on paper."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.models import Evidence, Party
from mediation import services as mediation
from mediation.models import RecordSignature, Session, UndisputedFacts
from web.case.case_file import CaseFile
from web.case.fact_form import AreaForm
from web.case.fields import OneParty
from web.frame.fields import line, radios, text, tick
from web.templatetags.look import moment
from workflows import meetings

How = RecordSignature.How


class SessionForm(AreaForm):
    """What the forms of meeting share."""

    def own_party(self, label: Any) -> dict[str, forms.Field]:
        return {"party": OneParty(self.file, self.file.mine, label=label)} if len(self.file.mine) > 1 else {}

    def chosen_party(self) -> Party:
        party = self.cleaned_data.get("party") or next(iter(self.file.mine), None)
        if party is None:
            raise mediation.MediationError(_("只能代表自己这一方。"))
        return party

    @property
    def obstacle(self) -> str:
        return "" if self.open(self.file) else _("现在不能这样做，请看最新情况。")


class EvidenceField(forms.TypedChoiceField):
    """One of the files of the case; cleans to its row."""

    def __init__(self, file: CaseFile, *, label: Any, required: bool = True) -> None:
        found = {str(row.number): row for row in file.evidence}
        choices = [(key, f"{key}. {row.name}") for key, row in found.items()]
        blank = _("请选择") if required else _("（没有）")
        super().__init__(
            label=label,
            choices=[("", blank), *choices],
            coerce=found.get,
            empty_value=None,
            required=required,
            error_messages={"required": _("请从列表中选择一项。"), "invalid_choice": _("请从列表中选择一项。")},
        )


class AboutText(SessionForm):
    """A form about a record (`record-2`) or the undisputed facts (`facts-1`)."""

    @property
    def thing(self) -> Session | UndisputedFacts:
        kind, _dash, number = self.of.partition("-")
        if not (number.isascii() and number.isdigit()):
            raise Http404
        found: Session | UndisputedFacts | None = None
        if kind == "record":
            found = Session.objects.filter(case=self.case, number=int(number)).exclude(record="").first()
        elif kind == "facts":
            found = UndisputedFacts.objects.filter(case=self.case, version=int(number)).first()
        if found is None:
            raise Http404
        return found

    @property
    def what(self) -> str:
        thing = self.thing
        if isinstance(thing, Session):
            return _("第%(n)d次调解会的调解记录") % {"n": thing.number}
        return _("无争议事实记载")

    @property
    def shown(self) -> list[tuple[str, str]]:
        thing = self.thing
        if isinstance(thing, UndisputedFacts):
            return [(self.what, thing.text)]
        return record_parts(self.file, thing)


class SignText(AboutText):
    name, label, button = "sign", gettext_lazy("核对签名"), gettext_lazy("签名")
    fact = declared.talks.SIGN_RECORD
    done = gettext_lazy("已签名。")

    @property
    def explanation(self) -> str:
        return _("请从头看一遍：%(what)s。签名表示内容和您说的、听到的一样。") % {"what": self.what}

    def questions(self) -> dict[str, forms.Field]:
        read = _("我已看过全文，记录属实")
        return self.own_party(_("代表哪一方")) | {
            "read": tick(read, error_messages={"required": _("请先看完全文，再勾选这一项。")})
        }

    def save(self, *, by: User, at: datetime) -> None:
        thing = self.thing
        if self.file.as_party:
            mediation.sign_record(thing, self.chosen_party(), how=How.ONLINE, by=by, at=at)
        elif isinstance(thing, Session):
            mediation.sign_record_as_mediator(thing, by=by, at=at)
        else:
            raise mediation.MediationError(_("无争议事实记载由各方签名。"))


class SignOnPaper(AboutText):
    name, label = "paper", gettext_lazy("登记纸质签名")
    fact = declared.talks.SIGN_RECORD_ON_PAPER
    lead = gettext_lazy("当事人在纸上签了名，或者不愿签名的，登记在这里；扫描件先上传到案件材料。")
    done = gettext_lazy("已登记。")

    def questions(self) -> dict[str, forms.Field]:
        choices = [(How.PAPER, _("已在纸上签名")), (How.REFUSED, _("不愿签名"))]
        return {
            "party": OneParty(self.file, self.file.parties, label=_("哪一方")),
            "how": radios(_("签名情况"), choices),
            "scan": EvidenceField(self.file, label=_("扫描件"), required=False),
            "words": line(_("不愿签名的理由"), most=200, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        scan: Evidence | None = given["scan"]
        mediation.sign_record(
            self.thing, given["party"], how=given["how"], scan=scan, words=given["words"], by=by, at=at
        )


class WriteFacts(SessionForm):
    name, label = "facts", gettext_lazy("写无争议事实记载")
    fact = declared.talks.WRITE_FACTS
    lead = gettext_lazy("把各方都不争的事实单独写成一份，由各方签名，谈不成时也用得上；让步和方案不要写进来。")
    done = gettext_lazy("已写好，请各方核对签名；以前的一份和上面的签名不再使用。")
    whom = gettext_lazy("会通知各方核对签名。")

    def questions(self) -> dict[str, forms.Field]:
        stands = UndisputedFacts.objects.filter(case=self.case, voided_at__isnull=True).first()
        return {"facts": text(_("无争议的事实"), rows=8, most=5000, initial=stands.text if stands else "")}

    def save(self, *, by: User, at: datetime) -> None:
        meetings.write_facts(self.case, self.cleaned_data["facts"], by=by, at=at)


def record_parts(file: CaseFile, session: Session) -> list[tuple[str, str]]:
    """Return a session record as label and text, in the order of the official form."""
    said = "\n".join(
        f"{statement.party.get_side_display()} {file.name_of(statement.party)}：{statement.text}"
        for statement in session.statements.all()
    )
    parts = [
        (_("时间"), moment(session.starts_at)),
        (_("地点"), session.place),
        (_("到场情况"), presence_words(file, session) or session.attendees),
        (_("权利义务告知"), session.rights_notice),
        (_("当事人陈述"), said),
        (_("调解记录"), session.record),
        (_("核对事实情况"), session.facts_checked),
        (_("风险告知"), session.risk_notice),
        (_("结论"), session.get_outcome_display()),
        (_("结果"), session.result),
        (_("没有达成一致的原因"), session.why_not),
        (_("告知的其他解决途径"), session.other_routes),
        (_("记录人"), session.recorder),
    ]
    return [(str(label), str(words)) for label, words in parts if words]


def presence_words(file: CaseFile, session: Session) -> str:
    """Say line by line who came, and who did not, with or without a reason."""
    lines = []
    for one in session.attendance.all():
        party = one.party
        who = f"{party.get_side_display()} {file.name_of(party)}" if party else one.name
        if one.came:
            lines.append(f"{who}（{one.get_part_display()}）")
        elif one.reason:
            lines.append(_("%(who)s没有到场，理由：%(why)s") % {"who": who, "why": one.reason})
        else:
            lines.append(_("%(who)s没有到场，没有正当理由") % {"who": who})
    return "\n".join(lines)
