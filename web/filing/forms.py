"""The questions of a filing, one form a page; each form knows what is stored already and stores its own answer."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Length, Replace
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.folding import clean_line, fold
from accounts.masking import mask_text
from accounts.models import Region, User, city_code, region_prefix
from accounts.phones import national_phone, normalise_phone
from accounts.services import centre_for_region, served_cities
from calendars.today import local_date
from cases.choices import PartyKind, Side, Track
from cases.models import Case, Category, Party
from cases.services import edit_filing, parse_amount, put_party
from members.models import Company, Estate, OwnersCommittee, ServiceTerm
from members.selectors import company_meant
from notifications.contacts import leave_email
from web.filing.categories import GROUPS, detail_choices, group_named, group_of, unsure_code
from web.frame.inputs import Hinted, Lines, MoneyInput, PhoneInput

FACTS_LENGTH = 10_000
REQUESTS_LENGTH = 3_000
TITLE_LENGTH = 40
NONE_OF_THESE = "none"
NO_CENTRE_HERE = _("这个地区还没有调处中心，请打12345热线或者找街道、居委会。")


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


# --- which estate -----------------------------------------------------------------------------------------


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


# --- what it is about ---------------------------------------------------------------------------------------


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


# --- who the other side is ------------------------------------------------------------------------------------

SERVING, COMPANY, PERSON, COMMITTEE, BODY = "serving", "company", "person", "committee", "body"


class OtherSideForm(StepForm):
    """Against whom."""

    who = forms.ChoiceField(
        label=_("对方是谁？"),
        help_text=_("选最接近的一项。"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择对方是谁。")},
    )
    name = forms.CharField(
        label=_("对方的姓名或名称"),
        help_text=_("选了邻居或其他的请写。不知道姓名的，写楼号房号，例如：3幢2单元602住户。"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"max_length": _("名称太长，请写短一些。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.serving = serving_company(kwargs["case"].estate)
        super().__init__(*args, **kwargs)
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*self._serving_choice(), *self._other_choices()]

    def _serving_choice(self) -> list[tuple[str, Hinted]]:
        if self.serving is None:
            return []
        return [(SERVING, Hinted(self.serving.name, _("现在为本小区服务的物业企业")))]

    def _other_choices(self) -> list[tuple[str, Hinted]]:
        company = _("其他物业企业") if self.serving else _("物业企业")
        return [
            (COMPANY, Hinted(company, _("请在下面写名称；不知道名称可以不写"))),
            (PERSON, Hinted(_("邻居或其他个人"), _("请在下面写姓名或房号"))),
            (COMMITTEE, Hinted(_("业主委员会"))),
            (BODY, Hinted(_("开发商或其他单位"), _("请在下面写名称"))),
        ]

    def stored(self) -> dict[str, Any]:
        party = self.party(Side.RESPONDENT)
        if party is None:
            return {"who": None}
        if self.serving is not None and party.company_id == self.serving.pk:
            return {"who": SERVING}
        kinds = {PartyKind.COMPANY: COMPANY, PartyKind.PERSON: PERSON, PartyKind.COMMITTEE: COMMITTEE}
        known = party.company_id is None and party.committee_id is None and not party.name.endswith(unnamed())
        named = party.name if known or party.company_id else ""
        return {"who": kinds.get(PartyKind(party.kind), BODY), "name": named}

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("who") in {PERSON, BODY} and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", _("请写对方的姓名或名称；不知道的写楼号房号。"))
        company, applicant = self._company(), self.party(Side.APPLICANT)
        if company is not None and applicant is not None and applicant.company_id == company.pk:
            self.add_error("who", _("对方不能是您自己的单位。"))
        return cleaned

    def _company(self) -> Company | None:
        who, name = self.cleaned_data.get("who"), self.cleaned_data.get("name", "")
        if who == SERVING:
            return self.serving
        return company_meant(name, estate=self.case.estate) if who == COMPANY else None

    def save(self, *, at: datetime) -> None:
        put_party(
            self.case,
            by=self.user,
            at=at,
            side=Side.RESPONDENT,
            party=self.party(Side.RESPONDENT),
            **self._named(self.cleaned_data["who"], self.cleaned_data["name"], at=at),
        )

    def _named(self, who: str, name: str, *, at: datetime) -> dict[str, Any]:
        company = self._company()
        if who in {SERVING, COMPANY}:
            return {
                "kind": PartyKind.COMPANY,
                "company": company,
                "name": name or gettext("物业企业") + unnamed(),
            }
        if who == COMMITTEE:
            committee = committee_of(self.case.estate, at=at)
            return {
                "kind": PartyKind.COMMITTEE,
                "committee": committee,
                "name": name or gettext("业主委员会") + unnamed(),
            }
        return {"kind": PartyKind.PERSON if who == PERSON else PartyKind.OTHER, "name": name}


def unnamed() -> str:
    """What stands behind a body whose name the applicant does not know."""
    return gettext("（名称待核实）")


def serving_company(estate: Estate | None) -> Company | None:
    """Return the company that serves the estate now."""
    if estate is None:
        return None
    term = ServiceTerm.objects.filter(estate=estate, until__isnull=True).select_related("company").first()
    return term.company if term else None


def committee_of(estate: Estate | None, *, at: datetime) -> OwnersCommittee | None:
    """Return the owners' committee of the estate whose term runs."""
    if estate is None:
        return None
    today = local_date(at)
    return OwnersCommittee.objects.filter(estate=estate, term_from__lte=today, term_until__gte=today).first()


# --- what is wanted -------------------------------------------------------------------------------------------


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


# --- who is asking --------------------------------------------------------------------------------------------

MYSELF = "myself"


class YouForm(StepForm):
    """Who files, and how to reach them."""

    heading = _("您是谁？")

    acting_for = forms.ChoiceField(label=_("以谁的名义"), widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("您的姓名"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("请填您的姓名。"), "max_length": _("姓名太长，请核对。")},
    )
    phone = forms.CharField(
        label=_("手机号或电话"),
        help_text=_("我们用它告诉您办理的进展。对方在网上看不到。"),
        max_length=30,
        widget=PhoneInput,
        error_messages={"required": _("请填能找到您的电话。"), "max_length": _("电话号码太长，请核对。")},
    )
    email = forms.EmailField(
        label=_("电子邮箱"),
        help_text=_("短信发不到时，用它告诉您有新的通知，不说是什么事。对方看不到。"),
        max_length=120,
        required=False,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("这个电子邮箱不对，请核对，或者不填。")},
    )
    address = forms.CharField(
        label=_("您的住址"),
        help_text=_("例如：3幢2单元502。上门查看时用。"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
        error_messages={"max_length": _("住址太长，请写短一些。")},
    )
    relation = forms.ChoiceField(
        label=_("您和小区的关系"),
        choices=[
            (Party.Relation.OWNER, Hinted(_("业主"))),
            (Party.Relation.OCCUPIER, Hinted(_("租户或其他住户"))),
            (Party.Relation.OTHER, Hinted(_("其他"), _("例如替家里老人来办"))),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择您和小区的关系。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = bodies_of(self.user)
        field = self.fields["acting_for"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(MYSELF, _("我本人")), *((slug, str(body)) for slug, body in self.bodies.items())]
        if not self.bodies:
            del self.fields["acting_for"]
        if self.own_phone:
            self.fields["phone"].required = False
            self.fields["phone"].help_text = _(
                "不填就用您登录的手机号 %(phone)s。对方在网上看不到。"
            ) % {"phone": self.user.masked_phone}  # fmt: skip

    @property
    def own_phone(self) -> str:
        """The number that a signed-in resident has proved to hold."""
        return self.user.phone if self.user.phone_verified and not self.user.is_guest else ""

    def stored(self) -> dict[str, Any]:
        party = self.party(Side.APPLICANT)
        if party is None:
            own = "" if self.user.is_guest else self.user.display_name
            return {"name": own, "acting_for": MYSELF, "email": self.user.email}
        phone = "" if party.phone == self.own_phone else national_phone(party.phone)
        return {
            "acting_for": _slug(party),
            "name": party.representative or party.name,
            "phone": phone,
            "email": self.user.email,
            "address": party.address,
            "relation": party.relation,
        }

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        if not typed.strip():
            return self.own_phone
        try:
            return normalise_phone(typed)
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        body, other = self.bodies.get(cleaned.get("acting_for", "")), self.party(Side.RESPONDENT)
        if isinstance(body, Company) and other is not None and other.company_id == body.pk:
            self.add_error("acting_for", _("您的单位是对方，不能同时做申请人。"))
        return cleaned

    def save(self, *, at: datetime) -> None:
        given = self.cleaned_data
        if given["email"] != self.user.email and (given["email"] or self.user.is_guest):  # an account's page clears it
            leave_email(self.user, given["email"], at=at)
        put_party(
            self.case,
            by=self.user,
            at=at,
            side=Side.APPLICANT,
            party=self.party(Side.APPLICANT),
            user=None if self.user.is_guest else self.user,
            phone=given["phone"],
            address=given["address"],
            relation=given["relation"],
            **_as_whom(self.bodies.get(given.get("acting_for", "")), given["name"]),
        )


def bodies_of(user: User) -> dict[str, Company | OwnersCommittee]:
    """Return the companies and committees in whose name this person may file."""
    committees = OwnersCommittee.objects.filter(pk__in=user.committee_ids())
    companies = Company.objects.filter(pk__in=user.company_ids())
    return {f"committee-{row.pk}": row for row in committees} | {f"company-{row.pk}": row for row in companies}


def _slug(party: Party) -> str:
    if party.company_id:
        return f"company-{party.company_id}"
    return f"committee-{party.committee_id}" if party.committee_id else MYSELF


def _as_whom(body: Company | OwnersCommittee | None, name: str) -> dict[str, Any]:
    if isinstance(body, Company):
        return {"kind": PartyKind.COMPANY, "company": body, "representative": name}
    if isinstance(body, OwnersCommittee):
        return {"kind": PartyKind.COMMITTEE, "committee": body, "representative": name}
    return {"kind": PartyKind.PERSON, "name": name}


# --- the end --------------------------------------------------------------------------------------------------


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
