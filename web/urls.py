from django.urls import URLPattern, path

from web import (
    archive,
    cases,
    demo,
    director,
    entry,
    filing,
    follow_up,
    home,
    members,
    my,
    notices,
    passes,
    preferences,
    queue,
)

urlpatterns: list[URLPattern] = [
    path("large-type/", preferences.switch_large_type, name="large_type"),
    path("language/", preferences.switch_language, name="language"),
    *queue.urlpatterns,
    *notices.urlpatterns,
    *follow_up.urlpatterns,
    *archive.urlpatterns,
    *home.urlpatterns,
    *demo.urlpatterns,
    *filing.urlpatterns,
    *passes.urlpatterns,
    *my.urlpatterns,
    *members.urlpatterns,
    *entry.urlpatterns,
    *cases.urlpatterns,
    *director.urlpatterns,
]
