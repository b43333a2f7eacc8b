from django.urls import URLPattern, path

from web.case.agreement import confirmation, promises
from web.case.agreement import pages as agreement
from web.case.matter import consents, deadlines, evidence, related
from web.case.page import pages as cases
from web.case.papers import documents, dossier, service
from web.case.talks import mediator, offers, room, sessions
from web.desks import (
    archive,
    company,
    director,
    follow_up,
    legal,
    my,
    overdue,
    queue,
    queue_lists,
    region,
    retention,
    unreachable,
)
from web.entrance import account, demo, kept, notices, passes, signed_out, verify, visitor_phone
from web.filing import for_a_caller as entry
from web.filing import pages as filing
from web.frame import home, preferences
from web.register import accounts, centre, holidays, mediators, members, setup

urlpatterns: list[URLPattern] = [
    *account.urlpatterns,
    *accounts.urlpatterns,
    *centre.urlpatterns,
    *setup.urlpatterns,
    *holidays.urlpatterns,
    path("large-type/", preferences.switch_large_type, name="large_type"),
    path("account/sign-in/", signed_out.sign_in, name="sign_in"),
    path("language/", preferences.switch_language, name="language"),
    *queue.urlpatterns,
    *notices.urlpatterns,
    *follow_up.urlpatterns,
    *unreachable.urlpatterns,
    *archive.urlpatterns,
    *legal.urlpatterns,
    *dossier.urlpatterns,
    *retention.urlpatterns,
    *overdue.urlpatterns,
    *deadlines.urlpatterns,
    *home.urlpatterns,
    *kept.urlpatterns,
    *demo.urlpatterns,
    *filing.urlpatterns,
    *visitor_phone.urlpatterns,
    *passes.urlpatterns,
    *my.urlpatterns,
    *members.urlpatterns,
    *company.urlpatterns,
    *region.urlpatterns,
    *entry.urlpatterns,
    *related.urlpatterns,
    *room.urlpatterns,
    *offers.urlpatterns,
    *sessions.urlpatterns,
    *mediator.urlpatterns,
    *mediators.urlpatterns,
    *agreement.urlpatterns,
    *service.urlpatterns,
    *promises.urlpatterns,
    *confirmation.urlpatterns,
    *consents.urlpatterns,
    *verify.urlpatterns,
    *documents.urlpatterns,
    *evidence.urlpatterns,
    *cases.urlpatterns,
    *director.urlpatterns,
]

# The lines of the menu of a desk, in their order (`web.frame.menu`); each shows itself to whom its permission lets in.
MENU = (
    queue_lists.OPEN,
    queue_lists.MINE,
    mediator.ASKED,
    queue_lists.SIGNING,
    consents.IN_MENU,
    notices.IN_MENU,
    entry.IN_MENU,
    queue_lists.ALL,
    queue_lists.HOTLINE,
    unreachable.IN_MENU,
    director.ASSIGN,
    overdue.IN_MENU,
    director.PROPOSALS,
    director.CHALLENGES,
    director.BREACHES,
    mediators.IN_MENU,
    follow_up.IN_MENU,
    legal.IN_MENU,
    archive.IN_MENU,
    retention.IN_MENU,
    members.COMPANIES,
    members.ESTATES,
    setup.IN_MENU,
    centre.IN_MENU,
    holidays.IN_MENU,
    accounts.IN_MENU,
)
