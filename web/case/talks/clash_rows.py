"""Sessions called before the mediator changed, at which the new one is elsewhere: what to do, for whoever can."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.roles import Role
from mediation import services as mediation
from web.case.case_file import CaseFile
from web.frame.doors import Row, case_url
from web.templatetags.look import moment


def clash_rows(file: CaseFile) -> list[Row]:
    """Return a sentence and the next step for each clash; of the other case nothing is said but its time."""
    if file.as_party or not file.has(Role.MEDIATOR, Role.DIRECTOR) or not file.unrecorded:
        return []
    url = f"{case_url(file.case)}sessions/"
    own = file.may("case.hold_session")
    words = (
        _("第%(n)d次调解会（%(when)s）与您在%(other)s的另一场调解会时间冲突，请改期。")
        if own
        else _("第%(n)d次调解会（%(when)s）与调解员在%(other)s的另一场调解会时间冲突，请调解员改期。")
    )
    return [
        {
            "sentence": words
            % {"n": one.number, "when": moment(one.starts_at), "other": f"{timezone.localtime(other.starts_at):%H:%M}"},
            "url": f"{url}move/?of={one.number}" if own else f"{url}#session-{one.number}",
            "label": _("去改期") if own else _("看这次调解会"),
        }
        for one, other in mediation.clashing_sessions(file.case, at=timezone.now())
    ]
