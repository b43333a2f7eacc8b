"""Take a dossier out of the system, written down first: who, when, in which form."""

from datetime import datetime
from typing import IO

from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import NotAllowedError
from accounts.models import User
from cases.changes import journal, keeping_still
from cases.entries import CaseEntry
from cases.models import Case
from workflows.binder.files import BinderError, pack, print_pdf

FORMS = {"pdf": print_pdf, "zip": pack}


def export(case: Case, form: str, *, by: User, at: datetime) -> IO[bytes]:
    """Return the dossier as `pdf` or `zip` in a temporary file; raises NotAllowedError, BinderError.

    The entry is written before the first byte goes out, so that no copy leaves without a trace.
    """
    with keeping_still(case.pk) as locked:
        if not policy.allows(by, "case.export_dossier", locked):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        if locked.destroyed_at is not None:
            raise BinderError(_("卷宗已经按清册销毁，没有可以导出的内容。"))
        journal(locked, CaseEntry.EXPORT_DOSSIER, by=by, at=at, form=form, dossier=locked.dossier_number)
    return FORMS[form](locked, by=by, at=at)
