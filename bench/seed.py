"""Fill a throw-away database with synthetic cases: `python -m bench.seed 20000`.

Works on the database of DATABASE_URL as it is and adds to it; `bench.queue` and `bench.action` call it on databases of
their own. Rows come from generate_series, so 200,000 cases take seconds; none of them has a process or a journal.
"""

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import django

# Of a hundred cases: how many are in each state, as in a centre that has worked for years.
SHARE = {
    "SUBMITTED": 2, "RETURNED": 1, "ANSWERING": 1, "INVITING": 1, "ACCEPTED": 1, "ASSIGNED": 1, "MEDIATING": 4,
    "SUSPENDED": 1, "SIGNING": 1, "PERFORMING": 2, "FOLLOWUP": 2, "CLOSED": 3, "ARCHIVED": 80,
}  # fmt: skip
CASES = """
INSERT INTO cases_case (
    key, status, outcome, version, revision, number, case_number, centre_id, region_id, estate_id, estate_name,
    estate_key,
    category_id, category_confirmed, category_reason, suggested_referral, suggested_referral_reason, track, source,
    source_number, channel, title, facts, requests, amount, households, people, flags, is_public, wants_mediation,
    created_by_id, handler_id, mediator_id, round, supplements, redone, reviewed, created_at, filed_at, accepted_at,
    concluded_at, closed_at, archived_at, next_due, next_clock, retention, dossier_number, shut_out, suspended_for,
    court_procedure, waits_for, search)
SELECT gen_random_uuid(), s.status,
    CASE WHEN s.status IN ('CLOSED', 'ARCHIVED', 'FOLLOWUP', 'PERFORMING') THEN 'SETTLED_WRITTEN' ELSE '' END, 1, 1,
    format('BN-2026-%%s', lpad((g + %(offset)s)::text, 7, '0')),
    CASE WHEN s.accepted THEN format('（2026）基物调字第%%s号', lpad((g + %(offset)s)::text, 7, '0')) END,
    %(centre)s, %(region)s, e.id, '', '', c.code, true, '', '', '', 'MEDIATION',
    CASE WHEN g %% 7 = 0 THEN 'HOTLINE' ELSE 'APPLY' END, '', 'ONLINE',
    (ARRAY['外墙渗水损坏天花板','电梯停运要求减免物业费','公共收益未公示','地下车位占用','物业费催缴争议'])[1 + g %% 5],
    '事实经过', '诉求', 18600, 1, 1, CASE WHEN g %% 50 = 0 THEN ARRAY['SAFETY'] ELSE '{}' END, false, true,
    NULL, %(handler)s, CASE WHEN s.accepted THEN m.id END, 1, 0, false, false,
    now() - g %% 700 * interval '1 day', now() - g %% 700 * interval '1 day',
    CASE WHEN s.accepted THEN now() - g %% 690 * interval '1 day' END, NULL, NULL, NULL,
    CASE WHEN s.status NOT IN ('ARCHIVED', 'SUSPENDED') THEN %(today)s::date - 10 + (g::bigint * 7919 %% 60)::int END,
    '', '', '',
    '{}', CASE WHEN s.status = 'SUSPENDED' THEN 'S02' ELSE '' END, '', '',
    array_to_tsvector(ARRAY['bn', '2026', lpad((g + %(offset)s)::text, 7, '0'), '物业', '小区',
        '渗水', (g %% 997)::text || 'x', '桂兰'])
FROM generate_series(1, %(count)s) g
CROSS JOIN LATERAL (
    SELECT st AS status, st NOT IN ('SUBMITTED', 'RETURNED', 'ANSWERING', 'INVITING') AS accepted
    FROM (SELECT (%(statuses)s::text[])[1 + g * 7 %% 100] AS st) x) s
JOIN LATERAL (SELECT (%(estates)s::bigint[])[1 + g %% %(estate_count)s] AS id) e ON true
JOIN LATERAL (SELECT (%(codes)s::text[])[1 + g %% %(code_count)s] AS code) c ON true
JOIN LATERAL (SELECT (%(mediators)s::bigint[])[1 + g / 100 %% %(mediator_count)s] AS id) m ON true
"""
PARTIES = """
INSERT INTO cases_party (case_id, side, kind, name, company_id, phone, phone_index, id_number, address, sex, relation,
    representative, rights_told_how, identity_paper)
SELECT id, 'APPLICANT', 'PERSON', (ARRAY['张桂兰','王建国','李小红','欧阳修'])[1 + id %% 4], NULL, '', md5(id::text),
    '', '', '', 'OWNER', '', '', '' FROM cases_case WHERE id > %(last)s
UNION ALL
SELECT id, 'RESPONDENT', 'COMPANY', '绿洲物业服务有限公司', %(company)s, '', '', '', '', '', '', '', '', ''
    FROM cases_case WHERE id > %(last)s
"""


def people() -> dict[str, Any]:
    """Make, once, one centre with its staff, a company and twenty estates."""
    from accounts.models import Centre, Membership, Region, User
    from accounts.roles import Role
    from mediation.models import Mediator
    from members.models import Company, Estate

    region = Region.objects.get(code="340104")
    centre, new = Centre.objects.get_or_create(
        code="BN", defaults={"name": "测量中心", "region": region, "number_prefix": "基物调", "phone": "0551-0000000"}
    )
    if new:
        for name, role in [("bench-intake", Role.INTAKE), ("bench-director", Role.DIRECTOR)]:
            user = User.objects.create(username=name, display_name=name)
            Membership.objects.create(user=user, role=role, centre=centre, from_date=date(2020, 1, 1))
        for n in range(20):
            user = User.objects.create(username=f"bench-mediator-{n}", display_name=f"调解员{n}")
            Membership.objects.create(user=user, role=Role.MEDIATOR, centre=centre, from_date=date(2020, 1, 1))
            Mediator.objects.create(user=user, centre=centre)
            Estate.objects.create(name=f"翠湖花园{n}期", region=region, address="合肥市", households=1000, area=100000)
        Company.objects.create(name="绿洲物业服务有限公司", credit_code="91340100MA2MTXXM1U", region=region)
    mediators = list(Mediator.objects.filter(centre=centre).values_list("user_id", flat=True))
    return {
        "centre": centre.pk,
        "region": region.pk,
        "handler": User.objects.get(username="bench-intake").pk,
        "mediators": mediators,
        "mediator_count": len(mediators),
        "estates": list(Estate.objects.filter(name__startswith="翠湖花园").values_list("pk", flat=True)),
        "estate_count": 20,
        "company": Company.objects.get(credit_code="91340100MA2MTXXM1U").pk,
    }


def seed(count: int) -> None:
    """Add `count` cases with two parties each, and let the planner look at them."""
    from django.db import connection
    from django.db.models import Max
    from django.utils import timezone

    from cases.models import Case, Category

    codes = list(Category.objects.filter(parent__isnull=False).order_by("code").values_list("code", flat=True))
    last = Case.objects.aggregate(last=Max("pk"))["last"] or 0
    wanted = people() | {
        "count": count,
        "offset": last,
        "last": last,
        "today": timezone.localdate(),
        "statuses": [status for status, share in SHARE.items() for _each in range(share)],
        "codes": codes,
        "code_count": len(codes),
    }
    with connection.cursor() as cursor:
        cursor.execute(CASES, wanted)
        cursor.execute(PARTIES, wanted)
        look = "ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE"
        cursor.execute(f"{look} cases_case")
        cursor.execute(f"{look} cases_party")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    seed(int(sys.argv[1]))
