"""Make a staff account with its first role."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import Centre, Region
from accounts.roles import CENTRE_ROLES, Role
from audit.accounts import create_staff, grant_membership


class Command(BaseCommand):
    help = "Make a staff account with its first role; asks for the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name", help="the person's name")
        parser.add_argument("role", choices=sorted(CENTRE_ROLES | {Role.REGULATOR}))
        parser.add_argument("place", help="the code of the centre; for a regulator the code of the region")
        parser.add_argument("--totp", action="store_true", help="must set up a one-time code after signing in")

    def handle(self, *args: Any, **options: Any) -> None:
        role, now = Role(options["role"]), timezone.now()
        place = self.place_for(role, options["place"])
        password = getpass.getpass("Password: ")
        if getpass.getpass("Password (again): ") != password:
            raise CommandError("The passwords differ; nothing was made.")
        try:
            with transaction.atomic():
                user = create_staff(
                    options["username"],
                    display_name=options["name"],
                    password=password,
                    by=None,
                    at=now,
                    must_enrol_totp=options["totp"],
                )
                grant_membership(user, role, by=None, at=now, from_date=timezone.localdate(now), **place)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.username}: {role.label}, {options['place']}")

    def place_for(self, role: Role, code: str) -> dict[str, Any]:
        try:
            if role == Role.REGULATOR:
                return {"region": Region.objects.get(code=code)}
            return {"centre": Centre.objects.get(code=code)}
        except (Region.DoesNotExist, Centre.DoesNotExist):
            raise CommandError(f"There is no place with the code {code}.") from None
