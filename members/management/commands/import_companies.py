from members.imports import Kind
from members.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = "Import companies from a spreadsheet: all of it, or nothing."
    kind = Kind.COMPANIES
