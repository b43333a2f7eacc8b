"""Asking for a region: a choice inside what a centre keeps, or any region of the country by its name."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.models import Centre, Region
from members.places import Places

PICK = gettext_lazy("请选择地区。")
ELSEWHERE = gettext_lazy("请从列表中选择区县；别的地方请由当地的中心登记。")


def kept_regions(centres: Iterable[Centre]) -> QuerySet[Region]:
    """Return the regions that these centres keep: their own and everything below."""
    inside = Q(pk__in=[])
    for centre in centres:
        inside |= Q(code__startswith=centre.region.prefix)
    return Region.objects.offered().filter(inside).order_by("code")


def by_city(regions: Iterable[Region]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Lay regions out for a select, each under its city; a city that has districts heads its group."""
    rows = list(regions)
    names = {row.code: row.name for row in rows} | dict(
        Region.objects.filter(code__in={row.city_code for row in rows}).values_list("code", "name")
    )
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        groups.setdefault(names.get(row.city_code, row.name), []).append((row.code, row.name))
    return list(groups.items())


def districts_of(regions: QuerySet[Region]) -> list[Region]:
    """Keep the regions that have no smaller ones below."""
    parents = set(Region.objects.offered().filter(parent__isnull=False).values_list("parent", flat=True))
    return [region for region in regions if region.code not in parents]


class DistrictField(forms.TypedChoiceField):
    """One district out of those that the centres keep, and the one chosen before; cleans to the region."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            coerce=lambda code: Region.objects.get(code=code),
            error_messages={"required": PICK, "invalid_choice": ELSEWHERE},
            **more,
        )

    def offer(self, centres: Iterable[Centre], chosen: Region | None) -> None:
        rows = districts_of(kept_regions(centres))
        if chosen is not None and chosen not in rows:
            rows.append(chosen)
        self.choices = [("", _("请选择")), *by_city(rows)]

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Region) else value


class RegionInput(forms.TextInput):
    """A line to type a region into, with the regions near by to choose from."""

    template_name = "web/forms/region_input.html"
    near: Iterable[str] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["near"] = list(self.near)
        context["widget"]["attrs"]["list"] = f"near-{name}"
        return context


class RegionField(forms.CharField):
    """Any region of the country, by name or code: 合肥市包河区, 安徽省合肥市, 340111; cleans to the region."""

    widget = RegionInput

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label,
            max_length=60,
            help_text=gettext_lazy("写省、市、区县的名称，例如：合肥市包河区；也可以填六位行政区划代码。"),
            error_messages={"required": gettext_lazy("请填地区。")},
        )

    def offer(self, centres: Iterable[Centre]) -> None:
        assert isinstance(self.widget, RegionInput)
        rows = kept_regions(centres).select_related("parent__parent")
        self.widget.near = [full_name(region) for region in rows]

    def clean(self, value: Any) -> Region | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return Places().find(typed)
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return full_name(value) if isinstance(value, Region) else value


def full_name(region: Region) -> str:
    """Write a region with everything above it: 安徽省合肥市包河区."""
    names, above = [region.name], region.parent
    while above is not None:
        names.insert(0, above.name)
        above = above.parent
    return "".join(names)
