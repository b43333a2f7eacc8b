from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Serve our own static files and leave Viewflow's 49 MB (inline script, missing font) where they are."""

    ignore_patterns = ["CVS", ".*", "*~", "viewflow/*", "viewflow"]
