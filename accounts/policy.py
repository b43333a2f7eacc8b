"""Who may do what: the one place that pages, sockets, services and tests ask. Default: nobody.

A permission names a thing and a verb. A thing says which roles a person has on it (`roles_of`);
the table says which roles suffice.
"""

from collections.abc import Callable
from typing import Protocol

from accounts.models import User
from accounts.roles import CENTRE_ROLES, PARTY_ROLES, Role

R = Role
STAFF_ON_CASE = frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR, R.LEGAL, R.FOLLOWER, R.ARCHIVIST, R.SUPERVISOR})


class Thing(Protocol):
    """Anything that a permission can be asked about."""

    def roles_of(self, user: User) -> frozenset[Role]: ...


RULES: dict[str, frozenset[Role]] = {
    # --- looking -------------------------------------------------------------------------
    "case.view": STAFF_ON_CASE | PARTY_ROLES,
    "case.view_masked": STAFF_ON_CASE | PARTY_ROLES | {R.REGULATOR},
    "case.view_personal": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR, R.FOLLOWER, R.LEGAL}),
    "case.view_journal": STAFF_ON_CASE,
    "case.live": STAFF_ON_CASE | PARTY_ROLES,
    # --- the 35 actions of transitions.csv ---------------------------------------------------
    "case.submit": frozenset({R.APPLICANT, R.INTAKE}),
    "case.discard": frozenset({R.APPLICANT, R.INTAKE, R.CLOCK}),
    "case.return_for_supplement": frozenset({R.INTAKE}),
    "case.resubmit": frozenset({R.APPLICANT, R.INTAKE}),
    "case.lapse": frozenset({R.CLOCK}),
    "case.reject": frozenset({R.DIRECTOR}),
    "case.review_rejection": frozenset({R.DIRECTOR, R.SUPERVISOR}),
    "case.refer": frozenset({R.INTAKE, R.DIRECTOR}),
    "case.forward_to_company": frozenset({R.INTAKE}),
    "case.answer_enquiry": frozenset({R.INTAKE, R.LEGAL}),
    "case.confirm_answer": frozenset({R.INTAKE}),
    "case.redo_answer": frozenset({R.FOLLOWER, R.INTAKE}),
    "case.invite": frozenset({R.INTAKE, R.CLOCK}),
    "case.accept": frozenset({R.INTAKE, R.DIRECTOR}),
    "case.accept_jointly": frozenset({R.INTAKE, R.DIRECTOR}),
    "case.decline": frozenset({R.INTAKE}),
    # a nominee by accepting, a party by the last waiver: only whoever was asked and has disclosed (workflows.mediators)
    "case.assign": frozenset({R.DIRECTOR, R.APPLICANT, R.RESPONDENT, R.NOMINEE}),
    "case.reassign": frozenset({R.DIRECTOR, R.NOMINEE}),
    "case.start_mediation": frozenset({R.MEDIATOR}),
    "case.extend": frozenset({R.MEDIATOR, R.DIRECTOR}),
    "case.suspend": frozenset({R.MEDIATOR, R.DIRECTOR, R.APPLICANT, R.RESPONDENT}),  # parties: only for recusal
    "case.resume": frozenset({R.MEDIATOR, R.DIRECTOR, R.SUPERVISOR, R.NOMINEE}),  # supervisor: a decided challenge
    "case.draft_agreement": frozenset({R.MEDIATOR}),
    "case.settle_orally": frozenset({R.MEDIATOR}),
    "case.take_effect": frozenset({R.MEDIATOR, R.INTAKE}),
    "case.reopen_talks": frozenset({R.MEDIATOR}),
    "case.fail": frozenset({R.MEDIATOR, R.DIRECTOR}),
    "case.finish_performance": frozenset({R.MEDIATOR, R.FOLLOWER}),
    "case.report_breach": frozenset({R.FOLLOWER}),
    "case.withdraw": frozenset({R.APPLICANT, R.INTAKE}),
    "case.merge": frozenset({R.INTAKE, R.DIRECTOR}),
    "case.void": frozenset({R.DIRECTOR}),
    "case.close": frozenset({R.DIRECTOR, R.FOLLOWER}),
    "case.remediate": frozenset({R.DIRECTOR}),
    "case.archive": frozenset({R.ARCHIVIST}),
    # --- what happens on a case without moving it ---------------------------------------------
    "case.propose_rejection": frozenset({R.INTAKE}),
    "case.propose_void": frozenset({R.INTAKE}),
    "case.decide_proposal": frozenset({R.DIRECTOR}),
    "case.edit_filing": frozenset({R.APPLICANT, R.INTAKE}),
    "case.classify": frozenset({R.INTAKE, R.DIRECTOR, R.MEDIATOR}),
    "case.record_consent": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR}),
    "case.ask_consent": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR}),
    "case.consent": PARTY_ROLES,
    "case.write_message": PARTY_ROLES | {R.INTAKE, R.MEDIATOR, R.DIRECTOR, R.FOLLOWER},
    "case.add_evidence": PARTY_ROLES | {R.INTAKE, R.MEDIATOR, R.LEGAL},  # legal: what the court issues
    "case.write_note": STAFF_ON_CASE - {R.SUPERVISOR, R.ARCHIVIST},
    "case.answer_complaint": frozenset({R.RESPONDENT}),
    "case.record_answer": frozenset({R.INTAKE}),
    "case.say_solved": frozenset({R.APPLICANT, R.INTAKE}),
    "case.choose_mediator": frozenset({R.APPLICANT, R.RESPONDENT}),
    "case.nominate": frozenset({R.DIRECTOR, R.SUPERVISOR}),  # supervisor: in place of a challenged director
    "case.handle": frozenset({R.INTAKE, R.DIRECTOR, R.SUPERVISOR}),  # who may be the handler of a case
    "case.hand_over": frozenset({R.INTAKE, R.DIRECTOR, R.SYSADMIN}),  # sysadmin: where an account or a role ends
    "case.disclose": frozenset({R.NOMINEE}),
    "case.record_disclosure": frozenset({R.DIRECTOR}),
    "case.waive": PARTY_ROLES,
    "case.record_waiver": frozenset({R.INTAKE, R.DIRECTOR}),
    "case.decide_challenge": frozenset({R.DIRECTOR, R.SUPERVISOR}),
    "case.hold_session": frozenset({R.MEDIATOR}),
    "case.view_sessions": PARTY_ROLES | {R.MEDIATOR, R.DIRECTOR, R.INTAKE, R.LEGAL},
    "case.take_part": PARTY_ROLES,  # answer proposed times, waive a notice, sign a record
    "case.record_paper": frozenset({R.MEDIATOR, R.INTAKE}),
    "case.view_offers": PARTY_ROLES | {R.MEDIATOR},  # concessions: nobody else, of whatever rank (INV16 22)
    "case.make_offer": PARTY_ROLES | {R.MEDIATOR},
    "case.answer_offer": PARTY_ROLES,
    "case.keep_issues": frozenset({R.MEDIATOR}),
    "case.write_agreement": frozenset({R.MEDIATOR}),
    "case.legal_check": frozenset({R.LEGAL}),
    "case.sign": PARTY_ROLES,
    "case.record_signature": frozenset({R.MEDIATOR, R.INTAKE}),
    "case.sign_as_mediator": frozenset({R.MEDIATOR}),
    "case.apply_seal": frozenset({R.INTAKE, R.DIRECTOR}),
    "case.record_performance": PARTY_ROLES | {R.MEDIATOR, R.FOLLOWER},
    "case.confirm_performance": PARTY_ROLES | {R.MEDIATOR, R.FOLLOWER},
    "case.record_confirmation": frozenset({R.INTAKE, R.MEDIATOR, R.LEGAL}),  # whoever makes the pack for the court
    "case.confirmation_pack": frozenset({R.INTAKE, R.MEDIATOR, R.LEGAL, R.DIRECTOR}),
    "case.urge": frozenset({R.MEDIATOR, R.FOLLOWER}),
    "case.follow_up": frozenset({R.FOLLOWER, R.DIRECTOR, R.INTAKE}),
    "case.answer_survey": PARTY_ROLES,  # what the parties say of the result, only they say
    "case.reach_party": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR, R.FOLLOWER}),
    "case.serve": frozenset({R.INTAKE, R.MEDIATOR}),
    "case.confirm_service_address": PARTY_ROLES,
    "case.confirm_receipt": PARTY_ROLES,
    "case.appoint_agent": PARTY_ROLES | {R.INTAKE, R.MEDIATOR},
    "case.issue_pass": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR}) | PARTY_ROLES,
    "case.assist_overdue": frozenset({R.DIRECTOR, R.INTAKE, R.MEDIATOR, R.FOLLOWER, R.ARCHIVIST}),
    "case.review_suspension": frozenset({R.MEDIATOR, R.DIRECTOR}),
    "case.supervise": frozenset({R.DIRECTOR}),
    "case.compile_dossier": frozenset({R.ARCHIVIST}),
    "case.export_dossier": frozenset({R.ARCHIVIST, R.DIRECTOR}),
    "case.hold": frozenset({R.ARCHIVIST, R.DIRECTOR, R.LEGAL}),
    # --- the shelf of one centre -----------------------------------------------------------------
    "retention.propose": frozenset({R.ARCHIVIST}),
    "retention.decide": frozenset({R.DIRECTOR}),
    "retention.execute": frozenset({R.ARCHIVIST}),
    "case.read_documents": STAFF_ON_CASE | PARTY_ROLES,  # parties: only those meant for them (workflows.papers.reading)
    "case.issue_document": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR, R.FOLLOWER, R.ARCHIVIST}),
    "case.revoke_document": frozenset({R.INTAKE, R.DIRECTOR}),  # those who hold the seal
    # --- the rooms of a mediation (`case.enter_rooms`: any door at all; the others ask the room itself) ---
    "case.enter_rooms": PARTY_ROLES | {R.MEDIATOR},
    "room.enter": PARTY_ROLES | {R.MEDIATOR},
    "room.write": PARTY_ROLES | {R.MEDIATOR},
    "room.share_file": PARTY_ROLES,
    "room.hand_over": PARTY_ROLES,
    # --- the register (the thing is its row: kept by the centres whose region holds it) ----------
    "centre.settle": frozenset({R.SYSADMIN, R.DIRECTOR}),
    "centre.set_up": frozenset({R.SYSADMIN}),
    "centre.open_branch": frozenset({R.SYSADMIN}),
    "register.edit": frozenset({R.INTAKE, R.DIRECTOR}),
    # --- desks (the thing is the person's own set of memberships) -------------------------------
    "desk.staff": CENTRE_ROLES - {R.SYSADMIN},
    "desk.file_for_caller": frozenset({R.INTAKE}),
    "desk.asked": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR}),
    "desk.direct": frozenset({R.DIRECTOR}),
    "desk.follow_up": frozenset({R.FOLLOWER, R.DIRECTOR}),
    "desk.unreachable": frozenset({R.INTAKE, R.MEDIATOR, R.DIRECTOR, R.FOLLOWER}),
    "desk.archive": frozenset({R.ARCHIVIST}),
    "desk.legal": frozenset({R.LEGAL}),
    "desk.retention": frozenset({R.ARCHIVIST, R.DIRECTOR}),
    "desk.company": frozenset({R.COMPANY_USER, R.COMMITTEE_USER}),
    "desk.accounts": frozenset({R.SYSADMIN}),
    "desk.centre": frozenset({R.SYSADMIN, R.DIRECTOR}),
    "desk.setup": frozenset({R.SYSADMIN}),
    "desk.holidays": frozenset({R.SYSADMIN, R.DIRECTOR}),
    "desk.region": frozenset({R.REGULATOR}),
    "desk.members": frozenset({R.INTAKE, R.DIRECTOR}),
    "desk.import": frozenset({R.INTAKE, R.DIRECTOR}),
}


class Everywhere:
    """The thing to ask about when a permission is not about one thing: the roles held anywhere."""

    def roles_of(self, user: User) -> frozenset[Role]:
        return user.roles()


EVERYWHERE = Everywhere()


def allows(user: User | None, permission: str, thing: Thing) -> bool:
    """Say whether the user (None: the clock) has the permission on the thing; unknown permissions are refused."""
    wanted = RULES.get(permission, frozenset())
    if user is None:
        return Role.CLOCK in wanted
    if not user.is_authenticated or not user.is_active:
        return False
    return bool(wanted & thing.roles_of(user))


def may(permission: str) -> Callable[..., bool]:
    """Return the question `(thing, user) -> bool` in the form that the state machine asks it."""
    if permission not in RULES:
        raise LookupError(f"no rule for {permission}")

    def question(thing: Thing, user: User | None) -> bool:
        return allows(user, permission, thing)

    return question
