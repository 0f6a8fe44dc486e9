#!/usr/bin/env python
"""
Writes the manifest of a release's Django migrations, for health-sidecar's check "migrations".

Run it when you build the release, in the release's own image or virtualenv, from the directory of manage.py, with the
settings that the release will run with. It connects to no database:

    DJANGO_SETTINGS_MODULE=project.settings python health_manifest.py --output migrations.json

It loads the migrations as Django itself does. If "migrate" would refuse to start, it fails and writes nothing: a migration
that cannot be imported, a missing parent, a circular dependency, or two leaf migrations of one app. Directories at or below
the manifest's own are written relative to it, so you can move both together.

It runs on Django 1.11 to 6, and on the Python versions that these need.
"""
from __future__ import print_function

import argparse
import io
import json
import os
import sys
from importlib import import_module

FORMAT = "health-sidecar/django-migrations/1"


class Refused(Exception):
    """"migrate" would refuse to start with these migrations."""


def build(root):
    """The manifest as a dictionary. Directories below root are relative to it. Django must be set up."""
    import django
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    for leaf in loader.graph.leaf_nodes():
        loader.graph.forwards_plan(leaf)
    conflicts = loader.detect_conflicts()
    if conflicts:
        heads = ["%s.%s" % (app, name) for app in sorted(conflicts) for name in sorted(conflicts[app])]
        raise Refused("one app has several leaf migrations: %s; run makemigrations --merge" % ", ".join(heads))

    apps = {}
    for label in sorted(loader.migrated_apps):
        module = loader.migrations_module(label)
        if isinstance(module, tuple):  # since Django 2.0: also whether the settings name it
            module = module[0]
        directories = [portable(path, root) for path in import_module(module).__path__]
        apps[label] = {"directories": directories, "migrations": {}}
    for (label, name), migration in loader.disk_migrations.items():
        apps[label]["migrations"][name] = [list(target) for target in migration.replaces]
    return {
        "format": FORMAT,
        "django": django.get_version(),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "apps": apps,
    }


def portable(path, root):
    """The path, relative to root if it is root or below it. Links are resolved before the comparison."""
    real, root = os.path.realpath(path), os.path.realpath(root)
    if (real + os.sep).startswith(root.rstrip(os.sep) + os.sep):
        return os.path.relpath(real, root)
    return os.path.abspath(path)


def write(path):
    """Writes the manifest atomically: the whole file or none. Django must be set up."""
    path = os.path.abspath(path)
    text = json.dumps(build(os.path.dirname(path)), indent=1, sort_keys=True, separators=(",", ": "))
    temporary = "%s.%d.tmp" % (path, os.getpid())
    try:
        with io.open(temporary, "w", encoding="utf-8") as file:
            file.write(u"%s\n" % text)
        os.rename(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def main():
    parser = argparse.ArgumentParser(description="Writes the manifest of a release's Django migrations.")
    parser.add_argument("--output", default="migrations.json", metavar="FILE", help="default: %(default)s")
    parser.add_argument("--settings", metavar="MODULE", help="default: $DJANGO_SETTINGS_MODULE")
    arguments = parser.parse_args()
    if arguments.settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = arguments.settings
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        parser.error("give --settings, or set DJANGO_SETTINGS_MODULE")
    sys.path.insert(0, os.getcwd())

    import django

    django.setup()
    try:
        write(arguments.output)
    except Exception as error:
        print("%s: not written: %s: %s" % (arguments.output, type(error).__name__, error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
