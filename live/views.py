"""The fallback where no socket stays open: which versions are current?"""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from live.announcements import MOST_TOPICS
from live.topics import joinable


@never_cache
@require_GET
def versions(request: HttpRequest) -> JsonResponse:
    """Answer with the versions of those topics that this person may follow; the others are absent."""
    topics = request.GET.getlist("topic")
    if len(topics) > MOST_TOPICS:
        return JsonResponse({"error": "too many topics"}, status=400)
    return JsonResponse(joinable(request.user, topics) if isinstance(request.user, User) else {})
