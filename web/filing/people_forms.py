"""Against whom it is, and who is asking."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.folding import clean_line
from accounts.models import User
from accounts.phones import national_phone, normalise_phone
from calendars.today import local_date
from cases.choices import PartyKind, Side
from cases.models import Party
from cases.services import put_party
from members.models import Company, OwnersCommittee
from members.selectors import committee_on, company_meant, serving_company
from notifications.contacts import leave_email
from web.filing.forms import StepForm
from web.frame.inputs import Hinted, PhoneInput

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
            committee = committee_on(self.case.estate, local_date(at))
            return {
                "kind": PartyKind.COMMITTEE,
                "committee": committee,
                "name": name or gettext("业主委员会") + unnamed(),
            }
        return {"kind": PartyKind.PERSON if who == PERSON else PartyKind.OTHER, "name": name}


def unnamed() -> str:
    """What stands behind a body whose name the applicant does not know."""
    return gettext("（名称待核实）")


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
