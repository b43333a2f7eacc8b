"""Response, resolution and satisfaction (domain.md 5.3, 9.2 I22)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.choices import Side, Status
from cases.models import Case
from mediation import services as mediation
from mediation.models import FollowUp, Survey
from reports.call_backs import Heard, call_back_figures, figures_of, last_words
from reports.periods import Period
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in, party
from tests.web.test_queue import row

ENDED = datetime.fromisoformat("2026-10-01T02:00:00+00:00")
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def heard(case: int, solved: str = "", satisfaction: str = "", hours: int = 0) -> Heard:
    return Heard(case, ENDED, NOW + timedelta(hours=hours), solved, satisfaction)


def test_the_rates_follow_their_definitions() -> None:
    said = [
        heard(1, "SOLVED", "SATISFIED"),
        heard(2, "SOLVED", "BASICALLY"),
        heard(3, "PARTLY", "DISSATISFIED"),
        heard(4, "NOT_SOLVED", "NO_COMMENT"),
        heard(5, "SOLVED"),  # not asked whether content
    ]
    found = figures_of(said, due=8, reached_in_time=5, unreachable=2)
    assert (found.response, found.resolution, found.satisfaction) == ("62.5%", "60.0%", "50.0%")
    assert (found.solved, found.partly, found.not_solved, found.no_comment, found.unreachable) == (3, 1, 1, 1, 2)


def test_nothing_heard_is_no_rate() -> None:
    found = figures_of([], due=0, reached_in_time=0, unreachable=3)
    assert (found.response, found.resolution, found.satisfaction) == ("—", "—", "—")


def test_the_last_answer_to_each_question_counts_once_for_each_conclusion() -> None:
    said = [
        heard(1, "SOLVED", "SATISFIED", hours=2),
        heard(1, "NOT_SOLVED", "DISSATISFIED", hours=1),
        heard(1, "PARTLY", "", hours=3),
    ]
    [last] = last_words(said)
    assert (last.solved, last.satisfaction) == ("PARTLY", "SATISFIED")


WORDS = st.builds(
    heard,
    st.integers(1, 4),
    st.sampled_from(["", "SOLVED", "PARTLY", "NOT_SOLVED"]),
    st.sampled_from(["", "SATISFIED", "BASICALLY", "DISSATISFIED", "NO_COMMENT"]),
    st.integers(0, 50),
)


@given(st.lists(WORDS, max_size=20))
def test_answers_are_never_more_than_the_cases_that_answered(said: list[Heard]) -> None:
    found = figures_of(said, due=0, reached_in_time=0, unreachable=0)
    asked = {one.case for one in said if one.solved}
    judged = {one.case for one in said if one.satisfaction}
    assert found.solved + found.partly + found.not_solved == len(asked)
    assert found.satisfied + found.basically + found.dissatisfied + found.no_comment == len(judged)


@pytest.mark.django_db
def test_the_figures_of_a_period_come_from_calls_surveys_and_clocks(world: World) -> None:
    def concluded(sequence: int) -> Case:
        return row(
            world, sequence, status=Status.FOLLOWUP, outcome="DECLINED", concluded_at=ENDED, respondents_informed_at=NOW
        )

    def called(case: Case, reached: bool, days: int = 0, **said: str) -> None:
        at = NOW + timedelta(days=days)
        FollowUp.objects.create(
            case=case, concluded_at=ENDED, how="PHONE", reached=reached, at=at, by=world.follower, **said
        )

    def clock(case: Case, due: date) -> None:
        case.deadlines.create(
            subject_id=case.pk, clock="K12", rule="", legal_basis="", start_event="",
            start=TODAY - timedelta(days=5), count=15, unit="DAYS", first_due=due, due=due,
        )  # fmt: skip

    cases = [concluded(number) for number in range(1, 7)]
    for case in cases[:5]:
        clock(case, TODAY + timedelta(days=2))
    clock(cases[5], date(2027, 1, 9))  # not due this year
    called(cases[0], True, solved="SOLVED", satisfaction="SATISFIED")
    called(cases[1], True, days=4, solved="NOT_SOLVED", satisfaction="DISSATISFIED")  # reached too late
    for days in range(3):
        called(cases[2], False, days=days)
    for days in range(3):
        called(cases[3], False, days=days)
    for side in (Side.APPLICANT, Side.RESPONDENT):  # the company's word is not the applicant's
        Survey.objects.create(
            case=cases[3], party=party(cases[3], side), concluded_at=ENDED, at=NOW, by=world.resident,
            solved="PARTLY" if side == Side.APPLICANT else "SOLVED", satisfaction="BASICALLY",
        )  # fmt: skip
    called(cases[5], True, days=80, solved="SOLVED", satisfaction="SATISFIED")  # next year's answer
    found = call_back_figures(Case.objects.all(), YEAR)
    assert (found.due, found.reached_in_time, found.unreachable) == (5, 2, 1)
    assert (found.solved, found.partly, found.not_solved) == (1, 1, 1)
    assert (found.satisfied, found.basically, found.dissatisfied) == (1, 1, 1)
    assert (found.response, found.resolution, found.satisfaction) == ("40.0%", "33.3%", "66.7%")
    assert call_back_figures(Case.objects.filter(pk=cases[0].pk), YEAR).resolution == "100.0%"


@pytest.mark.django_db
@pytest.mark.slow
def test_a_real_case_counts(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    mediation.follow_up(
        case, how="PHONE", reached=True, by=world.follower, at=NOW, solved="SOLVED", satisfaction="SATISFIED"
    )
    found = call_back_figures(Case.objects.all(), YEAR)
    assert (found.response, found.resolution, found.satisfaction) == ("100.0%", "100.0%", "100.0%")
