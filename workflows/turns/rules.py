"""Whose turn it is: pure. Facts in, turns out; no clock, no database, no user (tests hold it).

A later turn stands there at once with the moment from which it counts (`opens_at`), one that runs out with its end
(`ends_at`), so that no row becomes wrong because time passes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.roles import Role
from calendars.today import end_of_day, local_date
from cases.choices import ASKED_IN, ConsentMatter, Flag, Side, Solved, Status, Track
from cases.clocks import ENOUGH_TRIES
from cases.clocks import ClockKey as K
from cases.responsibility import BY_ROLE, OF_THE_MEDIATOR
from workflows.turns.asked import SIGNED_IN
from workflows.turns.facts import Fact, Facts
from workflows.turns.kinds import KINDS, NoDate, place_of

S = Status
# Beside the procedure, each with its own clock; ended by a word that it was done.
DUTIES = (K.K10, K.K11, K.K14, K.K15, K.K16)


@dataclass(frozen=True)
class Wanted:
    """One turn as the rules want it."""

    kind: str
    party: int | None
    role: str
    holder: int | None
    area: str
    since: datetime
    about_kind: str = ""
    about_id: int | None = None
    number: int | None = None
    opens_at: datetime | None = None
    ends_at: datetime | None = None
    deadline: int | None = None
    due: date | None = None
    no_date_reason: str = ""
    duty: bool = True

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same turn; everything else may change while it is open."""
        return (self.kind, self.party, self.role, self.about_kind, self.about_id)

    @property
    def place(self) -> tuple[object, ...]:
        """Where it stands among the turns of its case."""
        place = place_of(self.kind, duty=self.duty, later=self.opens_at is not None)
        return (*place, self.about_id or 0, self.party or 0)


def turns_of(facts: Facts) -> list[Wanted]:
    """Return every turn that is open in a case, what holds it up most first."""
    over = facts.status == S.ARCHIVED or (facts.status == S.CLOSED and facts.filed_at is None)
    if over:
        return []  # on the shelf, or a draft that was given up
    parts = (*BY_STATUS[facts.status], questions, papers, supervisions, duties)
    found = {turn.key: turn for part in parts for turn in part(facts)}
    if not found:
        found = {(): of(facts, "look_after")}
    return sorted(found.values(), key=lambda turn: turn.place)


# --- how a turn is made -------------------------------------------------------------------------------------------


def of(
    facts: Facts,
    kind: str,
    fact: Fact | None = None,
    *,
    clock: Fact | None = None,
    day: date | None = None,
    why: str = NoDate.NO_TERM,
    party: int | None = None,
    role: Role | None = None,
    holder: int | None = None,
    about: str = "",
    key: object = "",
    opens_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Wanted:
    """Make one turn; its date is that of its clock, or a day that was named, else there is a reason for none."""
    declared = KINDS[kind]
    number = fact.number if fact else None
    due = clock.day if clock else day
    whose = role or declared.of
    return Wanted(
        kind=kind,
        party=party,
        role="" if declared.of_party or whose is None else whose.value,
        holder=None if declared.of_party else holder if holder is not None else _holder(facts, whose),
        area=declared.area % {"n": number, "key": key or (fact.about if fact else "")},
        since=(fact.at if fact else None) or facts.begun_at,
        about_kind=about,
        about_id=fact.about if fact and about else None,
        number=number,
        opens_at=opens_at,
        ends_at=ends_at,
        deadline=clock.about if clock else None,
        due=due,
        no_date_reason="" if due else (why if declared.duty else NoDate.FREE),
        duty=declared.duty,
    )


def _holder(facts: Facts, role: Role | None) -> int | None:
    """The person of this case, where the role has one and he is in office; else the desk."""
    if role == Role.MEDIATOR:
        return facts.mediates
    return facts.in_office(Role.INTAKE, facts.handler) if role == Role.INTAKE else None


def day_after(day: date | None) -> datetime | None:
    return end_of_day(day) if day else None


# --- filing -------------------------------------------------------------------------------------------------------


def draft(facts: Facts) -> Iterator[Wanted]:
    applicants, clock = facts.parties(Side.APPLICANT), facts.clock(K.K0)
    for party in applicants:
        yield of(facts, "submit", party=party, clock=clock)
    if not applicants:  # nobody is named yet: whoever began it goes on
        yield of(facts, "submit_for_caller", clock=clock, holder=facts.author)


def submitted(facts: Facts) -> Iterator[Wanted]:
    if facts.one("proposal"):
        return  # the director's word comes first: see `proposals`
    yield of(facts, next(_examined(facts)), clock=facts.clock(K.K1))


def _examined(facts: Facts) -> Iterator[str]:
    """What intake does next with what was handed in."""
    if not facts.category_confirmed:
        yield "classify"
    if facts.mediable == "N" or facts.track == Track.REPORT:
        yield "refer"
    if facts.track == Track.CONSULT:
        yield "answer_enquiry"
    in_danger = Flag.SAFETY in facts.flags
    if in_danger and facts.suggested_referral:
        yield "refer"
    if facts.track == Track.COMPLAINT and not in_danger:
        yield "forward" if any(p.ref == Side.RESPONDENT and p.yes for p in facts.all("party")) else "name_respondent"
    said = {word.party: word.yes for word in facts.all("word")}
    if said and all(said.get(party) for party in facts.parties()):
        yield "accept_jointly"
    yield "invite"


def returned(facts: Facts) -> Iterator[Wanted]:
    for party in facts.parties(Side.APPLICANT):
        yield of(facts, "resubmit", party=party, clock=facts.clock(K.K2))


def proposals(facts: Facts) -> Iterator[Wanted]:
    for row in facts.all("proposal"):
        clock = facts.clock(K.K1, K.K6, K.K7)
        yield of(facts, "decide_proposal", row, about="proposal", clock=clock)


# --- a complaint --------------------------------------------------------------------------------------------------


def answering(facts: Facts) -> Iterator[Wanted]:
    asked, answer, check = facts.clock(K.K3), facts.one("answer"), facts.clock(K.K3B)
    if asked or answer is None:  # asked for the first time, or to do it again
        for party in facts.parties(Side.RESPONDENT):
            yield of(facts, "answer_complaint", party=party, clock=asked)
        return
    if not answer.ref:
        for party in facts.parties(Side.APPLICANT):
            yield of(facts, "say_solved", answer, party=party, clock=check)
    kinds = {"": "verify_answer", Solved.SOLVED: "confirm_answer"}
    yield of(facts, kinds.get(answer.ref or "", "turn_to_talks"), answer, clock=check)


# --- asking both sides --------------------------------------------------------------------------------------------


def inviting(facts: Facts) -> Iterator[Wanted]:
    said, clock = {word.party: word.yes for word in facts.all("word")}, facts.clock(K.K4)
    silent = [party for party in facts.all("party") if party.about not in said]
    for party in silent:
        yield of(facts, "consent", party=party.about, clock=clock)
    if False in said.values():
        yield of(facts, "decline", clock=clock)
    elif not silent:
        yield of(facts, "accept", clock=clock)
    else:  # whoever has no account is asked by telephone; whoever has one, when the time is over
        asked = all(party.yes for party in silent) and clock is not None
        yield of(facts, "ask_again", clock=clock, opens_at=day_after(clock.day) if asked and clock else None)


def questions(facts: Facts) -> Iterator[Wanted]:
    """What else the parties are asked; whether to mediate at all is a turn of its own while both are asked."""
    for row in facts.all("question"):
        of_its_own = row.ref == ConsentMatter.MEDIATION and facts.status == S.INVITING
        if row.ref in ASKED_IN.get(facts.status, ()) and not of_its_own:
            ends_at = end_of_day(row.day) if row.day else None
            yield of(facts, "answer_question", row, party=row.party, about="consent_request", day=row.day,
                     ends_at=ends_at)  # fmt: skip


# --- who mediates -------------------------------------------------------------------------------------------------


def naming(facts: Facts) -> Iterator[Wanted]:
    """Somebody is asked to mediate, or is to be asked."""
    asked, clock = facts.one("nomination"), facts.clock(K.K5)
    if asked is None:
        yield from _nobody_asked(facts, clock)
    elif asked.ref == "WAITING":
        yield of(facts, "answer_nomination", asked, about="nomination", day=asked.day, holder=asked.number)
    elif asked.yes:
        silent = facts.all("objector")
        for row in silent:
            yield of(facts, "waive", row, party=row.party, about="nomination", clock=clock)
        if not silent:
            yield of(facts, "nominate", clock=clock)
    else:
        yield of(facts, "install", asked, about="nomination", clock=clock)


def _nobody_asked(facts: Facts, clock: Fact | None) -> Iterator[Wanted]:
    if facts.status == S.ACCEPTED:
        chosen = {row.party for row in facts.all("chose")}
        for party in facts.parties(Side.APPLICANT, Side.RESPONDENT):
            if party not in chosen:
                yield of(facts, "choose_mediator", party=party, clock=clock)
        yield of(facts, "nominate", clock=clock)
    elif facts.mediates is None and (facts.status != S.SUSPENDED or facts.mediator not in facts.shut_out):
        yield of(facts, "replace_mediator", clock=facts.clock(K.K6))


def suspended(facts: Facts) -> Iterator[Wanted]:
    challenge, clock = facts.one("challenge"), facts.clock(K.K6B)
    if challenge is not None:
        role = Role.SUPERVISOR if challenge.yes else Role.DIRECTOR
        yield of(facts, "decide_challenge", challenge, about="challenge", clock=clock, role=role)
    elif facts.mediator in facts.shut_out:
        if not facts.one("nomination"):
            yield of(facts, "replace_mediator", clock=clock)
    else:
        opens_at = end_of_day(clock.day - timedelta(days=1)) if clock and clock.day else None
        yield of(facts, "review_suspension", clock=clock, opens_at=opens_at)


# --- talks --------------------------------------------------------------------------------------------------------


def assigned(facts: Facts) -> Iterator[Wanted]:
    clock, sessions = facts.clock(K.K6), facts.all("session")
    for row in sessions:
        yield of(facts, "begin_talks", row, about="session", clock=clock, opens_at=row.until)
    if not sessions:
        yield of(facts, "start_mediation", clock=clock)


def meetings(facts: Facts) -> Iterator[Wanted]:
    """Times to choose from; nobody is asked any more once the last of them has passed."""
    poll, silent = facts.one("poll"), facts.all("slots")
    for row in silent:
        yield of(facts, "answer_slots", row, party=row.party, about="slot_poll", ends_at=row.until,
                 day=_day(row.until))  # fmt: skip
    if poll is not None and not silent:
        yield of(facts, "fix_slot", poll, about="slot_poll", ends_at=poll.until, day=_day(poll.until))


def offers(facts: Facts) -> Iterator[Wanted]:
    for what, kind in (("offer", "answer_offer"), ("blind", "answer_blind")):
        for row in facts.all(what):
            yield of(facts, kind, row, party=row.party, about="offer", key=row.ref, ends_at=row.until,
                     day=_day(row.until))  # fmt: skip


def signatures(facts: Facts) -> Iterator[Wanted]:
    """Records of sessions and texts of undisputed facts that somebody has not signed."""
    for row in facts.all("record"):
        yield of(facts, "sign_record", row, party=row.party, about="session")
    for row in facts.all("facts"):
        yield of(facts, "sign_facts", row, party=row.party, about="undisputed_facts")
    for row in facts.all("own_record"):
        yield of(facts, "sign_own_record", row, about="session", clock=facts.clock(K.K6))


def mediating(facts: Facts) -> Iterator[Wanted]:
    clock, sessions, text = facts.clock(K.K6), facts.all("session"), facts.one("text")
    for row in sessions:
        yield of(facts, "hold_session", row, about="session", clock=clock, opens_at=row.until)
    drafting = list(_drafting(facts, text, clock))
    yield from drafting
    if not sessions and not drafting:
        waiting = [row.until for what in ("offer", "blind", "poll") for row in facts.all(what) if row.until]
        kind = "go_on" if facts.all("held") or waiting else "schedule_session"
        yield of(facts, kind, clock=clock, opens_at=max(waiting, default=None))


def _drafting(facts: Facts, text: Fact | None, clock: Fact | None) -> Iterator[Wanted]:
    """The text on its way: read by the lawyers, changed, put before the parties."""
    if text is None:
        if (agreed := facts.one("agreed")) is not None:
            yield of(facts, "draft_text", agreed, clock=clock)
    elif text.ref == "RETURNED":
        yield of(facts, "redraft", text, about="agreement", clock=clock)
    elif text.yes and text.ref != "CHECKED":
        yield of(facts, "legal_check", text, about="agreement", clock=clock)
    elif facts.status == S.MEDIATING and facts.all("held"):
        yield of(facts, "put_forward", text, about="agreement", clock=clock)


# --- the agreement ------------------------------------------------------------------------------------------------


def signing(facts: Facts) -> Iterator[Wanted]:
    clock = facts.clock(K.K7) or facts.clock(K.K6)
    drafting = list(_drafting(facts, facts.one("text"), clock))
    yield from drafting
    marks, unsigned = facts.one("marks"), facts.all("unsigned")
    if drafting or marks is None:
        return
    for row in unsigned:
        yield of(facts, "sign", row, party=row.party, about="agreement", clock=clock)
    signed, sealed = marks.at is not None, marks.until is not None
    if not signed:
        yield of(facts, "sign_as_mediator", _bare(marks), about="agreement", clock=clock)
    if signed and not unsigned:
        role, keeper = facts.seal
        if sealed:
            yield of(facts, "take_effect", _bare(marks), about="agreement", clock=clock)
        else:
            yield of(facts, "apply_seal", _bare(marks), about="agreement", clock=clock, role=role, holder=keeper)


def performing(facts: Facts) -> Iterator[Wanted]:
    for row in facts.all("promise"):
        clock = facts.clock(K.K8, about=row.about)
        yield of(facts, "perform", row, party=row.party, about="obligation", clock=clock, day=row.day)
    for row in facts.all("done"):
        yield of(facts, "confirm_done", row, party=row.party, about="obligation")
    for row in facts.all("dispute"):
        yield of(facts, "look_into", row, about="obligation")
    for clock in facts.all("clock"):
        if clock.yes and clock.ref == K.K8B:
            urged = clock._replace(about=clock.number)
            yield of(facts, "urge", urged, about="obligation" if clock.number else "", clock=clock)
    over = facts.clock(K.K8C)
    if over or not (facts.all("promise") or facts.clock(K.K8B)):
        yield of(facts, "finish", clock=over)


def confirmation(facts: Facts) -> Iterator[Wanted]:
    """The thirty days in which all together may ask a court to confirm (PML 33)."""
    court, clock = facts.one("court"), facts.clock(K.K9)
    if court is None:
        return
    if court.ref in {"APPLIED", "COURT_ACCEPTED"}:
        yield of(facts, "record_court", court, about="confirmation", why=NoDate.COURT)
    elif clock and court.yes and court.ref == "PLANNED":
        yield of(facts, "apply_to_court", court, about="confirmation", clock=clock)
    elif clock and court.yes:
        for row in facts.all("unwished"):
            yield of(facts, "say_confirmation", row, party=row.party, about="agreement", clock=clock,
                     ends_at=day_after(clock.day))  # fmt: skip


# --- the end ------------------------------------------------------------------------------------------------------


def followup(facts: Facts) -> Iterator[Wanted]:
    heard, clock = facts.one("heard"), facts.clock(K.K12)
    said = facts.all("said")
    own_word = any(row.ref == Side.APPLICANT and row.yes for row in said)
    if own_word or (heard and (heard.yes or (heard.about or 0) >= ENOUGH_TRIES)):
        yield of(facts, "close", clock=clock)
    else:
        later = end_of_day(heard.day - timedelta(days=1)) if heard and heard.day else None
        yield of(facts, "call_back", clock=clock, opens_at=later)
    spoken = {row.party for row in said}
    for party in facts.told():
        if party not in spoken:
            yield of(facts, "survey", party=party)


def closed(facts: Facts) -> Iterator[Wanted]:
    again = facts.clock(K.K12B)
    if again is not None:
        opens_at = end_of_day(again.day - timedelta(days=14)) if again.day else None
        yield of(facts, "call_again", clock=again, opens_at=opens_at)
    shelf, wishes, court = facts.clock(K.K13), facts.clock(K.K9), facts.one("court")
    if shelf is None and court and court.ref in {"APPLIED", "COURT_ACCEPTED"}:
        return  # the court's word comes first: see `confirmation`
    later = day_after(wishes.day) if wishes and shelf is None else None
    if shelf is not None or again is None:
        yield of(facts, "archive", clock=shelf, opens_at=later, why=NoDate.AFTER_OTHERS)


# --- beside the procedure -----------------------------------------------------------------------------------------


# The centre's own rule: a week for a paper that needs somebody's hand, and a day for a party that is told online to
# open it before anybody goes out.
PAPER_DAYS = timedelta(days=7)
LOOKS_ITSELF = timedelta(days=1)


def paper_day(at: datetime) -> date:
    """Return the day by which a paper that is due since a moment is to be written, sealed or delivered."""
    return local_date(at) + PAPER_DAYS


def papers(facts: Facts) -> Iterator[Wanted]:
    """Papers that need somebody's hand: could not be written by themselves, want the seal, are to be delivered."""
    role = Role.MEDIATOR if facts.status in SIGNED_IN and facts.mediates else Role.INTAKE
    for row in facts.all("paper"):
        yield of(facts, "make_paper", row, about="document", role=role, day=paper_day(row.at or facts.begun_at))
    for row in facts.all("unsealed"):
        yield of(facts, "seal_paper", row, about="document", day=paper_day(row.at or facts.begun_at))
    for row in facts.all("delivery"):
        at = row.at or facts.begun_at
        opens = at + LOOKS_ITSELF if row.yes else None
        yield of(facts, "deliver_paper", row, about="service", day=paper_day(at), opens_at=opens)


def supervisions(facts: Facts) -> Iterator[Wanted]:
    for row in facts.all("supervision"):
        named = row._replace(number=None)
        role = _role_of(facts, K(row.ref or K.K1))
        yield of(facts, "answer_supervision", named, about="supervision", day=row.day, role=role, holder=row.number)


def duties(facts: Facts) -> Iterator[Wanted]:
    for row in facts.all("clock"):
        if row.yes and row.ref in DUTIES:
            yield of(facts, "meet_duty", row, about="deadline", clock=row, role=_role_of(facts, K(row.ref)))


def _role_of(facts: Facts, clock: K) -> Role:
    """The role that answers for a clock."""
    mine = clock in OF_THE_MEDIATOR and facts.mediator is not None and facts.mediator not in facts.shut_out
    return BY_ROLE.get(clock) or (Role.MEDIATOR if mine else Role.INTAKE)


def _day(moment: datetime | None) -> date | None:
    return local_date(moment) if moment else None


def _bare(fact: Fact) -> Fact:
    """What it is about, without its moments: they say something else here."""
    return fact._replace(at=None, until=None)


Part = Callable[[Facts], Iterator[Wanted]]
BY_STATUS: dict[str, tuple[Part, ...]] = {
    S.DRAFT: (draft,),
    S.SUBMITTED: (proposals, submitted),
    S.RETURNED: (proposals, returned),
    S.ANSWERING: (proposals, answering),
    S.INVITING: (proposals, inviting),
    S.ACCEPTED: (proposals, naming),
    S.ASSIGNED: (proposals, naming, assigned, meetings, signatures),
    S.MEDIATING: (proposals, naming, mediating, meetings, offers, signatures),
    S.SUSPENDED: (proposals, naming, suspended, signatures),
    S.SIGNING: (proposals, naming, signing, signatures),
    S.PERFORMING: (proposals, naming, performing, confirmation),
    S.FOLLOWUP: (proposals, followup, confirmation),
    S.CLOSED: (closed, confirmation),
}
