"""python3 alembic_projects.py URL DIRECTORY SEED COUNT

Makes random Alembic projects (branches, merges, dependencies across them), has Alembic itself upgrade and downgrade each
in a schema of its own, g0, g1, …, and prints for each what has not run, one JSON list a line. What has run is told by
the migrations themselves, which record it in a table.
"""
import json
import os
import random
import sys

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine, text

ENV = '''
from alembic import context
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
'''

SCRIPT = '''"""a migration

Revision ID: {key}
Revises: {revises}
"""
from alembic import op

# revision identifiers, used by Alembic.
revision{annotation} = {quoted}
down_revision = {down}
branch_labels = None
{depends}

def upgrade():
    op.execute("insert into ran values ('{key}')")


def downgrade():
    op.execute("delete from ran where revision = '{key}'")
'''


def literal(keys, rng):
    if not keys:
        return "None"
    if len(keys) == 1 and rng.random() < 0.7:
        return rng.choice(["'%s'", '"%s"  # the one before']) % keys[0]
    opening, closing = rng.choice(["()", "[]"])
    inside = rng.choice([", ", ",\n    # and\n    "]).join(repr(key) for key in keys)
    return opening + inside + "," + closing


def make_project(directory, rng):
    """Writes the scripts; answers the revisions, in an order in which they can be applied."""
    os.makedirs(os.path.join(directory, "versions"))
    with open(os.path.join(directory, "env.py"), "w") as file:
        file.write(ENV)
    keys, heads = [], []
    for i in range(rng.randint(1, 12)):
        key = "%04x%08x" % (i, rng.getrandbits(32))
        if not heads or rng.random() < 0.1:
            parents = []
        elif rng.random() < 0.2 and keys:
            parents = [rng.choice(keys)]
        else:
            parents = rng.sample(heads, min(len(heads), rng.choice([1, 1, 1, 2, 3])))
        others = [other for other in keys if other not in parents]
        depends = rng.sample(others, 1) if others and rng.random() < 0.25 else []
        heads = [head for head in heads if head not in parents] + [key]
        keys.append(key)
        with open(os.path.join(directory, "versions", key + "_m.py"), "w") as file:
            file.write(
                SCRIPT.format(
                    key=key,
                    quoted=rng.choice(["'%s'", '"%s"']) % key,
                    revises=", ".join(parents),
                    annotation=rng.choice(["", ": str"]),
                    down=literal(parents, rng),
                    depends="depends_on = " + literal(depends, rng) if depends or rng.random() < 0.5 else "",
                )
            )
    return keys


def attempt(action, config, target):
    connection = config.attributes["connection"]
    try:
        action(config, target)
        connection.commit()
    except (CommandError, KeyError):
        connection.rollback()  # not a way that this graph allows, or one on which Alembic loses itself


def main(url, directory, seed, count):
    engine = create_engine(url, future=True)
    for i in range(count):
        rng = random.Random(seed * 100_003 + i)
        project = os.path.join(directory, str(i))
        keys = make_project(project, rng)
        with engine.connect() as connection:
            connection.execute(text("create schema g%d" % i))
            connection.execute(text("set search_path = g%d" % i))
            connection.execute(text("create table ran (revision text)"))
            connection.commit()
            config = Config()
            config.set_main_option("script_location", project)
            config.attributes["connection"] = connection
            command.ensure_version(config)
            connection.commit()
            for _ in range(rng.randint(1, 4)):
                attempt(command.upgrade, config, rng.choice(keys + ["heads"]))
                if rng.random() < 0.3:
                    attempt(command.downgrade, config, rng.choice(keys))
            ran = {row[0] for row in connection.execute(text("select revision from ran"))}
        print(json.dumps(sorted(set(keys) - ran)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
