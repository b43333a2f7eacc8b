"""What it is about, and what is wanted."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.masking import mask_text
from cases.choices import Track
from cases.models import Category
from cases.services import parse_amount
from web.filing.categories import GROUPS, detail_choices, group_named, group_of, unsure_code
from web.filing.forms import StepForm
from web.frame.inputs import Hinted, Lines, MoneyInput

FACTS_LENGTH = 10_000
REQUESTS_LENGTH = 3_000
TITLE_LENGTH = 40


class CategoryForm(StepForm):
    """The kind of problem, in words of daily life."""

    group = forms.ChoiceField(
        label=_("您遇到的是哪一类问题？"),
        help_text=_("选最接近的一项，选错了也没关系。"),
        choices=[(group.slug, Hinted(group.label, group.hint)) for group in GROUPS],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一类问题。")},
    )

    def stored(self) -> dict[str, Any]:
        group = group_of(self.case.category)
        return {"group": group.slug if group else None}

    def save(self, *, at: datetime) -> None:
        group = group_named(self.cleaned_data["group"])
        if group is not None and group != group_of(self.case.category):
            self.edit(at, category=Category.objects.get(pk=group.codes[0]))


class DetailForm(StepForm):
    """The matter itself, or that one is not sure."""

    category = forms.ChoiceField(
        label=_("具体是哪一种？"),
        help_text=_("选最接近的一项。分不清的选最后一项，工作人员会帮您判断。"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项；分不清的选最后一项。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group = group_of(self.case.category) or GROUPS[-1]
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*detail_choices(group), (unsure_code(group), Hinted(_("不清楚，或者都不是")))]

    def stored(self) -> dict[str, Any]:
        return {"category": self.case.category_id}

    def save(self, *, at: datetime) -> None:
        self.edit(at, category=Category.objects.get(pk=self.cleaned_data["category"]))


class FactsForm(StepForm):
    """What happened."""

    facts = forms.CharField(
        label=_("发生了什么？"),
        help_text=_("写清楚：什么时候开始的，在哪里，出了什么事，找过谁、对方怎么说。想到什么写什么，不用讲究格式。"),
        max_length=FACTS_LENGTH,
        widget=Lines({"rows": 9}),
        error_messages={
            "required": _("请写一写发生了什么。"),
            "max_length": _("写得太长了，最多10000字；更多的内容可以在后面作为材料上传。"),
        },
    )

    def stored(self) -> dict[str, Any]:
        return {"facts": self.case.facts}

    def save(self, *, at: datetime) -> None:
        facts = self.cleaned_data["facts"]
        self.edit(at, facts=facts, title=title_from(facts))


def title_from(facts: str) -> str:
    """Make a short title of the first sentence, without numbers that identify somebody."""
    first = next((part.strip() for part in re.split(r"[。！？!?；;\r\n]+", facts) if part.strip()), facts.strip())
    title = mask_text(" ".join(first.split()))
    return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1]}…"


WAYS: list[tuple[str, Hinted]] = [
    (Track.COMPLAINT, Hinted(_("先让物业答复"), _("转给物业企业限期答复。您不满意的，可以接着调解。"))),
    (Track.MEDIATION, Hinted(_("直接申请调解"), _("请调解员帮双方坐下来谈。不收费，要双方都同意才能开始。"))),
    (Track.CONSULT, Hinted(_("只是咨询"), _("想问清楚规定和办法，由工作人员答复。"))),
    (Track.REPORT, Hinted(_("举报违规"), _("反映企业违规的线索。您的身份保密，不会告诉被举报的一方。"))),
]


class WayForm(StepForm):
    """Answer first, mediation at once, only a question, or a tip-off."""

    way = forms.ChoiceField(
        label=_("您想怎么办？"),
        help_text=_("拿不准的，选第一项。"),
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一种办法。")},
    )

    def stored(self) -> dict[str, Any]:
        return {"way": self.case.track if self.case.requests else None}

    def save(self, *, at: datetime) -> None:
        way = self.cleaned_data["way"]
        self.edit(at, track=way, wants_mediation=way in {Track.COMPLAINT, Track.MEDIATION})


WISH_LABELS = {
    Track.CONSULT: _("您想问什么？"),
    Track.REPORT: _("您希望怎样处理？"),
}


class WishForm(StepForm):
    """What would settle the matter."""

    requests = forms.CharField(
        label=_("您希望怎样解决？"),
        help_text=_("例如：修好外墙防水，赔偿天花板和衣柜的损失。"),
        max_length=REQUESTS_LENGTH,
        widget=Lines({"rows": 5}),
        error_messages={"required": _("请写一写您的要求。"), "max_length": _("写得太长了，最多3000字。")},
    )
    amount = forms.CharField(
        label=_("要求的金额（元）"),
        help_text=_("没有就不填。例如：18600"),
        max_length=30,
        required=False,
        widget=MoneyInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requests"].label = WISH_LABELS.get(Track(self.case.track), self.fields["requests"].label)
        if self.case.track == Track.CONSULT:
            self.fields["requests"].help_text = _("例如：空置房要不要交全额物业费？")
            del self.fields["amount"]

    def stored(self) -> dict[str, Any]:
        amount = self.case.amount
        return {"requests": self.case.requests, "amount": f"{amount:f}".removesuffix(".00") if amount else ""}

    def clean_amount(self) -> Decimal | None:
        try:
            return parse_amount(unicodedata.normalize("NFKC", self.cleaned_data["amount"]))
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, *, at: datetime) -> None:
        self.edit(at, requests=self.cleaned_data["requests"], amount=self.cleaned_data.get("amount"))
