import os

import psycopg
from flask import Flask

app = Flask(__name__)


def database():
    return psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=2)


@app.get("/")
def guests():
    with database() as connection:
        return "".join(f"{name}\n" for (name,) in connection.execute("SELECT name FROM guests ORDER BY name"))
