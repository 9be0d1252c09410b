#!/usr/bin/env python3
"""quoin doctor against machines with one fault each: the first line names it. QUOIN names the built
command."""

import contextlib
import datetime
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import unittest
import socket

QUOIN = os.environ["QUOIN"]
SIMULATOR = os.environ.get("QUOIN_SIMULATOR", "ON") == "ON"
CAN_MOUNT = os.geteuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)


def answer_once(path, answer):
    """A quote service that gives every request the same answer."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve():
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer:
                    size = struct.unpack(">I", peer.recv(4, socket.MSG_WAITALL))[0]
                    peer.recv(size, socket.MSG_WAITALL)
                    peer.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return listener


def qgs_error(code):
    message = struct.pack("<HHIIIII", 1, 1, 1, 24, code, 0, 0)
    return struct.pack(">I", len(message)) + message


class DoctorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="quoin-doctor-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        cls.environment = {"PATH": os.environ["PATH"], "HOME": str(cls.root),
                           "LSAN_OPTIONS": os.environ.get("LSAN_OPTIONS", ""),
                           "XDG_DATA_HOME": str(cls.root / "data"),
                           "XDG_CACHE_HOME": str(cls.root / "cache")}
        if SIMULATOR:
            for words in (["sim", "init"], ["sim", "td", "create", "default"],
                          ["sim", "collateral", "--out", cls.root / "collateral"]):
                subprocess.run([QUOIN, *words], env=cls.environment, check=True,
                               capture_output=True)

    def quoin(self, *words, status=0):
        result = subprocess.run([QUOIN, *map(str, words)], capture_output=True, timeout=90,
                                check=False, env=self.environment, text=True)
        if status is not None:
            self.assertEqual(result.returncode, status, (words, result.stdout, result.stderr))
        return result

    def doctor(self, *words, status=0):
        """The first line, once everything that does not work has been seen to say why, and what to
        do."""
        text = self.quoin("doctor", *words, status=status).stdout
        self.assertTrue(text.isascii() and text.count("\n") < 60, text)
        first, _, *rows = text.splitlines()
        for i, row in enumerate(rows):
            if row.startswith(("failed ", "warning ")):
                for behind, name in ((1, "because"), (2, "mend")):
                    self.assertRegex(rows[i + behind], rf"^ {{9}}{name} +\S")
        return first

    def assert_first(self, wanted, *words):
        """The first line: a status, an id, and part of the cause."""
        kind, finding, cause = wanted
        line = self.doctor(*words, status=1 if kind == "failed" else 0)
        self.assertTrue(line.startswith(f"{kind}: {finding}: "), line)
        self.assertIn(cause, line)

    def in_days(self, days):
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    @contextlib.contextmanager
    def served(self, *words):
        """A command that prints one line when it is ready, which is given."""
        with subprocess.Popen([QUOIN, *map(str, words)], env=self.environment,
                              stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process.stdout.readline().strip()
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


class AnywhereTest(DoctorTest):
    def test_a_machine_that_is_no_td(self):
        self.assert_first(("failed", "td", "no TDX trust domain"), "--offline", "--td-root",
                          self.root)

    def test_json_says_the_same(self):
        result = self.quoin("doctor", "--json", "--offline", "--td-root", self.root, status=1)
        answer = json.loads(result.stdout)
        self.assertFalse(answer["healthy"])
        self.assertEqual(answer["first"]["id"], "td")
        self.assertIn(answer["first"], answer["findings"])
        ids = [finding["id"] for finding in answer["findings"]]
        self.assertEqual(len(ids), len(set(ids)))
        for finding in answer["findings"]:
            self.assertEqual(set(finding), {"id", "status", "seen", "cause", "mend"})
            if finding["status"] in ("failed", "warning"):
                self.assertTrue(finding["cause"] and finding["mend"], finding)

    def test_the_page_knows_every_id(self):
        page = pathlib.Path(__file__).parents[2] / "docs/doctor.md"
        result = self.quoin("doctor", "--json", "--offline", "--td-root", self.root, status=1)
        for finding in json.loads(result.stdout)["findings"]:
            self.assertIn(f"| `{finding['id']}` |", page.read_text())

    def test_nobody_is_asked_where_the_file_that_names_the_service_cannot_be_read(self):
        path = self.root / "qcnl"
        path.write_text("{\"pccs_url\": 1")
        # Whoever is asked has a finding, whatever came of it.
        result = self.quoin("doctor", "--json", "--td-root", self.root, "--qcnl-conf", path,
                            status=1)
        statuses = {each["id"]: (each["status"], each["cause"])
                    for each in json.loads(result.stdout)["findings"]}
        self.assertEqual(statuses["qcnl_conf"][0], "failed")
        for name in ("service", "collateral"):
            self.assertEqual(statuses[name][0], "unknown")
            self.assertIn("see qcnl_conf", statuses[name][1])

    def test_numbers_are_explained(self):
        text = self.quoin("doctor", "--explain", "0x11011", "--explain", "461").stdout
        self.assertIn("TEE_ATT_NO_PLATFORM_CERT_DATA", text)
        self.assertIn("the PCCS does not know this platform", text)
        answer = json.loads(self.quoin("doctor", "--json", "--explain", "57369").stdout)
        self.assertEqual(answer[0]["name"], "SGX_QL_NETWORK_ERROR")
        for number in ("", "0x", "x", "12x", "-1", "4294967296"):
            self.quoin("doctor", "--explain", number, status=2)

    def test_command_lines_that_make_no_sense(self):
        for words in (["--simulate", "--td-root", "/"], ["--simulate", "--qgs", "vsock:"],
                      ["--qgs", "x"], ["--at", "x"], ["--timeout", "0"], ["more"],
                      ["--pccs", "x"], ["--collateral", self.root / "none"],
                      ["--qcnl-conf", self.root / "none"]):
            self.quoin("doctor", *words, status=2)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class SimulatedTest(DoctorTest):
    def test_a_healthy_one(self):
        line = self.doctor("--simulate")
        self.assertTrue(line.startswith("ok: "), line)
        self.assertIn("SIMULATED", line)
        answer = json.loads(self.quoin("doctor", "--simulate", "--json").stdout)
        self.assertTrue(answer["healthy"] and answer["simulated"])
        self.assertIsNone(answer["first"])

    def test_a_td_that_there_is_not(self):
        self.assert_first(("failed", "device", "none"), "--simulate", "--td", "none")

    def test_faults_of_the_simulators_state(self):
        state = self.root / "data/quoin/simulator"
        state.chmod(0o755)
        try:
            self.assert_first(("failed", "simulator", "others"), "--simulate")
        finally:
            state.chmod(0o700)

    def test_faults_of_the_clock(self):
        self.assert_first(("failed", "clock", "before this program was written"), "--simulate",
                          "--at", "2020-01-01T00:00:00Z")
        collateral = ["--simulate", "--collateral", self.root / "collateral", "--at"]
        self.assert_first(("failed", "clock", "before collateral was issued"), *collateral,
                          self.in_days(-0.1))
        self.assert_first(("failed", "collateral", "has expired 10 days ago"), *collateral,
                          self.in_days(40.01))
        self.assert_first(("warning", "collateral", "expires in"), *collateral, self.in_days(28))
        with self.served("sim", "pcs") as url:
            for days, wanted in ((2.1, "2 days ahead"), (-0.1, "2 hours behind")):
                self.assert_first(("failed", "clock", wanted), "--simulate", "--pccs", url, "--at",
                                  self.in_days(days))

    def test_faults_of_the_service(self):
        for fault, finding, cause in (
                ("forbidden", "service", "HTTP status 401: the service does not let us"),
                ("unknown", "service", "HTTP status 404"),
                ("error", "service", "HTTP status 500: the service failed"),
                ("redirect", "service", "redirects elsewhere"),
                ("oversize", "service", "an answer of more than"),
                ("html", "collateral", "neither DER, PEM, hex nor Base64"),
                ("no-chain", "collateral", "no header"),
                ("other-platform", "collateral", "FMSPC 00806f050000"),
                ("altered", "genuine", "tcb_info"),
                ("new-bios", "tcb", "SGX TCB component 1 "),
                ("new-module", "tcb", "TDX module TDX_01"),
                ("new-qe", "tcb", "quoting enclave")):
            with self.subTest(fault), self.served("sim", "pcs", "--fault", fault) as url:
                self.assert_first(("failed", finding, cause), "--simulate", "--no-cache", "--pccs",
                                  url)
        self.assert_first(("failed", "service", "cannot connect"), "--simulate", "--no-cache",
                          "--pccs", "http://127.0.0.1:1")

    def test_a_service_that_is_away_does_not_matter_while_the_cache_holds(self):
        with self.served("sim", "pcs") as url:
            self.assertTrue(self.doctor("--simulate", "--pccs", url).startswith("ok: "))
        self.assert_first(("warning", "service", "cannot connect"), "--simulate", "--pccs", url)

    def test_faults_of_the_configuration(self):
        for text, kind, cause in (
                ("{\"pccs_url\": 1", "failed", "sgx_default_qcnl.conf: "),
                ("use_secure_cert=maybe\n", "failed", "wanted true or false"),
                ("PCCS_URL=x\n", "failed", "begins with neither"),
                ("https://localhost:8081\n", "warning", "an address without a key"),
                ("PCCS_URL=https://localhost:1/\nUSE_SECURE_CERT=FALSE\n", "warning",
                 "anybody on the way")):
            path = self.root / "qcnl"
            path.write_text(text)
            with self.subTest(text):
                self.assert_first((kind, "qcnl_conf", cause), "--simulate", "--qcnl-conf", path)

    def test_a_service_that_is_named_is_asked_whatever_the_file_says(self):
        path = self.root / "qcnl"
        path.write_text("{\"pccs_url\": 1")
        with self.served("sim", "pcs") as url:
            answer = json.loads(self.quoin("doctor", "--json", "--simulate", "--no-cache", "--pccs",
                                           url, "--qcnl-conf", path, status=1).stdout)
        status = {each["id"]: each["status"] for each in answer["findings"]}
        self.assertEqual([status["qcnl_conf"], status["service"], status["genuine"]],
                         ["failed", "ok", "ok"])

    def test_collateral_that_is_none(self):
        junk = self.root / "junk"
        for text in ("", "{}", "junk"):
            junk.write_text(text)
            with self.subTest(text):
                self.assert_first(("failed", "collateral", ""), "--simulate", "--collateral", junk)

    def test_a_td_that_its_host_can_look_into(self):
        self.quoin("sim", "td", "create", "debugged", "--attributes", "0100001000000000")
        self.assert_first(("warning", "attributes", "DEBUG"), "--simulate", "--td", "debugged")


@unittest.skipUnless(SIMULATOR and CAN_MOUNT, "NOTHING IS MOUNTED: this needs root and /dev/fuse")
class MountedTest(DoctorTest):
    @contextlib.contextmanager
    def mounted(self, *words):
        tree = self.root / "tree"
        tree.mkdir(exist_ok=True)
        with self.served("sim", "mount", *words, tree):
            yield ["--td-root", tree, "--trust-simulator", "--timeout", "2"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run([QUOIN, "sim", "td", "create", "measured", "--measured-boot",
                        "--secure-boot", "on"], env=cls.environment, check=True,
                       capture_output=True)

    def test_a_healthy_one(self):
        with self.mounted("--td", "measured") as words:
            answer = json.loads(self.quoin("doctor", "--json", *words).stdout)
            self.assertIsNone(answer["first"], answer)
            self.assertEqual([finding for finding in answer["findings"]
                              if finding["status"] == "unknown"
                              and finding["id"] != "service"], [])

    def test_nobody_trusts_a_simulator_unasked(self):
        with self.mounted() as words:
            self.assert_first(("failed", "genuine", "root"), *words[:2])

    def test_faults_of_the_kernel_and_the_host(self):
        for fault, finding, cause in (
                ("no-device", "device", "there is no TDX guest device"),
                ("report-eio", "device", "no report"),
                ("report-wrong-report-data", "device", "other report data"),
                ("report-ebusy", "device", "busy for too long"),
                ("no-tsm", "tsm", "No such file"),
                ("no-provider", "tsm", "no provider answers"),
                ("mkdir-eio", "tsm", "mkdir: Input/output error"),
                ("inblob-ebusy", "tsm", "does not take the report data"),
                ("generation-jumps", "tsm", "somebody else has used our entry"),
                ("generation-moves", "tsm", "somebody else has used our entry"),
                ("outblob-etimedout", "tsm", "the host did not answer in time"),
                ("outblob-wedged", "tsm", "the host"),
                ("outblob-eio", "tsm", "the host could not make a quote"),
                ("outblob-enxio", "tsm", "no provider answers"),
                ("outblob-empty", "tsm", "the quote is empty"),
                ("outblob-truncated", "tsm", "quote"),
                ("quote-wrong-report-data", "tsm", "other report data"),
                ("quote-dice", "tsm", "DICE"),
                ("quote-wrong-signature", "genuine", "quote_signature")):
            with self.subTest(fault), self.mounted("--fault", fault) as words:
                self.assert_first(("failed", finding, cause), *words)
        with self.mounted("--fault", "no-measurements") as words:
            self.assert_first(("warning", "measurements", "RTMRs cannot be extended"), *words)

    def test_faults_of_the_quote_service(self):
        qgs = self.root / "qgs"
        words_of = {}
        for fault, cause in (("qgs-closes", "closed the connection"), ("qgs-garbage", ""),
                             ("qgs-error", "QGS_MSG_ERROR_UNEXPECTED")):
            words_of[fault] = cause
            with self.subTest(fault), self.served("sim", "qgs", "--listen", f"unix:{qgs}",
                                                  "--fault", fault):
                with self.mounted("--fault", "outblob-eio") as words:
                    self.assert_first(("failed", "qgs", cause), *words, "--qgs", f"unix:{qgs}")
                # A way that is not needed.
                with self.mounted("--td", "measured") as words:
                    self.assert_first(("warning", "qgs", cause), *words, "--qgs", f"unix:{qgs}")
        with self.mounted("--fault", "outblob-eio") as words:
            self.assert_first(("failed", "qgs", "No such file"), *words, "--qgs", f"unix:{qgs}")
            with contextlib.closing(answer_once(qgs, qgs_error(0x11011))):
                self.assert_first(("failed", "qgs", "TEE_ATT_NO_PLATFORM_CERT_DATA"), *words,
                                  "--qgs", f"unix:{qgs}")
            qgs.unlink()

    def test_faults_of_the_event_log(self):
        self.quoin("sim", "td", "create", "moved", "--measured-boot")
        self.quoin("sim", "td", "set", "moved", "--rtmr1", "00" * 48)
        with self.mounted("--td", "moved") as words:
            self.assert_first(("failed", "event_log", "does not replay to RTMR1"), *words)
        with self.mounted() as words:
            self.assert_first(("warning", "event_log", "there is no event log"), *words)
        for fault, cause in (("ccel-eio", "cannot be read: cannot read"),
                             ("ccel-truncated", "and its CCEL table says"),
                             ("ccel-wrong-length", "and its CCEL table says"),
                             ("ccel-wrong-type", "of type 1")):
            with self.subTest(fault), self.mounted("--td", "measured", "--fault", fault) as words:
                self.assert_first(("failed", "event_log", cause), *words)

    def test_faults_of_the_firmwares_variables(self):
        for fault, cause in (("efivars-eio", "Input/output error"),
                             ("efivars-truncated", "needs 4 more bytes, has 3")):
            with self.subTest(fault), self.mounted("--td", "measured", "--fault", fault) as words:
                self.assert_first(("warning", "secure_boot", "is not known"), *words)
                self.assert_first(("warning", "secure_boot", cause), *words)

    def test_a_quote_of_another_td(self):
        self.quoin("sim", "td", "create", "another", "--mrtd", "ab" * 48)
        another, mixed = self.root / "another", self.root / "mixed"
        another.mkdir()
        mixed.mkdir()
        with self.served("sim", "mount", "--td", "another", another), self.mounted() as words:
            (mixed / "dev").symlink_to(another / "dev")
            for name in ("sys", "proc"):
                (mixed / name).symlink_to(self.root / "tree" / name)
            self.assert_first(("failed", "quote", "of another TD than the TDREPORT"), "--td-root",
                              mixed, *words[2:])

    def test_the_file_that_names_the_quote_services_port(self):
        with self.mounted("--td", "measured") as words:
            other = self.root / "other"
            (other / "etc").mkdir(parents=True)
            for name in ("dev", "sys", "proc"):
                (other / name).symlink_to(self.root / "tree" / name)
            (other / "etc/tdx-attest.conf").write_text("port = 70000\n")
            self.assert_first(("failed", "attest_conf", "port"), "--td-root", other, *words[2:])
            (other / "etc/tdx-attest.conf").write_text("port = 4050\n")
            self.assert_first(("warning", "qgs", "vsock"), "--td-root", other, *words[2:])


if __name__ == "__main__":
    unittest.main()
