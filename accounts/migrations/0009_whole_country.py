from django.db import migrations

from accounts.regions import load_regions, mark_dissolved


def add(apps, schema_editor):
    region = apps.get_model("accounts", "Region")
    load_regions(region)
    mark_dissolved(region)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_dissolved_regions")]

    # Nothing is taken away again: rows may lie in any region by then.
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
