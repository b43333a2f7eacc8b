"""What somebody who is asked to mediate answers; on pages of its own, because the case is still closed to him."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from documents.wording.mediation import DUTIES_AFTER, NO_OTHER_TIES
from web.case.talks.mediator_facts import Answer
from web.frame.fields import text, tick
from workflows import mediators


class AcceptNomination(Answer):
    name, label, button = "accept-nomination", gettext_lazy("接受并签署披露声明"), gettext_lazy("签署并接受")
    fact = declared.talks.ACCEPT_NOMINATION
    lead = gettext_lazy("请如实披露。没有需要披露的关系的，签署后就由您调解；有的，要各方都书面表示不提异议。")
    done = gettext_lazy("已接受，披露声明已签署。")

    def questions(self) -> dict[str, forms.Field]:
        signed = tick(
            _("以上内容属实，我本人签署这份披露声明"),
            help_text=f"{NO_OTHER_TIES}{DUTIES_AFTER}",
            error_messages={"required": _("请勾选这一项，表示由您本人签署。")},
        )
        return {**self.disclosure_questions(), "signed": signed}

    def save(self, *, by: User, at: datetime) -> None:
        mediators.accept(self.case, by=by, at=at, **self.disclosed)


class DeclineNomination(Answer):
    name, label, button = "decline-nomination", gettext_lazy("不接受这件案件"), gettext_lazy("不接受")
    fact = declared.talks.DECLINE_NOMINATION
    lead = gettext_lazy("写明原因，由中心主任另行指派。")
    done = gettext_lazy("已告诉中心主任。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("不接受的原因"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        mediators.decline(self.case, reason=self.cleaned_data["reason"], by=by, at=at)
