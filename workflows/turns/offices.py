"""When somebody's office begins or ends, whose turn it is changes in the cases that person held; time does it too."""

from datetime import datetime

import structlog
from django.db import connection

from calendars.today import local_date
from cases.changes import holding

log = structlog.get_logger(__name__)
# Whoever holds a role at a centre today, a mediator while on its roster (the same rule as in `asked`).
_IN_OFFICE = """EXISTS (SELECT 1 FROM accounts_centre o JOIN accounts_membership m ON m.centre_id IN (o.id, o.parent_id)
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
    LEFT JOIN mediation_mediator k ON k.user_id = m.user_id AND m.role = 'MEDIATOR'
    WHERE o.id = t.centre_id AND m.role = t.role AND m.user_id = {person}
    AND m.from_date <= %(today)s AND (m.until IS NULL OR m.until > %(today)s)
    AND (k.until IS NULL OR k.until >= %(today)s))"""
_MOVED = f"""SELECT DISTINCT t.case_id FROM workflows_turn t JOIN cases_case c ON c.id = t.case_id
    WHERE t.closed_at IS NULL AND (
        t.kind NOT IN ('apply_seal', 'answer_supervision') AND t.role IN ('MEDIATOR', 'INTAKE')
        AND t.holder_id IS NOT NULL AND NOT {_IN_OFFICE.format(person="t.holder_id")}
        OR t.holder_id IS NULL AND t.role = 'MEDIATOR' AND NOT c.mediator_id = ANY(c.shut_out)
        AND {_IN_OFFICE.format(person="c.mediator_id")}
        OR t.holder_id IS NULL AND t.role = 'INTAKE' AND t.kind <> 'apply_seal' AND c.handler_id IS NOT NULL
        AND {_IN_OFFICE.format(person="c.handler_id")}) ORDER BY 1 LIMIT %(most)s"""
MOST = 200


def follow_offices(now: datetime) -> int:
    """Settle the cases whose turns lie with somebody no longer there, or with nobody where there is somebody again."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"today": local_date(now), "most": MOST})
        cases = [case for (case,) in cursor.fetchall()]
    for case in cases:
        with holding(case, "office", by=None, at=now):
            log.info("turns_follow_office", case=case)
    return len(cases)
