#!/usr/bin/env python3
"""The commands that ask the TD, on a machine that is none: with trees of files where a file is
enough, and a quote service on a Unix socket. QUOIN names the built command."""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from cli_test import MODULES

QUOIN = os.environ["QUOIN"]
SIMULATOR = os.environ.get("QUOIN_SIMULATOR", "ON") == "ON"
CAN_MOUNT = os.geteuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)
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
        self.environment = dict(os.environ, XDG_DATA_HOME=str(self.root / "data"),
                                XDG_CACHE_HOME=str(self.root / "cache"))

    def quoin(self, *words, stdin=b"", status=0):
        result = subprocess.run([QUOIN, *map(str, words)], input=stdin, capture_output=True,
                                timeout=60, check=False, env=self.environment)
        if status is not None:
            self.assertEqual(result.returncode, status, (words, result.stdout, result.stderr))
        result.errors = result.stderr.decode()
        return result

    def put(self, name, data):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path


class FilesTest(TdTest):
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


def typed(data):
    return hashlib.sha512(b"DSSEv1 17 urn:quoin:data:v1 %d " % len(data) + data).hexdigest()


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class SimulatedTest(TdTest):
    def test_options_that_do_not_go_together(self):
        for words in (["--td", "a"], ["--simulate", "--via", "tsm"],
                      ["--simulate", "--td-root", "/"], ["--simulate", "--qgs", "vsock:"]):
            self.quoin("quote", "--data", "-", *words, status=2)

    def test_a_simulated_quote_says_so_and_verifies(self):
        result = self.quoin("quote", "--simulate", "--data", "-", "--json", stdin=b"hello")
        self.assertIn("SIMULATED", result.errors)
        answer = json.loads(result.stdout)
        self.assertTrue(answer["simulated"])
        self.assertEqual(answer["report_data"], typed(b"hello"))
        quote = self.put("quote", bytes.fromhex(answer["quote"]))
        self.quoin("sim", "collateral", "--out", self.root / "collateral")
        self.quoin("verify", "--trust-simulator", "--collateral", self.root / "collateral", quote)
        raw = self.quoin("quote", "--simulate", "--insecure-report-data", "07" * 64).stdout
        self.assertIn(b"\x07" * 64, raw)

    def test_a_report_can_be_quoted(self):
        report = self.quoin("report", "--simulate").stdout
        self.assertEqual(len(report), 1024)
        quote = self.quoin("quote", "--simulate", "--report", "-", stdin=report).stdout
        self.assertIn(report[528:576], quote)  # MRTD

    def test_events_are_measured_once(self):
        payload = self.put("payload", b"payload")
        extend = ["rtmr", "extend", "config", "--payload", payload, "--simulate", "--json"]
        self.assertTrue(json.loads(self.quoin(*extend).stdout)["measured"])
        again = json.loads(self.quoin(*extend).stdout)
        self.assertFalse(again["measured"])
        shown = json.loads(self.quoin("rtmr", "show", "--simulate", "--json").stdout)
        self.assertEqual(shown["rtmr"][3], again["rtmr3"])
        digest = hashlib.sha384(struct.pack("<I", 0x08000001) + b":config:payload").digest()
        self.assertEqual(again["rtmr3"], hashlib.sha384(bytes(48) + digest).hexdigest())
        log = json.loads(self.quoin("rtmr", "log", "--simulate").stdout)
        self.assertEqual([(event["event"], event["event_payload"]) for event in log],
                         [("config", b"payload".hex())])
        self.quoin("sim", "td", "reboot", "default")
        self.assertEqual(json.loads(self.quoin("rtmr", "log", "--simulate").stdout), [])


@unittest.skipUnless(SIMULATOR and CAN_MOUNT, "NOTHING IS MOUNTED: this needs root and /dev/fuse")
class MountedTest(TdTest):
    """The backend of a real TD, on the simulator's files."""

    @contextlib.contextmanager
    def mounted(self, *faults, td="default"):
        tree = self.root / "tree"
        tree.mkdir(exist_ok=True)
        words = ["--td", td, *(word for fault in faults for word in ("--fault", fault))]
        server = subprocess.Popen([QUOIN, "sim", "mount", *words, str(tree)],
                                  env=self.environment, stdout=subprocess.PIPE)
        try:
            server.stdout.readline()
            yield tree
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
            server.stdout.close()

    def entries(self, tree):
        return list((tree / "sys/kernel/config/tsm/report").iterdir())

    def test_report_quote_and_registers(self):
        with self.mounted() as tree:
            report = self.quoin("report", "--td-root", tree, "--data", "-", stdin=b"x").stdout
            self.assertEqual(report[128:192].hex(), typed(b"x"))
            quote = self.quoin("quote", "--td-root", tree, "--data", "-", stdin=b"x").stdout
            self.assertIn(bytes.fromhex(typed(b"x")), quote)
            self.assertEqual(self.entries(tree), [])
            extend = ["rtmr", "extend", "a", "--td-root", tree, "--log", self.root / "log"]
            self.quoin(*extend)
            self.quoin(*extend)
            log = self.quoin("rtmr", "log", "--td-root", tree, "--log", self.root / "log").stdout
            self.assertEqual([event["event"] for event in json.loads(log)], ["a"])
            # What a policy judges: the quote's RTMR3 by the events.
            self.put("events", log)
            self.put("quote", self.quoin("quote", "--td-root", tree, "--data", "-").stdout)
            self.quoin("sim", "collateral", "--out", self.root / "collateral")
            self.quoin("verify", "--trust-simulator", "--collateral", self.root / "collateral",
                       "--event-log", self.root / "events", self.root / "quote")

    def test_secure_boot_is_shown_beside_a_report(self):
        for state, local in (("on", "on"), ("off", "off"), ("setup", "off"), (None, "unknown")):
            if state:
                self.quoin("sim", "td", "create", state, "--secure-boot", state)
            with self.subTest(state=state), self.mounted(td=state or "default") as tree:
                report = json.loads(self.quoin("report", "--td-root", tree, "--json").stdout)
                self.assertEqual(report["secure_boot"]["local"], local)
        report = json.loads(self.quoin("report", "--simulate", "--json").stdout)
        self.assertIsNone(report["secure_boot"])

    def test_secure_boot_is_unknown_where_variables_cannot_be_read(self):
        for state in ("on", "off"):
            self.quoin("sim", "td", "create", state, "--secure-boot", state)
            for fault in ("efivars-eio", "efivars-truncated", "efivars-eio=1",
                          "efivars-truncated=1"):
                with self.subTest(state=state, fault=fault), self.mounted(fault, td=state) as tree:
                    report = json.loads(self.quoin("report", "--td-root", tree, "--json").stdout)
                    self.assertEqual(report["secure_boot"]["local"], "unknown")

    def test_faults_of_the_boots_event_log(self):
        self.quoin("sim", "td", "create", "measured", "--measured-boot", "--secure-boot", "on")
        for fault, status, says, without_table in (
                ("ccel-eio", 2, "Input/output error", 2),
                ("ccel-truncated", 3, "its CCEL table says", 3),
                ("ccel-wrong-length", 3, "its CCEL table says", 0),
                ("ccel-wrong-type", 3, "of type 1, subtype 0", 0)):
            with self.subTest(fault=fault), self.mounted(fault, td="measured") as tree:
                tables = tree / "sys/firmware/acpi/tables"
                for command in ("show", "replay"):
                    result = self.quoin("eventlog", command, "--table", tables / "CCEL",
                                        tables / "data/CCEL", status=status)
                    self.assertIn(says, result.errors)
                    self.assertEqual(result.stdout, b"")
                    result = self.quoin("eventlog", command, tables / "data/CCEL",
                                        status=without_table)
                    if without_table:
                        self.assertEqual(result.stdout, b"")

    def wasm(self):
        source, module = self.put("hello.wat", MODULES["hello"].encode()), self.root / "hello.wasm"
        subprocess.run(["wat2wasm", source, "-o", module], check=True)
        return module

    def collateral(self):
        self.quoin("sim", "collateral", "--out", self.root / "collateral")
        return "--trust-simulator", "--collateral", self.root / "collateral"

    def test_a_receipt_of_the_td(self):
        run = ["run", "--receipt", self.root / "receipt", "--nonce", "ab" * 8, self.wasm()]
        with self.mounted() as tree:
            self.quoin(*run, "--td-root", tree)
        words = ["verify", "--json", *self.collateral(), "--nonce", "ab" * 8]
        verdict = json.loads(self.quoin(*words, self.root / "receipt").stdout)
        self.assertTrue(verdict["accepted"])
        # The TD did not know what it is; its quote does.
        self.assertTrue(verdict["statement"]["simulated"])
        self.assertEqual(self.quoin(*words, "--module", self.wasm(), self.root / "receipt",
                                    status=None).returncode, 0)
        self.quoin("verify", "--collateral", self.root / "collateral", self.root / "receipt",
                   status=1)

    def test_a_receipt_that_cannot_be_had(self):
        run = ["run", "--receipt", self.root / "receipt", self.wasm()]
        for fault, cause in (("outblob-eio", "the host could not make a quote"),
                             ("quote-wrong-report-data", "other report data")):
            with self.subTest(fault=fault), self.mounted(fault) as tree:
                result = self.quoin(*run, "--td-root", tree, "--via", "tsm", status=125)
                self.assertIn(cause, result.errors)
                self.assertFalse((self.root / "receipt").exists())
        # Before anything has run.
        for words in (["--td-root", self.root], ["--td-root", self.root, "--simulate"],
                      ["--via", "tsm", "--simulate"]):
            result = self.quoin(*run, *words, status=125)
            self.assertEqual(result.stdout, b"")
        self.assertIn("this is no TDX trust domain",
                      self.quoin(*run, "--td-root", self.root, status=125).errors)

    def channel(self, listen, connect, status=(0, 0)):
        """What the two ends say on standard error."""
        with subprocess.Popen([QUOIN, "listen", *map(str, listen), "0"], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as server:
            try:
                address = server.stderr.readline().decode().split()[-1]
                client = self.quoin("connect", *connect, address, status=status[1])
                _, errors = server.communicate(timeout=60)
            finally:
                server.kill()
        self.assertEqual(server.returncode, status[0], errors)
        return errors.decode(), client.errors

    def test_a_channel_to_the_td(self):
        with self.mounted() as tree:
            _, client = self.channel(["--td-root", tree], ["--trust-simulator"])
            self.assertIn("peer accepted: SIMULATED", client)
            policy = self.put("any.toml", b"version = 1\n")
            server, _ = self.channel(
                ["--simulate", "--require-client", policy, "--trust-simulator"],
                ["--trust-simulator", "--td-root", tree])
            self.assertIn("peer accepted: SIMULATED", server)
        with self.mounted("outblob-eio") as tree:
            server, _ = self.channel(["--td-root", tree], ["--trust-simulator"], status=(1, 1))
            self.assertIn("the host could not make a quote", server)
        # Not past the handshake's time.
        with self.mounted("slow=20000") as tree:
            begin = time.monotonic()
            self.channel(["--td-root", tree, "--timeout", "1"], ["--trust-simulator"],
                         status=(1, 1))
            self.assertLess(time.monotonic() - begin, 10)

    def test_a_channel_with_runtime_events(self):
        def policy(*events):
            quote = self.quoin("quote", "--simulate", "--data", "-").stdout
            names = ", ".join(f'{{ name = "{name}", any_payload = true }}' for name in events)
            registers = {name: quote[at:at + 48].hex() for name, at in
                         (("mr_td", 184), ("rtmr0", 376), ("rtmr1", 424), ("rtmr2", 472))}
            lines = [f'{name} = "{value}"' for name, value in registers.items()]
            return self.put("policy.toml", "\n".join(
                ["version = 1", "[[measurements]]", 'name = "a"', *lines,
                 f"runtime_events = [{names}]"]).encode())

        accepts = ["--json", "--trust-simulator", "--policy"]

        def refusal(listen, *events):
            _, errors = self.channel(listen, [*accepts, policy(*events)], status=(1, 1))
            return json.loads(errors.splitlines()[-1])["reason"]

        # No log: the policy asks for events in vain.
        self.assertEqual(refusal(["--simulate"], "a"), "policy_measurements")
        self.quoin("rtmr", "extend", "a", "--simulate")
        self.channel(["--simulate"], [*accepts, policy("a")])
        self.assertEqual(refusal(["--simulate"], "b"), "policy_measurements")
        # Of the TD as others see it, which logs elsewhere.
        with self.mounted() as tree:
            self.quoin("sim", "td", "reboot", "default")
            log = ["--td-root", tree, "--log", self.root / "log"]
            self.quoin("rtmr", "extend", "b", *log)
            self.channel(log, [*accepts, policy("b")])
            # What extends RTMR3 behind the log's back leaves nothing to show.
            self.quoin("sim", "td", "extend", "--rtmr", "3", "--digest", "ab" * 48)
            server, _ = self.channel(log, [*accepts, policy("b")], status=(1, 1))
            self.assertIn("RTMR3 is not what the log replays to", server)

    def test_what_passes_by_itself(self):
        for fault in ("inblob-ebusy=2", "outblob-ebusy=2", "outblob-eintr=1", "quote-padded",
                      "report-ebusy=2"):
            with self.subTest(fault=fault), self.mounted(fault) as tree:
                quote = self.quoin("quote", "--td-root", tree, "--data", "-", stdin=b"x").stdout
                self.assertIn(bytes.fromhex(typed(b"x")), quote)
                self.quoin("report", "--td-root", tree)

    def test_what_fails_is_named(self):
        for fault, cause in (
                ("no-provider", "no provider"),
                ("no-tsm", "No such file"),
                ("mkdir-eio", "mkdir"),
                ("generation-jumps", "somebody else has used our entry"),
                ("generation-moves", "somebody else has used our entry"),
                ("inblob-ebusy", "does not take the report data"),
                ("outblob-etimedout", "the host did not answer in time"),
                ("outblob-wedged", "the host"),
                ("outblob-eio", "the host could not make a quote"),
                ("outblob-enxio", "no provider answers"),
                ("outblob-empty", "the quote is empty"),
                ("outblob-truncated", "quote"),
                ("quote-wrong-report-data", "other report data"),
                ("quote-dice", "DICE")):
            with self.subTest(fault=fault), self.mounted(fault) as tree:
                result = self.quoin("quote", "--td-root", tree, "--data", "-", "--timeout", "2",
                                    status=1)
                self.assertIn(cause, result.errors)
                self.assertEqual(result.stdout, b"")
                if fault != "no-tsm":
                    self.assertEqual(self.entries(tree), [])

    def test_reports_that_fail_are_named(self):
        for fault, cause in (("no-device", "no TDX guest device"), ("report-eio", "no report"),
                             ("report-wrong-report-data", "other report data")):
            with self.subTest(fault=fault), self.mounted(fault) as tree:
                self.assertIn(cause, self.quoin("report", "--td-root", tree, status=1).errors)

    def test_the_register_decides(self):
        for fault, status, events in (("rtmr-ebusy=2", 0, ["a"]), ("rtmr-eio", 1, []),
                                      ("rtmr-einval", 1, []), ("rtmr-eio-extended=1", 0, ["a"]),
                                      ("no-measurements", 1, [])):
            self.quoin("sim", "td", "reboot", "default", status=None)
            log = ["--log", self.root / fault]
            with self.subTest(fault=fault), self.mounted(fault) as tree:
                self.quoin("rtmr", "extend", "a", "--td-root", tree, *log, status=status)
                printed = self.quoin("rtmr", "log", "--td-root", tree, *log).stdout
                self.assertEqual([event["event"] for event in json.loads(printed)], events)

    def test_registers_of_older_kernels_come_from_reports(self):
        with self.mounted("no-measurements") as tree:
            shown = json.loads(self.quoin("rtmr", "show", "--td-root", tree, "--json").stdout)
            td = json.loads(self.quoin("sim", "td", "show", "default", "--json").stdout)
            self.assertEqual(shown["rtmr"], [td[f"rtmr{index}"] for index in range(4)])

    def test_many_at_once_each_get_theirs(self):
        with self.mounted("slow=50") as tree:
            asked = [subprocess.Popen([QUOIN, "quote", "--td-root", tree, "--insecure-report-data",
                                       f"{index:02x}" * 64], stdout=subprocess.PIPE)
                     for index in range(6)]
            for index, process in enumerate(asked):
                quote, _ = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 0)
                self.assertIn(bytes([index]) * 64, quote)
            self.assertEqual(self.entries(tree), [])


if __name__ == "__main__":
    unittest.main()
