"""Who handles the case: given to somebody else of the centre."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.handlers import give_to_handler
from notifications.models import Kind
from web.case.fact_form import FactForm
from web.frame.fields import line, select
from workflows.handing_over import handlers_for
from workflows.telling import tell_one


class HandOver(FactForm):
    name, label, button = "hand-over", gettext_lazy("换经办人"), gettext_lazy("交给这个人经办")
    fact = declared.matter.HAND_OVER
    whom = gettext_lazy("接手的人会收到通知；当事人看到的经办人随之改变。")

    def questions(self) -> dict[str, forms.Field]:
        people = [(str(one.pk), str(one)) for one in handlers_for(self.case)]
        return {
            "to": select(_("由谁接手"), [("", _("请选择")), *people]),
            "reason": line(_("移交的原因"), most=300),
        }

    def clean_to(self) -> Any:
        return User.objects.get(pk=self.cleaned_data["to"])

    def save(self, *, by: User, at: datetime) -> None:
        to = self.cleaned_data["to"]
        case = give_to_handler(self.case, to, reason=self.cleaned_data["reason"], by=by, at=at)
        tell_one(to, case, Kind.TASK_ASSIGNED, at=at)
