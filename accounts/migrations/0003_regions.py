from django.db import migrations

from accounts.regions import load_regions, read_regions


def add(apps, schema_editor):
    load_regions(apps.get_model("accounts", "Region"))


def remove(apps, schema_editor):
    """Take away the listed regions, districts first; refused by the database while anything lies in one."""
    listed = apps.get_model("accounts", "Region").objects.filter(code__in=[row.code for row in read_regions()])
    listed.exclude(code__endswith="00").delete()
    listed.exclude(code__endswith="0000").delete()
    listed.delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_schema")]

    operations = [migrations.RunPython(add, remove)]
