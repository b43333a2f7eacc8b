"""The forms of a case, written down: one for every action, and one for every fact that does not move it.

`FACTS` are messages, consents, files, sessions, signatures, promises, named as in the address
(/cases/<number>/do/<name>/). Each knows for whom and when it is open, and `save`s through one service. They stand in
the order in which the page of a case offers them.
"""

from typing import Any

from accounts.models import User
from cases.models import Case
from web.case.action_form import ActionForm
from web.case.agreement import actions as agreement_actions
from web.case.agreement import draft, ending, follow_up, promise_facts
from web.case.agreement import facts as agreement_facts
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.matter import (
    agents,
    asking,
    complaint_actions,
    duties,
    filing_actions,
    handler,
    material,
    matter,
    not_for_us,
    party_details,
    people,
    supervision,
)
from web.case.talks import mediation_actions, mediation_facts, mediator_facts

FORMS: dict[str, type[ActionForm]] = {
    form.name: form
    for form in (
        filing_actions.Submit,
        filing_actions.Discard,
        filing_actions.ReturnForSupplement,
        filing_actions.Resubmit,
        filing_actions.Lapse,
        not_for_us.Reject,
        not_for_us.ReviewRejection,
        not_for_us.Refer,
        complaint_actions.ForwardToCompany,
        complaint_actions.AnswerEnquiry,
        complaint_actions.ConfirmAnswer,
        complaint_actions.RedoAnswer,
        asking.Invite,
        asking.Accept,
        asking.AcceptJointly,
        asking.Decline,
        mediation_actions.Assign,
        mediation_actions.Reassign,
        mediation_actions.StartMediation,
        mediation_actions.Extend,
        mediation_actions.Suspend,
        mediation_actions.Resume,
        agreement_actions.DraftAgreement,
        agreement_actions.SettleOrally,
        agreement_actions.TakeEffect,
        agreement_actions.ReopenTalks,
        agreement_actions.Fail,
        agreement_actions.FinishPerformance,
        agreement_actions.ReportBreach,
        ending.Withdraw,
        ending.Merge,
        ending.Void,
        ending.Close,
        ending.Remediate,
        ending.Archive,
    )
}
FACTS: dict[str, type[FactForm]] = {
    form.name: form
    for form in (
        matter.Classify,
        matter.EditFiling,
        matter.Parties,
        matter.CorrectPhone,
        matter.ViewPersonal,
        party_details.CompleteParty,
        people.RecordConsent,
        people.OwnConsent,
        people.Contact,
        people.TellRights,
        people.CheckIdentity,
        people.Pass,
        people.RevokePass,
        agents.AppointAgent,
        agents.CorrectAgentPhone,
        agents.DismissAgent,
        material.CompanyAnswer,
        material.SaySolved,
        material.WriteMessage,
        material.Note,
        material.WithdrawMessage,
        material.AddEvidence,
        material.WithdrawEvidence,
        mediator_facts.ChooseMediator,
        mediator_facts.Nominate,
        mediator_facts.RecordDisclosure,
        mediator_facts.Waive,
        mediator_facts.DecideChallenge,
        mediation_facts.ScheduleSession,
        mediation_facts.RecordSession,
        draft.DraftText,
        agreement_facts.LegalCheck,
        agreement_facts.LegalReturn,
        agreement_facts.Sign,
        agreement_facts.PaperSignature,
        agreement_facts.SignAsMediator,
        agreement_facts.ApplySeal,
        promise_facts.Performance,
        promise_facts.ConfirmPerformance,
        promise_facts.DisputePerformance,
        promise_facts.ReportMissing,
        promise_facts.Urge,
        promise_facts.AskVariation,
        follow_up.FollowUpForm,
        follow_up.SurveyForm,
        handler.HandOver,
        duties.MeetDuty,
        duties.ReviewSuspension,
        duties.ExplainOverdue,
        duties.ProposeRejection,
        duties.ProposeVoid,
        duties.DecideProposal,
        supervision.AnswerSupervision,
    )
}
AS_ACTION = {"propose_rejection": "propose-rejection"}


def form_for(action: str, case: Case, user: User, data: Any = None, files: Any = None) -> ActionForm:
    """Build the form of an action, empty or as it was sent."""
    return FORMS[action](CaseFile(case, user), data, files)
