"""python3 alembic_mutants.py SEED COUNT

Prints Alembic scripts that have been damaged at random, one JSON object a line: the `text`, and what Python finds in it
where it still runs: `revision` and `parents`.
"""
import json
import random
import sys
import warnings

SCRIPT = '''"""a migration

Revision ID: b1
Revises: a1
"""
import sys

# revision identifiers, used by Alembic.
revision = 'b1'
down_revision = ('a1', "a2",)
branch_labels = None
depends_on = ['c1',
    # two
    'c2']


def upgrade():
    pass
'''

TOKENS = """' " \\ ( ) [ ] , # = == += : ; None revision down_revision depends_on 'x' "y" str f b ''' { } * + () pass""".split()
TOKENS += ["\n", " ", "\t", "\f", "\r", "\r\n", "\\\n", "\u2028", "if True:\n    ", "x = ", "lambda: "]


def mutate(text, rng):
    for _ in range(rng.choice([1, 1, 1, 2, 3, 5])):
        at = rng.randrange(len(text))
        kind = rng.random()
        if kind < 0.35:
            text = text[:at] + text[at + rng.randint(1, 4) :]
        elif kind < 0.85:
            text = text[:at] + rng.choice(TOKENS) + text[at:]
        else:
            start = rng.randrange(len(text))
            text = text[:at] + text[start : start + rng.randint(1, 40)] + text[at:]
    return text


def listed(value):
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def main(seed, count):
    warnings.simplefilter("ignore")
    rng = random.Random(seed)
    for _ in range(count):
        text = mutate(SCRIPT, rng)
        found = {"text": text}
        try:
            names = {}
            exec(compile(text, "script", "exec"), names)
            parents = listed(names["down_revision"]) + listed(names.get("depends_on"))
            json.dumps([names["revision"], parents])
            found.update(revision=names["revision"], parents=parents)
        except Exception:
            pass
        print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
