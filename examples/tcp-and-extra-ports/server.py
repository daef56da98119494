"""A website on 5000, its admin pages on 9000, and on 7007 a server that says each line again, louder."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


def page(text):
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

    return Page


class Shout(StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


servers = [
    ThreadingHTTPServer(("", 5000), page("the website\n")),
    ThreadingHTTPServer(("", 9000), page("the admin pages\n")),
    ThreadingTCPServer(("", 7007), Shout),
]
for server in servers:
    Thread(target=server.serve_forever).start()
