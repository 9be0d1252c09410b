#!/usr/bin/env python3
"""`quoin policy` and what a policy makes of `quoin verify`, from outside. The environment is that of
cli_test.py."""

import hashlib
import json
import shutil
import unittest

from cli_test import SIMULATOR, VECTORS, CliTest

EVENT_TYPE = 0x08000001
DSTACK_LOG = VECTORS / "eventlogs" / "dstack-64g-16vcpu.quote-and-log.json"


def entry(name, payload=b""):
    """A runtime event as dstack's tools write it."""
    digest = hashlib.sha384(
        EVENT_TYPE.to_bytes(4, "little") + b":" + name.encode() + b":" + payload).hexdigest()
    return {"imr": 3, "event_type": EVENT_TYPE, "digest": digest, "event": name,
            "event_payload": payload.hex()}


class PolicyCheckTest(CliTest):
    def check(self, text, status=0):
        return self.quoin("policy", "check", "--json", self.file("policy.toml", text),
                          status=status)

    def warnings(self, text):
        return [warning["id"] for warning in json.loads(self.check(text).stdout)["warnings"]]

    def test_warns_of_what_is_weak(self):
        pin = "".join(f'{name} = "{"ab" * 48}"\n' for name in ("mr_td", "rtmr0", "rtmr1", "rtmr2"))
        v = f'version = 1\n[[measurements]]\nname = "release"\n{pin}'
        platforms = f'[platforms]\nallow = ["ppid {"0" * 32}"]\n'
        self.assertEqual(self.warnings("version = 1\n"), ["no_measurements", "any_platform"])
        self.assertEqual(self.warnings(v + platforms), [])
        for text, warning in [
                (f'rtmr3 = "{"ab" * 48}"\n', "rtmr3_by_value"),
                ('runtime_events = [{name = "a", any_payload = true}]\n', "any_payload"),
                ('[tcb]\nstatuses = ["UpToDate", "OutOfDate"]\n', "weak_tcb_status"),
                ("[tcb]\ngrace_period_days = 1\n", "grace_period"),
                ("[tcb]\nstale_collateral_on_error = true\n", "stale_collateral"),
                ("[td_attributes]\ninsecure_allow_tud_bits = [0]\n", "tud_bits"),
                ("[td_attributes]\nrequire_sept_ve_disable = false\n", "sept_ve"),
                ("[td_attributes]\nallow_migratable = true\n", "migratable"),
                ("[td_attributes]\nallow_perfmon = true\n", "perfmon"),
                ("[td_attributes]\nallow_service_td = true\n", "service_td"),
        ]:
            self.assertEqual(self.warnings(v + text + platforms), [warning])
        bounded = "[tcb]\nstale_collateral_on_error = true\nmaximum_collateral_age_days = 7\n"
        self.assertEqual(self.warnings(v + bounded + platforms), [])
        broad = f'[platforms]\nallow = ["ppid {"0" * 32}", "fmspc {"0" * 12}"]\n'
        self.assertEqual(self.warnings(v + broad), ["broad_platforms"])
        self.assertEqual(self.warnings(v + '[platforms]\nallow = ["fmspc 000000000000"]\n'),
                         ["broad_platforms"])

    def test_says_what_it_means(self):
        text = self.quoin("policy", "check", "-", stdin=b"version = 1\n").stdout.decode()
        self.assertIn("the TCB status must be UpToDate\n", text)
        self.assertNotIn("fetched", text)
        text = self.quoin("policy", "check", "-", stdin=b"version = 1\n[tcb]\n"
                          b"stale_collateral_on_error = true\n").stdout.decode() + text
        self.assertIn("what was fetched before is used for as long as it holds\n", text)
        self.assertIn("warning: no measurements are named", text)
        self.assertNotIn("\033", text)

    def test_what_cannot_be_read(self):
        self.check("version = 2\n", status=3)
        self.check('version = 1\n[platforms]\ndeny_file = "nowhere.txt"\n', status=2)
        self.file("bad.txt", "hello\n")
        result = self.check('version = 1\n[platforms]\ndeny_file = "bad.txt"\n', status=3)
        self.assertIn(b"line 1", result.stderr)
        self.quoin("policy", "check", self.home / "nowhere", status=2)
        self.quoin("policy", "check", status=2)
        self.quoin("policy", status=2)

    def test_lists_stand_beside_the_policy(self):
        folder = self.home / "folder"
        folder.mkdir()
        (folder / "ours.txt").write_text(f"# ours\nppid {'0' * 32}\nppid {'1' * 32}\n")
        (folder / "policy.toml").write_text('version = 1\n[platforms]\nallow_file = "ours.txt"\n')
        text = self.quoin("policy", "check", folder / "policy.toml").stdout
        self.assertIn(b"one of 2 entries on a list", text)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class PolicyTest(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        command = cls().quoin
        command("sim", "init")
        cls.quote = cls.home / "quote.bin"
        cls.collateral = cls.home / "collateral.json"
        command("sim", "quote", "--out", cls.quote)
        command("sim", "collateral", "--out", cls.collateral)
        verdict = json.loads(command(
            "verify", "--json", "--trust-simulator", "--collateral", cls.collateral,
            cls.quote).stdout)
        cls.at = verdict["at"]
        cls.platform = verdict["platform"]
        cls.body = json.loads(command("inspect", "--json", cls.quote).stdout)["body"]

    def policy(self, name="policy.toml", more="", in_set=""):
        pin = "".join(f'{field} = "{self.body[field]}"\n'
                      for field in ("mr_td", "rtmr0", "rtmr1", "rtmr2"))
        return self.file(
            name, f'version = 1\n[[measurements]]\nname = "release"\n{pin}{in_set}{more}')

    def verdict(self, *words, status=0):
        return json.loads(self.quoin("verify", "--json", "--trust-simulator", "--collateral",
                                     self.collateral, *words, self.quote, status=status).stdout)

    def test_a_platform_that_is_not_listed(self):
        # As if its key were stolen: everything in the quote is as the policy wants it.
        ppid = self.platform["ppid"]
        self.verdict("--policy", self.policy(more=f'[platforms]\nallow = ["ppid {ppid}"]\n'))
        other = "0" * 32
        for more, reason in [
                (f'[platforms]\nallow = ["ppid {other}"]\n', "policy_platform_allowed"),
                (f'[platforms]\ndeny = ["ppid {ppid}"]\n', "policy_platform_denied"),
                (f'[platforms]\nallow = ["fmspc {self.platform["fmspc"]}"]\n'
                 'deny_file = "stolen.txt"\n', "policy_platform_denied"),
        ]:
            self.file("stolen.txt", f"platform_instance_id {self.platform['platform_instance_id']}")
            verdict = self.verdict("--policy", self.policy(more=more), status=1)
            self.assertTrue(verdict["genuine"])
            self.assertFalse(verdict["accepted"])
            self.assertEqual(verdict["reason"], reason)

    def test_event_logs(self):
        # The simulated TD has measured nothing into RTMR3.
        empty = self.file("empty-log.json", "[]")
        other = self.file("other-log.json", json.dumps([entry("a")]))
        plain = self.policy("plain.toml")
        none = self.policy("none.toml", in_set="runtime_events = []\n")
        self.verdict("--policy", none, "--event-log", empty)
        self.verdict("--policy", plain, "--event-log", empty)
        for policy, words, reason in [
                (none, [], "policy_measurements"),
                (none, ["--event-log", other], "policy_event_log"),
                (plain, ["--event-log", other], "policy_event_log"),
        ]:
            self.assertEqual(self.verdict("--policy", policy, *words, status=1)["reason"], reason)
        wrong = self.file("wrong-log.json", json.dumps([{**entry("a"), "event": "b"}]))
        self.verdict("--policy", none, "--event-log", wrong, status=3)
        self.quoin("verify", "--event-log", self.home / "nowhere", self.quote, status=2)

    def case(self, folder, name, **changed):
        description = {"evidence": str(self.quote), "collateral": str(self.collateral),
                       "at": self.at, "expect": "accepted", **changed}
        path = folder / f"{name}.case.json"
        path.write_text(json.dumps({k: v for k, v in description.items() if v is not None}))

    def test_cases(self):
        folder = self.home / "cases"
        folder.mkdir()
        policy = self.policy()

        def run(status=0, policy=policy):
            result = self.quoin("policy", "test", "--json", "--trust-simulator", policy,
                                "--cases", folder, status=status)
            return json.loads(result.stdout) if status < 2 else None

        run(status=2)  # a test of nothing does not pass
        self.case(folder, "good")
        nested = folder / "nested"
        nested.mkdir()
        shutil.copy(self.quote, nested)
        (nested / "case.json").write_text(json.dumps(
            {"evidence": "quote.bin", "collateral": "../../collateral.json",
             "at": "2000-01-01T00:00:00Z", "expect": "refused",
             "reason": "pck_chain_not_before"}))
        (folder / "notes.txt").write_text("not a case")
        report = run()
        self.assertEqual((report["passed"], report["failed"]), (2, 0), report)
        text = self.quoin("policy", "test", "--trust-simulator", policy, "--cases", folder).stdout
        self.assertTrue(text.endswith(b"2 passed, 0 failed\n"), text)

        self.case(folder, "good", expect="refused", reason="policy_tcb_status")
        report = run(status=1)
        self.assertEqual((report["passed"], report["failed"]), (1, 1))
        self.assertEqual(report["cases"][0]["answer"], "accepted")
        self.assertEqual(report["cases"][0]["wanted"], "refused (policy_tcb_status)")
        for changed in ({"expect": "refused"}, {"expect": "maybe"}, {"at": None}, {"at": "now"},
                        {"reason": "policy_perfmon"}, {"evidence": "nowhere"}, {"more": "x"},
                        {"evidence": str(self.collateral)}, {"collateral": None}):
            self.case(folder, "good", **changed)
            report = run(status=1)
            self.assertEqual(report["failed"], 1, changed)
            self.assertTrue(report["cases"][0]["error"], changed)
            self.assertIsNone(report["cases"][0]["answer"])
        run(status=3, policy=self.file("broken.toml", "version = 2\n"))

    def test_diff(self):
        folder = self.home / "evidence"
        folder.mkdir()
        shutil.copy(self.quote, folder)
        shutil.copy(self.collateral, folder)  # no evidence: passed over
        self.case(folder, "case")
        old = self.policy("old.toml")
        new = self.policy("new.toml", more=f'[platforms]\ndeny = ["ppid {self.platform["ppid"]}"]\n')

        def run(before, after, status, *words):
            return json.loads(self.quoin(
                "policy", "diff", "--json", "--trust-simulator", "--at", self.at, "--evidence",
                folder, *words, before, after, status=status).stdout)

        collateral = ("--collateral", self.collateral)
        report = run(old, old, 0, *collateral)
        self.assertEqual((report["unchanged"], report["changed"], report["not_judged"],
                          report["passed_over"]), (2, 0, 0, 1))
        for before, after, answers in [
                (old, new, ("accepted", "refused (policy_platform_denied)")),
                (new, old, ("refused (policy_platform_denied)", "accepted"))]:
            report = run(before, after, 1, *collateral)
            self.assertEqual(report["changed"], 2)
            for evidence in report["evidence"]:
                self.assertEqual((evidence["before"], evidence["after"]), answers)
                self.assertEqual([check["id"] for check in evidence["checks"]],
                                 ["policy_platform_denied"])
        text = self.quoin("policy", "diff", "--trust-simulator", "--at", self.at, "--evidence",
                          folder, *collateral, old, new, status=1).stdout.decode()
        self.assertIn("changed: quote.bin: accepted, then refused", text)
        self.assertIn("  policy_platform_denied: seen ppid ", text)
        # Without collateral the bare quote cannot be judged, which is not the same as no change.
        report = run(old, old, 3)
        self.assertEqual((report["unchanged"], report["not_judged"]), (1, 1))
        self.quoin("policy", "diff", old, new, status=2)
        self.quoin("policy", "diff", old, "--evidence", folder, status=2)
        empty = self.home / "empty-folder"
        empty.mkdir()
        self.quoin("policy", "diff", old, new, "--evidence", empty, status=2)


@unittest.skipUnless(DSTACK_LOG.exists(), "the vectors are not here")
class RealEventLogTest(CliTest):
    def test_a_real_log_is_its_quotes(self):
        """No collateral is here for it: whether the log replays is asked all the same."""
        report = json.loads(DSTACK_LOG.read_text())
        quote = self.file("quote.hex", report["quote"])
        log = self.file("log.json", report["event_log"])
        collateral = next((VECTORS / "sets").glob("*.json"))
        for words, passes in [(["--event-log", DSTACK_LOG], True), (["--event-log", log], True)]:
            verdict = json.loads(self.quoin("verify", "--json", "--collateral", collateral, *words,
                                            quote, status=1).stdout)
            checks = {check["id"]: check["passed"] for check in verdict["checks"]}
            self.assertEqual(checks["policy_event_log"], passes)


if __name__ == "__main__":
    unittest.main()
