"""Connects with libpq to each URL of a JSON list on stdin; prints a JSON list: encrypted, plain or refused."""
import json
import sys

import psycopg2


def outcome(url):
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.Error:
        return "refused"
    with connection.cursor() as cursor:
        cursor.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
        encrypted = cursor.fetchone()[0]
    connection.close()
    return "encrypted" if encrypted else "plain"


print(json.dumps([outcome(url) for url in json.load(sys.stdin)]))
