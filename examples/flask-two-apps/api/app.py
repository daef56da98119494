from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return "ok\n"


@app.get("/stock")
def stock():
    return {"apples": 5, "pears": 3}
