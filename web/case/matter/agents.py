"""Who acts for a party, and until when."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import mask_name, mask_phone
from accounts.models import User
from cases import agents, evidence
from cases import facts as declared
from cases.choices import AgentScope
from cases.models import Agent
from web.case.fact_form import FactForm
from web.frame.fields import line, ticks
from web.frame.inputs import EvidenceField, PhoneInput
from workflows.telephones import correct_agent_phone


class AppointAgent(FactForm):
    name, label = "appoint-agent", gettext_lazy("委托代理人")
    fact = declared.matter.APPOINT_AGENT
    multipart = True
    lead = gettext_lazy("代理人只能在授权范围内办事；签署协议须授权“承认、变更、放弃请求”。请上传授权委托书。")

    def questions(self) -> dict[str, forms.Field]:
        own = self.file.mine or None
        return {
            "party": self.party_named(own, label=_("代理哪一方")),
            "agent_name": line(_("代理人的姓名"), most=60),
            "phone": forms.CharField(
                label=_("代理人的手机号"),
                required=False,
                max_length=40,
                widget=PhoneInput,
                help_text=_("代理人用这个手机号登录、写上委托人的姓名核对后，就能看到并办理这件事。"),
            ),
            "scope": ticks(_("授权范围"), AgentScope.choices),
            "letter": EvidenceField(
                label=_("授权委托书"), error_messages={"required": _("请上传授权委托书（照片或PDF）。")}
            ),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        letter = evidence.add_evidence(
            self.case, given["letter"], by=by, at=at, purpose=_("授权委托书"), party=given["party"]
        )
        agents.appoint_agent(
            given["party"],
            name=given["agent_name"],
            phone=given["phone"],
            scope=given["scope"],
            power_of_attorney=letter,
            by=by,
            at=at,
        )


class CorrectAgentPhone(FactForm):
    name, label, button = "agent-phone", gettext_lazy("更正代理人的手机号"), gettext_lazy("更正")
    fact = declared.matter.CORRECT_AGENT
    lead = gettext_lazy(
        "号码登记错了或者换了，在这里更正。用旧号码进来的账户从此看不到这件事，旧号码会收到一条短信说明。"
    )
    done = gettext_lazy("已更正代理人的手机号。代理人用新号码登录、写上委托人的姓名核对后，就能看到这件事。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "agent": self.one(_("哪一位代理人"), self.rows_of(self.file), agent_words),
            "phone": forms.CharField(
                label=_("新的手机号"),
                max_length=40,
                widget=PhoneInput(attrs={"autocomplete": "off"}),
                error_messages={"required": _("请填手机号。")},
            ),
        }

    def save(self, *, by: User, at: datetime) -> None:
        correct_agent_phone(self.cleaned_data["agent"], self.cleaned_data["phone"], by=by, at=at)


class DismissAgent(FactForm):
    name, label, button = "dismiss-agent", gettext_lazy("解除委托"), gettext_lazy("解除")
    fact = declared.matter.DISMISS_AGENT
    lead = gettext_lazy("解除后代理人不能再看到和办理这件事；已经办的仍然有效。")

    def questions(self) -> dict[str, forms.Field]:
        return {"agent": self.one(_("哪一位代理人"), self.rows_of(self.file), agent_words)}

    def save(self, *, by: User, at: datetime) -> None:
        agents.dismiss_agent(self.cleaned_data["agent"], by=by, at=at)


def agent_words(agent: Agent) -> str:
    """Say who acts for whom, and with which number, masked."""
    said = _("%(agent)s，代理%(party)s") % {"agent": mask_name(agent.name), "party": agent.principal.shown_name}
    return f"{said} {mask_phone(agent.phone)}".strip()
