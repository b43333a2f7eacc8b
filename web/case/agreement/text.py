"""The text of an agreement as its readers see it: the lines of the document, under the names that each may read."""

from django.utils import timezone

from cases.models import Party
from documents.sheet import Block
from documents.wording.agreement import text_of as wording
from mediation.models import Agreement
from web.case.case_file import CaseFile
from workflows.papers.agreement import shown_fields


def name_in(file: CaseFile, party: Party, agreement: Agreement) -> str:
    """The name as the text has it: in full for whoever signs it, because a text binds people by their full names."""
    open_to_parties = agreement.put_forward_at is not None or agreement.effective_on is not None
    if file.as_party and open_to_parties and not file.applicant_is_hidden:
        return party.name
    return file.name_of(party)


def blocks_of(file: CaseFile, agreement: Agreement) -> list[Block]:
    """Return the text block by block as the document is printed, in the language of the document."""
    agreement.case = file.case
    names = {party.pk: name_in(file, party, agreement) for party in file.parties}
    words = {party.pk: _who(party, names[party.pk]) for party in file.parties}
    return wording(shown_fields(agreement, words=words, names=names, at=timezone.now()))


def _who(party: Party, name: str) -> str:
    """A body with whoever speaks for it; what identifies a person stands in the issued text alone."""
    speaks = party.head
    return f"{name}，法定代表人（负责人）{speaks}" if speaks else name


def lines_of(file: CaseFile, agreement: Agreement) -> list[str]:
    """Return the same text line by line, for a form that asks somebody to check, sign or seal it."""
    found: list[str] = []
    for block in blocks_of(file, agreement):
        if block["t"] == "items":
            found += [f"{n}. {row}" for n, row in enumerate(block["rows"], 1)]
        else:
            found.append(block.get("label", "") + block["text"])
    return found
