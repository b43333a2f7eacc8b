from django.urls import URLPattern, path

from web import preferences, queue

urlpatterns: list[URLPattern] = [
    path("large-type/", preferences.switch_large_type, name="large_type"),
    path("language/", preferences.switch_language, name="language"),
    *queue.urlpatterns,
]
