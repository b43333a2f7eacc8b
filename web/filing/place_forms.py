"""Where it is: the city, the estate, the district; it decides which centre is responsible."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Length, Replace
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.folding import clean_line, fold
from accounts.models import Region, city_code, region_prefix
from accounts.services import centre_for_region, served_cities
from members.models import Estate
from web.filing.forms import StepForm
from web.frame.inputs import Hinted

NONE_OF_THESE = "none"
NO_CENTRE_HERE = _("这个地区还没有调处中心，请打12345热线或者找街道、居委会。")
ANOTHER_CITY = "another"


def cities() -> list[tuple[str, list[tuple[str, str]]]]:
    """List the cities in which a centre is responsible under their provinces, for a select."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for city in served_cities():
        groups.setdefault(str(city.parent or city), []).append((city.code, city.name))
    return list(groups.items())


class PlaceForm(forms.Form):
    """City and name of the estate; the first answer, given before there is a draft."""

    city = forms.ChoiceField(label=_("在哪个城市"), error_messages={"required": _("请选择城市。")})
    estate_name = forms.CharField(
        label=_("小区叫什么名字"),
        help_text=_("例如：翠湖花园。不用写楼号和房号。"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("请写小区的名字。"), "max_length": _("小区名字太长，请只写名字。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["city"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *cities(), (ANOTHER_CITY, _("不在上面：别的城市"))]

    def clean_city(self) -> Region | None:
        """Return the city, or None for one where no centre is."""
        code = self.cleaned_data["city"]
        return None if code == ANOTHER_CITY else Region.objects.get(pk=code)

    def clean_estate_name(self) -> str:
        return clean_line(self.cleaned_data["estate_name"])


def matching_estates(place: str, name: str) -> list[Estate]:
    """Find the estates of a city whose name is in what was typed, or the other way round; the closest first."""
    typed = re.sub("[()]", "", fold(name))
    core = typed.removesuffix("小区") or typed
    here = region_prefix(city_code(place))
    rows: QuerySet[Estate] = Estate.objects.filter(region__code__startswith=here).exclude(name_key="")
    bare = Replace(Replace("name_key", Value("("), Value("")), Value(")"), Value(""))  # brackets are often left out
    rows = rows.select_related("region").annotate(typed=Value(typed), bare=bare)
    rows = rows.filter(Q(bare__contains=core) | Q(typed__contains=F("bare")))
    return list(rows.annotate(size=Length("name")).order_by("size", "name", "pk")[:12])


class EstateForm(StepForm):
    """Which of the estates known by this name."""

    estate = forms.ChoiceField(
        label=_("是下面哪个小区？"),
        help_text=_("这些是按您写的名字找到的。"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一个小区。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = matching_estates(self.case.region_id, self.case.estate_name)
        field = self.fields["estate"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            *((str(estate.pk), Hinted(estate.name, f"{estate.region} {estate.address}")) for estate in found),
            (NONE_OF_THESE, Hinted(_("都不是"), _("没有找到我的小区，或者同名但不在这里"))),
        ]

    def stored(self) -> dict[str, Any]:
        return {"estate": str(self.case.estate_id) if self.case.estate_id else None}

    def save(self, *, at: datetime) -> None:
        chosen = self.cleaned_data["estate"]
        if chosen == NONE_OF_THESE:
            self.edit(at, estate=None)
            return
        estate = Estate.objects.select_related("region").get(pk=chosen)
        centre = centre_for_region(estate.region)
        if centre is None:
            raise DomainError(str(NO_CENTRE_HERE))
        self.edit(at, estate=estate, region=estate.region, centre=centre)


class DistrictForm(StepForm):
    """In which district the estate lies, where it is not known to us."""

    district = forms.ChoiceField(
        label=_("小区在哪个区、县？"),
        help_text=_("我们按它分给就近的调处中心。"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择区、县。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["district"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.code, row.name) for row in districts(self.case.region)]

    def stored(self) -> dict[str, Any]:
        return {"district": self.case.region_id}

    def save(self, *, at: datetime) -> None:
        region = Region.objects.get(pk=self.cleaned_data["district"])
        centre = centre_for_region(region)
        if centre is None:
            raise DomainError(str(NO_CENTRE_HERE))
        self.edit(at, region=region, centre=centre, estate=None)


def districts(region: Region) -> list[Region]:
    return list(Region.objects.offered().filter(parent=region.city_code).order_by("code"))
