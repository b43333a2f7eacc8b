"""Bind a dossier: which papers belong where, in which order, on which pages; one PDF, one ZIP."""

from workflows.binder.export import export
from workflows.binder.files import BinderError, pack, print_pdf
from workflows.binder.making import DossierIncompleteError, compile_dossier
from workflows.binder.parts import Part, parts_of, total_pages
from workflows.binder.wanted import Outstanding, Wanted, outstanding, waived

__all__ = [
    "BinderError",
    "DossierIncompleteError",
    "Outstanding",
    "Part",
    "Wanted",
    "compile_dossier",
    "export",
    "outstanding",
    "pack",
    "parts_of",
    "print_pdf",
    "total_pages",
    "waived",
]
