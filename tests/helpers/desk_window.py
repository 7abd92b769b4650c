"""A window of the companion page without a browser: what it asks of the server."""

import http.client
import json
import time
from urllib.parse import urlsplit

from xlcity.desk.server import SECRET, TOKEN

#: Seconds that anything may take.
PATIENCE = 60


class Window:
    """A browser window, as far as the server sees it."""

    def __init__(self, url):
        self.place = urlsplit(url)
        token = self.place.query.partition("=")[2]
        entered = self.request("POST", "/enter", **{TOKEN: token})
        assert entered.status == 200
        self.secret = entered.read().decode()

    def request(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(
            self.place.hostname, self.place.port, timeout=PATIENCE
        )
        if hasattr(self, "secret"):
            headers = {SECRET: self.secret, **headers}
        connection.request(method, path, body, headers)
        return connection.getresponse()

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def ask(self, command, **given):
        body = json.dumps({"command": command, "given": given})
        answer = self.request("POST", "/ask", body)
        return answer.status, json.loads(answer.read())

    def do(self, action, given=None, lang="zh"):
        """Begin an action; return its problems if it is refused."""
        body = json.dumps({"action": action, "given": given or {}, "lang": lang})
        answer = self.request("POST", "/do", body)
        return json.loads(answer.read()).get("problems")

    def events(self):
        """Yield events until the stream ends; waiting for one takes no longer than `PATIENCE`."""
        stream = self.get("/events")
        since = time.monotonic()
        while line := stream.readline():
            assert time.monotonic() - since < PATIENCE
            if line.startswith(b"data: "):
                yield json.loads(line[6:])
                since = time.monotonic()
