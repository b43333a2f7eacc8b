"""What a document is asked about, and the words that many documents share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from accounts.masking import mask_id, mask_text
from accounts.models import User
from accounts.phones import national_phone
from audit.models import Entry
from audit.selectors import history
from calendars.today import local_date
from cases.choices import PartyKind, Side
from cases.clocks import ClockKey
from cases.language import on_file
from cases.models import Case, Deadline, Party
from cases.related import lead_of, merged_into
from documents.services import in_words
from documents.sheet import Fields
from mediation.models import RecordSignature, UndisputedFacts

LONELY_RIGHT = "1105"  # CC 199, 280: the right to have a decision revoked ends after one year, whatever else happens
ONE_YEAR = (
    "请求人民法院撤销业主大会、业主委员会的决定，应当在知道或者应当知道之日起一年内提出；"
    "这个期限不因申请调解而中断或者延长。"
)


@dataclass
class Ask:
    """One document of one case: what it is about, who makes it, and what was typed for it."""

    case: Case
    at: datetime
    by: User | None = None
    about: Any = None
    typed: dict[str, str] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)  # read once for all papers of one step

    @property
    def today(self) -> date:
        return local_date(self.at)

    @property
    def parties(self) -> list[Party]:
        return [party for party in self.case.parties.all() if party.left_at is None]

    def side(self, side: str) -> list[Party]:
        return [party for party in self.parties if party.side == side]

    @property
    def applicants(self) -> list[Party]:
        return self.side(Side.APPLICANT)

    @property
    def respondents(self) -> list[Party]:
        return self.side(Side.RESPONDENT)

    @property
    def clerk(self) -> str:
        return str(self.case.handler or self.by or "")

    @property
    def mediator(self) -> str:
        return str(self.case.mediator or "")

    @property
    def case_ref(self) -> str:
        return self.case.case_number or self.case.number or ""

    def _clock(self, keys: tuple[str, ...]) -> Deadline | None:
        """Return the clock that still runs before the others, else the last one."""
        if "deadlines" not in self.known:
            self.known["deadlines"] = list(Deadline.objects.filter(case=self.case).order_by("-pk"))
        rows = [row for row in self.known["deadlines"] if row.clock in keys]
        return next(iter([*(row for row in rows if row.ended_on is None), *rows]), None)

    def due(self, *keys: str) -> str:
        """Return the last day of a clock, the one that still runs before the others; nothing where there was none."""
        chosen = self._clock(keys)
        return in_words(chosen.due) if chosen else ""

    def until(self, name: str, *keys: str) -> Fields:
        """Return the last day for an answer, and whether it is past on the day of issue: then nobody is asked."""
        chosen = self._clock(keys)
        late = chosen is not None and chosen.due < self.today
        return {name: in_words(chosen.due) if chosen else "", "late": "是" if late else ""}

    def last(self, action: str) -> Entry | None:
        """Return the entry by which this action was last taken."""
        name = f"entry {action}"
        if name not in self.known:
            self.known[name] = history(self.case.subject).filter(action=action).last()
        found: Entry | None = self.known[name]
        return found

    def why(self, action: str) -> str:
        """Return why this action was last taken, in the words of whoever took it; nothing where nobody said why."""
        name = f"why {action}"
        if name not in self.known:
            taken = self.last(action)
            row = self.case.reasons.filter(action=action, at=taken.at).last() if taken else None
            self.known[name] = row.text if row else ""
        return str(self.known[name])

    @property
    def mediate_by(self) -> str:
        return self.due(ClockKey.K6)


def basics(ask: Ask) -> Fields:
    """Return what nearly every document of a case says of it."""
    case = ask.case
    return {
        "case_ref": ask.case_ref,
        "receipt_number": case.number or "",
        "matter": case.title,
        "filed": day(case.filed_at),
        "accepted": day(case.accepted_at),
        "mediator": ask.mediator,
        "clerk": ask.clerk,
        "limitation": in_words(case.limitation_request_date) if case.limitation_request_date else "",
        "one_year": ONE_YEAR if case.category_id == LONELY_RIGHT else "",
    }


def facts_signed(ask: Ask) -> bool:
    """Say whether every party signed the undisputed facts as they stand; a refusal is no signature."""
    facts = UndisputedFacts.objects.filter(case=ask.case, voided_at__isnull=True).last()
    if facts is None:
        return False
    signed = set(facts.signatures.exclude(how=RecordSignature.How.REFUSED).values_list("party_id", flat=True))
    return {party.pk for party in ask.parties} <= signed


def day(moment: datetime | date | None) -> str:
    """Write a moment or a day as documents do, or nothing."""
    if moment is None:
        return ""
    return in_words(local_date(moment) if isinstance(moment, datetime) else moment)


def clock(moment: datetime) -> str:
    """Write a moment with its hour: 2026年11月4日（星期三）9时30分."""
    local = localtime(moment)
    return f"{in_words(local.date())}（星期{'一二三四五六日'[local.weekday()]}）{local.hour}时{local.minute:02d}分"


def merged_words(case: Case) -> str:
    """Say into which case this one was merged, or which were merged into it; nothing where neither."""
    lead, merged = lead_of(case), merged_into(case)
    words = [f"已并入登记号{lead.number}的案件。" if lead else ""]
    words += [f"并入本案的案件：{'、'.join(str(row.number) for row in merged)}。" if merged else ""]
    return "".join(words)


def names(parties: Iterable[Party]) -> str:
    return "、".join(party.name for party in parties)


def claims(ask: Ask) -> list[str]:
    """Return what is asked for, line by line."""
    return [claim.text for claim in ask.case.claims.all()] or [line for line in ask.case.requests.split("\n") if line]


def for_the_other_side(text: str) -> str:
    """Return free text without telephone, identity and plate numbers: the other side gets what it must answer."""
    return mask_text(text)


def signer(party: Party) -> dict[str, str]:
    """Return a party as it stands where it signs: side and name, nothing more."""
    return {"side": on_file(party.get_side_display()), "name": party.name}


def person(party: Party) -> dict[str, str]:
    """Return a party in full: only for the party itself, the centre and bodies that may know."""
    return signer(party) | {
        "natural": "是" if party.is_person else "",
        "sex": on_file(party.get_sex_display()) if party.sex else "",
        "phone": national_phone(party.phone) if party.phone else _body(party, "phone"),
        "address": party.address or _body(party, "address"),
        "relation": on_file(party.get_relation_display()) if party.relation else "",
    }


def only_name(party: Party) -> dict[str, str]:
    """Return a party by its name, and a body by its public seat."""
    return signer(party) | {"natural": "", "sex": "", "phone": "", "address": _body(party, "address"), "relation": ""}


def _body(party: Party, name: str) -> str:
    """Return what the register knows of a company or committee: it is public."""
    body = party.company or party.committee
    return str(getattr(body, name, "") or "")


def identity(party: Party, *, full: bool = False) -> dict[str, str]:
    """Return a party with the words by which an agreement identifies it; identity numbers masked unless `full`."""
    words = [party.name]
    if party.kind == PartyKind.COMPANY and party.company:
        words.append(f"统一社会信用代码{party.company.credit_code}")
    elif party.is_person:
        words.append(on_file(party.get_sex_display()) if party.sex else "")
        if party.id_number:
            words.append(f"证件号码{party.id_number if full else mask_id(party.id_number)}")
    elif party.kind == PartyKind.COMPANY and party.id_number:
        words.append(f"统一社会信用代码{party.id_number}")
    elif party.committee and party.committee.filing_number:
        words.append(f"备案号{party.committee.filing_number}")
    address = party.address or _body(party, "address")
    words.append(f"{'住' if party.is_person else '住所'}{address}" if address else "")
    if party.is_person is False:
        words.append(f"法定代表人（负责人）{party.head}" if party.head else "")
    if full and party.phone:
        words.append(f"电话{national_phone(party.phone)}")
    return signer(party) | {"words": "，".join(word for word in words if word)}
