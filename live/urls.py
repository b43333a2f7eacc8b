from django.urls import path

from live.views import versions

app_name = "live"
urlpatterns = [path("live/versions/", versions, name="versions")]
