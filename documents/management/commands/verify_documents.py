"""Check every issued document: is its file there, unchanged, and do we still make the same bytes?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.errors import DocumentError
from documents.models import Document
from documents.services import made_again


class Command(BaseCommand):
    help = (
        "Check the files of all issued documents against their SHA-256 and, for the present templates, make them again"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        same = older = 0
        wrong = []
        for row in Document.objects.filter(issued_at__isnull=False).exclude(sha256="").order_by("pk").iterator():
            try:
                again = made_again(row)
            except DocumentError as error:
                wrong.append(f"{row.pk}: {error}")
                continue
            same, older = same + (again is True), older + (again is None)
            if again is False:
                wrong.append(f"{row.pk}: made again, it differs from {row.sha256}")
        self.stdout.write(f"{same} made again byte for byte, {older} of older templates unchanged, {len(wrong)} wrong")
        if wrong:
            raise CommandError("\n".join(wrong))
