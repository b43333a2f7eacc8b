"""What is taken down for a caller: shape here, meaning in the services."""

import re
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.folding import fold
from accounts.models import Centre, Region
from accounts.phones import normalise_phone
from calendars.today import local_date
from cases.choices import DELEGATED, Channel, ConsentHow, CourtProcedure, Flag, PartyKind, Source, Track
from cases.lines import category_name
from cases.models import Case, Category, Party
from cases.recognition import suggest_category, taxonomy
from members.models import Estate, OwnersCommittee
from members.selectors import committee_on, companies_called, company_meant, serving_company
from web.filing.matter_forms import title_from
from web.frame.fields import AmountField, line, radios, select, text, tick
from web.frame.inputs import FilesField, PhoneInput
from web.frame.region_fields import by_city, kept_regions

CHANNELS = [Channel.PHONE, Channel.VISIT, Channel.LETTER]
TRACKS = [Track.CONSULT, Track.COMPLAINT, Track.MEDIATION, Track.REPORT, Track.INTERMEMBER]
HOW = [ConsentHow.PHONE, ConsentHow.ORAL, ConsentHow.SIGNED]
SERVING = "SERVING"
MISSING = {
    "applicant_name": gettext_lazy("请填写申请人姓名；不肯说的写“匿名”。"),
    "facts": gettext_lazy("请写下事实经过。"),
    "requests": gettext_lazy("请写下申请人想怎样解决。"),
}
# Who sends a matter on has told the person, or must; we tell again at the first contact (PIPL 17).
SENT_ON = frozenset({*DELEGATED, Source.HOTLINE})


def _choices(values: Any) -> list[tuple[str, Any]]:
    return [(value.value, value.label) for value in values]


class EntryForm(forms.Form):
    """One matter as a clerk takes it down."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    channel = radios(gettext_lazy("怎样来的"), _choices(CHANNELS), row=True)
    source = select(gettext_lazy("来源"), Source.choices)
    court_procedure = select(
        gettext_lazy("法院的审理程序"),
        [("", "—"), *CourtProcedure.choices],
        required=False,
        help_text=gettext_lazy("只有“法院委托（诉中）”要选：简易程序7日内、普通程序15日内调解完毕。"),
    )
    source_number = line(gettext_lazy("来文号或工单号"), most=60, required=False)
    applicant_name = line(gettext_lazy("申请人姓名"), most=60)
    applicant_phone = forms.CharField(
        label=gettext_lazy("申请人电话"), max_length=30, required=False, widget=PhoneInput({"autocomplete": "off"}),
        help_text=gettext_lazy("有进展时发短信；没有手机的可以不填，凭通行码或打电话查。"),
    )  # fmt: skip
    applicant_email = forms.EmailField(
        label=gettext_lazy("申请人电子邮箱"), max_length=120, required=False,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text=gettext_lazy("可以不填；短信发不到时，用它告诉申请人有新的进展，不说是什么事。"),
        error_messages={"invalid": gettext_lazy("这个电子邮箱不对，请核对，或者不填。")},
    )  # fmt: skip
    applicant_address = line(gettext_lazy("申请人住址"), most=200, required=False)
    relation = select(gettext_lazy("与小区的关系"), [("", "—"), *Party.Relation.choices], required=False)
    estate = forms.CharField(
        label=gettext_lazy("小区"), max_length=60, required=False,
        widget=forms.TextInput(
            {
                "list": "estates", "autocomplete": "off", "hx-get": "/desk/new/estates/",
                "hx-trigger": "input changed delay:250ms", "hx-target": "#estates", "hx-swap": "innerHTML",
            }
        ),
        help_text=gettext_lazy("输入名称的一部分，从列表中选；名册里没有的照写。"),
    )  # fmt: skip
    estate_pick = forms.ChoiceField(label=gettext_lazy("是哪一个"), required=False, widget=forms.RadioSelect)
    region = forms.ChoiceField(
        label=gettext_lazy("地区"), required=False, help_text=gettext_lazy("名册里没有的小区请选。")
    )
    respondent_kind = radios(
        gettext_lazy("对方是"),
        [
            (SERVING, gettext_lazy("小区的物业企业")),
            (PartyKind.COMPANY, gettext_lazy("其他企业")),
            (PartyKind.COMMITTEE, gettext_lazy("业主委员会")),
            (PartyKind.PERSON, gettext_lazy("个人")),
            (PartyKind.OTHER, gettext_lazy("其他组织")),
        ],
        row=True,
    )
    respondent_name = line(
        gettext_lazy("对方名称"),
        required=False,
        help_text=gettext_lazy("名册里登记了物业企业或业主委员会的可以不填；不知道姓名的写楼号房号。"),
    )
    category = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    track = radios(gettext_lazy("办理方式"), _choices(TRACKS), row=True)
    facts = text(gettext_lazy("事实经过"), rows=7, most=10_000)
    requests = text(gettext_lazy("诉求"), rows=3, most=3_000)
    amount = AmountField(label=gettext_lazy("金额（元）"), required=False)
    households = forms.IntegerField(
        label=gettext_lazy("涉及户数"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("不填：一户"),
    )
    flags = forms.MultipleChoiceField(
        label=gettext_lazy("标记"),
        choices=Flag.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "choices--row"}),
    )
    files = FilesField(label=gettext_lazy("材料"), required=False)  # type: ignore[assignment]
    wants_mediation = tick(
        gettext_lazy("申请人愿意调解"), required=False, help_text=gettext_lazy("对方也同意时才开始。")
    )
    data_notice = tick(
        gettext_lazy("已告知个人信息如何处理，申请人同意"),
        required=False,
        help_text=gettext_lazy("念或给看告知书：收集什么、给谁看、保存多久、怎样更正和撤回。"),
    )
    consent_how = radios(gettext_lazy("怎样同意的"), _choices(HOW), row=True, required=False)
    anyway = tick(gettext_lazy("不是同一件事，仍然登记"), required=False)

    def __init__(self, *args: Any, centre: Centre, **more: Any) -> None:
        super().__init__(*args, **more)
        self.centre = centre
        for name, sentence in MISSING.items():
            self.fields[name].error_messages["required"] = sentence
        self.duplicates: list[dict[str, str]] = []
        self.ambiguous: list[Estate] = []
        self._choose("category", [("", _("不选：按内容建议")), *categories()])
        self._choose("region", [("", "—"), *by_city(kept_regions([centre]).filter(parent__isnull=False))])
        if self.is_bound:
            self.ambiguous = same_name(centre, str(self.data.get("estate", "")))
            self._choose("estate_pick", [(str(e.pk), f"{e.name}（{e.region}{e.street}）") for e in self.ambiguous])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_applicant_phone(self) -> str:
        typed = self.cleaned_data["applicant_phone"].strip()
        try:
            return normalise_phone(typed) if typed else ""
        except DomainError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_source_number(self) -> str:
        number: str = self.cleaned_data["source_number"].strip()
        source = self.data.get("source", "")
        known = Case.objects.filter(centre=self.centre, source=source, source_number=number).first() if number else None
        if known:
            raise forms.ValidationError(_("这个文号已经登记过：%(number)s。") % {"number": known.number or "—"})
        return number

    def clean_court_procedure(self) -> str:
        pending = self.data.get("source", "") == Source.COURT_POST
        chosen: str = self.cleaned_data["court_procedure"]
        if pending and not chosen:
            raise forms.ValidationError(_("请看委托调解函，选法院的审理程序：它决定调解期限是7日还是15日。"))
        return chosen if pending else ""

    def clean_households(self) -> int:
        return self.cleaned_data["households"] or 1

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if len(self.ambiguous) > 1 and not given.get("estate_pick"):
            self.add_error("estate_pick", _("有几个同名的小区，请选是哪一个。"))
        if not given.get("data_notice") and given.get("source") not in SENT_ON:
            self.add_error("data_notice", _("请先告知个人信息如何处理，申请人同意后勾选。"))
        if (given.get("data_notice") or given.get("wants_mediation")) and not given.get("consent_how"):
            self.add_error("consent_how", _("请选择申请人是怎样表示同意的。"))
        if given.get("respondent_kind") and not self._other_side_known(given):
            self.add_error("respondent_name", _("请填写对方名称；这个小区的名册里没有登记。"))
        self._ask_which_company(given)
        if "facts" in given and not given.get("category"):
            self._suggest(given)
        return given

    def _other_side_known(self, given: dict[str, Any]) -> bool:
        if given.get("respondent_name"):
            return True
        if given["respondent_kind"] == SERVING:
            return serving_company(self.known_estate) is not None
        return given["respondent_kind"] == PartyKind.COMMITTEE and bool(self.known_estate) and self._has_committee()

    def _ask_which_company(self, given: dict[str, Any]) -> None:
        """One name under several credit codes: the clerk says which; a code typed in place of the name decides."""
        name = given.get("respondent_name") or ""
        if given.get("respondent_kind") not in {SERVING, PartyKind.COMPANY} or not name:
            return
        found = list(companies_called(name)[:10])
        if len(found) > 1 and company_meant(name, estate=self.known_estate) is None:
            codes = _("、").join(f"{company.name} {company.credit_code}" for company in found)
            sentence = _("有几家企业都叫“%(name)s”，请填统一社会信用代码：%(codes)s。") % {"name": name, "codes": codes}
            self.add_error("respondent_name", sentence)

    def _has_committee(self) -> bool:
        return OwnersCommittee.objects.filter(estate=self.known_estate).exists()

    def _suggest(self, given: dict[str, Any]) -> None:
        """Put the category that the words speak for into the form; the clerk looks at it and sends the page again."""
        found = suggest_category(title_from(given["facts"]), given["facts"])
        typed: Any = self.data
        self.data = typed.copy()
        self.data["category"] = found.code  # type: ignore[index]
        named = category_name(found.code, english=_english())
        sentence = _("按内容建议“%(name)s”：%(reason)s请核对后再提交。")
        self.add_error("category", sentence % {"name": named, "reason": found.reason})

    # --- as the services take it ---------------------------------------------------------------------------

    @cached_property
    def known_estate(self) -> Estate | None:
        picked = str(self.data.get("estate_pick", ""))
        if len(self.ambiguous) == 1:
            return self.ambiguous[0]
        return next((estate for estate in self.ambiguous if str(estate.pk) == picked), None)

    @cached_property
    def in_region(self) -> Region:
        if self.known_estate:
            return self.known_estate.region
        code = self.cleaned_data.get("region")
        return Region.objects.get(pk=code) if code else self.centre.region

    @cached_property
    def under(self) -> Category:
        return Category.objects.get(pk=self.cleaned_data["category"])

    def filing(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "channel": given["channel"],
            "source": given["source"],
            "source_number": given["source_number"],
            "court_procedure": given["court_procedure"],
            "estate": self.known_estate,
            "estate_name": given["estate"],
            "region": self.in_region,
            "category": self.under,
            "track": given["track"],
            "title": title_from(given["facts"]),
            "facts": given["facts"],
            "requests": given["requests"],
            "amount": given["amount"],
            "households": given["households"],
            "wants_mediation": given["wants_mediation"],
        }

    def applicant(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "kind": PartyKind.PERSON,
            "name": given["applicant_name"],
            "phone": given["applicant_phone"],
            "address": given["applicant_address"],
            "relation": given["relation"],
        }

    def respondent(self, at: datetime) -> dict[str, Any]:
        """Return the other side: the one on the roster where the name is its, else as written."""
        kind, name = self.cleaned_data["respondent_kind"], self.cleaned_data["respondent_name"].strip()
        if kind == SERVING and not name:
            return {"kind": PartyKind.COMPANY, "company": serving_company(self.known_estate)}
        if kind in {SERVING, PartyKind.COMPANY}:
            return {"kind": PartyKind.COMPANY, "name": name, "company": company_meant(name, estate=self.known_estate)}
        if kind == PartyKind.COMMITTEE:
            known = committee_on(self.known_estate, local_date(at))
            fits = known is not None and fold(name) in {"", known.name_key}
            return {"kind": kind, "name": name or str(known or ""), "committee": known if fits else None}
        return {"kind": kind, "name": name}


def categories() -> list[tuple[str, list[tuple[str, str]]]]:
    """The taxonomy as groups of a select."""
    english, rows = _english(), taxonomy()
    return [
        (
            category_name(group, english=english),
            [(code, category_name(code, english=english)) for code in rows if code[:2] == group and code != group]
            or [(group, category_name(group, english=english))],
        )
        for group in rows
        if len(group) == 2
    ]


def _english() -> bool:
    return (get_language() or "").startswith("en")


def same_name(centre: Centre, typed: str) -> list[Estate]:
    """The estates of the centre's region with this name; the datalist writes the district in brackets behind it."""
    key = fold(typed)
    behind = re.fullmatch(r"(.+)\(([^()]*)\)", key)
    wanted = {key, behind[1]} if behind else {key}
    rows = Estate.objects.filter(region__code__startswith=centre.region.prefix, name_key__in=wanted - {""})
    found = list(rows.select_related("region").order_by("pk")[:12])
    named = [estate for estate in found if estate.name_key == key]
    exact = [estate for estate in found if f"{estate.name_key}({fold(estate.region.name)})" == key]
    return named or (exact if len(exact) == 1 else found)
