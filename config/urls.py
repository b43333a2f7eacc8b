"""Where each door opens."""

from django.urls import include, path
from django.views.generic import RedirectView

from config.health import healthz

handler500 = "web.frame.taking.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("account/phone/", include("web.entrance.sign_in")),
    path("account/email/", RedirectView.as_view(pattern_name="own_account"), name="old_email_page"),
    path("account/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("live.urls")),
    path("", include("web.urls")),
]
