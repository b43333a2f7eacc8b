"""Ask both sides, accept, decline."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    ROUTES,
    RejectionReason,
    Side,
)
from web.case.action_form import ActionForm
from web.case.fields import STAFF_HOW, OneParty, SeveralParties, how, how_they_agreed, served_fields
from web.frame.fields import select, text


class Invite(ActionForm):
    name = "invite"
    lead = gettext_lazy("把申请告诉对方，征询是否同意调解；对方会看到事实和诉求，看不到申请人的电话和住址。")


class Accept(ActionForm):
    name = "accept"
    lead = gettext_lazy("正式受理并给出案号，开始计算指派期限和调解期限（一般一个月）。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(party.get_side_display(), self._answer(party)) for party in self.file.parties]

    def _answer(self, party: Any) -> str:
        words = {True: _("同意调解"), False: _("不同意"), None: _("还没有表示")}
        return self.file.name_of(party) + _("：") + words[self.file.consented(party)]


class AcceptJointly(Accept):
    name = "accept_jointly"
    lead = gettext_lazy("双方已经书面同意（共同申请或者法院委派、委托），不再征询，直接受理并给出案号。")

    def questions(self) -> dict[str, forms.Field]:
        label = _("现在记录：哪些当事人书面同意调解")
        return {
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": how(_("同意的方式"), required=False),
        }

    def clean(self) -> dict[str, Any]:
        return how_they_agreed(self, super().clean() or self.cleaned_data)

    def given(self) -> dict[str, Any]:
        found = super().given()
        return found if found["agreed"] else {name: value for name, value in found.items() if name != "how"}


class Decline(ActionForm):
    name, danger = "decline", True
    lead = gettext_lazy("对方不同意或者两次联系没有回音，调解不再进行，告知双方其他途径，之后回访。")

    def questions(self) -> dict[str, forms.Field]:
        others = self.file.side(Side.RESPONDENT)
        return {
            "refused_by": OneParty(
                self.file,
                others,
                label=_("哪一方明确拒绝"),
                required=False,
                help_text=_("对方在网上已经表示不同意，或者两次联系没有回音的，不用选。"),
            ),
            "refused_how": select(_("怎样拒绝的"), [("", "—"), *STAFF_HOW], required=False),
            "reason_text": text(
                _("情况说明"), most=300, help_text=_("何人、何时、怎样表示不同意，或者两次联系的情况。")
            ),
            **served_fields(self.file),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("同时告知当事人"), str(ROUTES[RejectionReason.R04]))]
