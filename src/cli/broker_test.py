#!/usr/bin/env python3
"""quoin broker, and the commands that ask it, from outside, as docs/key-broker.md sets it up. The
environment is that of cli_test.py."""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
import unittest

from cached_collateral import age_cache, damage_cache
from cli_test import QUOIN, SIMULATOR, CliTest

PATIENCE = 60
CAN_MOUNT = os.geteuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class BrokerTest(CliTest):
    def setUp(self):
        self.quoin("sim", "init")
        self.running = []
        # A process may end while its thread waits in the kernel for a quote, and libfuse leaks.
        self.without_leaks = {**self.environment, "LSAN_OPTIONS": "detect_leaks=0"}
        self.state = self.home / "broker"
        self.policies = self.home / "policies"
        for path in (self.state, self.policies):
            shutil.rmtree(path, ignore_errors=True)
        self.policies.mkdir(mode=0o755)
        self.write_policy("app", self.image())
        self.spki = self.home / "broker.spki"
        self.spki.write_bytes(self.quoin(
            "broker", "init", "--trust-simulator", "--state", self.state).stdout)

    def tearDown(self):
        for process in self.running:
            process.kill()
            process.communicate()

    def image(self, td="default"):
        """What a simulated TD measures."""
        quote = self.home / "quote.bin"
        self.quoin("sim", "quote", "--td", td, "--out", quote)
        body = json.loads(self.quoin("inspect", "--json", quote).stdout)["body"]
        return {name: body[name] for name in ("mr_td", "rtmr0", "rtmr1", "rtmr2")}

    def write_policy(self, name, *images):
        text = "version = 1\n"
        for number, image in enumerate(images):
            text += f'[[measurements]]\nname = "image {number}"\n'
            text += "".join(f'{key} = "{value}"\n' for key, value in image.items())
        path = self.policies / f"{name}.toml"
        path.write_text(text)
        path.chmod(0o644)

    def serve(self, *words):
        """Starts a broker, and returns it with its address."""
        process = subprocess.Popen(
            [QUOIN, "broker", "--trust-simulator", "--state", self.state, "--policy",
             self.policies, "--listen", "0", *map(str, words)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.without_leaks)
        self.running.append(process)
        line = process.stdout.readline().decode()
        if not line:
            self.fail(process.communicate()[1].decode())
        started = json.loads(line)
        self.assertEqual(started["event"], "broker.started")
        self.assertEqual(started["kind"], "simulated")
        return process, started["address"]

    def stop(self, process, sent=signal.SIGTERM):
        """Ends it, and returns its decisions."""
        process.send_signal(sent)
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, -sent if sent == signal.SIGKILL else 0, err)
        return [json.loads(line) for line in out.decode().splitlines()]

    def at(self, address, *words):
        return ["--simulate", "--broker", address, "--broker-spki", self.spki, "--policy-id", "app",
                *words]

    def key(self, address, *words, status=0):
        result = self.quoin("derive-key", *self.at(address, "--label", "disk", "--hex", *words),
                            status=status)
        return result.stdout.decode().strip() if status == 0 else result.stderr.decode()

    def wanting_evidence(self, address, policy, status=0):
        return self.quoin("derive-key", "--simulate", "--label", "disk", "--hex", "--broker", address,
                          "--trust-simulator", "--policy-id", "app", "--broker-policy", policy,
                          status=status)

    def test_set_up_seal_upgrade_and_rotate(self):
        self.assertRegex(self.spki.read_text(), r"^[0-9a-f]{64}\n$")
        self.assertEqual(stat.S_IMODE((self.state / "root.key").stat().st_mode), 0o600)
        broker, address = self.serve()
        self.assertTrue(address.startswith("127.0.0.1:"))
        secret = self.home / "secret"
        secret.write_bytes(b"of the old image")
        sealed = self.home / "sealed"
        self.quoin("seal", *self.at(address), "--out", sealed, secret)
        key = self.key(address)
        self.assertEqual(key, self.key(address))

        # Another image is refused, until the policy names it besides the old one.
        self.quoin("sim", "td", "create", "next")
        self.quoin("sim", "td", "set", "next", "--rtmr2", "ab" * 48)
        said = self.key(address, "--td", "next", status=1)
        self.assertIn("does not accept this TD", said)
        self.assertNotIn("policy_measurements", said)
        decisions = self.stop(broker)
        self.assertEqual(decisions[-1]["reason"], "policy_measurements")
        self.assertEqual(decisions[-1]["event"], "broker.root_refused")
        self.assertEqual(decisions[0]["event"], "broker.root_released")
        self.write_policy("app", self.image(), self.image("next"))
        broker, address = self.serve()
        self.assertEqual(key, self.key(address, "--td", "next"))
        opened = self.quoin("unseal", *self.at(address, "--td", "next"), sealed)
        self.assertEqual(opened.stdout, b"of the old image")

        # A new root: what is old still opens, until it is retired.
        self.quoin("broker", "rotate", "--state", self.state, "app")
        self.assertNotEqual(key, self.key(address))
        self.assertEqual(key, self.key(address, "--epoch", "1"))
        self.assertEqual(self.key(address, "--epoch", "2"), self.key(address))
        self.assertIn("no epoch 3", self.key(address, "--epoch", "3", status=1))
        for no_epoch in ("0", "-1", "x", "1x", "", str(1 << 64)):
            self.key(address, "--epoch", no_epoch, status=2)
        self.quoin("unseal", *self.at(address), sealed)
        self.quoin("broker", "rotate", "--retire", "--state", self.state, "app")
        self.assertIn("no epoch 1", self.quoin("unseal", *self.at(address), sealed,
                                               status=1).stderr.decode())
        self.assertIn("no epoch 1", self.key(address, "--epoch", "1", status=1))
        self.key(address, "--minimum-epoch", "3")
        self.assertIn("lower epoch", self.key(address, "--minimum-epoch", "4", status=1))
        self.quoin("broker", "rotate", "--to", "3", "--state", self.state, "app", status=2)
        self.quoin("broker", "rotate", "--state", self.state, "other", status=1)
        shown = json.loads(self.quoin("broker", "status", "--json", "--state", self.state).stdout)
        self.assertEqual(shown["policies"], [{"id": "app", "epoch": 3, "oldest_epoch": 3}])
        self.assertEqual(shown["key_sha256"], self.spki.read_text().strip())
        logged = self.stop(broker)
        kept = self.quoin("broker", "status", "--decisions", "100", "--state", self.state).stdout
        kept = [json.loads(line) for line in kept.decode().splitlines()]
        self.assertEqual(kept[-len(logged):], logged)

    def test_the_broker_must_be_known(self):
        _, address = self.serve()
        words = ["derive-key", "--simulate", "--label", "x", "--hex", "--broker", address]
        self.quoin(*words, status=2)
        self.quoin(*words, "--broker-spki", "00" * 32, "--policy-id", "app", status=1)
        wrong = self.home / "wrong.spki"
        wrong.write_text("no digits")
        self.quoin(*words, "--broker-spki", wrong, status=2)
        self.quoin(*words, "--broker-spki", self.home / "nowhere", status=2)
        for stray in (["--broker-spki", self.spki], ["--minimum-epoch", "1"]):
            self.quoin("derive-key", "--simulate", "--label", "x", "--hex", *stray, status=2)

    def test_the_broker_that_mr_config_id_pins(self):
        digest = self.spki.read_text().strip()
        self.write_policy("app", {**self.image(), "mr_config_id": digest + "00" * 16})
        other = f"{int(digest[0], 16) ^ 1:x}" + digest[1:]
        tds = {"right": digest + "00" * 16, "wrong": other + "00" * 16, "zero": "00" * 48,
               "tail": digest + "00" * 15 + "01"}
        for name, value in tds.items():
            self.quoin("sim", "td", "create", name, "--mrconfigid", value)
        broker, address = self.serve()
        words = ["derive-key", "--simulate", "--broker", address, "--policy-id", "app", "--label",
                 "disk", "--hex", "--td"]
        pinned = ["--broker-spki", "mr_config_id"]
        for name, says in (("wrong", "the peer's key is not the one"),
                           ("zero", "MRCONFIGID pins no broker: it is zero"),
                           ("tail", "behind the first 32 bytes stands 0000")):
            said = self.quoin(*words, name, *pinned, status=1).stderr.decode()
            self.assertIn(says, said)
        key = self.quoin(*words, "right", *pinned).stdout
        self.assertEqual(key, self.quoin(*words, "right", "--broker-spki", self.spki).stdout)
        # Whoever starts a TD chooses it. So the policy names it, and then it is looked at.
        self.quoin(*words, "wrong", "--broker-spki", self.spki, status=1)
        # A file of that name is not what is meant.
        self.file("mr_config_id", digest)
        self.quoin(*words, "zero", *pinned, status=1)
        released = [line["event"] for line in self.stop(broker)]
        self.assertEqual(released.count("broker.root_released"), 2)

    def test_a_broker_that_is_a_td_itself(self):
        self.quoin("sim", "td", "create", "keys")
        self.quoin("sim", "td", "set", "keys", "--mrtd", "cd" * 48)
        self.write_policy("broker", self.image("keys"))
        policy = self.home / "broker.toml"
        (self.policies / "broker.toml").rename(policy)
        _, address = self.serve("--simulate", "--td", "keys")
        key = self.wanting_evidence(address, policy).stdout
        self.assertEqual(key.decode().strip(), self.key(address))
        self.wanting_evidence(address, self.policies / "app.toml", status=1)

    def test_quotes_are_rationed(self):
        broker, address = self.serve("--simulate", "--quote-rate", "1")
        policy = self.policies / "app.toml"
        self.wanting_evidence(address, policy)
        self.wanting_evidence(address, policy, status=2)
        self.key(address)
        decisions = self.stop(broker)
        self.assertEqual([(line["event"], line.get("reason")) for line in decisions],
                         [("broker.root_released", None),
                          ("broker.root_refused", "broker_quote_rate"),
                          ("broker.root_released", None)])

    def test_whoever_cannot_log_gives_nothing(self):
        broker, address = self.serve()
        self.key(address)
        broker.stdout.close()
        for _ in range(2):
            self.assertIn("cannot decide", self.key(address, status=2))
        broker.send_signal(signal.SIGTERM)
        broker.wait(PATIENCE)
        said = broker.stderr.read().decode()
        self.assertEqual(said.count("cannot write decisions"), 1, said)

    def test_whoever_reads_no_log_stops_nothing_else(self):
        broker, address = self.serve()
        fcntl.fcntl(broker.stdout, fcntl.F_SETPIPE_SZ, 4096)
        self.key(address)
        # The pipe is full. Each is told so, and nobody waits for the others.
        begin = time.monotonic()
        for _ in range(8):
            self.assertIn("cannot decide", self.key(address, "--timeout", "10", status=2))
        self.assertLess(time.monotonic() - begin, 8, "each has waited for who has stalled")
        self.assertIn(b"broker.root_released", os.read(broker.stdout.fileno(), 65536))
        self.key(address)
        self.assertIn("cannot decide", self.key(address, status=2))
        broker.send_signal(signal.SIGTERM)
        self.assertEqual(broker.wait(PATIENCE), 0)
        said = broker.stderr.read().decode()
        self.assertEqual(said.count("cannot write decisions"), 2, said)

    def test_whoever_reads_no_notices_stops_nothing(self):
        """Alone, and where decisions go to the same pipe."""
        pcs = subprocess.Popen([QUOIN, "sim", "pcs"], stdout=subprocess.PIPE, env=self.environment)
        self.running.append(pcs)
        url = pcs.stdout.readline().decode().strip()
        for together in (False, True):
            shutil.rmtree(self.environment["XDG_CACHE_HOME"], ignore_errors=True)
            unread, full = os.pipe()
            fcntl.fcntl(full, fcntl.F_SETPIPE_SZ, 4096)
            with socket.create_server(("127.0.0.1", 0)) as free:
                address = f"127.0.0.1:{free.getsockname()[1]}"
            if not together:
                os.write(full, b"x" * 4096)
            broker = subprocess.Popen(
                [QUOIN, "broker", "--trust-simulator", "--state", self.state, "--policy",
                 self.policies, "--listen", address, "--pccs", url], stdin=subprocess.DEVNULL,
                stdout=full if together else subprocess.DEVNULL, stderr=full,
                env=self.without_leaks)
            self.running.append(broker)
            self.wait_for(address)
            if together:
                fcntl.fcntl(full, fcntl.F_SETFL, os.O_NONBLOCK)
                with contextlib.suppress(BlockingIOError):
                    while True:
                        os.write(full, b"x")
                fcntl.fcntl(full, fcntl.F_SETFL, 0)
            for _ in range(2):
                self.key(address, "--timeout", "10", status=2 if together else 0)
            broker.send_signal(signal.SIGTERM)
            self.assertEqual(broker.wait(PATIENCE), 0)
            os.close(unread)
            os.close(full)

    @staticmethod
    def wait_for(address):
        """Until somebody listens there."""
        host, port = address.rsplit(":", 1)
        for _ in range(PATIENCE * 20):
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection((host, int(port))).close()
                return
            time.sleep(0.05)

    def test_a_broker_that_says_nothing_says_nothing_of_the_data(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            said = self.key(address, "--timeout", "1", status=2)
        self.assertIn(address, said)

    @unittest.skipUnless(pathlib.Path("/dev/full").exists(), "no /dev/full")
    def test_whoever_cannot_log_does_not_begin(self):
        with open("/dev/full", "wb") as full:
            broker = subprocess.run(
                [QUOIN, "broker", "--trust-simulator", "--state", self.state, "--policy",
                 self.policies, "--listen", "0"], stdin=subprocess.DEVNULL, stdout=full,
                stderr=subprocess.PIPE, env=self.environment, timeout=PATIENCE, check=False)
        self.assertEqual(broker.returncode, 1, broker.stderr)
        self.assertNotIn(b"listening", broker.stderr)

    @contextlib.contextmanager
    def mounted(self, *words):
        """The files of a simulated TD, as a kernel shows them."""
        tree = self.home / "tree"
        tree.mkdir(exist_ok=True)
        with subprocess.Popen([QUOIN, "sim", "mount", *words, tree], env=self.without_leaks,
                              stdout=subprocess.PIPE) as server:
            try:
                server.stdout.readline()
                yield tree
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(PATIENCE)

    @unittest.skipUnless(CAN_MOUNT, "NOTHING IS MOUNTED: this needs root and /dev/fuse")
    def test_no_quote_takes_longer_than_the_handshake(self):
        with self.mounted("--fault", "slow=25000") as tree:
            broker, address = self.serve("--attest", "--td-root", tree)
            begin = time.monotonic()
            self.wanting_evidence(address, self.policies / "app.toml", status=2)
            decisions = self.stop(broker)
            self.assertLess(time.monotonic() - begin, 18)
        self.assertEqual([line["event"] for line in decisions], ["broker.root_refused"])
        self.assertEqual(decisions[0]["reason"], "broker_channel")

    def test_collateral_that_is_no_longer_fresh_is_for_every_policy_to_allow(self):
        self.write_policy("other", self.image())
        pcs = subprocess.Popen([QUOIN, "sim", "pcs"], stdout=subprocess.PIPE, env=self.environment)
        self.addCleanup(pcs.stdout.close)
        url = pcs.stdout.readline().decode().strip()
        self.quoin("verify", "--trust-simulator", "--pccs", url, self.home / "quote.bin")
        pcs.kill()
        pcs.wait(PATIENCE)
        self.assertGreater(age_cache(self.environment, days=3), 0)
        for allowing, status in ((None, 2), ("app", 2), ("other", 0)):
            if allowing:
                with (self.policies / f"{allowing}.toml").open("a") as policy:
                    policy.write("[tcb]\nstale_collateral_on_error = true\n")
            broker, address = self.serve("--pccs", url)
            self.key(address, status=status)
            broker.send_signal(signal.SIGTERM)
            said = broker.communicate(timeout=PATIENCE)[1].decode()
            self.assertEqual("; using what was fetched at " in said, status == 0, said)

    def test_cached_collateral_that_does_not_verify_is_fetched_anew(self):
        """Under whichever root: one that the command line names, or a policy alone."""
        others = {**self.environment, "XDG_DATA_HOME": str(self.home / "other simulator")}

        def others_quoin(*words):
            return subprocess.run([QUOIN, *map(str, words)], env=others, check=True,
                                  capture_output=True, timeout=PATIENCE).stdout

        others_quoin("sim", "init")
        policy = self.policies / "app.toml"
        text = policy.read_text()
        root = others_quoin("sim", "root").decode()
        policy.write_text(text.replace("version = 1\n",
                                       f"version = 1\ntrust_roots = [\"\"\"\n{root}\"\"\"]\n"))
        for environment in (self.environment, others):
            pcs = subprocess.Popen([QUOIN, "sim", "pcs"], stdout=subprocess.PIPE, env=environment)
            self.running.append(pcs)
            url = pcs.stdout.readline().decode().strip()
            for turn in range(3):
                broker, address = self.serve("--pccs", url)
                subprocess.run([QUOIN, "derive-key", *self.at(address, "--label", "disk")],
                               env=environment, check=True, stdout=subprocess.DEVNULL)
                broker.send_signal(signal.SIGTERM)
                said = broker.communicate(timeout=PATIENCE)[1].decode()
                self.assertIn("collateral from ", said)
                self.assertEqual("fetching it anew" in said, turn == 1, (turn, said))
                if turn == 0:
                    damage_cache(self.environment)

    def test_what_is_not_begun(self):
        words = ["broker", "--trust-simulator", "--state", self.state, "--policy", self.policies,
                 "--listen", "0"]
        good = (self.policies / "app.toml").read_text()
        for text, status in (("version = 1\n", 1), ("version", 3),
                             (re.sub(r"rtmr2.*\n", "", good), 3)):
            (self.policies / "app.toml").write_text(text)
            self.quoin(*words, status=status)
        (self.policies / "app.toml").write_text(good)
        self.policies.chmod(0o777)
        self.assertIn(b"others can change it", self.quoin(*words, status=1).stderr)
        self.policies.chmod(0o755)
        root_key = self.state / "root.key"
        root_key.chmod(0o640)
        self.assertIn(b"others can read", self.quoin(*words, status=1).stderr)
        root_key.chmod(0o600)
        # Keys for simulated TDs are for no others.
        without = [word for word in words if word != "--trust-simulator"]
        self.quoin(*without, status=1)
        self.quoin("broker", "init", "--state", self.state, status=1)
        broker, _ = self.serve()
        self.assertIn(b"another broker", self.quoin(*words, status=1).stderr)
        self.stop(broker)
        database = self.state / "broker.db"
        whole = database.read_bytes()
        database.write_bytes(b"x" * len(whole))
        self.assertIn(b"backup", self.quoin(*words, status=3).stderr)

    def test_a_lost_database(self):
        broker, address = self.serve()
        key = self.key(address)
        self.quoin("broker", "rotate", "--to", "5", "--state", self.state, "app")
        fifth = self.key(address)
        self.stop(broker)
        for path in self.state.glob("broker.db*"):
            path.unlink()
        self.quoin("broker", "init", "--recover", "--state", self.state)
        broker, address = self.serve()
        self.assertEqual(self.key(address), key)
        self.assertIn("lower epoch", self.key(address, "--minimum-epoch", "5", status=1))
        self.quoin("broker", "rotate", "--to", "5", "--state", self.state, "app")
        self.assertEqual(self.key(address, "--minimum-epoch", "5"), fifth)

    def test_a_kill_loses_no_decision(self):
        """Whoever was given a root stands in the database, however the broker ended."""
        given = 0
        for round_number in range(3):
            broker, address = self.serve()
            results = []

            def ask(address=address, results=results):
                for _ in range(20):
                    result = subprocess.run(
                        [QUOIN, "derive-key", *map(str, self.at(address, "--label", "x"))],
                        capture_output=True, check=False, env=self.environment, timeout=PATIENCE)
                    results.append(result.returncode)
                    if result.returncode != 0:
                        return

            threads = [threading.Thread(target=ask) for _ in range(2)]
            for thread in threads:
                thread.start()
            threading.Event().wait(0.2 + 0.15 * round_number)
            self.stop(broker, signal.SIGKILL)
            for thread in threads:
                thread.join()
            given += results.count(0)
            kept = self.quoin("broker", "status", "--decisions", "1000", "--state", self.state)
            lines = [json.loads(line) for line in kept.stdout.decode().splitlines()]
            self.assertEqual([line["decision"] for line in lines],
                             list(range(1, len(lines) + 1)))
            self.assertGreaterEqual(len(lines), given)
        self.assertGreater(given, 0)


if __name__ == "__main__":
    unittest.main()
