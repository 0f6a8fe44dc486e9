import os

from django.core.asgi import get_asgi_application

if os.environ.get("SMOKE_BREAK_IMPORT") == "1":
    raise ImportError("this release does not import")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
application = get_asgi_application()
