"""Forms about companies, estates, service terms and owners' committees: shape only, the services check the meaning."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.models import Centre
from members.imports import CellError, company_called
from members.models import Company, Estate, OwnersCommittee
from web.frame.inputs import DateInput
from web.frame.region_fields import DistrictField, RegionField

MOST_ROWS = 2000


class DayField(forms.DateField):
    widget = DateInput

    def __init__(self, **more: Any) -> None:
        messages = {"invalid": gettext_lazy("请选择日期，或者写成2026-03-01。"), "required": gettext_lazy("请填日期。")}
        super().__init__(error_messages=messages, **more)


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    region = RegionField(label=gettext_lazy("地区"))

    class Meta:
        model = Company
        fields = [
            "name",
            "credit_code",
            "region",
            "is_member",
            "member_number",
            "legal_representative",
            "contact_name",
            "phone",
            "address",
        ]
        help_texts = {"credit_code": gettext_lazy("18位，见营业执照。")}

    def __init__(self, *args: Any, centres: Iterable[Centre], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["region"]
        assert isinstance(field, RegionField)
        field.offer(centres)
        if self.instance.pk:
            self.initial["region"] = self.instance.region

    def _post_clean(self) -> None:
        """Leave the instance alone: the services check, store and journal."""


class EstateForm(forms.ModelForm):  # type: ignore[type-arg]
    region = DistrictField(label=gettext_lazy("区县"))

    class Meta:
        model = Estate
        fields = ["name", "region", "street", "address", "households", "area"]

    def __init__(self, *args: Any, centres: Iterable[Centre], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["region"]
        assert isinstance(field, DistrictField)
        field.offer(centres, self.instance.region if self.instance.pk else None)

    def _post_clean(self) -> None:
        """Leave the instance alone: the services check, store and journal."""


class CommitteeForm(forms.ModelForm):  # type: ignore[type-arg]
    term_from = DayField(label=gettext_lazy("任期起"))
    term_until = DayField(label=gettext_lazy("任期止"))
    filed_on = DayField(label=gettext_lazy("备案日期"), required=False)

    class Meta:
        model = OwnersCommittee
        fields = ["name", "term_from", "term_until", "filing_number", "filed_on", "contact_name", "phone"]

    def _post_clean(self) -> None:
        """Leave the instance alone: the services check, store and journal."""


class ServiceForm(forms.Form):
    """Who serves an estate from when."""

    company = forms.CharField(
        label=gettext_lazy("物业企业"),
        max_length=120,
        help_text=gettext_lazy("统一社会信用代码，或者企业全称。原来的企业到前一天为止。"),
        error_messages={"required": gettext_lazy("请填物业企业。")},
    )
    from_date = DayField(label=gettext_lazy("服务起"))
    until = DayField(label=gettext_lazy("服务止"), required=False)

    def clean_company(self) -> Company:
        try:
            return company_called(self.cleaned_data["company"].strip())
        except CellError as error:
            raise forms.ValidationError(str(error)) from error


class EndServiceForm(forms.Form):
    until = DayField(label=gettext_lazy("服务止"))


class ImportForm(forms.Form):
    """A spreadsheet."""

    file = forms.FileField(
        label=gettext_lazy("Excel 文件"),
        help_text=gettext_lazy(".xlsx 或 .csv，列名与模板一致，一次最多2000行。"),
        error_messages={
            "required": gettext_lazy("请选择文件。"),
            "empty": gettext_lazy("文件是空的，请选择有内容的表格。"),
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    skip_bad = forms.BooleanField(
        label=gettext_lazy("有错误的行先跳过，其余的照样导入"),
        required=False,
    )


def put_error(form: forms.BaseForm, error: DomainError) -> None:
    """Show a domain error above the form."""
    form.add_error(None, str(error))
