#!/usr/bin/env python3
"""`quoin eventlog` from outside. The environment is that of cli_test.py."""

import base64
import hashlib
import json
import struct
import unittest

from cli_test import SIMULATOR, VECTORS, CliTest
from policy_test import DSTACK_LOG, entry

LOGS = VECTORS / "eventlogs"
GCP_LOG = LOGS / "gcp-cos113.ccel.bin"
GCP_QUOTE = LOGS / "gcp-cos113.quote.bin"
GCP_TABLE = LOGS / "gcp-cos113.ccel-table.bin"

NO_ACTION = 3
SEPARATOR = 4
VARIABLE = 0x80000001
ACTION = 0x80000007
GLOBAL = bytes.fromhex("61dfe48bca93d211aa0d00e098032b8c")
ZERO = "00" * 48


def event(index, kind, data, digest=None):
    """A TCG_PCR_EVENT2 with one digest."""
    digest = digest or hashlib.sha384(data).digest()
    return struct.pack("<IIIH", index, kind, 1, 12) + digest + struct.pack("<I", len(data)) + data


def ccel(*events, padding=b"\xff" * 100):
    spec_id = b"Spec ID Event03\0" + struct.pack("<IBBBBIHHB", 0, 0, 2, 0, 2, 1, 12, 48, 0)
    header = struct.pack("<II20xI", 1, NO_ACTION, len(spec_id)) + spec_id
    return header + b"".join(events) + padding


def variable(name, data):
    return GLOBAL + struct.pack("<QQ", len(name), len(data)) + name.encode("utf-16le") + data


def extended(*data):
    register = bytes(48)
    for one in data:
        register = hashlib.sha384(register + hashlib.sha384(one).digest()).digest()
    return register.hex()


class LogTest(CliTest):
    def replay(self, log, *words, status=0):
        return json.loads(self.quoin("eventlog", "replay", "--json", *words, log,
                                     status=status).stdout)

    def show(self, log, *words):
        return json.loads(self.quoin("eventlog", "show", "--json", *words, log).stdout)

    def log(self, *events, **more):
        return self.file("ccel.bin", ccel(*events, **more))


class EventLogTest(LogTest):
    def test_what_cannot_be_read(self):
        good = ccel(event(1, ACTION, b"a"))
        for contents, says in [
                (b"", "needs"),
                (b"hello", "event log"),
                (b"{}", "event_log"),
                (b'[{"imr": 0}]', "entry 0"),
                (good[:65 + 20], "event 0"),
                (good[:10], "event log"),
                (good + b"x", "behind the padding"),
                (ccel(event(0, ACTION, b"a")), "MRTD"),
                (ccel(event(5, ACTION, b"a")), "register 5"),
        ]:
            log = self.file("bad.bin", contents)
            for command in ("show", "replay"):
                result = self.quoin("eventlog", command, log, status=3)
                self.assertEqual(result.stdout, b"")
                self.assertIn(says, result.stderr.decode())
                self.assertIn(b"bad.bin: ", result.stderr)
        for command in ("show", "replay"):
            self.quoin("eventlog", command, self.home / "nowhere", status=2)
            self.quoin("eventlog", command, status=2)
            self.quoin("eventlog", command, "a", "b", status=2)
            self.quoin("eventlog", command, "/dev/zero", status=3)
        self.quoin("eventlog", status=2)

    def test_shows_events(self):
        log = self.log(
            event(1, VARIABLE, variable("SecureBoot", b"\1")),
            event(1, SEPARATOR, bytes(4)),
            event(0, NO_ACTION, b"said"),
            event(2, ACTION, b"lie", hashlib.sha384(b"truth").digest()),
            event(3, 0x12345678, b"\x1b[2J"),
        )
        shown = self.show(log)
        self.assertEqual(shown["secure_boot"], "on")
        self.assertEqual(shown["rtmr"][1], extended(b"truth"))
        events = shown["events"]
        self.assertEqual([e["register"] for e in events],
                         ["RTMR0", "RTMR0", "MRTD", "RTMR1", "RTMR2"])
        self.assertEqual([e["type_name"] for e in events],
                         ["EV_EFI_VARIABLE_DRIVER_CONFIG", "EV_SEPARATOR", "EV_NO_ACTION",
                          "EV_EFI_ACTION", None])
        self.assertEqual([e["data_measured"] for e in events], [True, True, None, False, True])
        self.assertEqual([e["extended"] for e in events], [True, True, False, True, True])
        self.assertEqual([e["number"] for e in events], list(range(5)))
        self.assertEqual(events[0]["description"],
                         "SecureBoot 8be4df61-93ca-11d2-aa0d-00e098032b8c, 1 byte: 01")
        self.assertEqual(events[4]["data"], b"\x1b[2J".hex())
        self.assertEqual(events[4]["type"], 0x12345678)
        text = self.quoin("eventlog", "show", log).stdout
        self.assertNotIn(b"\x1b", text)
        lines = text.decode().splitlines()
        self.assertRegex(lines[1], r"^0  RTMR0 +EV_EFI_VARIABLE_DRIVER_CONFIG +[0-9a-f]{12}  "
                                   r"measured  SecureBoot ")
        self.assertRegex(lines[4], r"^3  RTMR1 +EV_EFI_ACTION +[0-9a-f]{12}  DIFFERS   lie$")
        self.assertIn("0x12345678", lines[5])
        self.assertIn("Secure Boot, as logged: on", lines)
        inspected = json.loads(self.quoin("inspect", "--json", log).stdout)
        self.assertEqual(inspected, {"kind": "event_log", **shown})

    def test_replays(self):
        log = self.log(event(1, ACTION, b"a"), event(1, ACTION, b"b"), event(1, NO_ACTION, b"c"),
                       event(2, ACTION, b"d"), event(4, ACTION, b"e"))
        wanted = [extended(b"a", b"b"), extended(b"d"), ZERO, extended(b"e")]
        self.assertEqual(self.replay(log), {
            "rtmr": wanted, "matches": None, "quote_rtmr": None, "secure_boot": "not_logged",
            "data_differs": []})
        self.assertEqual(
            self.quoin("eventlog", "replay", "-", stdin=log.read_bytes()).stdout.decode(),
            "".join(f"RTMR{i}  {value}\n" for i, value in enumerate(wanted)) +
            "\nSecure Boot: the log has no event of it\n")
        encoded = self.file("log.txt", base64.b64encode(log.read_bytes()))
        self.assertEqual(self.replay(encoded)["rtmr"], wanted)
        for padding in (b"", b"\0" * 50, b"\xff"):
            self.assertEqual(self.replay(self.log(event(1, ACTION, b"a"), padding=padding))["rtmr"],
                             [extended(b"a"), ZERO, ZERO, ZERO])

    def test_replays_json(self):
        boot = {"imr": 0, "event_type": ACTION, "digest": hashlib.sha384(b"a").hexdigest(),
                "event": "", "event_payload": b"b".hex()}
        log = self.file("log.json", json.dumps([boot, entry("x", b"y")]))
        replayed = self.replay(log)
        self.assertEqual(replayed["rtmr"][:3], [extended(b"a"), ZERO, ZERO])
        self.assertNotEqual(replayed["rtmr"][3], ZERO)
        self.assertEqual(replayed["data_differs"], [0])
        self.assertIn(b"warning: event 0: its data is not",
                      self.quoin("eventlog", "replay", log).stdout)
        self.assertEqual(self.show(log)["events"][1]["name"], "x")

    def test_secure_boot(self):
        on, off = variable("SecureBoot", b"\1"), variable("SecureBoot", b"\0")
        for events, state, says in [
                ([event(1, VARIABLE, on)], "on", b"as logged: on"),
                ([event(1, VARIABLE, off)], "off", b"as logged: off"),
                ([event(1, VARIABLE, off), event(1, VARIABLE, on)], "not_known", b"contradicts"),
                ([event(1, VARIABLE, on, hashlib.sha384(off).digest())], "not_known",
                 b"contradicts"),
                ([event(2, VARIABLE, on)], "not_logged", b"no event"),
        ]:
            log = self.log(*events)
            self.assertEqual(self.replay(log)["secure_boot"], state)
            self.assertIn(says, self.quoin("eventlog", "replay", log).stdout)

    def test_tables(self):
        log = self.log(event(1, ACTION, b"a"))

        def table(**changed):
            fields = {"signature": b"CCEL", "type": 2, "size": len(log.read_bytes()), **changed}
            contents = bytearray(struct.pack(
                "<4sIBB6s8sIIIBBHQQ", fields["signature"], 56, 1, 0, b"", b"", 0, 0, 0,
                fields["type"], 0, 0, fields["size"], 0x1000))
            contents[9] = -sum(contents) % 256
            return self.file("table.bin", bytes(contents))

        self.replay(log, "--table", table())
        self.show(log, "--table", table())
        for changed in ({"signature": b"APIC"}, {"type": 1}, {"size": 165}, {"size": 2**63}):
            for command in ("show", "replay"):
                result = self.quoin("eventlog", command, log, "--table", table(**changed), status=3)
                self.assertIn(b"table.bin: ", result.stderr)
        self.quoin("eventlog", "show", log, "--table", self.home / "nowhere", status=2)

    @unittest.skipUnless(SIMULATOR, "this build has no simulator")
    def test_compares_with_a_quote(self):
        self.quoin("sim", "init")
        quote = self.home / "quote.bin"
        self.quoin("sim", "quote", "--out", quote)
        body = json.loads(self.quoin("inspect", "--json", quote).stdout)["body"]
        quoted = [body[f"rtmr{i}"] for i in range(4)]
        log = self.log(event(1, ACTION, b"a"))
        replayed = self.replay(log, "--quote", quote, status=1)
        self.assertEqual(replayed["quote_rtmr"], quoted)
        self.assertEqual(replayed["matches"],
                         [mine == theirs for mine, theirs in zip(replayed["rtmr"], quoted)])
        self.assertIs(replayed["matches"][0], False)
        text = self.quoin("eventlog", "replay", "--quote", quote, log, status=1).stdout.decode()
        self.assertIn(f"RTMR0  DIFFERS\n  expected, by the quote  {quoted[0]}\n"
                      f"  got, from the log       {extended(b'a')}\n", text)

    @unittest.skipUnless(SIMULATOR, "this build has no simulator")
    def test_a_simulated_tds_log_is_its_quotes(self):
        log = self.log(event(1, VARIABLE, variable("SecureBoot", b"\1")),
                       event(1, SEPARATOR, bytes(4)),
                       event(2, ACTION, b"b"), event(3, ACTION, b"c"))
        quote = self.home / "booted.bin"
        self.quoin("sim", "init")
        self.quoin("sim", "td", "create", "booted", "--ccel", log, "--replay-ccel")
        self.quoin("sim", "quote", "--td", "booted", "--out", quote)
        replayed = self.replay(log, "--quote", quote)
        self.assertEqual(replayed["matches"], [True] * 4)
        self.assertEqual(replayed["secure_boot"], "on")
        self.assertEqual(self.quoin("eventlog", "replay", "--quote", quote, log).stdout.count(
            b"  matches\n"), 4)
        # The same events in another order are another boot.
        log = self.log(event(1, SEPARATOR, bytes(4)),
                       event(1, VARIABLE, variable("SecureBoot", b"\1")),
                       event(2, ACTION, b"b"), event(3, ACTION, b"c"))
        self.assertEqual(self.replay(log, "--quote", quote, status=1)["matches"],
                         [False, True, True, True])

    def test_quotes_that_are_none(self):
        log = self.log(event(1, ACTION, b"a"))
        self.quoin("eventlog", "replay", "--quote", self.home / "nowhere", log, status=2)
        self.quoin("eventlog", "replay", "--quote", log, log, status=2)
        self.quoin("eventlog", "replay", "--quote", self.file("text", b"hello"), log, status=3)
        self.quoin("eventlog", "replay", "--quote", "-", "-", status=2,
                   stdin=log.read_bytes())


@unittest.skipUnless(GCP_LOG.exists(), "the vectors are not here")
class RealEventLogTest(LogTest):
    def test_all_registers_are_the_quotes(self):
        replayed = self.replay(GCP_LOG, "--quote", GCP_QUOTE, "--table", GCP_TABLE)
        self.assertEqual(replayed["matches"], [True] * 4)
        self.assertEqual(replayed["secure_boot"], "off")
        self.assertEqual(replayed["data_differs"], [])
        replayed = self.replay(DSTACK_LOG, "--quote", DSTACK_LOG)
        self.assertEqual(replayed["matches"], [True] * 4)
        self.assertEqual(replayed["secure_boot"], "off")
        text = self.quoin("eventlog", "replay", "--quote", GCP_QUOTE, GCP_LOG).stdout
        self.assertEqual(text.count(b"  matches\n"), 4)

    def test_another_tds_log_is_refused(self):
        replayed = self.replay(GCP_LOG, "--quote", DSTACK_LOG, status=1)
        # A CCEL has nothing of RTMR3, which that TD's services have extended.
        self.assertEqual(replayed["matches"], [False, False, False, None])
        self.assertIn(b"in the quote; the log has no event for it", self.quoin(
            "eventlog", "replay", GCP_LOG, "--quote", DSTACK_LOG, status=1).stdout)

    def test_each_register_counts(self):
        """One digest changed in each register of the real logs."""
        report = json.loads(DSTACK_LOG.read_text())
        events = json.loads(report["event_log"])
        for imr in range(4):
            changed = [dict(e) for e in events]
            if imr == 3:
                changed = [e for e in changed if e["event"] != "app-id"]
            else:
                next(e for e in changed if e["imr"] == imr)["digest"] = "ab" * 48
            log = self.file("changed.json", json.dumps(changed))
            replayed = self.replay(log, "--quote", DSTACK_LOG, status=1 if imr < 3 else 0)
            self.assertEqual(replayed["matches"], [i != imr for i in range(4)])
        without = self.file("without.json", json.dumps([e for e in events if e["imr"] < 3]))
        self.assertEqual(self.replay(without, "--quote", DSTACK_LOG)["matches"],
                         [True, True, True, None])

    def test_others_replay(self):
        for name, count, state in [("ovmf-noquote.ccel.bin", 20, "off"),
                                   ("grub-noquote.ccel.bin", 37, "on")]:
            shown = self.show(LOGS / name)
            self.assertEqual(len(shown["events"]), count)
            self.assertEqual(shown["secure_boot"], state)
            self.assertEqual(self.replay(LOGS / name)["rtmr"], shown["rtmr"])


if __name__ == "__main__":
    unittest.main()
