"""Show who may do what today."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Membership, standing


class Command(BaseCommand):
    help = "List every role held today: username, role, place, since when, one-time code."

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        held = (
            Membership.objects.filter(standing(today))
            .select_related("user", "centre")
            .order_by("user__username", "role", "pk")
        )
        for membership in held:
            self.stdout.write("\t".join(self.columns(membership)))

    def columns(self, membership: Membership) -> list[str]:
        user, centre = membership.user, membership.centre
        places = (
            f"centre {centre.code}" if centre else "",
            f"region {membership.region_id}" if membership.region_id else "",
            f"company {membership.company_id}" if membership.company_id else "",
            f"committee {membership.committee_id}" if membership.committee_id else "",
        )
        return [
            user.username if user.is_active else f"{user.username} (closed)",
            membership.role,
            next(filter(None, places)),
            membership.from_date.isoformat(),
            "totp" if user.must_enrol_totp else "",
        ]
