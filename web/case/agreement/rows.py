"""What stands on the page of an agreement: its whole text, who has signed, what the checks say, what changed."""

from django.utils.translation import gettext as _

from cases.choices import Status
from cases.models import Consent, Party
from mediation import services as mediation
from mediation.agreement_text import promise_words
from mediation.comparison import Change, changes, text_changes
from mediation.models import Agreement, Signature
from web.case.agreement.facts import (
    ApplySeal,
    LegalCheck,
    LegalReturn,
    PaperSignature,
    Sign,
    SignAsMediator,
    WritesText,
)
from web.case.agreement.text import blocks_of, name_in
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.frame.doors import Row, case_url
from web.templatetags.look import moment


def names_in(file: CaseFile, agreement: Agreement) -> dict[int, str]:
    return {party.pk: f"{party.get_side_display()}{name_in(file, party, agreement)}" for party in file.parties}


def text_of(file: CaseFile, agreement: Agreement) -> Row:
    """Return the whole text as it is read and signed."""
    return {
        "title": _("人民调解协议书") if file.case.centre.nature == "PMC" else _("调解协议书"),
        "number": file.case.case_number or file.case.number,
        "version": agreement.version,
        "blocks": blocks_of(file, agreement),
        "hash": agreement.text_hash,
        "oral": agreement.form == Agreement.Form.ORAL,
    }


def signature_rows(file: CaseFile, agreement: Agreement) -> list[Row]:
    """Return who has signed and who has not: each party, the mediator, the seal."""
    standing = {s.party_id: s for s in agreement.standing_signatures()}
    unable = dict(unable_to_sign(file))
    said = mediation.wishes(file.case, agreement)
    rows = [signature_row(file, p, standing.get(p.pk), said.get(p.pk), unable=unable.get(p, "")) for p in file.parties]
    for label, at, missing in [
        (_("调解员"), agreement.mediator_signed_at, _("还没有签名")),
        (_("调解组织印章"), agreement.sealed_at, _("还没有盖章")),
    ]:
        done = _("已盖章") if at and at == agreement.sealed_at else _("已签名")
        rows.append({"who": label, "done": at is not None, "words": f"{done} {moment(at)}" if at else missing})
    return rows


def unable_to_sign(file: CaseFile) -> list[tuple[Party, str]]:
    """Say which companies and committees that have yet to sign cannot do it online, and what to do; for the desk."""
    if file.as_party or file.case.status != Status.SIGNING:
        return []
    unable = mediation.cannot_sign_online(file.unsigned)
    unconfirmed = _(
        "%(who)s还不能在网上签署：它的联系人还没有确认手机号。请联系人登录后在“我的账户”里确认，或者签纸质协议。"
    )
    nobody = _("%(who)s还不能在网上签署：它还没有联系人账户。请系统管理员建立，或者签纸质协议。")
    return [
        (party, (unconfirmed if unable[party.pk] else nobody) % {"who": file.name_of(party)})
        for party in file.unsigned
        if party.pk in unable
    ]


def wish_words(row: Consent | None) -> str:
    """Say what a party said on applying to the court together: with its signature, or since."""
    if row is None:
        return _("司法确认：还没有表示")
    return _("司法确认：愿意共同申请") if row.given else _("司法确认：不愿意申请")


def signature_row(
    file: CaseFile, party: Party, signature: Signature | None, wish: Consent | None = None, *, unable: str = ""
) -> Row:
    who = f"{party.get_side_display()} {file.name_of(party)}"
    if signature is None:
        return {"who": who, "done": False, "words": _("还没有签"), "notes": [unable] if unable else []}
    mine = party in file.mine
    notes = [f"{signature.get_how_display()} · {signature.get_capacity_display()}", wish_words(wish)]
    if not file.as_party or mine:
        notes += [signature.signer_name, signature.authority]
        phone = signature.proof.get("masked_phone", "")
        notes += [_("手机 %(phone)s") % {"phone": phone}] if phone else []
        notes += [_("文本校验值 %(hash)s…") % {"hash": signature.text_hash[:16]}]
    if signature.proof.get("body_seal") == "LATER":
        notes.append(_("盖公章的签署页还没有交来"))
    image = f"{case_url(file.case)}agreement/signatures/{signature.pk}.png" if signature.image_hash else ""
    scan = f"{case_url(file.case)}evidence/{signature.scan.number}/" if signature.scan and not file.as_party else ""
    return {
        "who": who,
        "done": True,
        "words": _("已签署 %(at)s") % {"at": moment(signature.at)},
        "notes": [note for note in notes if note],
        "image": image,
        "scan": scan,
    }


def compared(file: CaseFile, before: Agreement, after: Agreement) -> list[Row]:
    """Say what changed from one version to the other, part by part."""
    names = names_in(file, after)
    words = [[promise_words(o, names) for o in one.obligations.all()] for one in (before, after)]
    parts: list[tuple[str, list[Change]]] = [
        (_("主要事实和争议"), text_changes(before.facts_and_issues, after.facts_and_issues)),
        (_("协议内容"), text_changes(before.content, after.content)),
        (_("履行事项"), changes(words[0], words[1])),
        (_("结尾条款"), text_changes(before.closing, after.closing)),
    ]
    return [{"label": label, "changes": found} for label, found in parts if found]


def version_rows(file: CaseFile, versions: list[Agreement], shown: Agreement) -> list[Row]:
    """Return the versions, the newest first, each with what became of it and of its signatures."""
    rows = []
    for one in versions:
        void = [s for s in one.signatures.all() if s.voided_at is not None]
        state = _("现在的文本")
        if one.effective_on is not None:
            state = _("已生效")
        if one.voided_at is not None:
            state = _("%(at)s停用：%(why)s") % {"at": moment(one.voided_at), "why": _(one.void_reason)}
        rows.append(
            {
                "label": _("第%(n)d版（%(form)s）") % {"n": one.version, "form": one.get_form_display()},
                "when": moment(one.drafted_at),
                "state": state,
                "void": _("作废的签署 %(n)d 个") % {"n": len(void)} if void and not file.as_party else "",
                "url": f"{case_url(file.case)}agreement/?version={one.version}",
                "current": one.pk == shown.pk,
            }
        )
    return rows


def steps_of(file: CaseFile, agreement: Agreement | None) -> list[Row]:
    """Return what this reader may do with the text now, as links."""
    url, case = case_url(file.case), file.case
    forms: list[type[FactForm]] = [Sign, LegalCheck, LegalReturn, SignAsMediator, PaperSignature, ApplySeal]
    # What lies before the parties is changed last: a new text voids their signatures.
    sound = agreement is None or not agreement.sent_back
    forms.insert(len(forms) if case.status == Status.SIGNING and sound else 0, WritesText)
    found = [
        {"label": str(form.label), "url": url + (form.page or f"do/{form.name}/")}
        for form in forms
        if form.allowed(file) and form.open(file)
    ]
    drafted = agreement is not None and agreement.effective_on is None
    if drafted and case.status == Status.MEDIATING and file.may("case.draft_agreement"):
        found.append({"label": _("交各方签署"), "url": f"{url}draft-agreement/"})
    if case.status == Status.MEDIATING and file.may("case.settle_orally"):
        found.append({"label": _("登记口头协议"), "url": f"{url}settle-orally/"})
    if agreement is not None and not file.as_party and file.may("case.issue_document"):
        kind = "oral_agreement_form" if agreement.form == Agreement.Form.ORAL else "agreement"
        found.append({"label": _("打印协议书（PDF）"), "url": f"{url}documents/new/{kind}/"})
    if case.status == Status.SIGNING and sound and file.may("case.take_effect"):
        found.append({"label": _("签署生效"), "url": f"{url}take-effect/"})
    return found
