"""The main pages of every role: what the accessibility and layout checks open."""

from dataclasses import dataclass

from cases.choices import Status
from tests.browser.people import DESK, PHONE

S = Status
ON_PHONES = {"", "resident", "company_user"}


@dataclass(frozen=True)
class Reader:
    """Somebody with the pages that they work on; `{INVITING}` stands for the number of a case in that state."""

    name: str
    cast: str
    pages: tuple[str, ...]

    @property
    def width(self) -> int:
        """The screen at which this person mostly sits."""
        return PHONE if self.cast in ON_PHONES else DESK


READERS = (
    Reader(
        "visitor",
        "",
        (
            "/",
            "/mediators/",
            "/file/",
            "/file/place/",
            "/pass/",
            "/account/phone/",
            "/account/login/",
            "/verify/",
            "/no/such/page/",
        ),
    ),
    Reader(
        "resident",
        "resident",
        (
            "/my/",
            "/notices/",
            "/cases/{SUBMITTED}/",
            "/cases/{RETURNED}/",
            "/cases/{RETURNED}/resubmit/",
            "/cases/{INVITING}/",
            "/cases/{ACCEPTED}/mediator/",
            "/cases/{ACCEPTED}/do/choose-mediator/",
            "/cases/{MEDIATING}/suspend/",
            "/cases/{MEDIATING}/",
            "/cases/{MEDIATING}/room/",
            "/cases/{MEDIATING}/room/applicant/",
            "/cases/{MEDIATING}/sessions/",
            "/cases/{MEDIATING}/sessions/answer-slots/",
            "/cases/{MEDIATING}/sessions/sign/?of=record-1",
            "/cases/{MEDIATING}/offers/",
            "/cases/{MEDIATING}/offers/offer/",
            "/cases/{MEDIATING}/offers/seal/",
            "/cases/{MEDIATING}/offers/answer/?of={OFFER}",
            "/cases/{MEDIATING}/deadlines/",
            "/cases/{MEDIATING}/why/{WHY}/",
            "/cases/{MEDIATING}/service/",
            "/cases/{SIGNING}/",
            "/cases/{SIGNING}/agreement/",
            "/cases/{SIGNING}/agreement/sign/",
            "/cases/{PERFORMING}/",
            "/cases/{PERFORMING}/promises/",
            "/cases/{PERFORMING}/do/confirm-performance/",
            "/cases/{PERFORMING}/do/dispute-performance/",
            "/cases/{PERFORMING}/confirmation/",
            "/cases/{PERFORMING}/confirmation/wish/",
            "/cases/{PERFORMING}/documents/",
            "/cases/{FOLLOWUP}/do/survey/",
            "/cases/{ARCHIVED}/",
            "/cases/{INVITING}/do/evidence/",
            "/notices/ways/",
        ),
    ),
    Reader(
        "company",
        "company_user",
        (
            "/company/",
            "/cases/{ANSWERING}/",
            "/cases/{ANSWERING}/do/answer/",
            "/cases/{INVITING}/do/consent/",
            "/cases/{MEDIATING}/",
            "/cases/{MEDIATING}/room/respondent/",
            "/cases/{MEDIATING}/offers/",
            "/cases/{PERFORMING}/promises/",
            "/cases/{PERFORMING}/do/performance/",
        ),
    ),
    Reader(
        "intake",
        "intake",
        (
            "/desk/",
            "/desk/new/",
            "/notices/",
            "/cases/{SUBMITTED}/",
            "/cases/{SUBMITTED}/do/classify/",
            "/cases/{SUBMITTED}/return-for-supplement/",
            "/cases/{SUBMITTED}/refer/",
            "/cases/{MEDIATING}/?tab=messages",
            "/cases/{MEDIATING}/?tab=evidence",
            "/cases/{INVITING}/history/",
            "/members/companies/",
            "/members/estates/",
            "/desk/?status=all",
            "/desk/unreachable/",
            "/desk/unreachable/{UNREACHED}/",
            "/cases/{SUBMITTED}/related/",
            "/cases/{MEDIATING}/service/",
            "/cases/{MEDIATING}/service/letter/?of={SIDE}",
            "/cases/{MEDIATING}/deadlines/",
            "/cases/{PERFORMING}/documents/",
            "/cases/{PERFORMING}/documents/new/acceptance_notice/",
            "/cases/{PERFORMING}/confirmation/",
            "/cases/{SIGNING}/agreement/",
        ),
    ),
    Reader(
        "mediator",
        "mediator",
        (
            "/desk/?who=me",
            "/cases/{MEDIATING}/",
            "/cases/{MEDIATING}/?tab=mediation",
            "/cases/{MEDIATING}/do/record-session/",
            "/cases/{MEDIATING}/do/draft-text/",
            "/cases/{MEDIATING}/suspend/",
            "/cases/{MEDIATING}/room/",
            "/cases/{MEDIATING}/room/applicant/",
            "/cases/{MEDIATING}/sessions/",
            "/cases/{MEDIATING}/sessions/slots/",
            "/cases/{MEDIATING}/sessions/facts/",
            "/cases/{MEDIATING}/offers/",
            "/cases/{MEDIATING}/offers/offer/",
            "/cases/{MEDIATING}/agreement/",
            "/cases/{SIGNING}/?tab=mediation",
            "/cases/{SIGNING}/agreement/",
            "/cases/{PERFORMING}/promises/",
            "/cases/{PERFORMING}/confirmation/",
            "/cases/{PERFORMING}/confirmation/wish/",
            "/desk/nominations/",
            "/cases/{NOMINATED}/mediator/",
            "/cases/{NOMINATED}/mediator/accept/",
            "/desk/unreachable/",
        ),
    ),
    Reader(
        "director",
        "director",
        (
            "/desk/director/",
            "/desk/director/?tab=proposals",
            "/desk/director/?tab=challenges",
            "/desk/mediators/",
            "/desk/mediators/new/",
            "/desk/mediators/?tab=repeat",
            "/cases/{ACCEPTED}/assign/",
            "/cases/{ACCEPTED}/do/nominate/",
            "/cases/{ACCEPTED}/related/",
            "/cases/{MEDIATING}/fail/",
            "/desk/overdue/",
            "/desk/overdue/?show=soon",
            "/desk/overdue/?show=asked",
            "/desk/retention/",
            "/desk/retention/{LIST}/",
            "/desk/centre/",
            "/desk/director/?tab=workload",
        ),
    ),
    Reader("legal", "legal", ("/desk/", "/desk/legal/", "/cases/{MEDIATING}/", "/cases/{SIGNING}/agreement/")),
    Reader("follower", "follower", ("/desk/follow-up/", "/cases/{FOLLOWUP}/", "/cases/{FOLLOWUP}/do/follow-up/")),
    Reader(
        "archivist",
        "archivist",
        (
            "/desk/archive/",
            "/desk/retention/",
            "/desk/retention/{LIST}/",
            "/cases/{CLOSED}/archive/",
            "/cases/{CLOSED}/dossier/",
            "/cases/{ARCHIVED}/dossier/",
            "/cases/{CLOSED}/?tab=records",
        ),
    ),
    Reader("regulator", "regulator", ("/region/", "/region/cases/")),
    Reader(
        "sysadmin",
        "sysadmin",
        ("/desk/accounts/", "/desk/accounts/new/", "/desk/accounts/{ACCOUNT}/", "/desk/centre/"),
    ),
)
STATES = (
    S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING, S.ACCEPTED, S.MEDIATING, S.SIGNING, S.PERFORMING, S.FOLLOWUP,
    S.CLOSED, S.ARCHIVED,
)  # fmt: skip
