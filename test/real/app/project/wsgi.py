import os

from django.core.wsgi import get_wsgi_application

if os.environ.get("SMOKE_BREAK_IMPORT") == "1":
    raise ImportError("this release does not import")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
application = get_wsgi_application()
