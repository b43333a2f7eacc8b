"""The official documents of a case: which are due, what they say, who may read them, on whom they are served."""

from workflows.papers.ask import Ask
from workflows.papers.due import BY_HAND_ONLY, KIND_OF, PAPERS
from workflows.papers.issuing import due_rows, give_out, issue_due, make, replace
from workflows.papers.making import abouts, data_of, open_fields, revoke, write
from workflows.papers.reading import documents_of, may_read, readable
from workflows.papers.step import Step, attempt, called_for, issue, of_kind

__all__ = [
    "BY_HAND_ONLY",
    "KIND_OF",
    "PAPERS",
    "Ask",
    "Step",
    "abouts",
    "attempt",
    "called_for",
    "data_of",
    "documents_of",
    "due_rows",
    "give_out",
    "issue",
    "issue_due",
    "make",
    "may_read",
    "of_kind",
    "open_fields",
    "readable",
    "replace",
    "revoke",
    "write",
]
