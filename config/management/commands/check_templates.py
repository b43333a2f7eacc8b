"""Part of the gate: a template that does not compile, or that our CSP would break, fails here."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError
from django.template.loader import get_template

# What `script-src 'self'; style-src 'self'` refuses.
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|<[^>]*\s(?:style|on[a-z]+)=", re.IGNORECASE)


class Command(BaseCommand):
    help = "Compile every template of ours."

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR) / "templates"
        names = [str(path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file()]
        broken = [sentence for name in names if (sentence := self.complaint(name))]
        if broken:
            raise CommandError("\n".join(broken))
        self.stdout.write(f"{len(names)} templates compile")

    def complaint(self, name: str) -> str:
        try:
            get_template(name)
            text = (Path(settings.BASE_DIR) / "templates" / name).read_text(encoding="utf-8")
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            return f"{name}: {error}"
        inline = INLINE.search(text) if name.endswith(".html") else None
        return f"{name}: inline script or style: {inline[0]}" if inline else ""
