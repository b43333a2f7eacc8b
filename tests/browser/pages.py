"""The main pages of every role: what the accessibility and layout checks open."""

from dataclasses import dataclass

from cases.choices import Status

S = Status


@dataclass(frozen=True)
class Reader:
    """Somebody with the pages that they work on; `{INVITING}` stands for the number of a case in that state."""

    name: str
    cast: str
    pages: tuple[str, ...]


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
            "/cases/{SIGNING}/",
            "/cases/{SIGNING}/do/sign/",
            "/cases/{PERFORMING}/",
            "/cases/{ARCHIVED}/",
            "/cases/{INVITING}/do/evidence/",
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
            "/cases/{SIGNING}/?tab=mediation",
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
            "/cases/{MEDIATING}/fail/",
        ),
    ),
    Reader("legal", "legal", ("/desk/", "/cases/{MEDIATING}/")),
    Reader("follower", "follower", ("/desk/follow-up/", "/cases/{FOLLOWUP}/", "/cases/{FOLLOWUP}/do/follow-up/")),
    Reader("archivist", "archivist", ("/desk/archive/", "/cases/{CLOSED}/archive/", "/cases/{CLOSED}/?tab=records")),
    Reader("regulator", "regulator", ("/region/", "/region/cases/")),
)
STATES = (
    S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING, S.ACCEPTED, S.MEDIATING, S.SIGNING, S.PERFORMING, S.FOLLOWUP,
    S.CLOSED, S.ARCHIVED,
)  # fmt: skip
