"""The official documents of a case: which are due, what they say, who may read them."""

from workflows.papers.ask import Ask
from workflows.papers.due import KIND_OF, PAPERS, due
from workflows.papers.making import abouts, data_of, make, open_fields, replace, revoke, write
from workflows.papers.reading import documents_of, may_read, readable

__all__ = [
    "KIND_OF",
    "PAPERS",
    "Ask",
    "abouts",
    "data_of",
    "documents_of",
    "due",
    "make",
    "may_read",
    "open_fields",
    "readable",
    "replace",
    "revoke",
    "write",
]
