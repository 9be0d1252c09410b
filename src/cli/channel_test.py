#!/usr/bin/env python3
"""`quoin listen` and `quoin connect`, from outside. The environment is that of cli_test.py."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import socket
import subprocess
import unittest

from cached_collateral import age_cache, damage_cache
from cli_test import QUOIN, SIMULATOR, CliTest

PATIENCE = 60


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class ChannelTest(CliTest):
    def setUp(self):
        self.quoin("sim", "init")
        self.running = []

    def tearDown(self):
        for process in self.running:
            process.kill()
            process.communicate()

    def start(self, *words):
        process = subprocess.Popen(
            [QUOIN, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.environment)
        self.running.append(process)
        return process

    def listen(self, *words, address="0"):
        """Starts a listener, and returns it with its address."""
        process = self.start("listen", *words, address)
        line = process.stderr.readline().decode()
        match = re.fullmatch(r"quoin: listening on (\S+)\n", line)
        if match is None:
            self.fail(line + process.communicate()[1].decode())
        return process, match.group(1)

    def ends(self, process, stdin=b"", status=0):
        """What a process prints until it ends, which it must with that status."""
        out, err = process.communicate(stdin, timeout=PATIENCE)
        self.assertEqual(process.returncode, status, err)
        return out, err.decode()

    def key(self, name):
        """A private key in a file, and what --peer-key says of it."""
        path = self.home / name
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-out", path], check=True, capture_output=True)
        public = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"],
                                check=True, capture_output=True).stdout
        return path, hashlib.sha256(public).hexdigest()

    def policy(self):
        return self.pinning_policy(self.simulated_quote())

    def simulated_quote(self):
        path = self.home / "quote.bin"
        if not path.exists():
            self.quoin("sim", "quote", "--out", path)
        return path

    def test_data_flows_both_ways(self):
        server, address = self.listen("--simulate")
        self.assertTrue(address.startswith("127.0.0.1:"), "only on this machine, unless told")
        client = self.start("connect", "--trust-simulator", "--policy", self.policy(), address)
        to_server = os.urandom(300_000)
        to_client = os.urandom(500_000)
        # Both at once: neither waits for the other.
        server.stdin.write(to_client[:50_000])
        out, err = self.ends_together(client, to_server, server, to_client[50_000:])
        self.assertEqual(out[0], to_client)
        self.assertEqual(out[1], to_server)
        self.assertIn("quoin: peer accepted: SIMULATED", err[0])
        self.assertIn("quoin: TCB UpToDate", err[0])
        self.assertRegex(err[0], r"quoin: MRTD [0-9a-f]{96}\n")
        self.assertIn("quoin: peer accepted: nothing was asked of it", err[1])

    def ends_together(self, one, to_one, other, to_other):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            later = pool.submit(self.ends, other, to_other)
            first = self.ends(one, to_one)
            second = later.result(PATIENCE)
        return [list(pair) for pair in zip(first, second)]

    def test_json_is_one_line(self):
        server, address = self.listen("--simulate", "--json")
        client = self.start("connect", "--json", "--trust-simulator", address)
        _, err = self.ends_together(client, b"", server, b"")
        self.assertEqual(err[0].count("\n"), 1)
        status = json.loads(err[0])
        self.assertEqual(
            (status["accepted"], status["genuine"], status["simulated"], status["tcb_status"]),
            (True, True, True, "UpToDate"))
        self.assertEqual((status["reason"], status["error"]), (None, None))
        self.assertEqual(len(status["measurements"]["mr_td"]), 96)
        self.assertEqual(len(status["key_sha256"]), 64)
        self.assertIsNone(json.loads(err[1])["key_sha256"])

    def test_both_attest(self):
        options = ("--simulate", "--trust-simulator")
        server, address = self.listen(*options, "--require-client", self.policy())
        client = self.start("connect", *options, "--policy", self.policy(), address)
        out, err = self.ends_together(client, b"question", server, b"answer")
        self.assertEqual(out, [b"answer", b"question"])
        for text in err:
            self.assertIn("quoin: peer accepted: SIMULATED", text)

    def test_a_client_without_a_td_is_refused(self):
        server, address = self.listen(
            "--simulate", "--trust-simulator", "--require-client", self.policy())
        client = self.start("connect", "--trust-simulator", address)
        _, err = self.ends(client, b"secret", status=1)
        self.assertIn("quoin: error: ", err)
        out, err = self.ends(server, b"secret", status=1)
        self.assertEqual(out, b"")
        self.assertIn("quoin: error: ", err)

    def test_a_policy_refuses(self):
        other = self.pinning_policy(self.simulated_quote(), mr_td="ab" * 48)
        server, address = self.listen("--simulate")
        client = self.start("connect", "--json", "--trust-simulator", "--policy", other, address)
        out, err = self.ends(client, b"secret", status=1)
        self.assertEqual(out, b"")
        status = json.loads(err)
        self.assertEqual((status["accepted"], status["genuine"], status["reason"]),
                         (False, True, "policy_measurements"))
        self.assertEqual(status["error"]["code"], "refused")
        out, err = self.ends(server, b"secret", status=1)
        self.assertEqual(out, b"")
        self.assertIn("the peer refuses us, and does not say why", err)

    def test_a_simulator_is_nobody_unless_trusted(self):
        collateral = self.home / "collateral.json"
        self.quoin("sim", "collateral", "--out", collateral)
        server, address = self.listen("--simulate")
        client = self.start("connect", "--collateral", collateral, address)
        _, err = self.ends(client, status=1)
        self.assertIn("quoin: error: ", err)
        self.ends(server, status=1)

    def test_without_collateral(self):
        root = self.file("root.pem", self.quoin("sim", "root").stdout)
        for words, wanted in ((("--offline",), "quoin: hint: --collateral FILE names it"),
                              ((), "Intel has none for a simulator")):
            server, address = self.listen("--simulate")
            client = self.start("connect", "--trust-root", root, *words, address)
            _, err = self.ends(client, status=4)
            self.assertIn(wanted, err)
            self.ends(server, status=1)
        # Nobody is asked about what nobody that is trusted has signed.
        server, address = self.listen("--simulate")
        _, err = self.ends(self.start("connect", address), status=1)
        self.assertIn("pck_chain_root", err)
        self.ends(server, status=1)

    def pcs(self, *words):
        """The address of a running quoin sim pcs."""
        return self.start("sim", "pcs", *words).stdout.readline().decode().strip()

    def test_collateral_is_fetched(self):
        fetches = ["--trust-simulator", "--pccs", self.pcs()]
        server, address = self.listen("--simulate")
        client = self.start("connect", *fetches, "--policy", self.policy(), address)
        _, err = self.ends_together(client, b"", server, b"")
        self.assertIn("collateral from http://127.0.0.1:", err[0])
        self.assertIn("quoin: peer accepted: SIMULATED", err[0])
        server, address = self.listen("--simulate", *fetches, "--require-client", self.policy())
        client = self.start("connect", "--simulate", "--trust-simulator", address)
        _, err = self.ends_together(client, b"", server, b"")
        self.assertIn("quoin: peer accepted: SIMULATED", err[1])
        # That it was fetched is no reason to believe it, or whoever it is for.
        for words in (["--trust-simulator", "--no-cache", "--pccs",
                       self.pcs("--fault", "altered")],
                      ["--trust-simulator", "--no-cache", "--pccs", self.pcs("--fault", "empty")],
                      fetches[1:]):
            server, address = self.listen("--simulate")
            out, err = self.ends(self.start("connect", *words, address), b"secret", status=1)
            self.assertEqual(out, b"")
            self.assertIn("quoin: error: ", err)
            self.ends(server, status=1)

    def test_cached_collateral_that_does_not_verify_is_fetched_anew(self):
        pcs = self.start("sim", "pcs")
        url = pcs.stdout.readline().decode().strip()
        fetches = ["--trust-simulator", "--pccs", url]
        self.quoin("verify", *fetches, self.simulated_quote())

        def connect(status=0):
            server, address = self.listen("--simulate")
            client = self.start("connect", *fetches, "--policy", self.policy(), address)
            if status != 0:
                self.ends(server, status=status)
                return self.ends(client, status=status)[1]
            return self.ends_together(client, b"", server, b"")[1][0]

        self.assertEqual(damage_cache(self.environment), 1)
        self.assertIn("fetching it anew", connect())
        said = connect()
        self.assertNotIn("fetching it anew", said)
        self.assertIn(", fetched at ", said)
        # A listener that wants evidence.
        damage_cache(self.environment)
        server, address = self.listen("--simulate", *fetches, "--require-client", self.policy())
        client = self.start("connect", "--simulate", "--trust-simulator", address)
        self.assertIn("fetching it anew", self.ends_together(client, b"", server, b"")[1][1])
        # Nobody answers any more: the verdict is about what there is.
        pcs.kill()
        pcs.wait()
        damage_cache(self.environment)
        said = connect(status=1)
        self.assertIn("fetching it anew", said)
        self.assertIn("tcb_info_signature", said)

    def test_collateral_that_is_no_longer_fresh_is_for_the_policy_to_allow(self):
        pcs = self.start("sim", "pcs")
        url = pcs.stdout.readline().decode().strip()
        plain = self.policy()
        stale = self.file("stale.toml", plain.read_text() +
                          "[tcb]\nstale_collateral_on_error = true\n")
        self.quoin("verify", "--trust-simulator", "--pccs", url, self.simulated_quote())
        pcs.kill()
        self.assertGreater(age_cache(self.environment, days=3), 0)
        fetches = ["--trust-simulator", "--pccs", url]
        for words in (["--policy", plain], []):
            server, address = self.listen("--simulate")
            _, err = self.ends(self.start("connect", *fetches, *words, address), status=1)
            self.assertIn("stale_collateral_on_error = true under [tcb] in the policy", err)
            self.ends(server, status=1)
        server, address = self.listen("--simulate")
        client = self.start("connect", *fetches, "--policy", stale, address)
        _, err = self.ends_together(client, b"", server, b"")
        self.assertIn("; using what was fetched at ", err[0])
        self.assertIn("quoin: peer accepted: SIMULATED", err[0])
        for policy, status in ((plain, 1), (stale, 0)):
            server, address = self.listen("--simulate", *fetches, "--require-client", policy)
            client = self.start("connect", "--simulate", "--trust-simulator", address)
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                later = pool.submit(self.ends, server, status=status)
                self.ends(client, status=status)
                _, err = later.result(PATIENCE)
            self.assertEqual("quoin: peer accepted: SIMULATED" in err, status == 0)

    def test_a_server_known_by_its_key(self):
        key, digest = self.key("server.pem")
        server, address = self.listen(
            "--key", key, "--trust-simulator", "--require-client", self.policy())
        client = self.start(
            "connect", "--simulate", "--no-evidence", "--peer-key", digest, address)
        out, err = self.ends_together(client, b"question", server, b"answer")
        self.assertEqual(out, [b"answer", b"question"])
        self.assertIn("quoin: peer accepted by its key alone", err[0])
        self.assertIn("quoin: peer accepted: SIMULATED", err[1])

        server, address = self.listen("--key", key)
        client = self.start("connect", "--no-evidence", "--peer-key", "ab" * 32, address)
        _, err = self.ends(client, status=1)
        self.assertIn("the peer's key is not the one that is wanted", err)
        self.ends(server, status=1)

    def test_a_cut_is_no_end(self):
        server, address = self.listen("--simulate")
        client = self.start("connect", "--trust-simulator", address)
        server.stdin.write(b"part of")
        server.stdin.flush()
        self.assertEqual(client.stdout.read(7), b"part of")
        server.kill()
        _, err = self.ends(client, status=1)
        self.assertIn("quoin: error: ", err)

    def test_a_peer_that_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            client = self.start("connect", "--trust-simulator", "--timeout", "1",
                                f"127.0.0.1:{silent.getsockname()[1]}")
            _, err = self.ends(client, status=1)
            self.assertIn("the peer took too long", err)

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            _, err = self.ends(self.start("listen", "--simulate", address), status=1)
            self.assertIn(address, err)
        _, err = self.ends(self.start("connect", "--trust-simulator", address), status=1)
        self.assertIn(address, err)

    def test_usage(self):
        key, _ = self.key("usage.pem")
        for words in [("connect",), ("connect", "127.0.0.1"), ("connect", "a:b:1"),
                      ("connect", "--no-evidence", "127.0.0.1:1"),
                      ("connect", "--peer-key", "ab", "127.0.0.1:1"),
                      ("connect", "--timeout", "0", "127.0.0.1:1"),
                      ("connect", "--policy", "/nonexistent", "127.0.0.1:1"),
                      ("listen", "--key", key, "--td", "default", "0"),
                      ("listen",), ("listen", "--td-root", self.home, "0"),
                      ("connect", "--td-root", self.home, "127.0.0.1:1"),
                      ("listen", "--simulate", "65536"),
                      ("listen", "--simulate", "--td-root", self.home, "0"),
                      ("connect", "--simulate", "--via", "tsm", "127.0.0.1:1"),
                      ("listen", "--key", "/nonexistent", "0")]:
            self.quoin(*words, status=2)
        self.quoin("listen", "--key", self.file("no-key.pem", "no key"), "0", status=3)
        self.quoin("connect", "--policy", self.file("bad.toml", "x"), "127.0.0.1:1", status=3)


@unittest.skipIf(SIMULATOR, "this build has a simulator")
class WithoutSimulatorTest(CliTest):
    def test_simulate_is_refused(self):
        self.quoin("listen", "--simulate", "0", status=3)


if __name__ == "__main__":
    unittest.main()
