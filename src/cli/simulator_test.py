#!/usr/bin/env python3
"""quoin sim td and quoin sim mount, from outside."""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

QUOIN = os.environ["QUOIN"]
SIMULATOR = os.environ["QUOIN_SIMULATOR"] == "ON"
GET_REPORT0 = 0xC4405401
SECURE_BOOT = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
CAN_MOUNT = os.geteuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)


def extended(register, digest):
    return hashlib.sha384(bytes.fromhex(register) + bytes.fromhex(digest)).hexdigest()


class SimulatorTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="quoin-test-")
        self.addCleanup(directory.cleanup)
        self.home = pathlib.Path(directory.name)
        self.environment = dict(os.environ, XDG_DATA_HOME=str(self.home / "data"))

    def quoin(self, *words, status=0):
        result = subprocess.run([QUOIN, *map(str, words)], env=self.environment,
                                capture_output=True, timeout=60, check=False)
        self.assertEqual(result.returncode, status, (words, result.stdout, result.stderr))
        return result

    def td(self, *words):
        return json.loads(self.quoin("sim", "td", *words, "--json").stdout)

    def quoted(self, *words):
        self.quoin("sim", "quote", "--out", self.home / "quote.bin", *words)
        return json.loads(self.quoin("inspect", "--json", self.home / "quote.bin").stdout)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class TdTest(SimulatorTest):
    def test_refused(self):
        for words in (["create", "../x"], ["create", "A"], ["create", "a", "b"],
                      ["create", "a", "--mrtd", "00"], ["create", "a", "--tdx-version", "2"],
                      ["create", "a", "--secure-boot", "yes"],
                      ["create", "a", "--ccel", self.home / "nowhere"], ["list", "a"],
                      ["extend"], ["extend", "--rtmr", "4", "--digest", "00" * 48],
                      ["extend", "--rtmr", "3", "--digest", "00" * 47], ["remove"]):
            result = self.quoin("sim", "td", *words, status=2)
            self.assertIn(b"quoin: error: ", result.stderr, words)
        for words in (["show", "a"], ["set", "a"], ["reboot", "a"], ["remove", "a"]):
            result = self.quoin("sim", "td", *words, status=1)
            self.assertIn(b"there is no simulated TD 'a'", result.stderr)
            self.assertIn(b"quoin: hint: ", result.stderr)
        self.assertEqual(self.quoin("sim", "td", "list").stdout, b"")

    def test_a_td_is_kept(self):
        made = self.td("create", "a", "--mrowner", "0b" * 48)
        self.assertEqual(self.quoin("sim", "td", "create", "a", status=2).stdout, b"")
        self.assertEqual(self.td("show", "a"), made)
        self.assertEqual(made["mrowner"], "0b" * 48)
        self.assertEqual(made["rtmr3"], "00" * 48)
        self.assertEqual(made["tee_tcb_svn2"], None)
        self.assertEqual(made["tdx_version"], "1.5")

        digest = "07" * 48
        now = self.td("extend", "a", "--rtmr", "3", "--digest", digest)
        self.assertEqual(now["rtmr3"], extended("00" * 48, digest))
        now = self.td("extend", "a", "--rtmr", "0", "--digest", digest)
        self.assertEqual(now["rtmr0"], extended(made["rtmr0"], digest))
        again = self.td("reboot", "a")
        self.assertNotEqual(again["boot_id"], made["boot_id"])
        self.assertEqual(dict(again, boot_id=None), dict(made, boot_id=None))

        changed = self.td("set", "a", "--rtmr1", "1c" * 48, "--attributes", "0100001000000000")
        self.assertEqual(self.td("reboot", "a")["rtmr1"], "1c" * 48)
        self.assertEqual(changed["attributes"], "0100001000000000")
        self.assertEqual(self.td("list"), ["a"])
        self.assertIn(b"boot_id", self.quoin("sim", "td", "show", "a").stdout)
        self.quoin("sim", "td", "remove", "a")
        self.assertEqual(self.td("list"), [])

    def test_what_a_boot_left(self):
        log = self.home / "ccel.bin"
        log.write_bytes(b"\xff" * 1000)
        variable = self.home / SECURE_BOOT
        variable.write_bytes(struct.pack("<IB", 6, 0))
        td = self.td("create", "a", "--ccel", log, "--efi-variable", variable)
        self.assertEqual(td["ccel_bytes"], 1000)
        self.assertEqual(td["efi_variables"],
                         [{"name": SECURE_BOOT, "attributes": 6, "value": "00"}])
        for state, wanted in (("on", ["01", "00"]), ("off", ["00", "00"]), ("setup", ["00", "01"])):
            variables = {v["name"].split("-")[0]: v["value"]
                         for v in self.td("set", "a", "--secure-boot", state)["efi_variables"]}
            self.assertEqual([variables["SecureBoot"], variables["SetupMode"]], wanted)
        self.quoin("sim", "td", "set", "a", "--replay-ccel", status=2)
        self.quoin("sim", "td", "set", "a", "--ccel", log, "--measured-boot", status=2)
        before = self.td("show", "a")
        after = self.td("set", "a", "--measured-boot")
        for register in ("rtmr0", "rtmr1", "rtmr2"):
            self.assertNotEqual(after[register], before[register])
        self.assertEqual(after["rtmr3"], before["rtmr3"])
        other = self.td("set", "a", "--secure-boot", "on", "--measured-boot")
        self.assertNotEqual(other["rtmr0"], after["rtmr0"])
        self.assertEqual(other["rtmr1"], after["rtmr1"])
        variable.write_bytes(b"\x06")
        self.quoin("sim", "td", "set", "a", "--efi-variable", variable, status=2)
        self.quoin("sim", "td", "set", "a", "--efi-variable", log, status=2)

    def test_quotes_are_of_the_td(self):
        self.quoin("sim", "init")
        self.assertEqual(self.quoted()["header"]["version"], 4)
        digest = "07" * 48
        self.quoin("sim", "td", "extend", "--rtmr", "3", "--digest", digest)
        self.assertIn(extended("00" * 48, digest), json.dumps(self.quoted()))
        self.quoin("sim", "td", "create", "a", "--tee-tcb-svn2", "09010700" + "00" * 12)
        self.assertEqual(self.quoted("--td", "a")["header"]["version"], 5)
        self.quoin("sim", "quote", "--td", "b", status=1)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class MountTest(SimulatorTest):
    def test_every_fault_is_in_the_help(self):
        hint = self.quoin("sim", "mount", "--fault", "x", self.home, status=2).stderr.decode()
        names = re.search(r"there are: (.*)", hint).group(1).split(", ")
        self.assertGreater(len(names), 20)
        words = set(re.findall(r"[a-z0-9-]+", self.quoin("sim", "mount", "--help").stdout.decode()))
        self.assertEqual(set(names) - words, set())

    def test_refused(self):
        self.quoin("sim", "mount", status=2)
        self.quoin("sim", "mount", self.home / "nowhere", status=1)
        self.quoin("sim", "mount", self.home, status=2)
        self.quoin("sim", "mount", "--td", "a", self.home, status=1)
        self.quoin("sim", "mount", "--fault", "slow", self.home, status=2)
        self.quoin("sim", "mount", "--quote-timeout", "0", self.home, status=2)

    @unittest.skipUnless(CAN_MOUNT, "NOTHING IS MOUNTED: this needs root and /dev/fuse")
    def test_a_program_that_knows_nothing_of_quoin(self):
        root = self.home / "root"
        root.mkdir()
        server = subprocess.Popen([QUOIN, "sim", "mount", "--fault", "outblob-eio=1", str(root)],
                                  env=self.environment, stdout=subprocess.PIPE)
        try:
            self.assertEqual(server.stdout.readline().decode(), f"simulated TD mounted at {root}\n")
            report_data = bytes(range(64))
            with open(root / "dev/tdx_guest", "r+b", buffering=0) as device:
                request = bytearray(report_data + bytes(1024))
                fcntl.ioctl(device, GET_REPORT0, request)
            self.assertEqual(request[64], 0x81)
            self.assertEqual(request[64 + 128:64 + 192], report_data)

            entry = root / "sys/kernel/config/tsm/report/python"
            entry.mkdir()
            (entry / "inblob").write_bytes(report_data)
            self.assertEqual((entry / "generation").read_text(), "1\n")
            with self.assertRaises(OSError):
                (entry / "outblob").read_bytes()
            quote = self.home / "quote.bin"
            quote.write_bytes((entry / "outblob").read_bytes())
            entry.rmdir()
            collateral = self.home / "collateral.json"
            self.quoin("sim", "collateral", "--out", collateral)
            self.quoin("verify", "--trust-simulator", "--collateral", collateral, quote)

            digest = bytes([7]) * 48
            registers = root / "sys/devices/virtual/misc/tdx_guest/measurements"
            (registers / "rtmr3:sha384").write_bytes(digest)
            self.assertEqual(self.td("show")["rtmr3"], extended("00" * 48, digest.hex()))
            self.assertEqual((registers / "rtmr3:sha384").read_bytes().hex(),
                             extended("00" * 48, digest.hex()))
        finally:
            server.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(30), 0)
            server.stdout.close()
        self.assertEqual(list(root.iterdir()), [])


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class QgsTest(SimulatorTest):
    def test_refused(self):
        for words in ([], ["--listen", "vsock:2:4050"], ["--listen", "tcp:0.0.0.0:4050"],
                      ["--listen", "tcp:10.0.0.1:4050"], ["--listen", f"unix:{self.home}"],
                      ["--listen", "unix:x", "--fault", "x"], ["--listen", "unix:x", "y"]):
            self.quoin("sim", "init")
            self.quoin("sim", "qgs", *words, status=2)

    def test_a_guest_that_knows_nothing_of_quoin(self):
        self.quoin("sim", "init")
        path = self.home / "qgs.socket"
        server = subprocess.Popen([QUOIN, "sim", "qgs", "--listen", f"unix:{path}"],
                                  env=self.environment, stdout=subprocess.PIPE)
        try:
            self.assertEqual(server.stdout.readline().decode(), f"simulated QGS at unix:{path}\n")
            with socket.socket(socket.AF_UNIX) as guest:
                guest.settimeout(30)
                guest.connect(str(path))
                # No TDREPORT of the simulator's: an error in an answer that is well-formed.
                body = struct.pack("<II", 1024, 0) + bytes(1024)
                message = struct.pack("<HHIII", 1, 1, 0, 16 + len(body), 0) + body
                guest.sendall(struct.pack(">I", len(message)) + message)
                size = struct.unpack(">I", guest.recv(4, socket.MSG_WAITALL))[0]
                answer = guest.recv(size, socket.MSG_WAITALL)
                self.assertEqual(struct.unpack("<HHIII", answer[:16]),
                                 (1, 1, 1, len(answer), 0x12001))
        finally:
            server.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(30), 0)
            server.stdout.close()
        self.assertFalse(path.exists())


class AbsentTest(SimulatorTest):
    @unittest.skipIf(SIMULATOR, "this build has the simulator")
    def test_says_so(self):
        for words in (["td", "list"], ["td", "show"], ["td", "create"], ["mount", self.home],
                      ["qgs", "--listen", "unix:x"]):
            result = self.quoin("sim", *words, status=1)
            self.assertIn(b"this build of quoin has no simulator", result.stderr)


if __name__ == "__main__":
    unittest.main()
