"""List companies and estates that have one name in several spellings."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from members.models import Company, Estate
from members.selectors import names_twice


class Command(BaseCommand):
    help = "List companies and estates of one district that have one name in several spellings; nothing is merged."

    def handle(self, *_args: Any, **_options: Any) -> None:
        companies = [[f"{row.name} {row.credit_code}" for row in group] for group in names_twice(Company)]
        estates = [[f"{row.region} {row.name}" for row in group] for group in names_twice(Estate)]
        for group in [*companies, *estates]:
            self.stdout.write(_("同名：%(rows)s") % {"rows": _("、").join(group)})
        if not companies and not estates:
            self.stdout.write(_("没有同名的企业和小区。"))
