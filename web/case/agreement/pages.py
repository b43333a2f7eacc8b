"""The agreement of a case: its text with everything put under it, and the page on which a party signs it."""

from typing import Any
from uuid import uuid4

from csp.decorators import csp_exempt
from django import forms
from django.contrib import messages
from django.db import OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import ConflictError, DomainError
from accounts.limits import client_address
from accounts.services import administrators_of, has_seal_keeper
from cases.models import Party
from documents.kinds import KINDS
from mediation import checks
from mediation import services as mediation
from mediation.models import Agreement, Signature
from web.case.agreement.check_rows import check_rows
from web.case.agreement.facts import ANSWER, ANSWERS, Sign
from web.case.agreement.rows import compared, signature_rows, steps_of, text_of, version_rows
from web.case.agreement.text import name_in
from web.case.case_file import CaseFile
from web.case.fields import OneParty, party_label
from web.frame.doors import busy_error, case_url, case_view, is_busy, user_of, visible_case
from web.frame.fields import line, radios, tick
from web.frame.inputs import CodeInput
from web.frame.shown_files import answer_file
from workflows.papers import making
from workflows.papers.preview import KIND, agreement_preview

Capacity = Signature.Capacity
SEAL_SEEN, SEAL_LATER = "SHOWN", "LATER"


def file_of(request: HttpRequest, number: str) -> CaseFile:
    """Return the case as this reader may read it; 404 where it has no agreement to look at."""
    file = CaseFile(visible_case(request, number), user_of(request))
    if file.case.number is None or not may_look(file):
        raise Http404
    return file


def may_look(file: CaseFile) -> bool:
    """Say whether this reader finds the page of the agreement: everybody in the case, once it is mediated."""
    return file.case.accepted_at is not None and file.may("case.view")


def versions_for(file: CaseFile) -> list[Agreement]:
    """Return the versions that this reader may read, the newest first: a party those that were put before it."""
    rows = file.case.agreements.prefetch_related("obligations__doer", "obligations__receiver", "signatures__scan")
    found = list(rows.order_by("-version"))
    for one in found:
        one.case = file.case
    return [one for one in found if not file.as_party or one.put_forward_at or one.effective_on]


@case_view()
def agreement_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show one version, who has signed it, what the checks say, and what changed from the version before."""
    file = file_of(request, number)
    versions = versions_for(file)
    wanted = request.GET.get("version", "")
    if wanted:
        shown = next((one for one in versions if str(one.version) == wanted), None)
        if shown is None:
            raise Http404
    else:
        shown = next((one for one in versions if one.voided_at is None), versions[0] if versions else None)
    context: dict[str, Any] = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "file": file,
        "case": file.case,
        "as_party": file.as_party,
        "back_url": case_url(file.case),
        "steps": steps_of(file, shown),
        "asks": shown is not None and file.case.status == "SIGNING" and shown.voided_at is None,
    }
    if shown is not None:
        before = next((one for one in versions if one.version < shown.version), None)
        context |= {
            "text": text_of(file, shown),
            "preview_url": preview_url(file, shown),
            "signatures": signature_rows(file, shown) if shown.form == Agreement.Form.WRITTEN else [],
            "void": shown.voided_at is not None,
            "sent_back": shown.sent_back and shown.voided_at is None,
            "sent_back_why": "" if file.as_party else shown.legal_return_reason,
            "varied": shown.vary_asked_at is not None and shown.voided_at is None,
            "before": before.version if before else None,
            "changes": compared(file, before, shown) if before else [],
            "versions": version_rows(file, versions, shown) if len(versions) > 1 else [],
            "checks": [] if file.as_party else check_rows(checks.results_of(checks.stored(shown)), file),
        }
        context |= seal_hint(file, shown)
    return render(request, "web/case/agreement/agreement.html", context)


def seal_hint(file: CaseFile, shown: Agreement) -> dict[str, Any]:
    """Say to staff that nobody can seal the standing text, who can change that, and to those who can, where."""
    waits = shown.form == Agreement.Form.WRITTEN and shown.voided_at is None and shown.sealed_at is None
    if file.as_party or not waits or has_seal_keeper(file.case.centre):
        return {}
    return {
        "no_seal_keeper": administrators_of(file.case.centre),
        "may_register_keeper": policy.allows(file.user, "desk.accounts", file.case.centre),
    }


@csp_exempt()  # a PDF holds nothing that a policy would stop, and some viewers stop at the policy
@case_view()
def preview_file(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """Give a text that is not in force as a file to read and print, marked as a draft; staff are journalled."""
    file = file_of(request, number)
    text = next((one for one in versions_for(file) if one.version == version and may_preview(one)), None)
    if text is None:
        raise Http404
    names = {party.pk: name_in(file, party, text) for party in file.parties}
    body = agreement_preview(text, names=names, at=timezone.now())
    if not file.as_party:
        with transaction.atomic():
            making.journal_draft(file.case, KIND, by=file.user, at=timezone.now())
    return answer_file(body, "application/pdf", f"{KINDS[KIND].title}.pdf", inline="download" not in request.GET)


def may_preview(text: Agreement) -> bool:
    """Say whether a text is still to be signed: one in force has its document, one that was put away has nothing."""
    return text.form == Agreement.Form.WRITTEN and text.effective_on is None and text.voided_at is None


def preview_url(file: CaseFile, text: Agreement) -> str:
    return f"{case_url(file.case)}agreement/{text.version}/draft.pdf" if may_preview(text) else ""


# --- signing on one's own phone -----------------------------------------------------------------------------


class SignForm(forms.Form):
    """What a party fills in to sign: its wish for the court, its drawn name, and the code from its phone."""

    text = forms.CharField(widget=forms.HiddenInput, max_length=12)
    strokes = forms.CharField(
        widget=forms.HiddenInput(attrs={"data-strokes": ""}), required=False, max_length=200_000, strip=True
    )

    def __init__(self, file: CaseFile, agreement: Agreement, party: Party, data: Any = None) -> None:
        super().__init__(data, initial={"text": agreement.pk})
        self.file, self.agreement, self.party = file, agreement, party
        waiting = waiting_parties(file)
        if len(waiting) > 1:
            self.fields["party"] = OneParty(file, waiting, label=_("代表哪一方签"), initial=str(party.pk))
        if not party.is_person and not self.agency:
            self.fields.update(self.body_fields())
        self.fields["confirmation"] = radios(_("您愿意和对方一起向法院申请司法确认吗？"), ANSWERS, row=True)
        self.fields["read"] = tick(
            _("我已从头到尾看过全文，自愿签署"), error_messages={"required": _("请先看完全文，再勾选这一项。")}
        )
        self.fields["code"] = forms.CharField(
            label=_("短信验证码"),
            widget=CodeInput(),
            required=False,
            max_length=12,
            help_text=_("6位数字，10分钟内有效。填写并按“签署”，就是您的签署。"),
        )

    @property
    def agency(self) -> bool:
        return self.party.agency_of(self.file.user) is not None

    def body_fields(self) -> dict[str, forms.Field]:
        """What a company or committee says besides: who signs for it, on what authority, and where its seal is."""
        who = [(Capacity.REPRESENTATIVE, Capacity.REPRESENTATIVE.label), (Capacity.AGENT, _("经授权的工作人员"))]
        seal = [
            (SEAL_SEEN, _("盖公章的签署页已经作为材料上传")),
            (SEAL_LATER, _("盖公章的签署页另外交给或者寄给调处中心")),
        ]
        return {
            "signer_name": line(_("代表本单位签署的人"), most=60, initial=self.party.head),
            "capacity": radios(_("以什么身份签"), who),
            "authority": line(
                _("授权依据"),
                most=200,
                required=False,
                help_text=_("不是法定代表人或者负责人的，写明授权委托书的编号和日期。"),
            ),
            "body_seal": radios(_("单位的公章"), seal),
        }

    def given(self) -> dict[str, Any]:
        """Return the input of the service."""
        cleaned = self.cleaned_data
        names = ("strokes", "signer_name", "capacity", "authority", "body_seal")
        return {name: cleaned[name] for name in names if name in cleaned} | {
            "confirmation": ANSWER[cleaned["confirmation"]]
        }


def waiting_parties(file: CaseFile) -> list[Party]:
    """Return the parties for which this person acts and which have not signed."""
    return [party for party in file.unsigned if party in file.mine]


@case_view("POST")
def sign_page(request: HttpRequest, number: str) -> HttpResponse:
    """Let a party read the whole text and sign it: first the code is sent, then the name and the code come back."""
    file = file_of(request, number)
    if not Sign.allowed(file):
        raise Http404
    agreement, waiting = file.unsigned_text, waiting_parties(file)
    home = f"{case_url(file.case)}agreement/"
    if agreement is not None and file.mine and not waiting and file.case.status == "SIGNING":
        messages.success(request, _("您这一方已经签署了这份文本。"))
        return redirect(home)
    if agreement is None or not waiting or agreement.sent_back:
        messages.warning(request, _("现在没有等您签署的文本，请看最新情况。"))
        return redirect(home)
    party = next((p for p in waiting if str(p.pk) == request.POST.get("party", "")), waiting[0])
    if request.method != "POST":
        return sign_form(request, file, SignForm(file, agreement, party))
    form = SignForm(file, agreement, party, request.POST)
    if form["text"].value() != str(agreement.pk):
        fresh = SignForm(file, agreement, party)
        sentence = _("文本刚刚换了一版，以前填的都不算，请从头看过再签。")
        return sign_form(request, file, fresh, status=409, sentence=sentence)
    try:
        return take_signature(request, file, form, home)
    except OperationalError as error:
        if not is_busy(error):
            raise
        form.add_error(None, str(busy_error()))
        return sign_form(request, file, form, status=409)


def take_signature(request: HttpRequest, file: CaseFile, form: SignForm, home: str) -> HttpResponse:
    """Send the code, or sign with it; whatever was typed stays where something is wrong."""
    by, at = user_of(request), timezone.now()
    if not form.is_valid():
        return sign_form(request, file, form, status=422)
    try:
        if request.POST.get("step") == "code":
            started = mediation.start_signing(
                form.agreement,
                form.party,
                by=by,
                address=client_address(request),
                language=by.language or request.LANGUAGE_CODE,
                at=at,
            )
            sentence = "" if started.doubtful else _("验证码已经发出，请看手机短信，填在下面。")
            return sign_form(request, file, form, sentence=sentence)
        proof = mediation.verify_signing(form.agreement, form.party, form.cleaned_data["code"], by=by, at=at)
        mediation.sign(form.agreement, form.party, how=Signature.How.ONLINE, by=by, at=at, proof=proof, **form.given())
    except ConflictError:
        raise
    except DomainError as error:
        if form.agreement.signatures.filter(party=form.party, voided_at__isnull=True, by=by).exists():
            messages.success(request, _("您这一方已经签署了这份文本。"))  # the second of two clicks
            return redirect(home)
        form.add_error("code" if request.POST.get("step") != "code" else None, str(error))
        return sign_form(request, file, form, status=422)
    messages.success(request, _("您已签署。各方和调解员都签了、盖了章，协议就生效，会通知您。"))
    return redirect(home)


def sign_form(
    request: HttpRequest, file: CaseFile, form: SignForm, *, status: int = 200, sentence: str = ""
) -> HttpResponse:
    by, agreement, at = user_of(request), form.agreement, timezone.now()
    agreement.case = file.case
    context = {
        "base": "web/resident_base.html",
        "file": file,
        "case": file.case,
        "form": form,
        "sentence": sentence,
        "text": text_of(file, agreement),
        "preview_url": preview_url(file, agreement),
        "signed": len(file.signed),
        "all": len(file.parties),
        "who": party_label(file, form.party),
        "phone": mediation.phone_of(form.party, by),
        "mobile_url": "" if by.is_guest else f"/account/mobile/?next={case_url(file.case)}agreement/sign/",
        "sent": mediation.code_sent(agreement, form.party, by=by, at=at),
        "back_url": f"{case_url(file.case)}agreement/",
        "key": uuid4().hex,
    }
    return render(request, "web/case/agreement/sign.html", context, status=status)


@case_view("POST")
def old_address(request: HttpRequest, number: str) -> HttpResponse:
    """Lead from the address that signing shares with the other facts to its own page."""
    return redirect(f"{case_url(file_of(request, number).case)}agreement/sign/")


@case_view()
def signature_image(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Show a drawn signature to whoever may read the text that it stands under."""
    file = file_of(request, number)
    readable = {one.pk for one in versions_for(file)}
    found = Signature.objects.filter(pk=pk, agreement__in=readable).exclude(image_hash="").first()
    if found is None or (file.as_party and found.voided_at is not None):
        raise Http404
    response = HttpResponse(bytes(found.image), content_type="image/png")
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("cases/<slug:number>/agreement/", agreement_page, name="agreement"),
    path("cases/<slug:number>/agreement/<int:version>/draft.pdf", preview_file, name="agreement_preview"),
    path("cases/<slug:number>/agreement/sign/", sign_page, name="sign_agreement"),
    path("cases/<slug:number>/agreement/signatures/<int:pk>.png", signature_image, name="signature_image"),
    path("cases/<slug:number>/do/sign/", old_address, name="sign_old_address"),
]
