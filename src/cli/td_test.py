#!/usr/bin/env python3
"""The commands that ask the TD, on a machine that is none: with trees of files where a file is
enough, and a quote service on a Unix socket. QUOIN names the built command."""

import hashlib
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

QUOIN = os.environ["QUOIN"]
MEASUREMENTS = "sys/devices/virtual/misc/tdx_guest/measurements"


def response(error, quote=b""):
    message = struct.pack("<HHIIIII", 1, 1, 1, 24 + len(quote), error, 0, len(quote)) + quote
    return struct.pack(">I", len(message)) + message


class QuoteService(threading.Thread):
    """Answers each connection with the same bytes, and keeps what was asked."""

    def __init__(self, path, answer):
        super().__init__(daemon=True)
        self.answer = answer
        self.asked = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        self.start()

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with peer:
                size = struct.unpack(">I", peer.recv(4, socket.MSG_WAITALL))[0]
                self.asked.append(peer.recv(size, socket.MSG_WAITALL))
                peer.sendall(self.answer)


class TdTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="quoin-td-test-"))
        self.addCleanup(shutil.rmtree, self.root)

    def quoin(self, *words, stdin=b"", status=0):
        result = subprocess.run([QUOIN, *map(str, words)], input=stdin, capture_output=True,
                                timeout=60, check=False)
        self.assertEqual(result.returncode, status, (words, result.stdout, result.stderr))
        result.errors = result.stderr.decode()
        return result

    def put(self, name, data):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def put_registers(self):
        for index in range(4):
            self.put(f"{MEASUREMENTS}/rtmr{index}:sha384", bytes([index]) * 48)
        self.put("proc/sys/kernel/random/boot_id", b"boot-1\n")

    def test_a_quote_is_about_something(self):
        errors = self.quoin("quote", "--td-root", self.root, status=2).errors
        self.assertIn("--data", errors)
        self.quoin("quote", "--data", "-", "--insecure-report-data", "00" * 64, status=2)
        self.quoin("quote", "--insecure-report-data", "00" * 63, status=2)
        self.quoin("quote", "--data", self.root / "none", status=1)
        self.quoin("quote", "--data", "-", "--report", "-", status=2)
        self.quoin("quote", "more", "--data", "-", status=2)

    def test_a_way_that_there_is_not(self):
        self.assertIn("tsm or qgs", self.quoin("quote", "--data", "-", "--via", "x",
                                               status=2).errors)
        self.quoin("quote", "--data", "-", "--qgs", "x", status=2)
        self.assertIn("HTTP", self.quoin("quote", "--data", "-", "--qgs", "https://localhost",
                                         status=1).errors)

    def test_no_td_names_every_way_that_was_tried(self):
        errors = self.quoin("quote", "--td-root", self.root, "--data", "-", status=1).errors
        self.assertIn("configfs-tsm: ", errors)
        self.assertIn("QGS: ", errors)
        self.assertIn("hint: ", errors)
        errors = self.quoin("quote", "--td-root", self.root, "--data", "-", "--via", "tsm",
                            status=1).errors
        self.assertNotIn("QGS: ", errors)

    def test_no_td_has_no_report(self):
        errors = self.quoin("report", "--td-root", self.root, status=1).errors
        self.assertIn("dev/tdx_guest", errors)
        self.quoin("rtmr", "show", "--td-root", self.root, status=1)

    def test_a_services_error_is_told_in_words(self):
        service = QuoteService(self.root / "qgs", response(0x11011))
        report = self.put("report", b"\x81" + bytes(1023))
        errors = self.quoin("quote", "--report", report, "--qgs", f"unix:{self.root}/qgs",
                            status=1).errors
        self.assertIn("TEE_ATT_NO_PLATFORM_CERT_DATA", errors)
        self.assertIn("hint: ", errors)
        self.assertEqual(service.asked[0][24:], report.read_bytes())

    def test_a_services_nonsense_is_no_quote(self):
        QuoteService(self.root / "qgs", response(0, b"\x04\x00" + bytes(1000)))
        report = self.put("report", b"\x81" + bytes(1023))
        result = self.quoin("quote", "--report", report, "--qgs", f"unix:{self.root}/qgs",
                            status=1)
        self.assertEqual(result.stdout, b"")

    def test_what_is_no_report_is_not_quoted(self):
        report = self.put("report", b"\x81" + bytes(1024))
        self.quoin("quote", "--report", report, "--qgs", "unix:/nonexistent", status=2)

    def test_registers(self):
        self.put_registers()
        text = self.quoin("rtmr", "show", "--td-root", self.root).stdout.decode()
        self.assertIn("rtmr3  " + "03" * 48, text)
        shown = json.loads(self.quoin("rtmr", "show", "--json", "--td-root", self.root).stdout)
        self.assertEqual(shown, {"simulated": False,
                                 "rtmr": [f"{index:02x}" * 48 for index in range(4)]})

    def test_events_of_guests_are_guests(self):
        self.put_registers()
        self.assertIn("guest", self.quoin("rtmr", "extend", "guest/x", "--td-root", self.root,
                                          status=2).errors)
        self.quoin("rtmr", "extend", "a:b", "--td-root", self.root, status=2)
        self.quoin("rtmr", "extend", "--td-root", self.root, status=2)

    def test_a_register_that_no_log_explains_is_not_extended(self):
        self.put_registers()
        errors = self.quoin("rtmr", "extend", "event", "--td-root", self.root, status=1).errors
        self.assertIn("RTMR3 is not what the log replays to", errors)
        register = self.root / MEASUREMENTS / "rtmr3:sha384"
        self.assertEqual(register.read_bytes(), b"\x03" * 48)

    def test_a_register_that_does_not_extend_is_told(self):
        # A file on a disk takes what is written in the place of what was there.
        self.put_registers()
        register = self.put(f"{MEASUREMENTS}/rtmr3:sha384", bytes(48))
        log = self.root / "log"
        payload = self.put("payload", b"payload")
        self.quoin("rtmr", "extend", "event", "--payload", payload, "--td-root", self.root,
                   "--log", log, status=1)
        digest = hashlib.sha384(struct.pack("<I", 0x08000001) + b":event:payload").digest()
        self.assertEqual(register.read_bytes(), digest)

    def test_no_events_are_an_empty_log(self):
        self.put_registers()
        self.put(f"{MEASUREMENTS}/rtmr3:sha384", bytes(48))
        log = self.quoin("rtmr", "log", "--td-root", self.root).stdout
        self.assertEqual(json.loads(log), [])
        self.assertEqual((self.root / "run/quoin/runtime-log").stat().st_mode & 0o777, 0o700)


if __name__ == "__main__":
    unittest.main()
