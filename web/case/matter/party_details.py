"""Complete what is known of a party after acceptance."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.choices import PartyKind
from cases.models import Party
from mediation import services as mediation
from web.case.fact_form import FactForm
from web.frame.fields import line


class CompleteParty(FactForm):
    """The particulars of one party: whose they are stands in the address."""

    name, label = "complete-party", gettext_lazy("补全当事人资料")
    fact = declared.matter.COMPLETE_PARTY
    lead = gettext_lazy(
        "照身份证、营业执照、备案文件填写，协议书和文书上照这里写。还没有人签协议的，文本随着改；已经有人签的，改动会让签名作废。"
    )
    done = gettext_lazy("已更新当事人资料。")

    @property
    def row(self) -> Party:
        """Whom it is about: named in the address, else the first body without a head, else the first party."""
        key = int(self.of) if self.of.isascii() and self.of.isdigit() and len(self.of) < 12 else None
        lacking = next((one for one in self.file.parties if not one.is_person and not one.head), None)
        return self.file.party(key) or lacking or self.file.parties[0]

    @property
    def title(self) -> str:
        who = f"{self.row.get_side_display()} {self.row.shown_name}"
        return _("补全当事人资料：%(who)s") % {"who": who}

    def questions(self) -> dict[str, forms.Field]:
        row = self.row
        self.of = str(row.pk)  # the page sends it back, so that the same party is meant
        found: dict[str, forms.Field] = {
            "name_typed": line(_("证件上的姓名或名称"), most=120, initial=row.name),
        }
        if not row.is_person:
            kept = row.head if not row.representative else ""
            hint = _("名册里登记的是：%(name)s。不填就用名册里的。") % {"name": kept} if kept else ""
            found["representative"] = line(
                _("法定代表人或负责人"), most=60, required=False, initial=row.representative, help_text=hint
            )
        if row.company is None and row.committee is None:
            number = _("统一社会信用代码") if row.kind == PartyKind.COMPANY else _("证件号码")
            found["id_number"] = line(number, most=40, required=False, initial=row.id_number)
        found["address"] = line(_("住址或住所"), most=200, required=False, initial=row.address)
        return found

    def save(self, *, by: User, at: datetime) -> None:
        given, row = self.cleaned_data, self.row
        mediation.complete_party(
            row,
            name=given["name_typed"],
            representative=given.get("representative", row.representative),
            address=given["address"],
            id_number=given.get("id_number", row.id_number),
            by=by,
            at=at,
        )
