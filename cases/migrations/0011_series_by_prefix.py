from django.db import migrations, models


def name_prefixes(apps, schema_editor):
    """Every series so far ran under the prefix that its centre has, receipts under its code."""
    series = apps.get_model("cases", "NumberSeries")
    for row in series.objects.select_related("centre"):
        row.prefix = row.centre.code if row.kind == "RECEIPT" else row.centre.number_prefix
        row.save(update_fields=["prefix"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_opening_a_centre"),
        ("cases", "0010_service_phone_void"),
    ]

    operations = [
        migrations.AddField("numberseries", "prefix", models.CharField(default="", max_length=20), preserve_default=False),
        # Going back is refused by the database where one centre has used two prefixes in a year.
        migrations.RunPython(name_prefixes, migrations.RunPython.noop),
        migrations.RemoveConstraint("numberseries", "number_series_once"),
        migrations.AddConstraint(
            "numberseries",
            models.UniqueConstraint(fields=["centre", "kind", "year", "prefix"], name="number_series_once"),
        ),
    ]
