"""
What Django itself says: one long-lived process, a request and an answer a line, both JSON.

  {"read": source}                        what the Migration in a source (a byte a character) replaces, by running it
  {"project": directory, "apps": [name], "rows": [[app, name]], "manifest": path}
                                          what Django's loader finds and holds to be pending; writes the manifest
"""
from __future__ import print_function

import importlib
import json
import os
import py_compile
import signal
import sys
import types

sys.dont_write_bytecode = True

import django  # noqa: E402
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    INSTALLED_APPS=[],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from django.db import connection, migrations  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "config", "django"))
import health_manifest  # noqa: E402



class Surprise(migrations.Migration):
    replaces = [("surprise", "0001")]


def surprising(migration):
    migration.replaces = [("surprise", "0002")]
    return migration


# what a source may import instead of the usual
surprise = types.ModuleType("surprise")
surprise.Migration = Surprise
surprise.migrations = types.ModuleType("migrations")
surprise.migrations.Migration = Surprise
surprise.migrations.RunPython = migrations.RunPython
surprise.surprising = surprising
sys.modules["surprise"] = surprise


def give_up(*_):
    raise RuntimeError("too slow")


signal.signal(signal.SIGALRM, give_up)


def read(source):
    """The pairs, or None where Python or Django would not have it."""
    signal.alarm(2)
    names = {"__name__": "catalog.migrations.0002", "__builtins__": __builtins__}
    try:
        exec(compile(source.encode("latin-1"), "0002.py", "exec", dont_inherit=True), names)
        migration = names["Migration"]("0002", "catalog")
        if not isinstance(migration, migrations.Migration):
            return None
        replaces = [list(target) for target in migration.replaces if hash(target) is not None]
        json.dumps(replaces)
        return replaces
    except (Exception, SystemExit, KeyboardInterrupt, RecursionError):
        return None
    finally:
        signal.alarm(0)
        migrations.Migration.replaces = []


def load(request):
    directory = request["project"]
    for path in request.get("compile", []):
        py_compile.compile(path, path + "c", doraise=True)
        os.remove(path)
    sys.path.insert(0, directory)
    importlib.invalidate_caches()
    try:
        apps.set_installed_apps(request["apps"])
        try:
            recorder = MigrationRecorder(connection)
            recorder.ensure_schema()
            recorder.flush()
            for app, name in request["rows"]:
                recorder.record_applied(app, name)
            loader = MigrationLoader(connection)
            plan = set()
            for leaf in loader.graph.leaf_nodes():
                plan.update(loader.graph.forwards_plan(leaf))
            pending = [key for key in plan if key not in loader.applied_migrations]
            return {
                "found": len(loader.disk_migrations),
                "pending": sorted(".".join(key) for key in pending),
                "manifest": "manifest" in request and write_manifest(request["manifest"]),
            }
        except Exception as error:
            return {"raised": type(error).__name__}
        finally:
            apps.unset_installed_apps()
    finally:
        sys.path.remove(directory)
        for name in list(sys.modules):
            if name.split(".")[0] in set(app.split(".")[0] for app in request["apps"]):
                del sys.modules[name]


def write_manifest(path):
    """Whether the manifest could be written; Django may refuse it where squashed migrations are nested."""
    try:
        health_manifest.write(path)
        return True
    except Exception:
        return False


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({"django": django.get_version(), "python": sys.version.split()[0]}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = read(request["read"]) if "read" in request else load(request)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
