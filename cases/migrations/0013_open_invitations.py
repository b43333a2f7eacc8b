"""Give the invitations that wait for an answer the question that they ask, so that they can still be answered."""

from typing import Any

from django.db import migrations
from django.utils import timezone


def ask(apps: Any, schema_editor: Any) -> None:
    case, request = apps.get_model("cases", "Case"), apps.get_model("cases", "ConsentRequest")
    at = timezone.now()
    for one in case.objects.filter(status="INVITING", consent_requests__isnull=True):
        row = request.objects.create(case=one, matter="MEDIATION", round=one.round, at=at)
        row.parties.set(one.parties.filter(left_at__isnull=True))


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_consent_requests")]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
