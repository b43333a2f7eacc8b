"""Sign an agreement: a party on its own phone through the provider, or on paper that staff scan."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, User, standing
from accounts.phones import is_mobile
from accounts.roles import Role
from accounts.words import within
from cases.changes import changing, journal, keeping_still
from cases.choices import AgentScope, ConsentHow, ConsentMatter
from cases.entries import CaseEntry
from cases.facts import agreement as declared
from cases.models import Case, Evidence, Party
from cases.move import Move
from cases.services import add_consent
from mediation import checks
from mediation.drawing import picture, read_strokes
from mediation.errors import MediationError
from mediation.models import Agreement, Signature
from mediation.services.agreements import standing_text
from mediation.signature_providers import Proof, Signing, Started, provider

How, Capacity = Signature.How, Signature.Capacity


def start_signing(
    agreement: Agreement, party: Party, *, by: User, address: str, language: str, at: datetime
) -> Started:
    """Send the signer what only the signer gets; raises DomainError where this person may not sign this text now."""
    with keeping_still(agreement.case_id) as locked:
        declared.SIGN.require_person(locked, Move(by, at))
        declared.SIGN.require_open(locked, Move(by, at))
        agreement = standing_text(agreement, locked)
        _require_signer(locked, agreement, party, by)
    # Counted and sent after the transaction: what was tried counts, and a text that changes meanwhile voids the code.
    return provider().start(signing_of(agreement, party, by, language), address=address, at=at)


def code_sent(agreement: Agreement, party: Party, *, by: User, at: datetime) -> Started | None:
    """Return what was sent for this text and can still be answered, or None."""
    phone = phone_of(party, by)
    if not phone:
        return None
    return provider().sent(_signing(agreement, party, by, phone), at=at)


def verify_signing(agreement: Agreement, party: Party, answer: str, *, by: User, at: datetime) -> Proof:
    """Judge the signer's answer; outside of any transaction, so that every try counts."""
    return provider().verify(signing_of(agreement, party, by), answer, at=at)


def signing_of(agreement: Agreement, party: Party, by: User, language: str = "") -> Signing:
    """Name what is signed by whom and on which phone; raises MediationError where the signer has none."""
    phone = phone_of(party, by)
    if not phone:
        raise MediationError(_("您还没有确认手机号，不能网上签署：请先确认手机号，或者到中心签纸质协议。"))
    return _signing(agreement, party, by, phone, language)


def _signing(agreement: Agreement, party: Party, by: User, phone: str, language: str = "") -> Signing:
    return Signing(
        agreement_id=agreement.pk,
        text_hash=agreement.text_hash,
        party_id=party.pk,
        user_id=by.pk,
        phone=phone,
        language=language,
    )


def phone_of(party: Party, by: User) -> str:
    """Return the mobile number (E.164) to which the signer's code goes, or nothing.

    Whoever has an account signs with the number that they confirmed on it, for themselves, their company or committee,
    or as an agent; never with one that somebody else wrote down. Whoever came with the pass of a party, on paper, signs
    with the number put down for it: holding both counts.
    """
    own = _holders_phone(by)
    if own or not by.is_guest:
        return own
    return party.phone if party.is_person and is_mobile(party.phone) else ""


def _holders_phone(by: User) -> str:
    return by.phone if by.phone_verified and is_mobile(by.phone) else ""


def cannot_sign_online(parties: Iterable[Party]) -> dict[int, bool]:
    """Name the companies and committees among these parties none of whose contacts has confirmed a mobile.

    The value says whether there is a contact at all.
    """
    bodies = [party for party in parties if party.company_id or party.committee_id]
    held = Membership.objects.filter(
        standing(timezone.localdate()),
        Q(role=Role.COMPANY_USER, company__in=[party.company_id for party in bodies if party.company_id])
        | Q(role=Role.COMMITTEE_USER, committee__in=[party.committee_id for party in bodies if party.committee_id]),
        user__is_active=True,
    )
    able: dict[tuple[int | None, int | None], bool] = {}
    for m in held.select_related("user"):
        place = (m.company_id, m.committee_id)
        able[place] = able.get(place, False) or bool(_holders_phone(m.user))
    places = {party.pk: (party.company_id, party.committee_id) for party in bodies}
    return {key: place in able for key, place in places.items() if not able.get(place)}


def sign(
    agreement: Agreement,
    party: Party,
    *,
    how: str,
    by: User,
    at: datetime,
    proof: Proof | None = None,
    strokes: str = "",
    signer_name: str = "",
    capacity: str = "",
    authority: str = "",
    body_seal: str = "",
    scan: Evidence | None = None,
    confirmation: bool | None = None,
) -> Signature:
    """Sign the standing text: a party for itself with the provider's proof, or staff for a signed paper.

    The same party signs once: a second time changes nothing. Raises MediationError, NotAllowedError.
    """
    own = how == How.ONLINE
    image = picture(drawn) if own and (drawn := read_strokes(strokes)) else b""
    with changing(agreement.case, declared.SIGN if own else declared.PAPER_SIGNATURE, by=by, at=at) as locked:
        agreement = standing_text(agreement, locked)
        party = _require_party(locked, party)
        if own:
            _require_signer(locked, agreement, party, by)
        if scan is not None and (scan.case_id != locked.pk or scan.withdrawn_at is not None):
            raise MediationError(_("这份扫描件不属于本案。"))
        signed = agreement.signatures.filter(party=party).first()
        if signed is not None:
            return signed
        record = _record(agreement, party, proof) if own else {}
        signature = Signature.objects.create(
            agreement=agreement,
            party=party,
            how=How(how),
            text_hash=agreement.text_hash,
            image=image,
            image_hash=hashlib.sha256(image).hexdigest() if image else "",
            provider=proof.provider if own and proof is not None else "",
            proof=record | ({"body_seal": body_seal} if body_seal else {}),
            scan=scan,
            at=at,
            by=by,
            **_signer(party, by if own else None, signer_name, capacity, authority),
        )
        if confirmation is not None:
            said = ConsentHow.ONLINE if own else ConsentHow.SIGNED
            add_consent(locked, party, matter=ConsentMatter.CONFIRMATION, given=confirmation, how=said, by=by, at=at)
        journal(
            locked,
            CaseEntry.SIGN,
            by=by,
            at=at,
            party=party.pk,
            version=agreement.version,
            how=how,
            hash=signature.text_hash,
            image=signature.image_hash,
        )
    return signature


def _require_party(case: Case, party: Party) -> Party:
    found = next((one for one in case.parties.all() if one.pk == party.pk and one.left_at is None), None)
    if found is None:
        raise MediationError(_("这位当事人不在本案中。"))
    return found


def _require_signer(case: Case, agreement: Agreement, party: Party, by: User) -> None:
    """Refuse another side, an agent beyond the written scope, and a text that the law keeps on paper."""
    party = _require_party(case, party)
    if party.pk not in {one.pk for one in case.parties_of(by)}:
        raise MediationError(_("只能代表自己这一方签署。"))
    if not party.lets(by, AgentScope.DISPOSE, AgentScope.SIGN):
        raise MediationError(_("授权委托书没有授权您承认、放弃请求并签署协议，请由本人签署。"))
    if checks.paper_only(checks.stored(agreement).whole):
        raise MediationError(
            _("这份协议涉及停止供水、供热、供气等公用事业服务，法律规定不能用电子签名，请到调处中心签纸质协议。")
        )


def _record(agreement: Agreement, party: Party, proof: Proof | None) -> dict[str, Any]:
    if proof is None:
        raise MediationError(_("请先填写短信验证码，再签署。"))
    if proof.record.get("text_hash", agreement.text_hash) != agreement.text_hash:
        raise MediationError(_("文本刚刚换了一版，请从头看过再签。"))
    return dict(proof.record)


def _signer(party: Party, by: User | None, name: str, capacity: str, authority: str) -> dict[str, str]:
    """Say who signed, as what, and on what authority; raises MediationError where a body does not say it."""
    agency = party.agency_of(by) if by is not None else None
    if agency is not None:
        paper = agency.power_of_attorney
        words = _("授权委托书（材料%(n)d）") % {"n": paper.number} if paper is not None else _("授权委托书")
        return {"signer_name": agency.name, "capacity": Capacity.AGENT, "authority": words}
    if party.is_person:
        chosen = capacity or Capacity.SELF
        if chosen == Capacity.AGENT and not (name.strip() and authority.strip()):
            raise MediationError(_("由代理人签署的，请写明代理人姓名和授权委托书。"))
        signer = party.name[:60] if chosen != Capacity.AGENT else within(name, 60)
        return {"signer_name": signer, "capacity": Capacity(chosen), "authority": within(authority, 200)}
    chosen = Capacity.AGENT if capacity == Capacity.AGENT else Capacity.REPRESENTATIVE
    if by is not None and not name.strip():
        raise MediationError(_("请填写代表本单位签署的人的姓名。"))
    if by is not None and chosen != Capacity.REPRESENTATIVE and not authority.strip():
        raise MediationError(_("不是法定代表人或者负责人的，请写明授权依据，例如授权委托书的编号和日期。"))
    signer = within(name, 60) or party.head[:60]
    words = within(authority, 200) or _("法定代表人或者负责人的身份证明")
    return {"signer_name": signer, "capacity": chosen, "authority": words}
