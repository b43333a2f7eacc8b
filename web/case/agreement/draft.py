"""The text of an agreement as a form: written, checked while it is written, saved as a new version."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases.choices import Status
from web.case.agreement.actions import AgreementText, owners_decision
from web.case.agreement.facts import WritesText
from web.case.case_file import CaseFile
from web.frame.fields import tick
from workflows.agreements import save_text


class DraftText(WritesText, AgreementText):
    done = gettext_lazy("协议文本已保存为新的一版。")
    template = "web/case/agreement/draft.html"
    button = gettext_lazy("保存为新的一版")

    @classmethod
    def lead_on(cls, file: CaseFile) -> str:
        stands = file.unsigned_text
        if stands is not None and stands.sent_back:
            said = {"n": stands.version, "reason": stands.legal_return_reason}
            return _("法律咨询处退回了第%(n)d版：%(reason)s 改好以后保存为新的一版，再送审；以前的签署作废。") % said
        if file.case.status == Status.SIGNING:
            return _("文本已经交给各方签署。现在保存新的一版，以前的签署全部作废，各方都会收到通知，要从头看过再签。")
        return _("写新的一版协议文本；上一版不再使用，但会保留。每一项都写清谁、做什么、怎么做、在哪里、什么时候。")

    def questions(self) -> dict[str, forms.Field]:
        stands = self.file.agreement
        return {
            **self.text_questions(),
            "wants_confirmation": tick(
                _("各方打算共同申请司法确认"), required=False, initial=bool(stands and stands.wants_confirmation)
            ),
            "owners_decision_number": owners_decision(stands.owners_decision_number if stands else ""),
        }

    def save(self, *, by: User, at: datetime) -> None:
        save_text(self.case, by=by, at=at, **self.given())
