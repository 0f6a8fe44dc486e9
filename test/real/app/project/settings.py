"""A small Django project whose misbehaviour is switched on by the environment.

DATABASE_URL                     postgres://user:password@host:port/name?host=/socket/directory; absent: no database
SMOKE_ALLOWED_HOSTS              comma-separated; default *
SMOKE_SSL_REDIRECT=1             SECURE_SSL_REDIRECT
SMOKE_PROXY_SSL_HEADER=1         SECURE_PROXY_SSL_HEADER trusts X-Forwarded-Proto
SMOKE_BREAK_IMPORT=1             project/wsgi.py and project/asgi.py raise while they are imported
SMOKE_KEEP_CONNECTIONS=1         each worker keeps its connection to the database
SMOKE_FAULT_FILE                 while this file exists, the home page does what it says: catalog/views.py
"""

import os
from urllib.parse import parse_qs, unquote, urlsplit


def switched_on(name):
    return os.environ.get(name) == "1"


def database(url):
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": 2},
        "CONN_MAX_AGE": None if switched_on("SMOKE_KEEP_CONNECTIONS") else 0,
    }


SECRET_KEY = "only-for-tests"
DEBUG = False
ALLOWED_HOSTS = os.environ.get("SMOKE_ALLOWED_HOSTS", "*").split(",")
SECURE_SSL_REDIRECT = switched_on("SMOKE_SSL_REDIRECT")
if switched_on("SMOKE_PROXY_SSL_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
INSTALLED_APPS = ["catalog"]
DATABASES = {"default": database(os.environ["DATABASE_URL"])} if "DATABASE_URL" in os.environ else {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
