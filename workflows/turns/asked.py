"""What is open in a case, as SQL: what was asked and not answered, what runs, what waits to be signed.

Each part yields the same columns, so that all of them are one UNION ALL and one way to the database, for one case or
for a thousand in one state. `c` are the cases; a part is only asked in the states that it names. Of sealed figures
there is no part, and of a blind offer no answer is read.
"""

from dataclasses import dataclass

from cases.choices import ASKED_IN, Status
from documents.kind import Hand
from documents.kinds import KINDS as PAPERS

S = Status
CASES = """WITH c AS MATERIALIZED (SELECT id, round, centre_id, category_id, mediator_id, nominee_id, handler_id, flags,
    concluded_at FROM cases_case WHERE id = ANY(%(cases)s)) """
PARTIES = "JOIN cases_party p ON p.case_id = c.id AND p.left_at IS NULL"
SIGNED_IN = frozenset({S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING})
TALKS = frozenset({S.ASSIGNED, S.MEDIATING})
NAMED_IN = frozenset({S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING, S.PERFORMING})
AFTER = frozenset({S.PERFORMING, S.FOLLOWUP, S.CLOSED})
ALL = frozenset(S) - {S.ARCHIVED}


@dataclass(frozen=True)
class Part:
    """One question to the database: its columns, from where, and in which states it is asked."""

    what: str
    columns: str  # about, number, party, at, until, day, ref, yes
    source: str
    statuses: frozenset[Status] = ALL

    def sql(self) -> str:
        return f"(SELECT c.id, '{self.what}', {self.columns} FROM c {self.source})"


_TEXT = """JOIN LATERAL (SELECT a.* FROM mediation_agreement a WHERE a.case_id = c.id AND a.round = c.round
    AND a.voided_at IS NULL ORDER BY a.version DESC LIMIT 1) a ON true"""
_IN_FORCE = """JOIN LATERAL (SELECT a.* FROM mediation_agreement a WHERE a.case_id = c.id
    AND a.voided_at IS NULL AND a.effective_on IS NOT NULL ORDER BY a.version DESC LIMIT 1) a ON true"""
_UNSAID = """NOT EXISTS (SELECT 1 FROM cases_consent s LEFT JOIN cases_consentrequest w ON w.id = s.request_id
    WHERE s.party_id = p.id AND s.matter = 'MEDIATION' AND s.round = c.round
    AND coalesce(w."end", '') <> 'WITHDRAWN')"""

_ONLINE = """(p.user_id IS NOT NULL OR p.company_id IS NOT NULL OR p.committee_id IS NOT NULL OR EXISTS (
    SELECT 1 FROM cases_casepass g WHERE g.party_id = p.id AND g.revoked_at IS NULL))"""
SEALED = sorted(kind.code for kind in PAPERS.values() if kind.hand == Hand.SEAL)

PARTS = (
    Part("party", "p.id, NULL::bigint, p.id, NULL::timestamptz, NULL::timestamptz, NULL::date, p.side::text,"
         " (p.user_id IS NOT NULL OR p.company_id IS NOT NULL OR p.committee_id IS NOT NULL)", PARTIES),
    Part("clock", "d.id, d.about_id, NULL, d.start::timestamp AT TIME ZONE %(zone)s, NULL, d.due, d.clock,"
         " d.state = 'RUNNING'",
         "JOIN cases_deadline d ON d.case_id = c.id WHERE d.state IN ('RUNNING', 'PAUSED')"),
    Part("proposal", "r.id, NULL, NULL, r.at, NULL, NULL, r.action, r.by_id IS NOT NULL",
         "JOIN cases_proposal r ON r.case_id = c.id WHERE r.decision = 'WAITING'"),
    Part("supervision", "r.id, r.person_id, NULL, r.at, NULL, r.answer_by, d.clock, true",
         "JOIN cases_deadline d ON d.case_id = c.id JOIN cases_supervision r ON r.deadline_id = d.id"
         " WHERE r.answered_at IS NULL AND r.withdrawn_at IS NULL"),
    Part("paper", "d.id, NULL, NULL, d.due_at, NULL, NULL, d.kind, true",
         "JOIN documents_document d ON d.subject_kind = 'case' AND d.subject_id = c.id"
         " WHERE d.issued_at IS NULL AND d.dropped_at IS NULL"),
    # Issued, and still without the seal that its kind wants before it goes out.
    Part("unsealed", "d.id, NULL, NULL, d.issued_at, NULL, NULL, d.kind, true",
         "JOIN documents_document d ON d.subject_kind = 'case' AND d.subject_id = c.id"
         " WHERE d.issued_at IS NOT NULL AND d.revoked_at IS NULL AND d.sealed_at IS NULL"
         f" AND d.kind IN ({', '.join(repr(kind) for kind in SEALED)})"),
    # A paper on its way to a party that did not agree to be served online, or cannot be: whether it may look itself.
    Part("delivery", f"s.id, NULL, p.id, s.at, NULL, NULL, d.kind, a.ways IS NULL AND {_ONLINE}",
         PARTIES + f""" JOIN cases_service s ON s.party_id = p.id AND s.arrived_on IS NULL
            JOIN documents_document d ON d.id = s.document_id AND d.revoked_at IS NULL
            LEFT JOIN LATERAL (SELECT w.ways FROM cases_serviceaddress w WHERE w.party_id = p.id
                ORDER BY w.id DESC LIMIT 1) a ON true
            WHERE NOT (coalesce(a.ways && ARRAY['SITE', 'SMS', 'EMAIL']::varchar[], false) AND {_ONLINE})"""),
    Part("office", "m.user_id, NULL, NULL, NULL, NULL, NULL, m.role, m.holds_seal",
         """JOIN accounts_centre o ON o.id = c.centre_id
            JOIN accounts_membership m ON m.centre_id IN (o.id, o.parent_id)
            JOIN accounts_user u ON u.id = m.user_id AND u.is_active
            LEFT JOIN mediation_mediator k ON k.user_id = m.user_id AND m.role = 'MEDIATOR'
            WHERE m.from_date <= %(today)s AND (m.until IS NULL OR m.until > %(today)s)
            AND (m.role = 'MEDIATOR' AND m.user_id IN (c.mediator_id, c.nominee_id)
                 AND (k.until IS NULL OR k.until >= %(today)s)
                 OR m.role = 'INTAKE' AND m.user_id = c.handler_id
                 OR m.role IN ('INTAKE', 'DIRECTOR') AND m.holds_seal)"""),
    Part("question", "q.id, NULL, p.id, q.at, NULL, q.answer_by, q.matter, true",
         f"""JOIN cases_consentrequest q ON q.case_id = c.id AND q.round = c.round AND q."end" = ''
            JOIN cases_consentrequest_parties qp ON qp.consentrequest_id = q.id
            JOIN cases_party p ON p.id = qp.party_id AND p.left_at IS NULL
            WHERE CASE WHEN q.matter = 'MEDIATION' THEN {_UNSAID} ELSE NOT EXISTS (
                SELECT 1 FROM cases_consent s WHERE s.party_id = p.id AND s.request_id = q.id) END""",
         frozenset(S(status) for status in ASKED_IN)),
    # Whether each party agreed to mediation: the last word counts, not one to a question that was taken back.
    Part("word", "NULL, NULL, p.id, w.at, NULL, NULL, NULL, w.given",
         PARTIES + """ JOIN LATERAL (SELECT s.at, s.given FROM cases_consent s
            LEFT JOIN cases_consentrequest q ON q.id = s.request_id
            WHERE s.party_id = p.id AND s.matter = 'MEDIATION' AND s.round = c.round
            AND coalesce(q."end", '') <> 'WITHDRAWN' ORDER BY s.id DESC LIMIT 1) w ON true""",
         frozenset({S.SUBMITTED, S.INVITING})),
    Part("answer", "w.id, NULL, NULL, w.at, NULL, NULL, w.solved, true",
         """JOIN LATERAL (SELECT * FROM cases_answer w WHERE w.case_id = c.id AND w.kind = 'COMPANY'
            ORDER BY w.id DESC LIMIT 1) w ON true""", frozenset({S.ANSWERING})),
    # --- who mediates -----------------------------------------------------------------------------------------------
    Part("nomination", "n.id, n.mediator_id, NULL, coalesce(n.answered_at, n.at), NULL, n.answer_by, n.state,"
         " coalesce(s.has_interest AND s.waived_at IS NULL, false)",
         """JOIN mediation_nomination n ON n.case_id = c.id
            LEFT JOIN mediation_disclosure s ON s.id = n.disclosure_id
            WHERE n.state IN ('WAITING', 'ACCEPTED')""", NAMED_IN),
    Part("objector", "n.id, NULL, p.id, n.answered_at, NULL, NULL, NULL, true",
         PARTIES + """ JOIN mediation_nomination n ON n.case_id = c.id AND n.state = 'ACCEPTED'
            JOIN mediation_disclosure s ON s.id = n.disclosure_id AND s.has_interest
            WHERE NOT EXISTS (SELECT 1 FROM mediation_waiver w WHERE w.disclosure_id = s.id AND w.party_id = p.id)""",
         NAMED_IN),
    Part("chose", "NULL, NULL, p.id, NULL, NULL, NULL, NULL, true",
         PARTIES + """ WHERE EXISTS (SELECT 1 FROM mediation_mediatorchoice w
            WHERE w.party_id = p.id AND w.round = c.round)""", frozenset({S.ACCEPTED})),
    Part("challenge", "h.id, h.mediator_id, NULL, h.at, NULL, NULL, NULL, EXISTS (SELECT 1 FROM accounts_membership m"
         " WHERE m.user_id = h.mediator_id AND m.role = 'DIRECTOR' AND m.centre_id IN (o.id, o.parent_id)"
         " AND m.from_date <= %(today)s AND (m.until IS NULL OR m.until > %(today)s))",
         "JOIN accounts_centre o ON o.id = c.centre_id JOIN mediation_challenge h ON h.case_id = c.id"
         " WHERE h.decision = 'WAITING'", frozenset({S.SUSPENDED})),
    # --- talks ------------------------------------------------------------------------------------------------------
    Part("session", "s.id, s.number, NULL, NULL, s.starts_at, NULL, NULL, true",
         """JOIN mediation_session s ON s.case_id = c.id AND s.round = c.round
            WHERE s.cancelled_at IS NULL AND s.record = ''""", TALKS),
    Part("held", "s.id, s.number, NULL, s.recorded_at, NULL, NULL, NULL, true",
         """JOIN mediation_session s ON s.case_id = c.id AND s.round = c.round
            WHERE s.cancelled_at IS NULL AND s.record <> ''""", frozenset({S.MEDIATING})),
    Part("poll", "s.id, NULL, NULL, s.at, t.last, NULL, NULL, true",
         """JOIN mediation_slotpoll s ON s.case_id = c.id AND s.closed_at IS NULL
            JOIN LATERAL (SELECT max(t.starts_at) AS last FROM mediation_slot t WHERE t.poll_id = s.id) t ON true""",
         TALKS),
    Part("slots", "s.id, NULL, p.id, s.at, t.last, NULL, NULL, true",
         PARTIES + """ JOIN mediation_slotpoll s ON s.case_id = c.id AND s.closed_at IS NULL
            JOIN LATERAL (SELECT max(t.starts_at) AS last FROM mediation_slot t WHERE t.poll_id = s.id) t ON true
            WHERE NOT EXISTS (SELECT 1 FROM mediation_slotanswer w JOIN mediation_slot t ON t.id = w.slot_id
                WHERE t.poll_id = s.id AND w.party_id = p.id)""", TALKS),
    Part("record", "s.id, s.number, p.id, s.recorded_at, NULL, NULL, NULL, true",
         PARTIES + """ JOIN mediation_session s ON s.case_id = c.id AND s.round = c.round
            AND s.cancelled_at IS NULL AND s.record <> ''
            WHERE NOT EXISTS (SELECT 1 FROM mediation_recordsignature w
                WHERE w.session_id = s.id AND w.party_id = p.id)""", SIGNED_IN),
    Part("own_record", "s.id, s.number, NULL, s.recorded_at, NULL, NULL, NULL, true",
         """JOIN mediation_session s ON s.case_id = c.id AND s.round = c.round
            AND s.cancelled_at IS NULL AND s.record <> ''
            WHERE NOT EXISTS (SELECT 1 FROM mediation_recordsignature w
                WHERE w.session_id = s.id AND w.party_id IS NULL)""", SIGNED_IN),
    Part("facts", "f.id, f.version, p.id, f.at, NULL, NULL, NULL, true",
         PARTIES + """ JOIN mediation_undisputedfacts f ON f.case_id = c.id AND f.round = c.round
            AND f.voided_at IS NULL
            WHERE NOT EXISTS (SELECT 1 FROM mediation_recordsignature w
                WHERE w.facts_id = f.id AND w.party_id = p.id)""", SIGNED_IN),
    Part("offer", "o.id, o.number, p.id, o.at, o.expires_at, NULL, o.key::text, true",
         PARTIES + """ JOIN mediation_offer o ON o.case_id = c.id AND o.round = c.round AND o.mode = 'OPEN'
            AND p.id IS DISTINCT FROM o.party_id
            WHERE NOT EXISTS (SELECT 1 FROM mediation_offerend e WHERE e.offer_id = o.id)
            AND EXISTS (SELECT 1 FROM mediation_offerterm t JOIN mediation_issue i ON i.id = t.issue_id
                WHERE t.offer_id = o.id AND i.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM mediation_offeranswer w
                    WHERE w.offer_id = o.id AND w.party_id = p.id AND w.issue_id = t.issue_id))""",
         frozenset({S.MEDIATING})),
    # Of a blind offer nobody's answer is read: everybody asked is awaited until it ends.
    Part("blind", "o.id, o.number, p.id, o.at, o.expires_at, NULL, o.key::text, true",
         PARTIES + """ JOIN mediation_offer o ON o.case_id = c.id AND o.round = c.round AND o.mode = 'BLIND'
            WHERE NOT EXISTS (SELECT 1 FROM mediation_offerend e WHERE e.offer_id = o.id)
            AND NOT EXISTS (SELECT 1 FROM mediation_offerterm t JOIN mediation_issue i ON i.id = t.issue_id
                WHERE t.offer_id = o.id AND i.ended_at IS NOT NULL)""", frozenset({S.MEDIATING})),
    Part("agreed", "NULL, count(*), NULL, max(g.at), NULL, NULL, NULL, true",
         """JOIN mediation_issue i ON i.case_id = c.id
            JOIN mediation_agreedissue g ON g.issue_id = i.id AND g.round = c.round GROUP BY c.id""",
         frozenset({S.MEDIATING})),
    # --- the text ---------------------------------------------------------------------------------------------------
    Part("text", "a.id, a.version, NULL, coalesce(a.legal_returned_at, a.drafted_at), NULL, NULL,"
         " CASE WHEN a.legal_checked_at IS NOT NULL THEN 'CHECKED'"
         " WHEN a.legal_returned_at IS NOT NULL THEN 'RETURNED' ELSE '' END,"
         " 'LEGAL_CHECK' = ANY(c.flags) OR coalesce((SELECT sum(b.amount) FROM mediation_obligation b"
         " WHERE b.agreement_id = a.id), 0) >= o.legal_check_amount",
         f"JOIN accounts_centre o ON o.id = c.centre_id {_TEXT} WHERE a.effective_on IS NULL AND a.form = 'WRITTEN'",
         frozenset({S.MEDIATING, S.SIGNING})),
    Part("unsigned", "a.id, a.version, p.id, a.put_forward_at, NULL, NULL, NULL, true",
         PARTIES + f""" {_TEXT} WHERE NOT EXISTS (SELECT 1 FROM mediation_signature w WHERE w.agreement_id = a.id
            AND w.party_id = p.id AND w.voided_at IS NULL AND w.text_hash = a.text_hash)""", frozenset({S.SIGNING})),
    Part("marks", "a.id, NULL, NULL, a.mediator_signed_at, a.sealed_at, NULL, NULL, true", _TEXT,
         frozenset({S.SIGNING})),
    # --- what was promised ------------------------------------------------------------------------------------------
    Part("promise", "b.id, b.number, b.doer_id, a.effective_on::timestamp AT TIME ZONE %(zone)s, NULL, b.due, NULL,"
         " true",
         _TEXT + " JOIN mediation_obligation b ON b.agreement_id = a.id WHERE b.performed_on IS NULL",
         frozenset({S.PERFORMING})),
    Part("done", "b.id, b.number, p.id, min(f.at), NULL, NULL, NULL, true",
         PARTIES + f""" {_TEXT} JOIN mediation_obligation b ON b.agreement_id = a.id AND p.id <> b.doer_id
            AND (b.receiver_id IS NULL OR b.receiver_id = p.id)
            JOIN mediation_performance f ON f.obligation_id = b.id AND f.answer = 'WAITING'
            GROUP BY c.id, b.id, p.id""", frozenset({S.PERFORMING})),
    Part("dispute", "b.id, b.number, NULL, f.answered_at, NULL, NULL, NULL, true",
         _TEXT + """ JOIN mediation_obligation b ON b.agreement_id = a.id AND b.performed_on IS NULL
            JOIN LATERAL (SELECT f.* FROM mediation_performance f WHERE f.obligation_id = b.id
                ORDER BY f.number DESC LIMIT 1) f ON f.answer = 'DISPUTED'""", frozenset({S.PERFORMING})),
    Part("court", "j.id, NULL, NULL, NULL, NULL, NULL, j.state, NOT coalesce(g.confirmation_excluded, false)",
         f"""LEFT JOIN cases_category g ON g.code = c.category_id {_IN_FORCE}
            LEFT JOIN LATERAL (SELECT j.* FROM mediation_judicialconfirmation j WHERE j.agreement_id = a.id
                ORDER BY j.number DESC LIMIT 1) j ON true""", AFTER),
    Part("unwished", "a.id, NULL, p.id, a.effective_on::timestamp AT TIME ZONE %(zone)s, NULL, NULL, NULL, true",
         PARTIES + f""" {_IN_FORCE}
            LEFT JOIN mediation_signature z ON z.agreement_id = a.id AND z.party_id = p.id AND z.voided_at IS NULL
                AND z.text_hash = a.text_hash
            LEFT JOIN LATERAL (SELECT j.wishes_since FROM mediation_judicialconfirmation j WHERE j.agreement_id = a.id
                ORDER BY j.number DESC LIMIT 1) j ON true
            WHERE NOT EXISTS (SELECT 1 FROM cases_consent s WHERE s.party_id = p.id AND s.matter = 'CONFIRMATION'
                AND s.round = a.round AND (j.wishes_since IS NULL OR s.at > j.wishes_since)
                AND s.at >= coalesce(z.at, CASE WHEN a.form = 'ORAL' THEN a.drafted_at ELSE a.sealed_at END))""",
         AFTER),
    # --- the end ----------------------------------------------------------------------------------------------------
    Part("heard", "count(*) FILTER (WHERE NOT f.reached), NULL, NULL, max(f.at), NULL,"
         " (array_agg(f.next_on ORDER BY f.id DESC))[1], NULL, bool_or(f.reached)",
         """JOIN mediation_followup f ON f.case_id = c.id AND f.concluded_at = c.concluded_at
            WHERE f.at >= coalesce((SELECT max(d.start) FROM cases_deadline d WHERE d.case_id = c.id
                AND d.clock = 'K12' AND d.state = 'RUNNING')::timestamp AT TIME ZONE %(zone)s, '-infinity')
            GROUP BY c.id""",
         frozenset({S.FOLLOWUP})),
    Part("said", "NULL, NULL, p.id, v.at, NULL, NULL, p.side, v.at >= coalesce((SELECT max(d.start)"
         " FROM cases_deadline d WHERE d.case_id = c.id AND d.clock = 'K12' AND d.state = 'RUNNING')::timestamp"
         " AT TIME ZONE %(zone)s, '-infinity')",
         PARTIES + " JOIN mediation_survey v ON v.party_id = p.id AND v.concluded_at = c.concluded_at",
         frozenset({S.FOLLOWUP})),
)  # fmt: skip


def question(status: str) -> str:
    """Return the one query for cases in this state."""
    return CASES + " UNION ALL ".join(part.sql() for part in PARTS if status in part.statuses)
