"""Private words put everywhere, and every exit of the site walked: who finds which of them where."""

import hashlib
import io
import itertools
import json
import re
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from accounts.models import User
from cases import room_files, rooms, services
from cases.choices import Flag, Side, Status, Track
from cases.evidence import add_evidence
from cases.models import JOINT, Case, Category, Message, Party, RoomEntry
from cases.passes import issue_pass
from mediation import services as mediation
from mediation.services.offers import Term, seal_offer
from tests import journeys
from tests.cast import NOW, TODAY, World, later, person
from tests.ground import kept
from tests.web.pages import Reader
from web.case.agreement.confirmation_forms import CONFIRMATION_FORMS
from web.case.matter.consent_forms import CONSENT_FORMS
from web.case.page.registry import FACTS
from web.case.papers.documents import TITLES
from web.case.papers.service_forms import SERVICE_FORMS
from web.case.talks.offer_forms import OFFER_FORMS
from web.case.talks.room import SLUGS
from web.case.talks.session_forms import SESSION_FORMS
from web.filing.steps import STEPS
from workflows import filing
from workflows.actions import ACTIONS, perform
from workflows.room_news import tell_room_news

A, B = Side.APPLICANT, Side.RESPONDENT
OWN_A, OWN_B = frozenset({"resident", "guest", "agent"}), frozenset({"company_user"})
DESK = frozenset({"intake", "second_intake", "director", "second_director", "legal", "follower", "mediator"})
STAFF = DESK | {"archivist", "supervisor"}
# Those who never see anything of a case of this cast, and one for each desk besides.
VIEWERS = (
    "resident", "guest", "agent", "company_user", "mediator", "second_mediator", "intake", "director", "legal",
    "follower", "archivist", "supervisor", "integrity", "sysadmin", "regulator", "other_regulator", "other_intake",
    "neighbour", "competitor_user", "committee_user", "stranger", "nobody",
)  # fmt: skip


# The documents that say most about people and about what was said.
PAPERS = ("evidence_list", "party_contacts")


@dataclass(frozen=True)
class Canary:
    """Private words, in every way in which they may be written, and who may read them."""

    name: str
    words: tuple[str, ...]
    readers: frozenset[str]


@dataclass(frozen=True)
class Find:
    """One canary seen by somebody somewhere."""

    canary: str
    viewer: str
    where: str

    def __str__(self) -> str:
        return f"{self.canary} → {self.viewer}: {self.where}"


def pdf(words: str, name: str) -> SimpleUploadedFile:
    """A file that is handed out byte for byte."""
    return SimpleUploadedFile(name, b"%PDF-1.4\n% " + words.encode() + b"\n%%EOF\n", "application/pdf")


@dataclass
class Scene:
    """Cases full of canaries, and the people who look at them."""

    world: World
    case: Case
    secret: Case
    report: Case
    proposed: Case
    people: dict[str, User | None]
    canaries: list[Canary] = field(default_factory=list)

    @property
    def cases(self) -> list[Case]:
        return [self.case, self.secret, self.report, self.proposed]

    def client(self, viewer: str) -> Client:
        client, user = Reader(raise_request_exception=False), self.people[viewer]
        if user is not None:
            client.force_login(User.objects.get(pk=user.pk))
        return client


# --- putting the canaries in ---


@kept
def make_scene(world: World) -> Scene:
    """One case in mediation with everything in it, one confidential, one report, one with a waiting proposal."""
    case = journeys.case_in(Status.MEDIATING, world)
    category = {"estate": world.other_estate, "category": Category.objects.get(code="0302")}
    secret = confidential(world, category)
    report = journeys.submitted(world, track=Track.REPORT, category=Category.objects.get(code="0303"))
    hide_name(report, "欧阳金雀")
    proposed = journeys.submitted(world, category=Category.objects.get(code="0304"))
    people: dict[str, User | None] = dict(world.people()) | {"nobody": None}
    scene = Scene(world, case, secret, report, proposed, people)
    applicant = case.parties.get(side=A)
    add_contacts(scene, applicant)
    issue_pass(applicant, by=world.intake, at=NOW)
    scene.people["guest"] = User.objects.get(case_pass__party=applicant)
    talk(scene)
    hand_in(scene)
    bargain(scene)
    write_up(scene)
    tell_room_news(later(hours=1))  # of what was said, to those who have not looked
    scene.case = Case.objects.get(pk=case.pk)
    return scene


def confidential(world: World, category: dict[str, Any]) -> Case:
    """A case whose respondent knows of it, but not from whom it comes."""
    case = journeys.draft(world, by=world.neighbour, **category)
    Case.objects.filter(pk=case.pk).update(flags=[Flag.CONFIDENTIAL])
    filed, _codes = filing.submit(case, by=world.neighbour, at=NOW, data_notice=True)
    hide_name(filed, "尉迟金雀", user=world.neighbour, phone="13855100002", phone_index="")
    return perform(filed, "invite", by=world.intake, at=NOW)


def hide_name(case: Case, name: str, **more: Any) -> None:
    Party.objects.filter(case=case, side=A).update(name=name, **more)


def add_contacts(scene: Scene, applicant: Party) -> None:
    applicant.id_number, applicant.address = "340104195803124528", "翠湖花园77幢9单元4411"
    applicant.save()
    agent = person("agent", "诸葛代理", "+8613900004411")
    applicant.agents.create(
        name="诸葛代理", phone="+8613900004411", user=agent, scope=["SPEAK", "OFFER"], from_date=TODAY
    )
    scene.people["agent"] = agent
    reads = OWN_A | DESK | {"archivist"}  # who files the papers that carry them
    scene.canaries += [
        Canary("phone", ("13855106612", "138 5510 6612", "138-5510-6612"), reads),
        Canary("identity", ("340104195803124528",), reads),
        Canary("address", ("77幢9单元4411", "77幢"), reads),
        Canary("agent's phone", ("13900004411", "139 0000 4411", "139-0000-4411"), reads),
        Canary("confidential applicant", ("尉迟金雀",), STAFF | {"neighbour"}),
        Canary("informer", ("欧阳金雀",), STAFF | {"resident"}),
    ]


def talk(scene: Scene) -> None:
    """Words in every room, and to the centre, and among staff."""
    case, world = scene.case, scene.world
    said = [
        ("joint room", JOINT, world.mediator, "金丝雀共同4401", OWN_A | OWN_B | {"mediator"}),
        ("caucus of the applicant", A, world.resident, "金丝雀甲室4402", OWN_A | {"mediator"}),
        ("mediator in that caucus", A, world.mediator, "金丝雀甲室4403", OWN_A | {"mediator"}),
        ("caucus of the respondent", B, world.company_user, "金丝雀乙室4404", OWN_B | {"mediator"}),
    ]
    for name, side, by, words, readers in said:
        rooms.post(case, side, body=f"这是{words}。", by=by, at=NOW)
        scene.canaries.append(Canary(name, (words,), frozenset(readers)))
    withdrawn = rooms.post(case, A, body="金丝雀撤回4405", by=world.resident, at=NOW)
    rooms.withdraw(withdrawn, by=world.resident, at=NOW)
    scene.canaries.append(Canary("withdrawn", ("金丝雀撤回4405",), frozenset()))
    for name, by, words, room, readers in [
        ("note", world.intake, "金丝雀备注4406", Message.Room.NOTE, STAFF),
        ("applicant to centre", world.resident, "金丝雀来信4407", Message.Room.CENTRE, STAFF | OWN_A),
        ("respondent to centre", world.company_user, "金丝雀来信4408", Message.Room.CENTRE, STAFF | OWN_B),
    ]:
        services.write_message(case, body=words, room=room, by=by, at=NOW)
        scene.canaries.append(Canary(name, (words,), frozenset(readers)))


def hand_in(scene: Scene) -> None:
    """Files of a caucus, files kept from the other side, files for everybody on the case; names and bytes."""
    case, world = scene.case, scene.world
    room_files.show(case, A, pdf("canary-bytes-4411", "金丝雀甲件4410.pdf"), by=world.resident, at=NOW)
    room_files.show(case, B, pdf("canary-bytes-4413", "金丝雀乙件4412.pdf"), by=world.company_user, at=NOW)
    add_evidence(case, pdf("canary-bytes-4415", "金丝雀密件4414.pdf"), by=world.resident, at=NOW, sensitive=True)
    add_evidence(case, pdf("canary-bytes-4417", "金丝雀证据4416.pdf"), by=world.resident, at=NOW)
    scene.canaries += [
        Canary("name of a caucus file, A", ("金丝雀甲件4410",), OWN_A | {"mediator"}),
        Canary("bytes of a caucus file, A", ("canary-bytes-4411",), OWN_A | {"mediator"}),
        Canary("name of a caucus file, B", ("金丝雀乙件4412",), OWN_B | {"mediator"}),
        Canary("bytes of a caucus file, B", ("canary-bytes-4413",), OWN_B | {"mediator"}),
        Canary("name of evidence kept back", ("金丝雀密件4414",), OWN_A | STAFF),
        Canary("bytes of evidence kept back", ("canary-bytes-4415",), OWN_A | STAFF),
        Canary("name of evidence", ("金丝雀证据4416",), OWN_A | OWN_B | STAFF),
        Canary("bytes of evidence", ("canary-bytes-4417",), OWN_A | OWN_B | STAFF),
    ]


def bargain(scene: Scene) -> None:
    """A sealed figure that nobody reads, and one that the mediator may read."""
    case, world = scene.case, scene.world
    issue = case.issues.order_by("number").first()
    assert issue is not None
    pays, takes = case.parties.get(side=B), case.parties.get(side=A)
    common: dict[str, Any] = {"issue": issue, "doer": pays, "receiver": takes, "manner": "转账", "due": TODAY}
    taken = Term(what="金丝雀报价4420", amount=Decimal("18613.57"), **common)
    paid = Term(what="金丝雀报价4421", amount=Decimal("7411.29"), **common)
    until = later(5)
    seal_offer(case, term=taken, expires_at=until, by=world.resident, at=NOW)
    seal_offer(case, term=paid, expires_at=until, by=world.company_user, at=NOW, shown_to_mediator=True)
    scene.canaries += [
        Canary("sealed figure", ("金丝雀报价4420", "18613.57", "18,613.57"), OWN_A),
        Canary("sealed figure for the mediator", ("金丝雀报价4421", "7411.29", "7,411.29"), OWN_B | {"mediator"}),
    ]


def write_up(scene: Scene) -> None:
    """The record of a session, and the reasons of a proposal that waits for the director."""
    world = scene.world
    session = journeys.begun(scene.case, NOW)
    assert session is not None
    mediation.record_session(
        session, attendees="双方到场", record="金丝雀笔录4430", result="继续协商", by=world.mediator, at=NOW
    )
    filing.propose(
        scene.proposed,
        "reject",
        by=world.intake,
        at=NOW,
        reason_code="R01",
        reason_text="金丝雀理由4431",
        reason="金丝雀理由4431",
    )
    scene.canaries.append(Canary("reasons of a proposal", ("金丝雀理由4431",), STAFF))


# --- every address ---


def patterns(found: list[Any] | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address that the resolver knows, by its full name."""
    for one in get_resolver().url_patterns if found is None else found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield f"{space}{one.name}", one


Values = Callable[[Scene], list[Any]]


def rows(model: str, **where: Any) -> Values:
    """The keys of the first rows of a model, by its label."""

    def first(scene: Scene) -> list[Any]:
        found = apps.get_model(model).objects.filter(**where).order_by("pk")  # type: ignore[attr-defined]
        return list(found.values_list("pk", flat=True)[:2]) or [1]

    return first


def numbers(scene: Scene) -> list[Any]:
    return [case.number for case in scene.cases]


def main_case(scene: Scene) -> list[Any]:
    return [scene.case.number]


def said(scene: Scene) -> list[Any]:
    """The files of the caucuses, and one thing said in each room."""
    entries = RoomEntry.objects.filter(room__case=scene.case)
    last = entries.exclude(kind="FILE").order_by("room_id", "-pk").distinct("room_id")
    return [entry.key for entry in [*entries.filter(kind="FILE"), *last]]


# What fills a parameter: by the address's name and the parameter, else by the parameter alone.
FILL: dict[str, Values] = {
    "number": numbers,
    "fact": lambda scene: sorted(FACTS),
    "action": lambda scene: sorted(name.replace("_", "-") for name in ACTIONS),
    "n": lambda scene: sorted({e.number for case in scene.cases for e in case.evidence.all()}),
    "deadline_id": rows("cases.Deadline"),
    "room": lambda scene: sorted(SLUGS),
    **dict.fromkeys(("room_file.key", "room_withdraw.key", "room_share.key"), said),
    "slug": lambda scene: sorted(STEPS),
    "notice_open.key": rows("notifications.Notice"),
    "overdue_ask.key": rows("cases.Deadline"),
    "overdue_order.key": rows("cases.Deadline"),
    "overdue_withdraw.key": rows("cases.Supervision"),
    "proposal_approve.key": rows("cases.Proposal"),
    "proposal_refuse.key": rows("cases.Proposal"),
    "account_confirm_email.key": lambda scene: ["abc"],
    "account_reset_password_from_key.key": lambda scene: ["abc-def"],
    "uidb36": lambda scene: ["1"],
    **dict.fromkeys(
        (
            *("filing_draft.key", "filing_elsewhere.key", "filing_receipt.key", "filing_leave_receipt.key"),
            *("filing_discard.key", "filing_step.key", "filing_take_up.key"),
        ),
        lambda scene: [case.key for case in scene.cases],
    ),
    # What somebody had typed when the session ended has tests of its own; here nobody has kept anything.
    **dict.fromkeys(("kept_form.key", "kept_form_forget.key"), lambda scene: [UUID(int=1)]),
    "code": lambda scene: ["AAAA-BBBB"],
    "user_id": rows("accounts.User"),
    **{
        f"{name}.pk": rows("accounts.User")
        for name in (
            "account",
            "account_grant",
            "account_close",
            "account_end_role",
            "account_keep_seal",
            "account_switch",
            "account_contact",
            "account_close",
        )
    },
    "membership": rows("accounts.Membership"),
    "what": lambda scene: [
        "password",
        "close",
        "reopen",
        "second-factor",
        "demand-second-factor",
        "release-second-factor",
    ],
    **{
        f"{name}.code": lambda scene: ["AH", "ZH"]
        for name in ("centre", "setup", "setup_test", "setup_clocks", "setup_backup", "setup_finish")
    },
    "channel": lambda scene: ["sms", "email"],
    "case_offer_form.name": lambda scene: sorted(OFFER_FORMS),
    "case_session_form.name": lambda scene: sorted(SESSION_FORMS),
    "case_consent_form.name": lambda scene: sorted(CONSENT_FORMS),
    "case_service_form.name": lambda scene: sorted(SERVICE_FORMS),
    "confirmation_form.name": lambda scene: sorted(CONFIRMATION_FORMS),
    "desk_unreachable_task.key": rows("notifications.CannotReach"),
    "case_hold_lift.key": rows("cases.LegalHold"),
    **dict.fromkeys(
        ("retention_list.key", "retention_approve.key", "retention_refuse.key", "retention_execute.key"),
        rows("cases.DestructionList"),
    ),
    **dict.fromkeys(("mediator_edit.key", "mediator_end.key"), rows("mediation.Mediator")),
    "version": lambda scene: ["1", "2", "3"],
    "signature_image.pk": rows("mediation.Signature"),
    "case_document_issue.kind": lambda scene: list(PAPERS),
    "case_document_draft.kind": lambda scene: list(PAPERS),
    **dict.fromkeys(
        ("case_document_pdf.key", "case_document_docx.key", "case_document_change.key"), rows("documents.Document")
    ),
    "verb": lambda scene: sorted(TITLES),
    "kind": lambda scene: ["companies", "estates"],
    "members_company.pk": rows("members.Company"),
    "members_edit_company.pk": rows("members.Company"),
    "members_end_service.pk": rows("members.ServiceTerm"),
    "members_edit_committee.pk": rows("members.OwnersCommittee"),
    "members_estate.pk": rows("members.Estate"),
    "members_edit_estate.pk": rows("members.Estate"),
    "members_begin_service.pk": rows("members.Estate"),
    "members_add_committee.pk": rows("members.Estate"),
}
# What else is asked of an address: everything that a page reads from its query.
QUERIES: dict[str, tuple[str, ...]] = {
    "case": ("", "?fragment=1", *(f"?tab={tab}" for tab in ("messages", "evidence", "mediation", "records"))),
    "case_evidence": ("", "?original=1"),
    "room": ("", "?fragment=1"),
    "room_of_side": ("", "?fragment=1"),
    "desk": ("", "?status=all", "?q=翠湖花园", "?who=me", "?case={number}"),
    "desk_director": ("", *(f"?tab={tab}" for tab in ("challenges", "proposals", "workload")), "?case={number}"),
    "company_desk": ("", "?tab=finished"),
    "desk_mediators": ("", "?tab=repeat"),
    "desk_overdue": ("", "?show=soon", "?show=done", "?show=asked"),
    **dict.fromkeys(
        ("case_sessions", "case_offers", "promises", "confirmation", "case_deadlines", "case_mediator"),
        ("", "?fragment=1"),
    ),
}


def unfilled() -> list[str]:
    """Addresses with a parameter that nothing here fills: a new page has to say what it is about."""
    return [
        f"{name}: <{parameter}>"
        for name, pattern in patterns()
        for parameter in parameters_of(pattern)
        if f"{name}.{parameter}" not in FILL and parameter not in FILL
    ]


def parameters_of(pattern: URLPattern) -> list[str]:
    converters = pattern.pattern.converters
    return list(converters) or list(getattr(pattern.pattern, "regex", re.compile("")).groupindex)


def addresses(scene: Scene) -> list[str]:
    """Every address of the site, filled with what is there."""
    found = []
    for name, pattern in patterns():
        names = parameters_of(pattern)
        values = [[*filling(name, p, alone=len(names) == 1)(scene)] for p in names]
        for chosen in itertools.product(*values):
            address = reverse(name, kwargs=dict(zip(names, chosen, strict=True)))
            found += [address + query.format(number=scene.case.number) for query in QUERIES.get(name, ("",))]
    return list(dict.fromkeys(found))


def filling(name: str, parameter: str, *, alone: bool) -> Values:
    """What fills a parameter of an address; with others beside it, the case is the one with everything in it."""
    if parameter == "number" and not alone:
        return main_case
    return FILL.get(f"{name}.{parameter}") or FILL[parameter]


# --- walking ---


def words_of(body: bytes, depth: int = 0) -> Iterator[str]:
    """Everything readable in an answer: text, and what is packed in archives, office files and PDF."""
    yield body.decode("utf-8", "replace")
    if body[:4] == b"PK\x03\x04" and depth < 3:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield name
                yield from words_of(packed.read(name), depth + 1)
    elif body[:5] == b"%PDF-":
        yield words_of_pdf(body)
    elif body[:1] in b"{[" and b"\\u" in body:
        try:
            yield json.dumps(json.loads(body), ensure_ascii=False)
        except ValueError:
            return


@lru_cache(maxsize=256)
def words_of_pdf(body: bytes) -> str:
    """The text of a file, read once however often it is met; nothing of one that is none."""
    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    except (PyPdfError, KeyError, ValueError):
        return ""


def text_of(response: Any) -> str:
    """What an answer tells, its headers and cookies with it."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {unquote(value)}" for name, value in response.items())
    text = "\n".join([headers, str(response.cookies), *words_of(body)])
    return re.sub(r"(?<=\d)\s*\n\s*(?=\d)", "", text)


def visit(scene: Scene, viewer: str, client: Client, address: str, *, post: bool = False) -> tuple[int, str]:
    """Open an address, or send it a form with next to nothing in it; whatever it did is undone."""
    kept = session_of(client)
    with transaction.atomic():
        if post:
            form = {"key": uuid.uuid4(), "version": scene.case.version, "body": "", "reason": ""}
            response = client.post(address, form)
        else:
            response = client.get(address)
        found = (response.status_code, text_of(response))
        transaction.set_rollback(True)
    if session_of(client) != kept:  # signed out
        client.cookies = scene.client(viewer).cookies
    return found


def session_of(client: Client) -> str:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie.value if cookie else ""


def look(canaries: list[Canary], viewer: str, where: str, text: str) -> Iterator[Find]:
    for canary in canaries:
        if any(word in text for word in canary.words):
            yield Find(canary.name, viewer, where)


@dataclass
class Walk:
    """What one person met everywhere: canaries and faults, and what each address answered."""

    found: list[Find] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


def walk(scene: Scene, viewer: str, *, post: bool = False, asked: list[str] | None = None) -> Walk:
    """Open everything (or what is asked for) as one person."""
    client, walked = scene.client(viewer), Walk()
    for address in addresses(scene) if asked is None else asked:
        if post and (not address.startswith(f"/cases/{scene.case.number}/") or "?" in address):
            continue
        status, text = visit(scene, viewer, client, address, post=post)
        if status >= 500 and address != "/healthz":  # which says that no worker runs here
            walked.found.append(Find(f"fault {status}", viewer, address))
        walked.found += look(scene.canaries, viewer, f"{'POST' if post else 'GET'} {address}", text)
        walked.answers[address] = fingerprint(text)
    return walked


def fingerprint(text: str) -> str:
    """Return a word for an answer, without what is new in every answer."""
    text = re.sub(r"csrf(middleware)?token[^>\n]*", "", text)
    text = re.sub(r"nonce-[\w=+/-]+|Set-Cookie:.*|Expires:.*|ETag:.*", "", text)
    text = re.sub(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", "…", text)
    return hashlib.sha256(text.encode()).hexdigest()


def leaks(scene: Scene, found: list[Find]) -> list[str]:
    """Keep what should not have been seen."""
    readers = {canary.name: canary.readers for canary in scene.canaries}
    return [str(find) for find in found if find.viewer not in readers.get(find.canary, frozenset())]
