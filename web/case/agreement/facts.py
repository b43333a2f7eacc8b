"""What is put under the text of an agreement: the legal check, signatures, the seal."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.evidence import add_evidence
from cases.file_types import SCANS
from mediation import checks
from mediation import services as mediation
from mediation.models import Agreement, Signature
from web.case.agreement.text import lines_of
from web.case.fact_form import FactForm
from web.case.fields import SeveralParties
from web.frame.fields import line, radios, text, tick
from web.frame.inputs import EvidenceField
from web.frame.scans import readable_scan
from workflows.agreements import return_text

ANSWERS = [("yes", gettext_lazy("愿意")), ("no", gettext_lazy("不愿意")), ("later", gettext_lazy("以后再定"))]
ANSWER = {"yes": True, "no": False, "later": None}


class WritesText(FactForm):
    """Who may write the text, and when: asked by every page that leads to the form (`draft.DraftText`)."""

    name, label = "draft-text", gettext_lazy("起草协议")
    fact = declared.agreement.DRAFT_TEXT


class AgreementFact(FactForm):
    """A mark on the text that stands."""

    @property
    def shown(self) -> list[tuple[str, str]]:
        agreement = self.file.agreement
        if agreement is None:
            return []
        version = _("第%(n)d版") % {"n": agreement.version}
        return [(_("文本"), version), (_("全文"), "\n".join(lines_of(self.file, agreement)))]

    def agreed_text(self) -> Agreement:
        if self.file.agreement is None:
            raise mediation.MediationError(_("还没有协议文本。"))
        return self.file.agreement


class LegalCheck(AgreementFact):
    name, label = "legal-check", gettext_lazy("法律审核通过")
    fact = declared.agreement.LEGAL_CHECK
    lead = gettext_lazy("确认协议合法、自愿、能履行，不损害他人和公共利益。")
    done = gettext_lazy("已记录法律审核。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Also what the checks found, for the lawyer to judge."""
        agreement = self.file.agreement
        if agreement is None:
            return []
        agreement.case = self.case
        found = [p.sentence for result in checks.results_of(checks.stored(agreement)) for p in result.problems]
        return [*super().shown, (_("自动核对"), "\n".join(found) or _("没有发现问题。"))]

    def save(self, *, by: User, at: datetime) -> None:
        mediation.pass_legal_check(self.agreed_text(), by=by, at=at)


class LegalReturn(LegalCheck):
    name, label = "legal-return", gettext_lazy("退回修改")
    fact = declared.agreement.LEGAL_RETURN
    lead = gettext_lazy("文本有不妥的，写明哪里要改、为什么。调解员会收到通知，改好以后再送审；这一版不能签署。")
    done = gettext_lazy("已退回，调解员会收到通知。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("退回的理由"), most=500)}

    def save(self, *, by: User, at: datetime) -> None:
        return_text(self.agreed_text(), reason=self.cleaned_data["reason"], by=by, at=at)


class SigningFact(AgreementFact):
    """What is put under a text; never under one that the legal consultation office sent back."""


class Sign(SigningFact):
    """A party's own signature: written on its own page (web/case/agreement/pages.py), listed here."""

    name, label = "sign", gettext_lazy("签署协议")
    page = "agreement/sign/"
    fact = declared.agreement.SIGN
    lead = gettext_lazy("请从头看一遍。签署后，各方和调解员都签了、盖了章，协议就生效，对各方都有约束力。")


class PaperSignature(SigningFact):
    name, label = "paper-signature", gettext_lazy("登记纸质签署")
    fact = declared.agreement.PAPER_SIGNATURE
    multipart = True
    lead = gettext_lazy(
        "打印现在的文本，由当事人当面签名、盖章或者按指印，扫描签署页上传。核对扫描件与现在这一版的文本一致后再登记。"
    )
    done = gettext_lazy("已登记纸质签署。")

    def questions(self) -> dict[str, forms.Field]:
        agreement = self.file.agreement
        version = forms.CharField(
            widget=forms.HiddenInput, required=False, max_length=12, initial=agreement.pk if agreement else ""
        )
        missing = {"required": _("请选择签署页的扫描件。"), "invalid": _("请选择签署页的扫描件。")}
        same = _("已核对：扫描件上是第%(n)d版的文本，签名由当事人本人（或者有权代表的人）所签") % {
            "n": agreement.version if agreement else 0
        }
        return {
            "text": version,
            "parties": SeveralParties(self.file, self.file.unsigned, label=_("纸上有哪几方的签名")),
            "scan": EvidenceField(
                label=_("签署页扫描件"),
                types=SCANS,
                error_messages=missing,
                help_text=_("PDF，或者清楚的照片；能看清签名、盖章和版本号。"),
            ),
            "capacity": radios(_("以什么身份签"), Signature.Capacity.choices, row=True),
            "signer_name": line(_("实际签名的人（不是本人签的，请填写）"), most=60, required=False),
            "authority": line(_("授权依据（单位或者代理人签的，请填写）"), most=200, required=False),
            "confirmation": radios(_("他们是否愿意共同申请司法确认"), ANSWERS, row=True),
            "same": tick(same, error_messages={"required": _("请先核对，再勾选这一项。")}),
        }

    def save(self, *, by: User, at: datetime) -> None:
        agreement, given = self.agreed_text(), self.cleaned_data
        if given["text"] != str(agreement.pk):
            raise mediation.MediationError(_("文本刚刚换了一版，请核对扫描件是不是最新的文本。"))
        taken = readable_scan(given["scan"])
        purpose = _("调解协议第%(n)d版签署页") % {"n": agreement.version}
        scan = add_evidence(self.case, taken, by=by, at=at, purpose=purpose)
        for party in given["parties"]:
            mediation.sign(
                agreement,
                party,
                how=Signature.How.PAPER,
                by=by,
                at=at,
                scan=scan,
                capacity=given["capacity"],
                signer_name=given["signer_name"],
                authority=given["authority"],
                confirmation=ANSWER[given["confirmation"]],
            )


class SignAsMediator(SigningFact):
    name, label = "sign-as-mediator", gettext_lazy("调解员签名")
    fact = declared.agreement.SIGN_AS_MEDIATOR
    lead = gettext_lazy("以调解员身份在现在的文本上签名。")
    done = gettext_lazy("已签名。")

    def save(self, *, by: User, at: datetime) -> None:
        mediation.sign_as_mediator(self.agreed_text(), by=by, at=at)


class ApplySeal(SigningFact):
    name, label = "apply-seal", gettext_lazy("加盖调解组织印章")
    fact = declared.agreement.APPLY_SEAL
    lead = gettext_lazy("印章由登记的保管人加盖，调解员不能自己盖章。")
    done = gettext_lazy("已盖章。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Also whose company seal has not been seen yet."""
        rows = super().shown
        waiting = [
            self.file.name_of(party)
            for party in self.file.parties
            for signature in (self.file.agreement.standing_signatures() if self.file.agreement else [])
            if signature.party_id == party.pk and signature.proof.get("body_seal") == "LATER"
        ]
        return rows + ([(_("还没有收到盖公章的签署页"), _("、").join(waiting))] if waiting else [])

    def questions(self) -> dict[str, forms.Field]:
        pages = [("yes", _("已盖骑缝章或者逐页签名")), ("no", _("只有一页，不需要"))]
        return {"pages": radios(_("多页的协议书"), pages)}

    def save(self, *, by: User, at: datetime) -> None:
        mediation.apply_seal(self.agreed_text(), by=by, at=at, page_sealed=self.cleaned_data["pages"] == "yes")
