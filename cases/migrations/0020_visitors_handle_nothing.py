"""Take the visitors who filed on a phone out of the column of who handles a case: the next of the staff who acts does."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations


def forget_visitors(apps: Apps, _editor: Any) -> None:
    apps.get_model("cases", "Case")._default_manager.filter(handler__is_guest=True).update(handler=None)


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_papers_on_their_way"), ("accounts", "0013_touchstones")]

    operations = [migrations.RunPython(forget_visitors, migrations.RunPython.noop)]
