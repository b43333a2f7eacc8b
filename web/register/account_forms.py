"""Forms about accounts and what a centre settles for itself: shape only, the services check the meaning."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.folding import fold
from accounts.models import Centre, Region, User, region_prefix
from accounts.phones import normalise_mobile
from accounts.roles import CENTRE_ROLES, Role
from cases.clocks import CLOCKS, Basis, ClockKey, Unit
from members.models import Company, OwnersCommittee
from web.frame.fields import line, radios, tick

GRANTED = [*(role for role in Role if role in CENTRE_ROLES), Role.REGULATOR, Role.COMPANY_USER, Role.COMMITTEE_USER]
LONGEST = 365


class ContactForm(forms.Form):
    """What somebody is called and how they are reached."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["display_name"] = line(_("姓名"), most=60)
        self.fields["phone"] = line(
            _("手机号"), most=20, required=False, help_text=_("由本人登录后用短信验证码确认；确认后才能在网上签署。")
        )
        self.fields["email"] = forms.EmailField(label=_("电子邮箱"), required=False, max_length=120)

    def clean_phone(self) -> str:
        written: str = self.cleaned_data["phone"].strip()
        try:
            return normalise_mobile(written) if written else ""
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error


class PersonForm(ContactForm):
    """Who somebody is."""

    field_order = ("username",)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["username"] = line(_("用户名"), most=60, help_text=_("用拼音或字母，登录时用，不能再改。"))
        self.order_fields(self.field_order)
        self.fields["must_enrol_totp"] = tick(_("首次登录须启用动态口令"), required=False, initial=True)


class RoleForm(forms.Form):
    """One role in one place."""

    def __init__(self, centres: list[Centre], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.centres = {str(centre.pk): centre for centre in centres}
        self.fields["role"] = radios(_("角色"), [(role.value, role.label) for role in GRANTED])
        found = [(key, str(centre)) for key, centre in self.centres.items()]
        choices = found if len(found) == 1 else [("", _("请选择")), *found]
        self.fields["centre"] = forms.ChoiceField(label=_("在哪个中心"), choices=choices, required=False)
        self.fields["place"] = line(
            _("在哪个单位或地区"),
            most=120,
            required=False,
            help_text=_(
                "企业联系人填统一社会信用代码或企业全称；业委会联系人填业主委员会全称；监管部门填行政区划代码。"
            ),
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        role, written = given.get("role"), (given.get("place") or "").strip()
        if not role:
            return given
        if role in CENTRE_ROLES:
            given["where"] = {"centre": self.centres.get(given.get("centre") or "")}
        elif role == Role.REGULATOR:
            given["where"] = {"region": self._region(written)}
        elif role == Role.COMPANY_USER:
            found = Company.objects.filter(Q(credit_code=written.upper()) | Q(name_key=fold(written)))
            given["where"] = {"company_id": self._only(found)}
        else:
            given["where"] = {"committee_id": self._only(OwnersCommittee.objects.filter(name_key=fold(written)))}
        if None in given["where"].values():
            self.add_error("place", _("找不到这个单位或地区，请核对。"))
        return given

    def _region(self, code: str) -> Region | None:
        prefixes = tuple(region_prefix(centre.region_id) for centre in self.centres.values())
        return Region.objects.filter(pk=code).first() if prefixes and code.startswith(prefixes) else None

    def _only(self, rows: Any) -> int | None:
        keys = list(rows.values_list("pk", flat=True)[:2])
        return keys[0] if len(keys) == 1 else None


class ReasonForm(forms.Form):
    """Why an account is closed, opened again or freed of its one-time code."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"] = line(_("原因"), most=200)


class CentreForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a centre settles for itself; the clocks that the law fixes are not among it."""

    class Meta:
        model = Centre
        fields = [
            "name", "number_prefix", "phone", "address", "opening_hours", "workload_limit", "honours_challenges",
            "offer_limit", "legal_check_amount", "sms_signature",
        ]  # fmt: skip
        help_texts = {
            "number_prefix": gettext_lazy("如：皖物调。改了就另起一个编号序列，从1号开始；已经编的案号不变。"),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for key, clock in CLOCKS.items():
            if clock.basis is Basis.LAW or clock.unit not in {Unit.DAYS, Unit.WORKING_DAYS}:
                continue
            self.fields[f"clock_{key}"] = forms.IntegerField(
                label=f"{ClockKey(key).label}（{Unit(clock.unit).label}）",
                min_value=1,
                max_value=LONGEST,
                required=False,
                initial=self.instance.clock_days.get(key),
                help_text=_("空：%(n)d%(unit)s。%(source)s")
                % {"n": clock.count, "unit": Unit(clock.unit).label, "source": clock.source},
            )

    def clean_sms_signature(self) -> str:
        """Take it with the brackets in which it is sent."""
        written: str = self.cleaned_data["sms_signature"]
        return written.strip().strip("【】[]").strip()

    def settled(self) -> dict[str, Any]:
        """Return the values as the service takes them."""
        given = self.cleaned_data
        days = {name.removeprefix("clock_"): value for name, value in given.items() if name.startswith("clock_")}
        kept = {name: value for name, value in given.items() if not name.startswith("clock_")}
        return kept | {"clock_days": {key: value for key, value in days.items() if value}}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service checks, stores and journals."""


def shown_person(user: User) -> dict[str, Any]:
    """Return one line of the list of accounts."""
    today = [m for m in user.current_memberships()]
    places = [f"{Role(m.role).label} · {m.centre or m.region or m.company or m.committee}" for m in today]
    return {
        "url": f"/desk/accounts/{user.pk}/",
        "name": user.display_name or user.username,
        "username": user.username,
        "roles": places,
        "active": user.is_active,
    }
