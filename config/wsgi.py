"""HTTP through WSGI threads with persistent connections."""

import os
import sys

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()  # the import below needs it

from config.release import NotCollectedError, collect  # noqa: E402

if settings.PRODUCTION:  # before the middleware looks for the files
    try:
        collect()
    except NotCollectedError as error:
        sys.exit(str(error))
application = get_wsgi_application()
