"""Forms about companies, estates, service terms and owners' committees: shape only, the services check the meaning."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.models import Region
from members.imports import CellError, company_called
from members.models import Company, Estate, OwnersCommittee
from web.inputs import DateInput

MOST_ROWS = 2000


def region_choices(*, districts: bool) -> list[tuple[str, Any]]:
    """Return the regions by city: all of them, or those that have no smaller ones below."""
    regions = {region.code: region for region in Region.objects.all()}
    parents = {region.parent_id for region in regions.values()}
    groups: dict[str, list[tuple[str, str]]] = {}
    for region in regions.values():
        if districts and region.code in parents:
            continue
        above = regions.get(region.parent_id or "", region)
        province = regions.get(above.parent_id or "")
        head = f"{province.name} {above.name}" if province else above.name
        groups.setdefault(head, []).append((region.code, region.name))
    return [("", _("请选择")), *groups.items()]


class RegionField(forms.TypedChoiceField):
    """One region of the list; cleans to the region."""

    def __init__(self, *, districts: bool, **more: Any) -> None:
        super().__init__(
            choices=lambda: region_choices(districts=districts),
            coerce=lambda code: Region.objects.get(code=code),
            error_messages={
                "required": gettext_lazy("请选择地区。"),
                "invalid_choice": gettext_lazy("请选择地区。"),
            },
            **more,
        )

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Region) else value


class DayField(forms.DateField):
    widget = DateInput

    def __init__(self, **more: Any) -> None:
        messages = {"invalid": gettext_lazy("请选择日期，或者写成2026-03-01。"), "required": gettext_lazy("请填日期。")}
        super().__init__(error_messages=messages, **more)


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    region = RegionField(label=gettext_lazy("地区"), districts=False)

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

    def _post_clean(self) -> None:
        """Leave the instance alone: the services check, store and journal."""


class EstateForm(forms.ModelForm):  # type: ignore[type-arg]
    region = RegionField(label=gettext_lazy("区县"), districts=True)

    class Meta:
        model = Estate
        fields = ["name", "region", "street", "address", "households", "area"]

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
