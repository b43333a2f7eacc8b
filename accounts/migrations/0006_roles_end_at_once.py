"""The day of `until` is the first without the role; until now it was the last with it."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F


def one_day_later(apps, schema_editor):
    ended = apps.get_model("accounts", "Membership").objects.exclude(until=None)
    ended.update(until=F("until") + timedelta(days=1))


def one_day_earlier(apps, schema_editor):
    ended = apps.get_model("accounts", "Membership").objects.exclude(until=None)
    ended.update(until=F("until") - timedelta(days=1))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_shared_cache")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="until",
            field=models.DateField(blank=True, help_text="从这一天起不再任职", null=True, verbose_name="止"),
        ),
        migrations.RunPython(one_day_later, one_day_earlier),
    ]
