#!/usr/bin/env python3
"""What commands write down with --security-log, and the page that lists it. QUOIN names the built
command."""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

QUOIN = os.environ["QUOIN"]
SIMULATOR = os.environ.get("QUOIN_SIMULATOR", "ON") == "ON"
SOURCES = pathlib.Path(__file__).parents[2]
FULL = pathlib.Path("/dev/full")


class CatalogueTest(unittest.TestCase):
    def test_the_page_has_every_id_and_no_other(self):
        code = (SOURCES / "src/base/security_event.h").read_text()
        page = (SOURCES / "docs/security-events.md").read_text()
        ids = re.findall(r'SecurityEventId::\w+,\s*"([a-z._]+)"', code)
        self.assertGreater(len(ids), 10)
        self.assertEqual(re.findall(r"^\| `([a-z]+\.[a-z._]+)` \|", page, re.MULTILINE), ids)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class EventsTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="quoin-events-test-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.log = self.root / "log"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.root)}
        subprocess.run([QUOIN, "sim", "init"], env=self.environment, check=True,
                       capture_output=True)

    def quoin(self, *words, stdin=b"", status=0):
        result = subprocess.run([QUOIN, *map(str, words)], input=stdin, capture_output=True,
                                timeout=60, check=False, env=self.environment)
        self.assertEqual(result.returncode, status, (words, result.stdout, result.stderr))
        return result

    def events(self):
        """What was written since the last call."""
        lines = self.log.read_text().splitlines()
        self.log.write_text("")
        return [json.loads(line) for line in lines]

    def test_quotes(self):
        words = ["quote", "--simulate", "--data", "-", "--security-log", self.log]
        self.quoin(*words)
        [event] = self.events()
        self.assertEqual((event["event"], event["outcome"]), ("quote.made", "allowed"))
        self.assertTrue(event["simulated"])
        data = hashlib.sha512(b"DSSEv1 17 urn:quoin:data:v1 0 ").hexdigest()
        self.assertEqual(event["report_data"], data)
        self.quoin("quote", "--td-root", self.root, "--data", "-", "--security-log", self.log,
                   status=1)
        [event] = self.events()
        self.assertEqual((event["event"], event["outcome"]), ("quote.failed", "failed"))
        self.assertIn("configfs-tsm", event["what"])
        self.quoin(*words, "--insecure-report-data", "00" * 64, status=2)
        self.assertEqual(self.events(), [])

    def test_measurements(self):
        extend = ["rtmr", "extend", "config", "--simulate", "--security-log", self.log]
        self.quoin(*extend)
        self.quoin(*extend)
        [event] = self.events()
        self.assertEqual((event["event"], event["name"]), ("rtmr.extended", "config"))
        self.assertEqual(len(event["digest"]), 96)
        self.quoin("sim", "td", "extend", "--rtmr", "3", "--digest", "11" * 48)
        self.quoin(*extend[:2], "other", *extend[3:], status=1)
        self.assertEqual([event["event"] for event in self.events()], ["rtmr.extend_failed"])

    def test_sealed_data_and_its_contents_are_not_written_down(self):
        sealed = self.root / "sealed"
        self.quoin("seal", "--simulate", "--label", "one", "--out", sealed, "-", stdin=b"SECRET")
        unseal = ["unseal", "--simulate", "--security-log", self.log, "--label"]
        self.assertEqual(self.quoin(*unseal, "one", sealed).stdout, b"SECRET")
        self.quoin(*unseal, "two", sealed, status=1)
        self.assertNotIn("SECRET", self.log.read_text())
        self.assertEqual([(event["event"], event["label"]) for event in self.events()],
                         [("seal.opened", "one"), ("seal.refused", "two")])

    @unittest.skipUnless(FULL.exists(), "no /dev/full")
    def test_unsealing_that_was_not_decided(self):
        sealed = self.root / "sealed"
        self.quoin("seal", "--simulate", "--out", sealed, "-", stdin=b"SECRET")
        with FULL.open("wb") as full:
            unseal = subprocess.run(
                [QUOIN, "unseal", "--simulate", "--security-log", str(self.log), str(sealed)],
                stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
                env=self.environment, check=False)
        self.assertNotEqual(unseal.returncode, 0)
        sealed.write_bytes(sealed.read_bytes()[:-1])
        self.quoin("unseal", "--simulate", "--security-log", self.log, sealed, status=1)
        self.assertEqual([(event["event"], event["outcome"]) for event in self.events()],
                         [("seal.failed", "failed"), ("seal.refused", "refused")])

    @staticmethod
    def hang_up(listener):
        """Accepts connections, and says nothing, until the listener ends."""
        with contextlib.suppress(OSError):
            while True:
                with listener.accept()[0] as connection:
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(4096):
                        pass

    def test_a_source_of_keys_that_fails_is_no_decision(self):
        sealed = self.root / "sealed"
        self.quoin("seal", "--simulate", "--out", sealed, "-", stdin=b"SECRET")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self.hang_up, args=[listener], daemon=True).start()
            asking = ["--simulate", "--broker", f"127.0.0.1:{listener.getsockname()[1]}",
                      "--broker-spki", "00" * 32]
            self.quoin("unseal", *asking, "--security-log", self.log, sealed, status=2)
            self.quoin("seal", *asking, "--out", self.root / "other", sealed, status=2)
            self.quoin("derive-key", *asking, "--label", "x", "--hex", status=2)
            listener.shutdown(socket.SHUT_RDWR)
        [event] = self.events()
        self.assertEqual((event["event"], event["outcome"], event["error"]),
                         ("seal.failed", "failed", "io"))

    def test_a_source_of_keys_that_is_another_is_no_decision(self):
        sealed = self.root / "sealed"
        self.quoin("seal", "--simulate", "--out", sealed, "-", stdin=b"SECRET")
        with self.listening() as (_, address):
            self.quoin("unseal", "--simulate", "--broker", address, "--broker-spki", "00" * 32,
                       "--security-log", self.log, sealed, status=1)
        [event] = self.events()
        self.assertEqual((event["event"], event["error"]), ("seal.failed", "refused"))

    def test_a_service_that_refuses_us_has_not_refused_the_peer(self):
        with subprocess.Popen([QUOIN, "sim", "pcs", "--fault", "forbidden"],
                              stdout=subprocess.PIPE, env=self.environment) as pcs:
            url = pcs.stdout.readline().decode().strip()
            with self.listening("--security-log", self.root / "server-log") as (_, address):
                self.quoin("connect", "--trust-simulator", "--pccs", url, "--security-log",
                           self.log, address, status=1)
            pcs.kill()
        [event] = self.events()
        self.assertEqual((event["event"], event["error"]), ("channel.failed", "refused"))
        # Nor was it told so.
        event = json.loads((self.root / "server-log").read_text())
        self.assertEqual((event["event"], event["error"]), ("channel.failed", "truncated"))

    @contextlib.contextmanager
    def listening(self, *words):
        """quoin listen for one connection, and its address."""
        with subprocess.Popen([QUOIN, "listen", "--simulate", *map(str, words), "0"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment) as server:
            address = None
            while address is None:
                found = re.search(rb"listening on (\S+)", server.stderr.readline())
                address = found.group(1).decode() if found else None
            yield server, address
            server.communicate(timeout=60)

    def test_no_source_of_keys_is_no_decision(self):
        sealed = self.root / "sealed"
        self.quoin("seal", "--simulate", "--out", sealed, "-", stdin=b"SECRET")
        said = self.quoin("unseal", "--label", "one", "--security-log", self.log, sealed, status=1)
        self.assertIn(b"NO_KEY_SOURCE", said.stderr)
        # No TD that could ask.
        self.quoin("unseal", "--label", "two", "--td-root", self.root, "--broker", "127.0.0.1:1",
                   "--broker-spki", "00" * 32, "--security-log", self.log, sealed, status=2)
        self.assertEqual([(event["event"], event["label"]) for event in self.events()],
                         [("seal.failed", "one"), ("seal.failed", "two")])
        if FULL.exists():
            self.quoin("unseal", "--security-log", FULL, sealed, status=2)

    def talk(self, server_log, status=0):
        """One connection, and what each side's log has of it."""
        with self.listening("--security-log", server_log) as (server, address):
            client = subprocess.run(
                [QUOIN, "connect", "--trust-simulator", "--security-log", str(self.log), address],
                input=b"hello", capture_output=True, timeout=60, check=False,
                env=self.environment)
            output, _ = server.communicate(timeout=60)
            self.assertEqual(server.returncode, status)
        return client, output

    def test_connections(self):
        server_log = self.root / "server-log"
        client, output = self.talk(server_log)
        self.assertEqual((client.returncode, output), (0, b"hello"))
        [event] = self.events()
        self.assertEqual((event["event"], event["outcome"], event["role"]),
                         ("channel.peer_accepted", "allowed", "client"))
        self.assertTrue(event["genuine"] and event["simulated"])
        self.assertEqual((event["tcb_status"], len(event["mrtd"])), ("UpToDate", 96))
        event = json.loads(server_log.read_text())
        self.assertEqual((event["event"], event["role"]), ("channel.peer_accepted", "server"))

    def test_a_peer_that_is_refused(self):
        client_log = self.root / "client-log"
        with self.listening("--peer-key", "00" * 32, "--security-log", self.log) as (_, address):
            subprocess.run([QUOIN, "connect", "--simulate", "--trust-simulator", "--attest",
                            "--security-log", client_log, address], input=b"", capture_output=True,
                           timeout=60, check=False, env=self.environment)
        [event] = self.events()
        self.assertEqual((event["event"], event["role"]), ("channel.peer_refused", "server"))
        # The other side has refused nobody.
        event = json.loads(client_log.read_text())
        self.assertEqual((event["event"], event["outcome"], event["role"]),
                         ("channel.failed", "failed", "client"))

    def test_a_connection_that_ends_is_no_decision(self):
        with self.listening("--security-log", self.log) as (_, address):
            host, port = address.rsplit(":", 1)
            socket.create_connection((host, int(port))).close()
        [event] = self.events()
        self.assertEqual((event["event"], event["outcome"]), ("channel.failed", "failed"))

    @unittest.skipUnless(FULL.exists(), "no /dev/full")
    def test_what_cannot_be_written_down_does_not_happen(self):
        self.quoin("quote", "--simulate", "--data", "-", "--security-log", FULL, status=1)
        self.log.write_text("")
        _, output = self.talk(FULL, status=1)
        self.assertEqual(output, b"")
        sealed = self.root / "sealed"
        opened = self.root / "opened"
        self.quoin("seal", "--simulate", "--out", sealed, "-", stdin=b"SECRET")
        self.quoin("unseal", "--simulate", "--security-log", FULL, "--out", opened, sealed,
                   status=2)
        self.assertFalse(opened.exists())

    def test_logs_that_others_could_change(self):
        self.log.write_text("")
        self.log.chmod(0o666)
        self.quoin("quote", "--simulate", "--data", "-", "--security-log", self.log, status=1)
        self.assertEqual(self.log.read_text(), "")


if __name__ == "__main__":
    unittest.main()
