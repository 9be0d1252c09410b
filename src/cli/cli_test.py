#!/usr/bin/env python3
"""The command from outside: what it prints, where, and with which exit status. The environment
variable QUOIN names the built command, QUOIN_VECTORS the directory of real quotes."""

import base64
import copy
import hashlib
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

QUOIN = os.environ["QUOIN"]
VECTORS = pathlib.Path(os.environ.get("QUOIN_VECTORS", "/nonexistent"))
SIMULATOR = os.environ.get("QUOIN_SIMULATOR", "ON") == "ON"

HELLO = """(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello\\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    %s))"""

MODULES = {
    "hello": HELLO % "",
    "status7": HELLO % "(call $proc_exit (i32.const 7))",
    "status256": HELLO % "(call $proc_exit (i32.const 256))",
    "trap": HELLO % "unreachable",
    "loop": HELLO % "(loop $again (br $again))",
    "greedy": HELLO.replace('"memory") 1', '"memory") 17') % "",
    "unknown_import": '(module (import "env" "f" (func)) (memory (export "memory") 1)'
                      ' (func (export "_start")))',
}

STATUS_NAMES = {
    "STATUS_OK": "UpToDate",
    "STATUS_TCB_OUT_OF_DATE": "OutOfDate",
    "STATUS_TCB_NOT_SUPPORTED": "NotSupported",
    "STATUS_TCB_SW_HARDENING_NEEDED": "SWHardeningNeeded",
    "STATUS_TCB_TD_RELAUNCH_ADVISED": "TDRelaunchAdvised",
    "STATUS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED": "ConfigurationAndSWHardeningNeeded",
}


class CliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="quoin-cli-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.home)
        cls.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(cls.home),
            "XDG_DATA_HOME": str(cls.home / "data"),
            "XDG_CACHE_HOME": str(cls.home / "cache"),
        }

    def quoin(self, *words, stdin=b"", status=0, environment=None):
        """Runs the command, holds it to the exit status, and returns what it printed."""
        result = subprocess.run(
            [QUOIN, *map(str, words)], input=stdin, capture_output=True, timeout=120, check=False,
            env=environment or self.environment)
        self.assertEqual(result.returncode, status,
                         (words, result.stdout[-2000:], result.stderr[-2000:]))
        for line in result.stderr.decode().splitlines():
            if status != 0 and "module" not in line:
                self.assertTrue(line.startswith("quoin: "), line)
        return result

    def file(self, name, contents):
        path = self.home / name
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        return path

    def wasm(self, name):
        path = self.home / f"{name}.wasm"
        if not path.exists():
            source = self.file(f"{name}.wat", MODULES[name])
            subprocess.run(["wat2wasm", source, "-o", path], check=True)
        return path

    def read_page(self, contents):
        """A page of verify --html, which must be XML and stand by itself; its text."""
        self.assertLess(len(contents), 200 << 10)
        self.assertNotIn(b"http:", contents)
        self.assertNotIn(b"https:", contents)
        self.assertIn(b"default-src 'none'; style-src 'sha256-", contents)
        root = xml.etree.ElementTree.fromstring(contents)
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        self.assertEqual(len(ids), len(set(ids)))
        for element in root.iter():
            self.assertNotIn(element.tag, ("script", "link", "img", "iframe", "object", "form"))
            for name, value in element.attrib.items():
                self.assertFalse(name.startswith("on") or name in ("src", "style"), (name, value))
            if "href" in element.attrib:
                self.assertIn(element.get("href").removeprefix("#"), ids)
            for reference in element.get("aria-labelledby", "").split():
                self.assertIn(reference, ids)
        levels = [int(element.tag[1]) for element in root.iter() if element.tag in ("h1", "h2")]
        self.assertEqual(levels[0], 1)
        self.assertEqual(levels.count(1), 1)
        root.find("head").remove(root.find("head/style"))
        return " ".join(" ".join(root.itertext()).split())

    def pinning_policy(self, quote, **changed):
        """A policy that pins what this quote says, or something else."""
        body = json.loads(self.quoin("inspect", "--json", quote).stdout)["body"]
        body.update(changed)
        lines = [f'{name} = "{body[name]}"' for name in ("mr_td", "rtmr0", "rtmr1", "rtmr2")]
        return self.file("pin.toml", "\n".join(
            ["version = 1", "[[measurements]]", 'name = "release"', *lines]) + "\n")


class MannersTest(CliTest):
    def test_help_and_version(self):
        self.assertIn(b"quoin verify", self.quoin("--help").stdout)
        self.assertRegex(self.quoin("--version").stdout, rb"^quoin \d+\.\d+\.\d+\n$")
        self.assertIn("version", json.loads(self.quoin("version", "--json").stdout))
        names = self.quoin("help", "--names").stdout.decode().splitlines()
        self.assertIn("verify", names)
        for name in names:
            text = self.quoin(*name.split(), "--help").stdout.decode()
            # Examples stand before everything else.
            self.assertLess(text.index("  # "), text.index("usage:"), name)
            self.assertEqual(text, self.quoin("help", *name.split()).stdout.decode())

    def test_help_lists_the_checks(self):
        rooms = json.loads(self.quoin("help", "--checks").stdout)
        self.assertEqual(list(rooms), ["verification", "policy", "receipt"])
        checks = [check for room in rooms.values() for check in room]
        for check in checks:
            self.assertEqual(list(check), ["id", "requirement", "rule", "advice"])
            self.assertNotIn("", check.values())
        ids = [check["id"] for check in checks]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertIn("quote_signature", ids)

    def test_mistyped(self):
        for words, hint in [
                (["verfiy"], "did you mean quoin verify?"),
                (["sim", "rot"], "did you mean quoin sim root?"),
                (["sim"], "there are: sim init"),
                (["sim", "--help"], "there are: sim init"),
                (["sim", "td"], "there are: sim td create"),
                (["sim", "td", "extent"], "did you mean quoin sim td extend?"),
                (["sim", "nothing", "at", "all"], "quoin --help lists the commands"),
                (["frobnicate"], "quoin --help lists the commands"),
                (["verify", "--polciy", "x"], "did you mean --policy?"),
                ([], "quoin --help lists the commands"),
        ]:
            result = self.quoin(*words, status=2)
            self.assertEqual(result.stdout, b"")
            self.assertIn(f"quoin: hint: {hint}", result.stderr.decode())
            self.assertIn(b"quoin: error: ", result.stderr)

    def test_unreadable_inputs(self):
        empty = self.file("empty", b"")
        for command in ("verify", "inspect"):
            self.quoin(command, self.home / "nowhere", status=2)
            self.quoin(command, self.home, status=2)
            self.quoin(command, status=2)
            self.quoin(command, "a", "b", status=2)
            self.quoin(command, empty, status=3)
            self.quoin(command, "-", status=3)
            self.quoin(command, "-", stdin=b"\0" * 1000, status=3)
            self.quoin(command, "/dev/zero", status=3)
            self.quoin(command, "-", stdin=b"{" * 100_000, status=3)

    def test_hostile_names_do_not_reach_the_terminal(self):
        result = self.quoin("verify", "no\033[2Jwhere", status=2)
        self.assertNotIn(b"\033", result.stderr)

    def test_only_one_input_is_standard_input(self):
        result = self.quoin("verify", "--policy", "-", "-", status=2, stdin=b"version = 1")
        self.assertIn(b"standard input can be read only once", result.stderr)

    def test_broken_pipe(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run([QUOIN, "--help"], stdout=writer, stderr=subprocess.PIPE,
                                check=False)
        os.close(writer)
        self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_full_disk_is_told(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([QUOIN, "--help"], stdout=full, stderr=subprocess.PIPE,
                                    check=False)
        self.assertEqual(result.returncode, 74)
        self.assertIn(b"quoin: error: cannot write", result.stderr)

    def test_run_needs_a_td(self):
        result = self.quoin("run", "nothing.wasm", status=125)
        self.assertIn(b"hint: ", result.stderr)
        self.assertIn(b"--simulate", result.stderr)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class SimulatorTest(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run([QUOIN, "sim", "init"], env=cls.environment, check=True,
                       capture_output=True)

    def run_receipt(self, module="hello", *options, status=0, arguments=()):
        receipt = self.home / "receipt.json"
        receipt.unlink(missing_ok=True)
        result = self.quoin("run", "--simulate", "--receipt", receipt, *options, self.wasm(module),
                            "--", *arguments, status=status)
        return result, receipt

    def verdict(self, *words, status=0, stdin=b""):
        return json.loads(self.quoin("verify", "--json", *words, status=status, stdin=stdin).stdout)

    def quote(self):
        quote, collateral = self.home / "quote.bin", self.home / "collateral.json"
        self.quoin("sim", "quote", "--out", quote)
        self.quoin("sim", "collateral", "--out", collateral)
        return quote, collateral

    def test_a_run_and_its_receipt(self):
        nonce = "8f1c0e6a5b7d9241"
        result, receipt = self.run_receipt("hello", "--nonce", nonce, "--env", "A=secret",
                                           arguments=["x", "--json"])
        self.assertEqual(result.stdout, b"hello\n")
        self.assertEqual(oct(receipt.stat().st_mode & 0o777), "0o644")
        self.assertNotIn(b"secret", receipt.read_bytes())

        verdict = self.verdict("--trust-simulator", "--nonce", nonce, "--module",
                               self.wasm("hello"), receipt)
        self.assertEqual(
            {name: verdict[name] for name in ("genuine", "accepted", "simulated", "tcb_status",
                                              "advisories", "exit_status", "reason", "error")},
            {"genuine": True, "accepted": True, "simulated": True, "tcb_status": "UpToDate",
             "advisories": [], "exit_status": 0, "reason": None, "error": None})
        for check in verdict["checks"]:
            self.assertEqual(set(check), {"id", "passed", "seen", "wanted", "rule", "advice"})
            self.assertTrue(check["passed"], check)
        statement = verdict["statement"]
        self.assertEqual(statement["arguments"], ["hello.wasm", "x", "--json"])
        self.assertEqual(statement["module_sha256"],
                         hashlib.sha256(self.wasm("hello").read_bytes()).hexdigest())
        self.assertEqual(statement["standard_output"]["sha256"],
                         hashlib.sha256(b"hello\n").hexdigest())
        self.assertEqual(statement["nonce"], nonce)

        text = self.quoin("verify", "--trust-simulator", receipt).stdout.decode()
        lines = text.splitlines()
        self.assertTrue(lines[0].startswith("ACCEPTED"), text)
        self.assertEqual(lines[1], "SIMULATED: proves nothing to others")
        self.assertLessEqual(len(lines), 40)
        self.assertLessEqual(max(map(len, lines)), 100)
        self.assertNotIn("\033", text)
        self.assertEqual(self.quoin("verify", "--trust-simulator", "-",
                                    stdin=receipt.read_bytes()).stdout.decode().splitlines()[0],
                         lines[0])
        self.assertEqual(self.quoin("verify", "--quiet", "--trust-simulator", receipt).stdout, b"")

    def test_a_page_for_people(self):
        _, receipt = self.run_receipt("hello", arguments=["<script>", "&amp;", "'\""])
        page = self.home / "page.html"
        printed = self.quoin("verify", "--trust-simulator", "--html", page, receipt).stdout
        self.assertTrue(printed.startswith(b"ACCEPTED"))
        self.assertEqual(oct(page.stat().st_mode & 0o777), "0o644")
        text = self.read_page(page.read_bytes())
        self.assertIn("SIMULATED: accepted (quoin verify)", text)
        self.assertIn("✓ Accepted", text)
        self.assertIn("<script> &amp; '\"", text)
        self.assertIn("Every link holds", text)
        self.assertIn("quoin verify --at 2", text)
        self.assertIn("Z --trust-simulator FILE", text)

        # A refusal replaces what was there, with the exit status of a refusal.
        self.quoin("verify", "--quiet", "--html", page, receipt, status=1)
        text = self.read_page(page.read_bytes())
        self.assertIn("✗ Refused", text)
        self.assertIn("Root certificate: pck_chain_root", text)
        # So does evidence that cannot be read: nobody must find the answer of another day.
        self.quoin("verify", "--html", page, self.file("bad", "{"), status=3)
        self.assertIn("✗ No verdict", self.read_page(page.read_bytes()))

        result = self.quoin("verify", "--trust-simulator", "--at", "2099-01-01T00:00:00Z", "--html",
                            "-", receipt, status=1)
        self.assertIn("ended", self.read_page(result.stdout))
        result = self.quoin("verify", "--trust-simulator", "--json", "--html", page, receipt)
        self.assertTrue(json.loads(result.stdout)["accepted"])
        self.assertIn("✓ Accepted", self.read_page(page.read_bytes()))

    def test_where_no_page_can_be_written(self):
        quote, collateral = self.quote()
        device = self.home / "page-device"
        device.symlink_to("/proc/self/fd/1")
        words = ["verify", "--collateral", collateral, "--trust-simulator"]
        for options in (["--html", self.home / "no" / "where"], ["--html", self.home],
                        ["--html", device], ["--html", ""], ["--json", "--html", "-"]):
            with self.subTest(options):
                result = self.quoin(*words, *options, quote, status=2)
                self.assertEqual(result.stdout, b"")
        self.assertTrue(device.is_symlink())
        with open("/dev/full", "wb") as full:
            result = subprocess.run([QUOIN, *map(str, words), "--html", "-", quote], stdout=full,
                                    stderr=subprocess.PIPE, env=self.environment, check=False)
        self.assertEqual(result.returncode, 74)

    def test_how_a_module_ends(self):
        for module, options, status, kind, exit_status in [
                ("status7", [], 7, "exited", 7),
                ("status256", [], 255, "exited", 256),
                ("trap", [], 126, "trapped", None),
                ("loop", ["--timeout", "1"], 124, "timed_out", None),
                ("unknown_import", [], 126, "refused", None),
                ("greedy", ["--memory", "1"], 126, "refused", None),
        ]:
            with self.subTest(module):
                _, receipt = self.run_receipt(module, *options, status=status)
                verdict = self.verdict("--trust-simulator", receipt)
                outcome = verdict["statement"]["outcome"]
                self.assertEqual(outcome["kind"], kind)
                if exit_status is not None:
                    self.assertEqual(outcome["exit_status"], exit_status)

    def test_closed_standard_streams(self):
        # What is opened first must not become standard output or error.
        _, receipt = self.run_receipt()
        command = f"exec {QUOIN} verify --trust-simulator {receipt} <&- >&- 2>&-"
        before = receipt.read_bytes()
        result = subprocess.run(["sh", "-c", command], env=self.environment, check=False)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(receipt.read_bytes(), before)

    def test_run_refuses_bad_options(self):
        # What stands for /dev/stdout, which a failing test would replace for the whole machine.
        device = self.home / "device"
        device.symlink_to("/proc/self/fd/1")
        for options in (["--nonce", "00"], ["--nonce", "8f1c0e6a5b7d9241"], ["--timeout", "0"],
                        ["--memory", "4096"], ["--dir", "/data"], ["--env", "=x"],
                        ["--receipt", "-"], ["--receipt", device],
                        ["--receipt", self.home / "no" / "where"], ["--frobnicate"]):
            with self.subTest(options):
                result = self.quoin("run", "--simulate", *options, self.wasm("hello"), status=125)
                self.assertEqual(result.stdout, b"")
                self.assertIn(b"quoin: error: ", result.stderr)
        self.assertTrue(device.is_symlink())
        self.quoin("run", "--simulate", self.home / "nowhere.wasm", status=125)

    def test_tampered_receipts(self):
        nonce = "8f1c0e6a5b7d9241"
        _, path = self.run_receipt("hello", "--nonce", nonce)
        receipt = json.loads(path.read_bytes())
        _, other_path = self.run_receipt("status7", status=7)
        other = json.loads(other_path.read_bytes())
        # The payload as bytes, the statement as JSON.
        payload = base64.b64decode(receipt["payload"])

        def changed(**members):
            copied = copy.deepcopy(receipt)
            copied.update(members)
            return json.dumps(copied).encode()

        def encoded(data):
            return base64.b64encode(data).decode()

        edited = payload.replace(b'"exited"', b'"exitex"')
        self.assertNotEqual(edited, payload)
        for name, contents in [
                ("edited", changed(payload=encoded(edited))),
                ("another's payload", changed(payload=other["payload"])),
                ("another's signature", changed(signatures=other["signatures"])),
                ("a blank more", changed(payload=encoded(payload + b" "))),
        ]:
            with self.subTest(name):
                verdict = self.verdict("--trust-simulator", "-", stdin=contents, status=1)
                self.assertFalse(verdict["genuine"])
                self.assertFalse(verdict["accepted"])
                self.assertEqual(verdict["reason"], "receipt_report_data")
        real = payload.replace(b'"simulated":true', b'"simulated":false')
        self.assertNotEqual(real, payload)
        verdict = self.verdict("--trust-simulator", "-", stdin=changed(payload=encoded(real)),
                               status=1)
        failed = {check["id"] for check in verdict["checks"] if not check["passed"]}
        self.assertLessEqual({"receipt_report_data", "receipt_simulated"}, failed)

        for contents in (changed(payload=receipt["payload"][:-4]), changed(signatures=[]),
                         changed(payloadType="text/plain"), changed(payload=encoded(b"{}"))):
            verdict = self.verdict("--trust-simulator", "-", stdin=contents, status=3)
            self.assertFalse(verdict["genuine"])
            self.assertEqual(verdict["checks"], [])
            self.assertTrue(verdict["error"]["what"])

        for words, reason in [(["--nonce", "00" * 8], "receipt_nonce"),
                              (["--module", self.wasm("trap")], "receipt_module")]:
            verdict = self.verdict("--trust-simulator", *words, path, status=1)
            self.assertEqual((verdict["genuine"], verdict["accepted"]), (False, False)
                             if reason == "receipt_report_data" else (True, False))
            self.assertEqual(verdict["reason"], reason)

    def test_a_quote_is_about_what_was_asked(self):
        data, quote = self.file("nonce", b"nonce"), self.home / "about.bin"
        self.quoin("quote", "--simulate", "--data", data, "--out", quote)
        collateral = self.quote()[1]
        words = ["--trust-simulator", "--collateral", collateral]
        typed = hashlib.sha512(b"DSSEv1 17 urn:quoin:data:v1 5 nonce").hexdigest()
        for option in (["--data", data], ["--report-data", typed]):
            verdict = self.verdict(*words, *option, quote)
            self.assertEqual(verdict["checks"][-1]["id"], "quoted_data")
        raw = hashlib.sha512(b"nonce").hexdigest()
        for option in (["--data", self.file("other", b"Nonce")], ["--report-data", raw]):
            verdict = self.verdict(*words, *option, quote, status=1)
            self.assertEqual((verdict["genuine"], verdict["accepted"], verdict["reason"]),
                             (True, False, "quoted_data"))
        self.quoin("verify", *words, "--report-data", "00" * 63, quote, status=2)
        self.quoin("verify", *words, "--data", data, "--report-data", typed, quote, status=2)
        _, receipt = self.run_receipt("hello")
        self.quoin("verify", *words, "--data", data, receipt, status=2)

    def test_no_nonce_is_a_wrong_nonce(self):
        _, path = self.run_receipt("hello")
        verdict = self.verdict("--trust-simulator", "--nonce", "00" * 8, path, status=1)
        self.assertEqual(verdict["reason"], "receipt_nonce")

    def test_simulated_evidence_is_refused_without_its_root(self):
        quote, collateral = self.quote()
        verdict = self.verdict("--collateral", collateral, "--insecure-any-measurement", quote,
                               status=1)
        self.assertEqual((verdict["genuine"], verdict["accepted"], verdict["simulated"]),
                         (False, False, True))
        self.assertEqual(verdict["reason"], "pck_chain_root")
        self.assertEqual(verdict["tcb_status"], "UpToDate")

    def test_a_root_by_name(self):
        quote, collateral = self.quote()
        root = self.file("root.pem", self.quoin("sim", "root").stdout)
        verdict = self.verdict("--collateral", collateral, "--trust-root", root, quote)
        self.assertTrue(verdict["accepted"])
        self.quoin("verify", "--collateral", collateral, "--trust-root", quote, quote, status=3)

    def test_every_wrapping_of_a_quote(self):
        quote, collateral = self.quote()
        raw = quote.read_bytes()
        text = base64.encodebytes(raw)
        bundle = dict(json.loads(collateral.read_bytes()), quote=raw.hex())
        for contents in (raw, raw.hex().encode(), raw.hex().upper().encode() + b"\n", text,
                         b"-----BEGIN QUOTE-----\n" + self.pem_lines(raw) + b"-----END QUOTE-----\n"):
            verdict = self.verdict("--trust-simulator", "--collateral", collateral, "-",
                                   stdin=contents)
            self.assertTrue(verdict["accepted"])
        self.verdict("--trust-simulator", "-", stdin=json.dumps(bundle).encode())

    @staticmethod
    def pem_lines(raw):
        text = base64.b64encode(raw)
        return b"".join(text[i:i + 64] + b"\n" for i in range(0, len(text), 64))

    def test_questions_that_a_quote_cannot_answer(self):
        quote, collateral = self.quote()
        for words in (["--nonce", "00" * 8], ["--module", self.wasm("hello")]):
            self.quoin("verify", "--trust-simulator", "--collateral", collateral, *words, quote,
                       status=2)
        self.quoin("verify", "--json", "--quiet", quote, status=2)
        self.quoin("verify", collateral, status=2)

    def test_collateral_missing_or_malformed(self):
        quote, collateral = self.quote()
        self.assertEqual(
            self.verdict("--trust-simulator", "--offline", quote, status=4)["error"]["code"],
            "not_found")
        self.quoin("verify", "--collateral", self.file("bad", "{"), quote, status=3)
        self.quoin("verify", "--collateral", self.home / "nowhere", quote, status=2)
        parts = json.loads(collateral.read_bytes())
        del parts["pck_crl"]
        self.quoin("verify", "--collateral", self.file("part.json", json.dumps(parts)), quote,
                   status=4)
        self.quoin("verify", "--policy", self.file("bad.toml", "version = ["), quote, status=3)

    def test_time(self):
        quote, collateral = self.quote()
        words = ["--trust-simulator", "--collateral", collateral]
        late = self.verdict(*words, "--at", "2099-01-01T00:00:00Z", quote, status=1)
        self.assertTrue(late["at_is_claimed"])
        self.assertIn("not_expired", late["reason"])
        early = self.verdict(*words, "--at", "0", quote, status=1)
        self.assertIn("not_before", early["reason"])
        text = self.quoin("verify", *words, "--at", "0", quote, status=1).stdout.decode()
        self.assertIn("1970-01-01T00:00:00Z (your claim)", text)
        self.quoin("verify", *words, "--at", "yesterday", quote, status=2)

    def test_no_simulator_to_trust(self):
        quote, collateral = self.quote()
        environment = dict(self.environment, XDG_DATA_HOME=str(self.home / "elsewhere"))
        result = self.quoin("verify", "--trust-simulator", "--collateral", collateral, quote,
                            status=2, environment=environment)
        self.assertIn(b"quoin: hint: quoin sim init", result.stderr)

    def test_a_policy_that_names_modules_wants_a_receipt(self):
        policy = self.file("policy.toml", 'version = 1\n[receipt]\nmodules = ["%s"]\n' % (
            hashlib.sha256(self.wasm("hello").read_bytes()).hexdigest()))
        quote, collateral = self.quote()
        verdict = self.verdict("--trust-simulator", "--policy", policy, "--collateral", collateral,
                               quote, status=1)
        self.assertEqual(verdict["reason"], "policy_modules")
        _, receipt = self.run_receipt("hello")
        self.verdict("--trust-simulator", "--policy", policy, receipt)
        _, receipt = self.run_receipt("trap", status=126)
        verdict = self.verdict("--trust-simulator", "--policy", policy, receipt, status=1)
        self.assertEqual(verdict["reason"], "receipt_policy_module")

    def test_a_policy_that_pins_what_ran(self):
        quote, collateral = self.quote()
        words = ["--trust-simulator", "--collateral", collateral, "--policy"]
        self.verdict(*words, self.pinning_policy(quote), quote)
        verdict = self.verdict(*words, self.pinning_policy(quote, rtmr2="00" * 48), quote, status=1)
        self.assertEqual((verdict["genuine"], verdict["reason"]), (True, "policy_measurements"))

    def test_what_a_receipt_cannot_spell_is_refused_before_the_run(self):
        receipt = self.home / "spelled.json"
        result = subprocess.run(
            [QUOIN, "run", "--simulate", "--receipt", receipt, self.wasm("hello"), "--", b"\xff"],
            capture_output=True, env=self.environment, check=False)
        self.assertEqual((result.returncode, result.stdout), (125, b""))
        self.assertFalse(receipt.exists())

    def test_an_interrupt_ends_the_module_too(self):
        def alive(pid):
            try:
                state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                return False
            return state != "Z"

        self.run_receipt("loop", "--timeout", "1", status=124)  # it is in the cache now
        process = subprocess.Popen([QUOIN, "run", "--simulate", self.wasm("loop")],
                                   stdout=subprocess.PIPE, env=self.environment)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.read(6), b"hello\n")
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        children = [int(pid) for pid in children.read_text().split()]
        self.assertTrue(children)
        process.send_signal(signal.SIGINT)
        # A shell says 130 of this.
        self.assertEqual(process.wait(timeout=60), -signal.SIGINT)
        deadline = time.monotonic() + 30
        while any(map(alive, children)) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse([pid for pid in children if alive(pid)])

    def test_inspect(self):
        quote, collateral = self.quote()
        _, receipt = self.run_receipt("hello")
        root = self.file("root.pem", self.quoin("sim", "root").stdout)
        for path, kind in [(quote, "quote"), (collateral, "collateral"), (receipt, "receipt"),
                           (root, "certificates")]:
            shown = json.loads(self.quoin("inspect", "--json", path).stdout)
            self.assertEqual(shown["kind"], kind)
            text = self.quoin("inspect", path).stdout.decode()
            self.assertTrue(text.startswith("kind"), text[:100])
            self.assertNotIn("\033", text)
        body = json.loads(self.quoin("inspect", "--json", quote).stdout)["body"]
        self.assertEqual(len(bytes.fromhex(body["mr_td"])), 48)
        parts = json.loads(collateral.read_bytes())
        for name, kind in [("tcb_info", "tcb_info"), ("qe_identity", "qe_identity")]:
            shown = self.quoin("inspect", "--json", "-", stdin=parts[name].encode()).stdout
            self.assertEqual(json.loads(shown)["kind"], kind)
        crl = bytes.fromhex(parts["pck_crl"])
        for contents in (crl, crl.hex().encode()):
            shown = json.loads(self.quoin("inspect", "--json", "-", stdin=contents).stdout)
            self.assertEqual(shown["kind"], "crl")
        report = bytes([0x81]) + bytes(1023)
        shown = json.loads(self.quoin("inspect", "--json", "-", stdin=report).stdout)
        self.assertEqual(shown["kind"], "td_report")

    def terminal(self, *words, **environment):
        """Runs the command on a terminal; what it printed, and its exit status."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(QUOIN, [QUOIN, *map(str, words)], {**self.environment, **environment})
        printed = b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                chunk = os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            printed += chunk
        os.close(terminal)
        return printed, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_colour_on_a_terminal_only(self):
        quote, collateral = self.quote()
        words = ["verify", "--trust-simulator", "--collateral", collateral, quote]
        printed, status = self.terminal(*words, TERM="xterm")
        self.assertEqual(status, 0)
        self.assertIn(b"\033[1;32mACCEPTED", printed)
        printed, _ = self.terminal(*words, TERM="xterm", NO_COLOR="1")
        self.assertNotIn(b"\033", printed)
        printed, _ = self.terminal(*words, TERM="dumb")
        self.assertNotIn(b"\033", printed)

    def test_the_receipt_is_told_on_a_terminal(self):
        receipt = self.home / "terminal.json"
        printed, status = self.terminal("run", "--simulate", "--receipt", receipt,
                                        self.wasm("hello"), NO_COLOR="1", TERM="xterm")
        self.assertEqual(status, 0)
        self.assertIn(b"hello\r\n", printed)
        self.assertIn(b"(SIMULATED)", printed.splitlines()[-1])


class VectorsTest(CliTest):
    def test_intels_answers(self):
        manifest = VECTORS / "manifest.json"
        if not manifest.exists():
            self.skipTest(f"no real quotes: {manifest} is not there")
        sets = json.loads(manifest.read_text())["sets"]
        # The library's tests go through all of them.
        for entry in sets[::6]:
            quote, collateral = VECTORS / entry["quote"], VECTORS / entry["set"]
            words = [QUOIN, "verify", "--json", "--at", str(entry["now"]), "--collateral",
                     str(collateral), str(quote)]
            with self.subTest(entry["set"]):
                result = subprocess.run(words, capture_output=True, check=False,
                                        env=self.environment)
                verdict = json.loads(result.stdout)
                wanted = STATUS_NAMES[entry["intel_qvl"]["quote"]]
                self.assertEqual(verdict["tcb_status"], wanted)
                self.assertFalse(verdict["accepted"])
                self.assertFalse(verdict["simulated"])
                self.assertIn(result.returncode, (1, 5))
                if wanted == "NotSupported":
                    self.assertEqual(result.returncode, 1)
                if result.returncode == 5:
                    words.insert(2, "--insecure-any-measurement")
                    subprocess.run(words, capture_output=True, check=True, env=self.environment)

    def test_pages_agree_with_the_verdict(self):
        manifest = VECTORS / "manifest.json"
        if not manifest.exists():
            self.skipTest(f"no real quotes: {manifest} is not there")
        page = self.home / "page.html"
        for entry in json.loads(manifest.read_text())["sets"][::25]:
            words = [QUOIN, "verify", "--json", "--html", page, "--at", str(entry["now"]),
                     "--collateral", VECTORS / entry["set"], VECTORS / entry["quote"]]
            with self.subTest(entry["set"]):
                result = subprocess.run(words, capture_output=True, check=False,
                                        env=self.environment)
                verdict = json.loads(result.stdout)
                text = self.read_page(page.read_bytes())
                status = verdict["tcb_status"] or "could not be determined"
                valid_until = verdict["valid_until"].replace("T", " ").replace("Z", " UTC")
                for said in (f"TCB status {status} ", f"ends first, at {valid_until} ",
                             *(check["id"] for check in verdict["checks"])):
                    self.assertTrue(said in text, said)

    def test_some_are_genuine_and_unpinned(self):
        manifest = VECTORS / "manifest.json"
        if not manifest.exists():
            self.skipTest(f"no real quotes: {manifest} is not there")
        sets = json.loads(manifest.read_text())["sets"]
        entry = next(s for s in sets if s["intel_qvl"]["quote"] == "STATUS_OK"
                     and "v4-tdx" in s["quote"])
        words = ["verify", "--at", entry["now"], "--collateral", VECTORS / entry["set"],
                 VECTORS / entry["quote"]]
        result = self.quoin(*words, status=5)
        self.assertTrue(result.stdout.startswith(b"GENUINE, NOT ACCEPTED: no policy pins"))
        self.assertNotIn(b"SIMULATED", result.stdout)
        result = self.quoin(*words, "--policy", self.pinning_policy(VECTORS / entry["quote"]))
        self.assertTrue(result.stdout.startswith(b"ACCEPTED"))
        # A policy may miss measurements, and this is a refusal all the same.
        modules = self.file("modules.toml", 'version = 1\n[receipt]\nmodules = ["%s"]\n' %
                            ("00" * 32))
        self.quoin(*words, "--policy", modules, status=1)
        # Another root does not vouch for it.
        if SIMULATOR:
            self.quoin("sim", "init")
            root = self.file("root.pem", self.quoin("sim", "root").stdout)
            self.quoin(*words, "--trust-root", root, status=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
