"""Answer what the director asked about a deadline."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases import supervision
from web.case.fact_form import FactForm
from web.frame.fields import text
from web.templatetags.look import due_day


class AnswerSupervision(FactForm):
    name, label, button = "answer-supervision", gettext_lazy("答复督办"), gettext_lazy("答复")
    fact = declared.matter.ANSWER_SUPERVISION
    lead = gettext_lazy("写明为什么、现在怎样办、什么时候办好。答复会记在期限一览里，主任能看到。")
    done = gettext_lazy("已答复。")
    whom = gettext_lazy("不会另外发通知。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "supervision": self.one(_("答复哪一项"), self.file.supervisions, supervision_title),
            "answer": text(_("答复"), most=500),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(supervision_title(row), row.note) for row in self.file.supervisions if row.note]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        supervision.answer(given["supervision"], text=given["answer"], by=by, at=at)


def supervision_title(row: Any) -> str:
    """Say what is asked about which deadline, and by when an answer is due."""
    return _("%(kind)s：%(clock)s（%(due)s到期），请在%(by)s前答复") % {
        "kind": row.get_kind_display(),
        "clock": row.deadline.get_clock_display(),
        "due": due_day(row.deadline.due),
        "by": due_day(row.answer_by),
    }
