"""What the form of every question shares, and the last one: check, consent, file."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import Track
from cases.models import Case, Party
from cases.services import edit_filing


class StepForm(forms.Form):
    """One question about one draft."""

    heading: str | Promise = ""

    def __init__(self, *args: Any, case: Case, user: User, **kwargs: Any) -> None:
        self.case, self.user = case, user
        super().__init__(*args, **({"initial": self.stored()} | kwargs))

    def stored(self) -> dict[str, Any]:
        """Return the answers given before."""
        return {}

    def save(self, *, at: datetime) -> None:
        raise NotImplementedError

    def edit(self, at: datetime, **fields: Any) -> None:
        edit_filing(self.case, by=self.user, at=at, **fields)

    def party(self, side: str) -> Party | None:
        return next((party for party in self.case.parties.all() if party.side == side), None)


class CheckForm(forms.Form):
    """Consent to the data notice, and where it applies to passing the matter on; then file."""

    data_notice = forms.BooleanField(
        label=_("我已阅读并同意上面的个人信息处理告知"),
        error_messages={"required": _("请先阅读并同意个人信息处理告知。")},
    )
    forward = forms.BooleanField(
        label=_("同意把我反映的内容转给物业企业先行答复"),
        help_text=_("企业在网上看不到您的电话和住址。不勾选也可以提交，工作人员会先问您。"),
        required=False,
    )
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if case.track != Track.COMPLAINT:
            del self.fields["forward"]
