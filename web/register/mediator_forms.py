"""The form of one mediator of the roster: shape only, the services check the meaning."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.folding import fold
from accounts.models import Centre, Region, User, standing
from accounts.roles import Role
from cases.lines import category_name
from cases.models import Category
from mediation.models import Mediator
from members.imports import CellError, company_called
from members.models import Company, Estate
from web.frame.fields import LinesField, line, select, text
from web.register.member_forms import DayField

PICK = gettext_lazy("请从列表中选择。")


class MediatorForm(forms.Form):
    """Everything that the roster keeps of a mediator."""

    def __init__(self, row: Mediator | None, centres: Iterable[Centre], data: Any = None) -> None:
        super().__init__(data, initial=first_of(row) if row else {})
        if row is None:
            self.fields["user"] = forms.TypedChoiceField(
                label=_("哪一位工作人员"),
                choices=lambda: [("", _("请选择")), *staff_choices(centres)],
                coerce=lambda key: User.objects.get(pk=key),
                help_text=_("本中心有账号、还没有列入名册的人员；列入后即有调解员的权限。"),
                error_messages={"required": PICK, "invalid_choice": PICK},
            )
        self.fields |= questions(covered(centres, row))

    def clean_interest_companies(self) -> list[Company]:
        found = []
        for name in self.cleaned_data["interest_companies"]:
            try:
                found.append(company_called(name))
            except CellError as error:
                raise forms.ValidationError(str(error)) from error
        return found

    def clean_interest_estates(self) -> list[Estate]:
        found: list[Estate] = []
        for name in self.cleaned_data["interest_estates"]:
            named = list(Estate.objects.filter(name_key=fold(name)))
            if not named:
                raise forms.ValidationError(_("没有登记叫“%(name)s”的小区。") % {"name": name})
            found += named
        return found

    def clean_employers(self) -> str:
        return "\n".join(self.cleaned_data["employers"])


class LastDay(forms.Form):
    """The last day of an office."""

    until = DayField(label=gettext_lazy("聘期止"))


def questions(covered: list[tuple[str, str]]) -> dict[str, forms.Field]:
    internal = _("只有中心内部看得到，用来核对利害关系。一行一个。")
    return {
        "expertise": forms.MultipleChoiceField(
            label=_("专长"), required=False, choices=category_choices(), widget=forms.CheckboxSelectMultiple(),
            help_text=_("都不选：不限类别。"), error_messages={"invalid_choice": PICK},
        ),
        "regions": forms.TypedMultipleChoiceField(
            label=_("地区"), required=False, choices=covered, widget=forms.CheckboxSelectMultiple(),
            coerce=lambda code: Region.objects.get(code=code), help_text=_("都不选：不限地区。"),
            error_messages={"invalid_choice": PICK},
        ),
        "sex": select(_("性别"), [("", _("不填")), *Mediator.Sex.choices], required=False),
        "ethnicity": line(_("民族"), most=20, required=False, help_text=_("可以不填；只有中心主任看得到。")),
        "education": select(_("学历"), [("", _("不填")), *Mediator.Education.choices], required=False),
        "is_full_time": forms.BooleanField(label=_("专职"), required=False),
        "profession": line(_("职业"), most=60, required=False),
        "level": select(_("等级"), [("", _("未评定")), *Mediator.Level.choices], required=False),
        "licence": line(_("证号（律师证、调解员证）"), most=60, required=False),
        "training_hours": forms.IntegerField(label=_("本年度培训学时"), min_value=0, max_value=9999, initial=0),
        "from_date": DayField(label=_("聘期起"), required=False),
        "until": DayField(label=_("聘期止"), required=False),
        "introduction": text(_("简介（公开）"), rows=3, most=300, required=False),
        "employers": LinesField(label=_("任职、兼职单位"), required=False, help_text=internal),
        "interest_companies": LinesField(
            label=_("有利害关系的企业"), required=False, help_text=_("全称或者统一社会信用代码。") + internal
        ),
        "interest_estates": LinesField(label=_("有利害关系的小区"), required=False, help_text=internal),
    }  # fmt: skip


def first_of(row: Mediator) -> dict[str, Any]:
    """Return what the roster says now, as the form shows it."""
    plain = (
        "expertise", "sex", "ethnicity", "education", "is_full_time", "profession", "level", "licence",
        "training_hours", "from_date", "until", "introduction", "employers",
    )  # fmt: skip
    return {name: getattr(row, name) for name in plain} | {
        "regions": [region.pk for region in row.regions.all()],
        "interest_companies": "\n".join(company.name for company in row.interest_companies.all()),
        "interest_estates": "\n".join(estate.name for estate in row.interest_estates.all()),
    }


def category_choices() -> list[tuple[str, str]]:
    codes = Category.objects.filter(parent=None).values_list("code", flat=True)
    return [(code, category_name(code)) for code in codes]


def covered(centres: Iterable[Centre], row: Mediator | None) -> list[tuple[str, str]]:
    """Return what a mediator of these centres may cover: their regions, the level below, and what was chosen before."""
    whole = [centre.region_id for centre in centres]
    inside = Q(code__in=whole) | Q(parent__in=whole)
    rows = Region.objects.offered().filter(inside)
    chosen = row.regions.all() if row else Region.objects.none()
    return sorted({(region.code, region.name) for region in [*rows, *chosen]})


def staff_choices(centres: Iterable[Centre]) -> list[tuple[str, str]]:
    """Return the staff of these centres who are not on a roster."""
    people = User.objects.filter(
        standing(timezone.localdate(), "memberships__"),
        is_active=True,
        mediator_profile=None,
        memberships__centre__in=list(centres),
    ).exclude(memberships__role=Role.SYSADMIN)
    return [(str(user.pk), str(user)) for user in people.distinct().order_by("display_name", "pk")]
