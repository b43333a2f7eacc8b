"""Fill the calendar: 2015 to 2026 as published, 2027 estimated until its notice is out."""

from django.db import migrations

from calendars.seeds import seed_year

YEARS = range(2015, 2028)


def fill(apps, schema_editor):
    CalendarDay = apps.get_model("calendars", "CalendarDay")
    days = [CalendarDay(**day._asdict()) for year in YEARS for day in seed_year(year)]
    CalendarDay.objects.bulk_create(days, batch_size=1000)
    apps.get_model("calendars", "CalendarVersion").objects.create(id=1)


def empty(apps, schema_editor):
    apps.get_model("calendars", "CalendarDay").objects.all().delete()
    apps.get_model("calendars", "CalendarVersion").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_schema")]
    operations = [migrations.RunPython(fill, empty)]
