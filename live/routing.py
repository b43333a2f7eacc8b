"""Where sockets open."""

from django.urls import path, re_path

from live.consumers import LiveConsumer, Nowhere

websocket_urlpatterns = [path("ws/live/", LiveConsumer.as_asgi()), re_path(r"", Nowhere.as_asgi())]
