"""What call-backs, closing and mediation taken up again put on paper."""

from django.db.models import Exists, OuterRef

from audit.selectors import history
from cases.choices import ConsentMatter, Outcome, Source
from cases.language import on_file
from cases.models import Case, Consent
from documents.sheet import Fields
from mediation.models import Agreement, FollowUp, Survey, Urging
from workflows.papers.agreement import title_of
from workflows.papers.ask import Ask, clock, day, merged_words, signer


def _agreement(case: Case) -> Agreement | None:
    found: Agreement | None = case.agreements.filter(effective_on__isnull=False).order_by("-version").first()
    return found


def _known_agreement(ask: Ask) -> tuple[Agreement | None, str]:
    """Return the agreement in force and how papers name it; read once for the papers of one step."""
    if "agreement" not in ask.known:
        found = _agreement(ask.case)
        ask.known["agreement"] = (found, title_of(found) if found else "")
    known: tuple[Agreement | None, str] = ask.known["agreement"]
    return known


def follow_up_record(ask: Ask) -> Fields:
    row: FollowUp = ask.about
    return {
        "parties": [signer(party) for party in ask.parties],
        "nth": _nth(row),
        "time": clock(row.at),
        "how": on_file(row.get_how_display()),
        "visitor": str(row.by or ""),
        "result": "已联系上" if row.reached else "未联系上",
        "agreement": _known_agreement(ask)[1],
        "solved": on_file(row.get_solved_display()) if row.solved else "",
        "satisfaction": on_file(row.get_satisfaction_display()) if row.satisfaction else "",
        "performed": on_file(row.get_performed_display()) if row.performed else "",
        "performance": row.performance,
        "lawsuit": row.lawsuit,
        "hidden_danger": row.hidden_danger,
        "wrong_mediation": row.wrong_mediation,
        "measures": row.measures,
        "next_on": day(row.next_on),
        "note": row.note,
    }


def _nth(row: FollowUp) -> str:
    """Say which call this is, counted from the conclusion that it asks about; a call that reached nobody is a try."""
    same = FollowUp.objects.filter(case=row.case_id, concluded_at=row.concluded_at, pk__lte=row.pk)
    closed = row.case.closed_at
    again = "（满90日再次回访）" if closed is not None and row.at > closed else ""
    return f"第{same.count()}次{again}"


def survey_record(ask: Ask) -> Fields:
    row: Survey = ask.about
    return {
        "party": signer(row.party),
        "time": clock(row.at),
        "solved": on_file(row.get_solved_display()),
        "satisfaction": on_file(row.get_satisfaction_display()),
        "comment": row.comment,
    }


def closing_report(ask: Ask) -> Fields:
    case, (agreement, title) = ask.case, _known_agreement(ask)
    held = case.sessions.exclude(record="").count()
    return {
        "parties": [signer(party) for party in ask.parties],
        "closed": day(case.closed_at),
        "outcome": on_file(Outcome(case.outcome).label) if case.outcome else "",
        "source": on_file(Source(case.source).label),
        "facts": case.facts,
        "handler": str(case.mediator or case.handler or ""),
        "concluded": day(case.concluded_at),
        "category": str(case.category.name_zh if case.category else ""),
        "agreement": title,
        "performance": _performance(agreement) if agreement else "",
        "follow_up": _heard(case),
        "sessions": str(held) if held else "",
        "merged": merged_words(case),
    }


def _heard(case: Case) -> str:
    """Say what was last heard of this conclusion, by telephone and from the parties, and how often in vain."""
    if case.concluded_at is None:
        return ""
    calls = list(case.follow_ups.filter(concluded_at=case.concluded_at))
    heard = [call for call in calls if call.reached]
    said = [_answered(heard[-1])] if heard else []
    said += [f"回访{len(calls)}次，没有联系上"] if calls and not heard else []
    surveys = case.surveys.filter(concluded_at=case.concluded_at).select_related("party")
    said += [f"{on_file(row.party.get_side_display())}本人评价：{_answered(row)}" for row in surveys]
    return "；".join(said)


def _answered(row: FollowUp | Survey) -> str:
    words = [on_file(row.get_solved_display()), on_file(row.get_satisfaction_display()) if row.satisfaction else ""]
    return "，".join(word for word in words if word)


def _performance(agreement: Agreement) -> str:
    """Count what is kept, urged and disputed; the rest is still open."""
    rows = list(agreement.obligations.annotate(urged=Exists(Urging.objects.filter(obligation=OuterRef("pk")))))
    kept = [row for row in rows if row.performed_on]
    urged = [row for row in rows if not row.performed_on and row.urged]
    late = f"未履行的有{len(urged)}项已督促。" if urged else ""
    return f"共{len(rows)}项，已履行{len(kept)}项。{late}" if rows else ""


def remediation_approval(ask: Ask) -> Fields:
    return {
        "parties": [signer(party) for party in ask.parties],
        "outcome": _last_outcome(ask.case),
        "closed": _last_closed(ask.case),
        "approved": "是" if ask.last("remediate") else "",
        "reason": ask.why("remediate"),
        "agreed": "；".join(_agreed_again(ask)),
    }


def _agreed_again(ask: Ask) -> list[str]:
    """Say how and when each party agreed, or not, to be mediated once more; nothing of one that was not asked."""
    rows = Consent.objects.filter(party__in=ask.parties, matter=ConsentMatter.REMEDIATION).order_by("pk")
    said = {row.party_id: row for row in rows}
    return [
        f"{on_file(party.get_side_display())}{party.name}于{day(row.at)}表示{'同意' if row.given else '不同意'}"
        f"（{on_file(row.get_how_display())}）"
        for party in ask.parties
        if (row := said.get(party.pk)) is not None
    ]


def _last_closed(case: Case) -> str:
    """Return the day on which the matter was last closed; taken up again, the case itself no longer says."""
    closed = history(case.subject).filter(action="close").last()
    return day(closed.at) if closed else ""


def _last_outcome(case: Case) -> str:
    """Return how the matter had ended before it was taken up again."""
    if case.outcome:
        return on_file(Outcome(case.outcome).label)
    agreement = _agreement(case)
    if agreement is not None:
        return title_of(agreement)
    ending = case.ending
    return on_file(Outcome(ending.outcome).label) if ending else ""
