"""What the matter is: category, texts, parties, personal data."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.folding import fold
from accounts.models import User
from accounts.phones import national_phone
from calendars.today import local_date
from cases import facts as declared
from cases import services
from cases.choices import (
    Flag,
    PartyKind,
    Side,
    Track,
)
from cases.models import Category, Party
from cases.recognition import suggest_flags
from members.models import Company, Estate
from members.selectors import committee_on, company_meant, serving_company
from web.case.fact_form import FactForm
from web.frame.fields import AmountField, line, radios, select, text
from web.frame.inputs import PhoneInput
from workflows.telephones import correct_phone, follow_number, people_behind


class Classify(FactForm):
    name, label = "classify", gettext_lazy("确认类别、小区和标记")
    fact = declared.matter.CLASSIFY
    lead = gettext_lazy("确认后按类别统计和指派；标记“安全紧急”“可能激化”“群体性”会当天开始计时。")
    done = gettext_lazy("已确认类别。")

    def questions(self) -> dict[str, forms.Field]:
        case = self.case
        return {
            "category": forms.ModelChoiceField(
                Category.objects.filter(children__isnull=True).select_related("parent"),
                label=_("类别"),
                initial=case.category_id,
                widget=forms.Select(),
                help_text=_("系统建议的理由：%(why)s") % {"why": case.category_reason} if case.category_reason else "",
                error_messages={"required": _("请选择问题的类别。"), "invalid_choice": _("请从列表中选择一项。")},
            ),
            "track": radios(_("办理方式"), Track.choices, row=True, initial=case.track),
            "estate": forms.ModelChoiceField(
                Estate.objects.filter(region__code__startswith=case.region.prefix[:4]).select_related("region"),
                label=_("小区"),
                required=False,
                initial=case.estate_id,
                help_text=_("申请人写的是：%(name)s") % {"name": case.estate_name} if case.estate_name else "",
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            ),
            "flags": forms.MultipleChoiceField(
                label=_("标记"),
                choices=Flag.choices,
                required=False,
                initial=list(case.flags),
                widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--row"}),
                help_text=self._words_for_flags(),
            ),
        }

    def _words_for_flags(self) -> str:
        """Say which flags the text speaks for; a person decides."""
        found = suggest_flags(self.case.title, self.case.facts)
        return "".join(
            _("写到“%(word)s”，请考虑“%(flag)s”。") % {"word": word, "flag": flag.label}
            for flag, word in found.items()
            if flag not in self.case.flags
        )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        groups: dict[str, list[tuple[str, str]]] = {}
        for row in self.fields["category"].queryset:  # type: ignore[attr-defined]
            head = row.parent or row
            groups.setdefault(f"{head.pk} {head}", []).append((row.pk, f"{row.pk} {row}"))
        self.fields["category"].choices = [("", _("请选择")), *groups.items()]  # type: ignore[attr-defined]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        services.classify(
            self.case,
            category=given["category"],
            track=given["track"],
            estate=given["estate"],
            flags=given["flags"],
            by=by,
            at=at,
        )


class EditFiling(FactForm):
    name, label = "edit-filing", gettext_lazy("修改申请内容")
    fact = declared.matter.EDIT_FILING
    lead = gettext_lazy("补正期间可以修改事实、诉求和金额；改好后请再“补正后提交”。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "title": line(_("用一句话说是什么事"), most=100, initial=self.case.title),
            "facts": text(_("事情经过"), rows=8, most=10000, initial=self.case.facts),
            "requests": text(_("您希望怎样解决"), most=3000, initial=self.case.requests),
            "amount": AmountField(label=_("涉及金额（元）"), required=False, initial=self.case.amount),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = {name: self.cleaned_data[name] for name in ("title", "facts", "requests", "amount")}
        services.edit_filing(self.case, by=by, at=at, **given)


class Parties(FactForm):
    name, label = "parties", gettext_lazy("添加或修改当事人")
    fact = declared.matter.PARTIES
    lead = gettext_lazy("受理前可以补充或者改正当事人。姓名、电话、住址只有办案人员能看到全部。")

    @property
    def row(self) -> Party | None:
        return self.file.party(int(self.of)) if self.of.isascii() and self.of.isdigit() and len(self.of) < 12 else None

    def questions(self) -> dict[str, forms.Field]:
        row = self.row
        relations = [("", "—"), *Party.Relation.choices]
        return {
            "side": radios(_("地位"), Side.choices, row=True, initial=row.side if row else None),
            "kind": radios(_("类型"), PartyKind.choices, row=True, initial=row.kind if row else None),
            "company": forms.ModelChoiceField(
                Company.objects.order_by("name"),
                label=_("名册里的企业"),
                required=False,
                empty_label=_("不在名册里，或者不是企业"),
                initial=row.company_id if row else None,
                help_text=self._serving_hint(),
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            ),
            "name_typed": line(
                _("姓名或名称"),
                most=120,
                required=False,
                initial=row.name if row else "",
                help_text=_("选了名册里的企业，就用名册里的名称。"),
            ),
            "phone": forms.CharField(
                label=_("电话"),
                required=False,
                max_length=40,
                widget=PhoneInput,
                initial=national_phone(row.phone) if row else "",
            ),
            "address": line(_("住址或住所"), most=200, required=False, initial=row.address if row else ""),
            "relation": select(_("与小区的关系"), relations, required=False, initial=row.relation if row else ""),
            "representative": line(
                _("法定代表人或负责人"), most=60, required=False, initial=row.representative if row else ""
            ),
        }

    def _serving_hint(self) -> str:
        serving = serving_company(self.case.estate)
        if serving is None:
            return _("选了以后，这家企业就能在网上看到并答复这件事。")
        return _("现在为%(estate)s服务的是%(company)s。选了以后，这家企业就能在网上看到并答复这件事。") % {
            "estate": self.case.estate,
            "company": serving,
        }

    def clean(self) -> dict[str, Any]:
        """A company comes from the roster or by its name, never from both at odds."""
        given: dict[str, Any] = super().clean() or {}
        row, company, name = self.row, given.get("company"), (given.get("name_typed") or "").strip()
        if given.get("kind") != PartyKind.COMPANY:
            company = None
        before = row.company if row else None
        renamed = bool(name) and name != (row.name if row else "")
        if company is not None and renamed and fold(name) != company.name_key:
            if company != before:
                self.add_error("name_typed", _("名册里的企业和这里写的名称不一样，请只改一处。"))
            company = None  # the roster's company was not this one: what was written counts
        if company is None and not name and not self.errors:
            self.add_error("name_typed", _("请填写姓名或名称。"))
        if company is None and given.get("kind") == PartyKind.COMPANY:
            company = company_meant(name, estate=self.case.estate)
            if company is not None and company == before and not given.get("company"):
                company = None  # taken off the roster's entry on purpose
        return given | {"company": company}

    def save(self, *, by: User, at: datetime) -> None:
        given, row = self.cleaned_data, self.row
        kind = given["kind"]
        before, people = (row.phone, people_behind(row)) if row else ("", [])
        committee = row.committee if row and row.kind == kind == PartyKind.COMMITTEE else None
        if kind == PartyKind.COMMITTEE and committee is None:
            known = committee_on(self.case.estate, local_date(at))
            committee = known if known is not None and known.name_key == fold(given["name_typed"]) else None
        services.put_party(
            self.case,
            by=by,
            at=at,
            party=row,
            side=given["side"],
            kind=kind,
            name=given["name_typed"],
            phone=given["phone"],
            address=given["address"],
            relation=given["relation"],
            representative=given["representative"],
            id_number=row.id_number if row else "",
            company=given["company"],
            committee=committee,
        )
        if row is not None:
            follow_number(row, before, people, by=by, at=at)


class CorrectPhone(FactForm):
    """Another telephone number for one party."""

    name, label = "phone", gettext_lazy("更正当事人的电话")
    fact = declared.matter.CORRECT_PHONE
    lead = gettext_lazy(
        "问到了新号码，或者号码登记错了，在这里更正；哪一步都可以改。旧号码会收到一条短信说明，没有看的通知改发到新号码。"
    )
    KEEP, LEAVE = "KEEP", "LEAVE"

    @property
    def done(self) -> str:
        if self.cleaned_data["party"].is_person:
            return _("已更正电话。通知过旧号码的，没有看的通知改发到新号码。")
        return _("已更正电话。单位的通知仍发给它的联系人。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "party": self.party_named(),
            "phone": forms.CharField(
                label=_("新的电话"),
                max_length=40,
                widget=PhoneInput(attrs={"autocomplete": "off"}),
                error_messages={"required": _("请填电话。")},
            ),
        }
        if any(party.user_id for party in self.file.parties):
            choices = [
                (self.KEEP, _("本人还用原来的账户登录，只改联系电话")),
                (self.LEAVE, _("本人登录不了原来的账户：以后用新号码登录看本案，原来的账户不再看得到")),
            ]
            found["account"] = radios(
                _("用账户登录的当事人：原来的账户"),
                choices,
                required=False,
                help_text=_("先核实是本人。没有账户的当事人不用选。"),
            )
        return found

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        party = given.get("party")
        if party is not None and party.user_id and not given.get("account"):
            self.add_error("account", _("这位当事人有账户，请选本人还用不用它。"))
        return given

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        leaves = given.get("account") == self.LEAVE
        correct_phone(given["party"], given["phone"], by=by, at=at, leave_account=leaves)


class ViewPersonal(FactForm):
    name, label = "view-personal", gettext_lazy("查看完整信息")
    fact = declared.matter.VIEW_PERSONAL
    lead = gettext_lazy(
        "显示这位当事人的完整姓名、电话、住址和证件号码，只显示这一次；谁、何时、为什么查看会记入日志。"
    )
    button = gettext_lazy("查看")

    def questions(self) -> dict[str, forms.Field]:
        return {"party": self.party_named(), "reason": line(_("为什么要看"), most=200)}

    def save(self, *, by: User, at: datetime) -> None:
        services.view_personal(self.case, self.cleaned_data["party"], by=by, at=at)
