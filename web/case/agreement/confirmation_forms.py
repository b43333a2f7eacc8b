"""The forms of judicial confirmation: whether each party wants it, the application, the court's word, enforcement."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.choices import ConsentHow
from cases.evidence import add_evidence
from mediation import services as mediation
from mediation.models import JudicialConfirmation
from mediation.services.confirmation import COUNTS, MOVES
from web.case.fact_form import AreaForm
from web.frame.fields import BoundedDate, line, radios, select, text
from web.frame.inputs import EvidenceField
from workflows import confirmation

State = JudicialConfirmation.State
EVENTS = {
    "accept": gettext_lazy("法院受理"),
    "refuse": gettext_lazy("法院不予受理"),
    "confirm": gettext_lazy("裁定有效"),
    "dismiss": gettext_lazy("裁定驳回"),
    "withdraw": gettext_lazy("各方撤回申请"),
}


class ConfirmationForm(AreaForm):
    """One form on the confirmation of the agreement in force, open in these of its states."""

    states: frozenset[str] = frozenset()

    @property
    def obstacle(self) -> str:
        agreement = mediation.agreement_in_force(self.case)
        if agreement is None:
            return _("没有已生效的协议。")
        state = mediation.confirmation_state(agreement)
        if state not in self.states:
            return _("司法确认现在是“%(state)s”，不能这样登记。") % {"state": State(state).label}
        return ""


class Wish(ConfirmationForm):
    name, label, button = "wish", gettext_lazy("表示是否愿意共同申请司法确认"), gettext_lazy("确定")
    fact = declared.agreement.WISH
    states = frozenset({State.NONE, State.PLANNED})
    lead = gettext_lazy(
        "司法确认由各方共同申请，不收费。法院裁定有效以后，一方不履行，另一方可以直接申请强制执行。不愿意的也可以，协议照样有效。"
    )
    done = gettext_lazy("已记录。")
    whom = gettext_lazy("其他各方和调解员会收到通知。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        if not self.file.as_party:
            hows = [choice for choice in ConsentHow.choices if choice[0] in COUNTS - {ConsentHow.ONLINE}]
            found["party"] = self.party_named()
            found["how"] = select(_("怎样表示的"), hows)
        elif len(self.file.mine) > 1:
            found["party"] = self.party_named(self.file.mine, _("代表哪一方"))
        answers = [("yes", _("愿意共同申请")), ("no", _("不愿意申请"))]
        return {**found, "answer": radios(_("意见"), answers)}

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        party = given.get("party") or self.file.mine[0]
        confirmation.say(party, given=given["answer"] == "yes", how=given.get("how") or ConsentHow.ONLINE, by=by, at=at)


class Apply(ConfirmationForm):
    name, label, button = "apply", gettext_lazy("登记已向法院申请"), gettext_lazy("登记")
    fact = declared.agreement.APPLY
    states = MOVES["apply"][0]
    lead = gettext_lazy("各方共同向法院提出申请以后登记。30日内提出、以后才告诉中心的，也可以补记。")
    done = gettext_lazy("已登记申请。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "court": line(_("向哪个法院申请"), most=120),
            "applied_on": BoundedDate(label=_("哪天申请的"), initial=timezone.localdate),
            "case_number": line(_("法院案号（调确字，还没有的不填）"), most=60, required=False),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("管辖"), "\n".join(mediation.courts_for(self.case)))]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        confirmation.apply(
            self.case,
            court=given["court"],
            applied_on=given["applied_on"],
            case_number=given["case_number"],
            by=by,
            at=at,
        )


class Court(ConfirmationForm):
    name, label, button = "court", gettext_lazy("登记法院的结果"), gettext_lazy("登记")
    fact = declared.agreement.COURT
    states = frozenset({State.APPLIED, State.COURT_ACCEPTED})
    lead = gettext_lazy("按法院的通知书、裁定书登记，并上传裁定书。")
    done = gettext_lazy("已登记。各方会收到通知。")
    multipart = True

    def questions(self) -> dict[str, forms.Field]:
        agreement = mediation.agreement_in_force(self.case)
        state = mediation.confirmation_state(agreement) if agreement else ""
        events = [(name, label) for name, label in EVENTS.items() if state in MOVES[name][0]]
        grounds = [("", _("请选择")), *JudicialConfirmation.Refused.choices]
        help_text = _("只在不予受理时填。由别的法院管辖的，30日内可以向有管辖权的法院再申请。")
        asked = select(_("不予受理的情形"), grounds, required=False, help_text=help_text)
        return {
            "event": radios(_("法院怎样处理"), events),
            **({"refused_for": asked} if "refuse" in dict(events) else {}),
            "on": BoundedDate(label=_("通知书或者裁定书的日期"), initial=timezone.localdate),
            "case_number": line(_("法院案号（调确字）"), most=60, required=False),
            "reason": text(_("法院的理由（不予受理、驳回的必填）"), most=500, required=False),
            "ruling": EvidenceField(label=_("裁定书或者通知书"), required=False, allow_empty_file=True),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given, ruling = self.cleaned_data, None
        if given.get("ruling"):
            ruling = add_evidence(self.case, given["ruling"], by=by, at=at, purpose=_("司法确认裁定书、通知书"))
        confirmation.record_court(
            self.case,
            given["event"],
            on=given["on"],
            case_number=given["case_number"],
            refused_for=given.get("refused_for", ""),
            reason=given["reason"],
            ruling=ruling,
            by=by,
            at=at,
        )


class Enforcement(ConfirmationForm):
    name, label, button = "enforcement", gettext_lazy("登记是否申请强制执行"), gettext_lazy("登记")
    fact = declared.agreement.ENFORCEMENT
    states = frozenset({State.CONFIRMED})
    lead = gettext_lazy("裁定有效以后一方不履行的，另一方可以在两年内向法院申请强制执行。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "applied": radios(_("申请强制执行了吗"), [("yes", _("已申请")), ("no", _("没有申请"))], row=True),
            "on": BoundedDate(label=_("哪天申请的"), required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.record_enforcement(self.case, applied=given["applied"] == "yes", on=given["on"], by=by, at=at)


CONFIRMATION_FORMS: dict[str, type[AreaForm]] = {form.name: form for form in (Wish, Apply, Court, Enforcement)}


class PackForm(forms.Form):
    """To which court the pack is addressed; left open, the application leaves the line blank."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["court"] = line(_("向哪个法院申请"), most=120, required=False)
