"""What they agreed: nothing is in force that is not whole, and what is in force has its dates."""

from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from calendars.today import local_date
from calendars.working_days import add_days
from cases.choices import SETTLED, Outcome, Status
from cases.clocks import ClockKey
from cases.models import Deadline, Party
from mediation.models import Agreement, Obligation, Signature
from mediation.models.promises import URGINGS
from workflows.checks.base import Batch, Check
from workflows.checks.people import keys

S = Status
FORMS = {Outcome.SETTLED_WRITTEN: "WRITTEN", Outcome.SETTLED_ORAL: "ORAL"}
IN_FORCE = Q(voided_at=None, effective_on__isnull=False)
AFTER = (S.PERFORMING, S.FOLLOWUP, S.CLOSED)
CONFIRMATION_DAYS = 30


def not_whole(batch: Batch) -> Iterable[int]:
    """Everybody has signed, the mediator too, and the seal is on it; an oral one has none of these."""
    signed = Signature.objects.filter(agreement=OuterRef(OuterRef("pk")), party=OuterRef("pk"), voided_at=None)
    unsigned = Party.objects.filter(case=OuterRef("case"), left_at=None).exclude(Exists(signed))
    rows = Agreement.objects.filter(IN_FORCE, case__in=batch.ids, form="WRITTEN", case__status__in=AFTER)
    wrong = Q(mediator_signed_at=None) | Q(sealed_at=None) | Exists(unsigned)
    return rows.filter(wrong).values_list("case", flat=True)


def signed_by_a_stranger(batch: Batch) -> Iterable[int]:
    rows = Signature.objects.filter(agreement__case__in=batch.ids).exclude(party__case=F("agreement__case"))
    return rows.values_list("agreement__case", flat=True)


def signed_another_text(batch: Batch) -> Iterable[int]:
    rows = Signature.objects.filter(agreement__case__in=batch.ids, voided_at=None, agreement__voided_at=None)
    return rows.exclude(text_hash=F("agreement__text_hash")).values_list("agreement__case", flat=True)


def performing_nothing(batch: Batch) -> Iterable[int]:
    agreed = Agreement.objects.filter(IN_FORCE, case=OuterRef("pk"), round=OuterRef("round"))
    return keys(batch.cases.filter(status=S.PERFORMING).exclude(Exists(agreed)))


def of_another_form(batch: Batch) -> Iterable[int]:
    wrong = Q(pk__in=[])
    for outcome, form in FORMS.items():
        agreed = Agreement.objects.filter(IN_FORCE, case=OuterRef("pk"), round=OuterRef("round"), form=form)
        wrong |= Q(~Exists(agreed), outcome=outcome)
    return keys(batch.cases.filter(wrong, outcome__in=SETTLED))


def in_force_after_the_end(batch: Batch) -> set[int]:
    rows = Agreement.objects.filter(IN_FORCE, case__in=batch.ids, case__outcome__in=SETTLED, round=F("case__round"))
    found = rows.values_list("case", "effective_on", "case__concluded_at")
    return {case for case, day, end in found if day is not None and end is not None and day > local_date(end)}


def confirmation_otherwise(batch: Batch) -> set[int]:
    """K9 = thirty calendar days from the day in force, rolled (PML 33); a later calendar only moves it on."""
    days = Agreement.objects.filter(case__in=batch.ids, effective_on__isnull=False)
    running: dict[tuple[int, object], list[tuple[object, object, int]]] = {}
    clocks = Deadline.objects.filter(case__in=batch.ids, clock=ClockKey.K9).annotate(moved=Count("moves"))
    for case, start, first, due, count, moved in clocks.values_list(
        "case_id", "start", "first_due", "due", "count", "moved"
    ):
        if count == CONFIRMATION_DAYS:
            running.setdefault((case, start), []).append((first, due, moved))
    found = set()
    for case, day in days.values_list("case_id", "effective_on"):
        if day is None:
            continue
        expected = add_days(batch.calendar, day, CONFIRMATION_DAYS).due
        rows = running.get((case, day), [])
        if not any(first == expected or due >= expected and moved for first, due, moved in rows):  # type: ignore[operator]
            found.add(case)
    return found


def promise_without_date(batch: Batch) -> Iterable[int]:
    """What is promised and not yet done is reminded of on its day, then urged; or its end is to be dealt with."""
    clocks = Deadline.objects.filter(case=OuterRef("agreement__case"), state="RUNNING")
    own = clocks.filter(clock__in=[ClockKey.K8, ClockKey.K8B], about_id=OuterRef("pk"))
    whole = clocks.filter(clock__in=[ClockKey.K8B, ClockKey.K8C], about_id=None)
    rows = Obligation.objects.filter(
        agreement__case__in=batch.ids,
        agreement__case__status=S.PERFORMING,
        agreement__voided_at=None,
        agreement__effective_on__isnull=False,
        performed_on=None,
    )
    rows = rows.annotate(urged=Count("urgings")).filter(urged__lt=URGINGS)
    return rows.exclude(Exists(own)).exclude(Exists(whole)).values_list("agreement__case", flat=True)


CHECKS = (
    Check(
        "agreement_in_force_is_whole",
        _("生效的书面协议有各方和调解员的签名，并且盖了章。"),
        _("生效的协议缺签名或者印章。"),
        _("请补签、补盖，或者退回再议。"),
        not_whole,
        page="agreement/",
    ),
    Check(
        "signature_of_a_party",
        _("在协议上签名的是本案的当事人。"),
        _("协议上有不是本案当事人的签名。"),
        _("请核对签名页，退回再议后重新签署。"),
        signed_by_a_stranger,
        page="agreement/",
    ),
    Check(
        "signature_under_its_text",
        _("签名所签的就是现在的协议文本。"),
        _("有签名签的是另一份文本。"),
        _("请由这一方重新签署。"),
        signed_another_text,
        page="agreement/",
    ),
    Check(
        "performing_under_an_agreement",
        _("履行中的案件有生效的协议。"),
        _("案件在履行，却没有生效的协议。"),
        _("请核对协议的生效日期。"),
        performing_nothing,
        page="agreement/",
    ),
    Check(
        "success_is_an_agreement",
        _("调解成功的案件有同样形式的生效协议。"),
        _("案件记为达成协议，却没有这种形式的生效协议。"),
        _("请核对案件结果和协议。"),
        of_another_form,
        page="agreement/",
    ),
    Check(
        "in_force_before_the_end",
        _("协议最晚在调结那一天生效。"),
        _("协议的生效日期晚于调结日期。"),
        _("请核对协议的生效日期。"),
        in_force_after_the_end,
        page="agreement/",
    ),
    Check(
        "confirmation_in_thirty_days",
        _("申请司法确认的期限是协议生效之日起三十日。"),
        _("申请司法确认的期限算得不对，或者没有计算。"),
        _("请核对期限，并告诉各方正确的日期。"),
        confirmation_otherwise,
        page="deadlines/",
    ),
    Check(
        "promise_has_its_date",
        _("没有履行完的约定都有期限在提醒。"),
        _("有一项约定没有期限提醒。"),
        _("请登记这项约定的履行情况，或者催促履行。"),
        promise_without_date,
        page="promises/",
    ),
)
