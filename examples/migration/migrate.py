"""Applies the files of migrations/ that the database does not have yet, in one transaction."""

import os
from pathlib import Path

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=10) as connection:
    # A second run waits for the first one.
    connection.execute("SELECT pg_advisory_xact_lock(1)")
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)")
    applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
    for file in sorted(Path("migrations").glob("*.sql")):
        if file.name not in applied:
            print(f"applying {file.name}", flush=True)
            connection.execute(file.read_text())
            connection.execute("INSERT INTO migrations VALUES (%s)", [file.name])
