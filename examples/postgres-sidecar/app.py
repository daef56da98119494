import os

import psycopg
from flask import Flask, request

app = Flask(__name__)


def database():
    host, port = os.environ["NOMAD_ADDR_db"].split(":")
    return psycopg.connect(host=host, port=port, user="postgres", password=os.environ["POSTGRES_PASSWORD"], connect_timeout=2)


@app.get("/healthz")
def healthz():
    # Fails until the database is up; the deployment waits for it.
    with database() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS guests (name text)")
    return "ok\n"


@app.get("/")
def guests():
    with database() as connection:
        return "".join(f"{name}\n" for (name,) in connection.execute("SELECT name FROM guests"))


@app.post("/")
def sign():
    with database() as connection:
        connection.execute("INSERT INTO guests VALUES (%s)", [request.form["name"]])
    return "Thank you\n", 201
