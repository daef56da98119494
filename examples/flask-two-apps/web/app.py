import json
from pathlib import Path
from urllib.request import urlopen

from flask import Flask

app = Flask(__name__)
# Kept up to date by Nomad, see group.nomad: the address of an instance of the API.
API = Path("/local/api")


@app.get("/healthz")
def healthz():
    return "ok\n"


@app.get("/")
def index():
    try:
        with urlopen(f"{API.read_text().strip()}/stock", timeout=2) as answer:
            stock = json.load(answer)
    except (OSError, ValueError) as error:
        return f"The API does not answer: {error}\n", 503
    return "".join(f"{count} {item}\n" for item, count in stock.items())
