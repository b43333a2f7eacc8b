"""Case passes: a printed code by which a party without an account follows and continues the case."""

import secrets
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.crypto import blind_index, earlier_indexes
from accounts.errors import DomainError
from accounts.guests import create_guest
from accounts.models import User
from audit.live import announce
from cases.changes import changing, holding, journal, touch
from cases.choices import PartyKind, Side, Status
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Agent, Case, CasePass, Party

# Without 0 O 1 I L: read aloud on the telephone, typed by old fingers. 12 of 31 signs: 59 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12


class PassError(DomainError):
    """This pass does not open anything."""


def issue_pass(party: Party, *, by: User | None, at: datetime) -> str:
    """Give a party a new code, shown once as XXXX-XXXX-XXXX; older codes of the party stop working."""
    with changing(party.case, matter.ISSUE_PASS, by=by, at=at) as locked:
        if by is not None and (mine := locked.parties_of(by)) and party.pk not in {p.pk for p in mine}:
            raise PassError(_("只能为自己这一方办理通行码。"))
        return give_pass(locked, party, by=by, at=at)


def give_pass(case: Case, party: Party, *, by: User | None, at: datetime, email: str = "") -> str:
    """Write the pass inside the caller's change; mail goes to `email`, or where it went before."""
    confirmed = any(
        one.guest.phone_verified and one.guest.phone == party.phone for one in party.passes.select_related("guest")
    )
    _revoke_all(party, at=at)
    code = "".join(secrets.choice(ALPHABET) for _i in range(LENGTH))
    mail = email or _email_of(party, by)
    guest = create_guest(party.name, phone=party.phone, email=mail, by=by, at=at, confirmed=confirmed)
    CasePass.objects.create(
        party=party,
        guest=guest,
        code_index=_index(code),
        issued_at=at,
        issued_by=by,
    )
    journal(case, CaseEntry.ISSUE_PASS, by=by, at=at, party=party.pk)
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def _email_of(party: Party, by: User | None) -> str:
    """Where mail to a party goes: as its earlier pass knew, or as the visitor said who files right now."""
    earlier = party.passes.exclude(guest__email="").order_by("-pk").values_list("guest__email", flat=True).first()
    return earlier or (by.email if by is not None and by.is_guest and party.side == Side.APPLICANT else "")


def revoke_passes(party: Party, *, by: User, at: datetime) -> int:
    """End every code of a party and the sessions that came by it."""
    with changing(party.case, matter.REVOKE_PASS, by=by, at=at) as locked:
        count = _revoke_all(party, at=at)
        journal(locked, CaseEntry.REVOKE_PASSES, by=by, at=at, party=party.pk, count=count)
    return count


def _revoke_all(party: Party, *, at: datetime) -> int:
    passes = list(party.passes.filter(revoked_at__isnull=True).select_related("guest"))
    for case_pass in passes:
        case_pass.revoked_at = at
        case_pass.save(update_fields=["revoked_at"])
        User.objects.filter(pk=case_pass.guest_id).update(is_active=False)
        announce(f"roles:{case_pass.guest_id}", 0)
    return len(passes)


def _index(code: str) -> str:
    return blind_index(_named(code))


def _named(code: str) -> str:
    return f"case-pass:{code}"


def cases_with_passes() -> list[str]:
    """Return the numbers of the cases to which somebody holds a pass that opens."""
    rows = CasePass.objects.filter(revoked_at__isnull=True, guest__is_active=True)
    found = rows.values_list("party__case__number", flat=True).distinct().order_by("party__case__number")
    return [number for number in found if number]


def normalise_code(text: str) -> str:
    """Return a code as stored from what was typed: any case, spaces and dashes."""
    return "".join(ch for ch in text.upper() if ch in ALPHABET)


def find_pass(text: str) -> CasePass:
    """Return the pass of a typed code; raises PassError with the same sentence for wrong, ended and unknown codes."""
    code = normalise_code(text)
    found = (
        CasePass.objects.select_related("party__case", "guest")
        .filter(code_index__in=[_index(code), *earlier_indexes(_named(code))])
        .filter(revoked_at__isnull=True, guest__is_active=True)
        .first()
        if len(code) == LENGTH
        else None
    )
    if found is None:
        raise PassError(_("通行码不对，或者已经失效。请核对后再输入，也可以打电话给我们。"))
    return found


def use_pass(text: str, *, at: datetime) -> tuple[User, Case]:
    """Return the guest and the case that a typed code opens, and remember when it was used; raises PassError."""
    found = find_pass(text)
    index = _index(normalise_code(text))  # one from before a new INDEX_KEY follows it once it is used
    CasePass.objects.filter(pk=found.pk).update(last_used_at=at, code_index=index)
    return found.guest, found.party.case


def claim_cases(user: User, *, at: datetime) -> list[Case]:
    """Attach to a resident's account the filed cases in which a party left its number; return them.

    The other side finds its case only once the centre has told it. An agent comes in otherwise (`cases.agents`).
    """
    if not holds_number(user):
        return []
    told = Q(side=Side.APPLICANT) | Q(case__respondents_informed_at__isnull=False)
    parties = (
        Party.objects.filter(
            told, kind=PartyKind.PERSON, user__isnull=True, left_at__isnull=True, phone_index=user.phone_index
        )
        .exclude(case__status__in=[Status.DRAFT, Status.ARCHIVED])
        .exclude(awaits_code())
    )
    return [party.case for party in parties.select_related("case") if claim(party, party.case_id, user, at=at)]


def holds_number(user: User) -> bool:
    """Say whether this is a resident who has proved to hold the number of the account."""
    return bool(user.opens_by_code and user.phone_verified and user.phone_index)


def awaits_code() -> Exists:
    """Find the parties whose number nobody has confirmed yet: it may be mistyped, so it opens nothing by itself."""
    passes = CasePass.objects.filter(party=OuterRef("pk"), revoked_at__isnull=True)
    return Exists(passes.filter(guest__phone_verified=False))


def confirm_phone(guest: User, phone: str, *, at: datetime) -> None:
    """Note that whoever came by a pass typed back the code sent to the party's number (E.164).

    From now on what is sent there says what it is about, and its holder finds the case by signing in.
    Raises PassError where the number was replaced meanwhile.
    """
    party = guest.case_pass.party
    with changing(party.case, matter.OWN_PHONE, by=guest, at=at) as locked:
        row = next((one for one in locked.parties.all() if one.pk == party.pk), None)
        if row is None or row.phone != phone:
            raise PassError(_("登记的号码已经换了，请重新获取验证码。"))
        User.objects.filter(pk=guest.pk).update(phone_verified=True)
        journal(locked, CaseEntry.CONFIRM_PHONE, by=guest, at=at, party=party.pk)


def claim(row: Party | Agent, case_id: int, user: User, *, at: datetime) -> bool:
    """Attach one party or agent to the account that holds its number, unless somebody was first."""
    with holding(case_id, "claim", by=user, at=at) as case:
        free = type(row)._default_manager.filter(pk=row.pk, user__isnull=True, phone_index=user.phone_index)
        if case.status == Status.ARCHIVED or not free.update(user=user):
            return False
        journal(case, CaseEntry.CLAIM, by=user, at=at, kind=row._meta.model_name, row=row.pk)
        touch(case)
    return True


def hand_over_drafts(guest: User, to: User, *, at: datetime) -> int:
    """Let a browser that was a guest's and is now somebody's keep the drafts it began before; return how many."""
    drafts = list(Case.objects.filter(created_by=guest, status=Status.DRAFT)) if guest.is_guest else []
    for draft in drafts:
        hand_over_draft(draft, to, at=at)
    return len(drafts)


def hand_over_draft(draft: Case, to: User, *, at: datetime) -> None:
    """Let somebody go on with a draft that a guest began; nothing else of that guest's is opened."""
    with holding(draft.pk, "hand_over_draft", by=to, at=at) as case:
        if case.status == Status.DRAFT and case.created_by_id != to.pk and case.created_by and case.created_by.is_guest:
            case.created_by = to
            case.save(update_fields=["created_by"])
            journal(case, CaseEntry.HAND_OVER_DRAFT, by=to, at=at)
