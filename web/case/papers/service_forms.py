"""The forms of service: proof on paper, the confirmed address, a document to serve, the party's receipt."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.phones import national_phone
from cases import facts as declared
from cases import serving
from cases.changes import changing, journal
from cases.choices import ConsentHow
from cases.entries import CaseEntry
from cases.models import Party, Service, ServiceAddress, ServiceProof
from documents.models import Document
from notifications.models import Kind
from web.case.fact_form import AreaForm
from web.case.fields import SeveralParties
from web.frame.fields import BoundedDate, line, radios, text, tick, ticks
from web.frame.inputs import EvidenceField
from workflows.papers import serving as delivery
from workflows.telling import tell_parties

Way = ServiceProof.Way


def scan_field(label: Any, hint: Any) -> forms.FileField:
    errors = {"empty": _("这个文件是空的，请重新选择。")}
    return EvidenceField(label=label, help_text=hint, required=False, error_messages=errors)


def thing_of(service: Service) -> str:
    """What a party is served with: the document by its name, else what the notice said."""
    if service.document is not None:
        words = f"{service.document.title} {service.document.number}".strip()
        return words if service.document.stands else _("%(paper)s（已作废）") % {"paper": words}
    return str(Kind(service.kind).label) if service.kind in Kind.values else service.kind


class ServiceForm(AreaForm):
    """A form about service; open until the case is archived."""

    @classmethod
    def allowed(cls, file: Any) -> bool:
        return super().allowed(file) and cls.open(file)


class Prove(ServiceForm):
    name, label = "prove-service", gettext_lazy("登记送达")
    fact = declared.matter.PROVE_SERVICE
    multipart = True
    lead = gettext_lazy(
        "一次送达登记一次。当面送达附签收的送达回证；邮寄写邮件号，签收后再登记送达日期；拒收的写明见证人和经过。"
    )
    done = gettext_lazy("已登记送达。")

    def questions(self) -> dict[str, forms.Field]:
        self.service = self.found()
        return {
            "way": radios(_("怎样送达的"), Way.choices),
            "sent_on": BoundedDate(label=_("送出日期"), initial=timezone.localdate),
            "delivered_on": BoundedDate(
                label=_("送达日期"), required=False, help_text=_("邮寄的，对方签收的那一天；当面送达的可以不填。")
            ),
            "tracking": line(_("邮件号"), most=40, required=False),
            "returned": tick(_("邮件被退回"), required=False),
            "witness": line(_("见证人"), most=120, required=False, help_text=_("留置送达：社区工作人员或其他见证人。")),
            "reason": text(_("经过"), rows=3, most=300, required=False),
            "scan": scan_field(_("签收的送达回证"), _("照片或扫描件，会作为材料入卷，对方看不到。")),
        }

    def found(self) -> Service:
        key = int(self.of) if self.of.isascii() and self.of.isdecimal() and len(self.of) < 18 else 0
        row = Service.objects.filter(pk=key, case=self.case).select_related("party", "document", "case").first()
        if row is None:
            raise Http404
        return row

    @property
    def shown(self) -> list[tuple[str, str]]:
        party = self.service.party
        return [
            (_("送给谁"), f"{party.get_side_display()} {self.file.name_of(party)}"),
            (_("送什么"), thing_of(self.service)),
        ]

    def save(self, *, by: User, at: datetime) -> None:
        given = {name: value for name, value in self.given().items()}
        delivery.prove_service(self.service, by=by, at=at, **given)


class Receipt(ServiceForm):
    name, label, button = "receipt", gettext_lazy("确认收到"), gettext_lazy("我已收到")
    fact = declared.matter.CONFIRM_RECEIPT
    lead = gettext_lazy("表示您已经收到并看过，不表示您同意里面的内容。")
    done = gettext_lazy("已记下您收到了，谢谢。")

    def questions(self) -> dict[str, forms.Field]:
        key = int(self.of) if self.of.isascii() and self.of.isdecimal() and len(self.of) < 18 else 0
        row = Service.objects.filter(pk=key, case=self.case, party__in=self.file.mine).select_related("case").first()
        if row is None:
            raise Http404
        self.service = row
        return {}

    def save(self, *, by: User, at: datetime) -> None:
        delivery.confirm_receipt(self.service, by=by, at=at)


class Address(ServiceForm):
    name, label = "service-address", gettext_lazy("确认送达地址")
    fact = declared.matter.SERVICE_ADDRESS
    multipart = True
    lead = gettext_lazy("确认以后，按这些方式发出的就算送到了；换了号码或者地址，请再确认一次。")
    done = gettext_lazy("送达地址已确认。")

    def questions(self) -> dict[str, forms.Field]:
        parties = self.file.mine or self.file.parties
        whose = next((p for p in parties if str(p.pk) == self.of), parties[0])
        fields: dict[str, forms.Field] = {"party": self.party_named(parties, _("哪一方"))}
        own = self.file.as_party
        if own and len(parties) == 1:
            fields["party"].widget = forms.HiddenInput()
        fields |= {
            "ways": ticks(_("同意用哪些方式送达"), ServiceAddress.Way.choices),
            "receiver": line(_("收件人"), most=60, required=False, initial=whose.name if own else ""),
            "address": line(_("邮寄地址"), most=200, required=False, initial=whose.address if own else ""),
            "phone": line(
                _("手机号"), most=40, required=False, initial=national_phone(whose.phone) if own and whose.phone else ""
            ),
        }
        if not own:
            how = [(ConsentHow.SIGNED, _("书面签字")), (ConsentHow.PHONE, _("电话（记录在案）"))]
            fields["how"] = radios(_("怎样确认的"), how, row=True)
            fields["scan"] = scan_field(_("签字的送达地址确认书"), _("照片或扫描件，对方看不到。"))
        return fields

    def save(self, *, by: User, at: datetime) -> None:
        given = self.given()
        party: Party = given.pop("party")
        how = given.pop("how", ConsentHow.ONLINE)
        serving.confirm_address(party, how=how, by=by, at=at, **given)


class Serve(ServiceForm):
    name, label, button = "serve", gettext_lazy("送达一份文书"), gettext_lazy("送达")
    fact = declared.matter.SERVE
    lead = gettext_lazy(
        "在网上送达已经制发的文书，通知里只说有文书，不说内容。没有上网的，再打印出来当面交或者邮寄，登记送达。"
    )
    done = gettext_lazy("已发出送达通知。")

    @classmethod
    def documents(cls, file: Any) -> list[Document]:
        rows = Document.objects.filter(subject_kind="case", subject_id=file.case.pk, issued_at__isnull=False)
        return list(rows.filter(revoked_at__isnull=True).order_by("-pk")[:50])

    def questions(self) -> dict[str, forms.Field]:
        return {
            "document": self.one(_("哪一份文书"), self.documents(self.file), lambda d: f"{d.title} {d.number}".strip()),
            "parties": SeveralParties(self.file, self.told_parties(), label=_("送给谁")),
        }

    def told_parties(self) -> list[Party]:
        return [party for party in self.file.parties if self.case.open_to(party.side)]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        with changing(self.case, "case.serve", by=by, at=at) as locked:
            keys = {party.pk for party in given["parties"]}
            parties = [party for party in locked.parties.all() if party.pk in keys]
            tell_parties(
                locked, parties, Kind.DOCUMENT_SERVED, by=by, at=at, document=given["document"], page="service/"
            )
            journal(locked, CaseEntry.SERVE, by=by, at=at, document=given["document"].pk, parties=sorted(keys))


SERVICE_FORMS: dict[str, type[AreaForm]] = {form.name: form for form in (Prove, Receipt, Address, Serve)}
