"""Monitoring: /livez, /readyz, the metrics on their own socket, and errors in JSON."""

import json
import pathlib
import unittest

import machine
from machine import MAIN, curl, succeed

METRICS = "/run/crick-api/metrics.sock"


def ask(path, *words):
    """Sends a request through nginx. Returns status, content type and body."""
    output = succeed(
        *("curl", "--silent", "--max-time", "60", "--write-out", "\n%{http_code} %{content_type}"),
        *(*words, *([f"http://127.0.0.1{path}"] if path else [])),
    )
    body, _, last = output.rpartition("\n")
    status, _, kind = last.partition(" ")
    return int(status), kind, body


class Health(unittest.TestCase):
    def test_a_server_that_serves_is_alive_and_ready(self):
        self.assertEqual(curl("/livez")[0], 200)
        self.assertEqual(curl("/readyz")[0], 200)
        self.assertEqual(machine.show(MAIN, "StatusText"), "serving")

    def test_metrics_are_on_their_own_socket_and_nowhere_else(self):
        status, _, body = curl("/metrics", at=METRICS)
        self.assertEqual(status, 200)
        self.assertIn("# TYPE", body)
        self.assertEqual(curl("/metrics")[0], 404)
        self.assertEqual(ask("/metrics")[0], 404)
        self.assertEqual(curl("/readyz", at=METRICS)[0], 404)

    def test_a_draining_server_is_not_ready_and_nobody_sees_it(self):
        token = machine.new_token("draining")
        before = machine.main_process()
        # The push keeps the old server running, so that it serves the idle connection.
        with machine.half_push(token) as (old, rest), machine.connection() as idle:
            idle.sendall(b"GET /livez HTTP/1.1\r\nHost: api.crick.io\r\n\r\n")
            self.assertIn(b" 200 ", machine.answer(idle))

            reload = machine.start("systemctl", "reload", MAIN)
            machine.wait_until("the server drains", lambda: machine.show(MAIN, "StatusText") == "draining")
            self.assertEqual(machine.main_process(), before)
            for _ in range(20):
                self.assertEqual(ask("/readyz")[0], 200)
            idle.sendall(b"GET /readyz HTTP/1.1\r\nHost: api.crick.io\r\n\r\n")
            answer = machine.answer(idle).lower()
            self.assertIn(b" 503 ", answer)
            self.assertIn(b"draining", answer)
            self.assertIn(b"connection: close", answer)

            old.sendall(rest)
            self.assertIn(b" 201 ", machine.answer(old))
            self.assertEqual(reload.wait(timeout=60), 0)
        self.assertNotEqual(machine.main_process(), before)
        machine.settle()

    def test_what_nginx_says_itself_is_json_too(self):
        too_large = pathlib.Path("/run/too-large")
        with too_large.open("wb") as file:
            file.truncate(33554433)
        status, kind, body = ask("/watson/frames/bulk/", "--data-binary", f"@{too_large}")
        self.assertEqual((status, kind), (413, "application/problem+json"))
        self.assertEqual(json.loads(body)["status"], 413)
        for refused, code in [
            (["http://127.0.0.1/" + "x" * 20000], 414),
            (["--header", "X-Large: " + "x" * 20000, "http://127.0.0.1/"], 400),
            (["--header", "Host: a host", "http://127.0.0.1/"], 400),
            (["http://127.0.0.1/metrics"], 404),
            (["http://127.0.0.1/crick-api-502"], 404),
        ]:
            status, kind, body = ask("", *refused)
            self.assertEqual((status, kind), (code, "application/problem+json"), refused[-1][:40])
            self.assertEqual(json.loads(body)["status"], code)

    def test_nobody_listens_is_json_too(self):
        units = ["crick-api.socket", "crick-api-metrics.socket", MAIN]
        succeed("systemctl", "stop", *units)
        status, kind, body = ask("/readyz")
        succeed("systemctl", "start", *units)
        self.assertEqual((status, kind), (502, "application/problem+json"))
        self.assertEqual(json.loads(body)["status"], 502)
        machine.settle()

    def test_the_public_site_speaks_tls(self):
        folder = pathlib.Path("/etc/letsencrypt/live/api.crick.io")
        folder.mkdir(parents=True, exist_ok=True)
        succeed(
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", "/CN=api.crick.io"),
            *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"),
        )
        site = pathlib.Path("/etc/nginx/sites-enabled/crick-api-tls")
        text = pathlib.Path("/share/debian/nginx/site.conf").read_text()
        site.write_text(text)
        try:
            succeed("nginx", "-t")
            succeed("systemctl", "reload", "nginx.service")
            words = ["--silent", "--insecure", "--resolve", "api.crick.io:443:127.0.0.1"]
            words += ["--write-out", "%{http_version} %{http_code}", "--output", "/dev/null"]
            address = "https://api.crick.io/readyz"
            machine.wait_until("TLS", lambda: machine.run("curl", *words, address).stdout == "2 200")
        finally:
            site.unlink()
            succeed("systemctl", "reload", "nginx.service")
