#!/usr/bin/env python3
"""quoin seal, unseal and derive-key from outside. The environment variable QUOIN names the built
command."""

import hashlib
import json
import os
import pathlib
import pty
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest

QUOIN = os.environ["QUOIN"]
SIMULATOR = os.environ.get("QUOIN_SIMULATOR", "ON") == "ON"
CHUNK = 65536 + 16


class SealingTest(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="quoin-seal-test-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home),
                            "XDG_DATA_HOME": str(self.home / "data")}

    def quoin(self, *words, stdin=b"", status=0, environment=None):
        """Runs the command, holds it to the exit status, and returns what it printed."""
        result = subprocess.run([QUOIN, *map(str, words)], input=stdin, capture_output=True,
                                timeout=120, check=False, env=environment or self.environment)
        self.assertEqual(result.returncode, status, (words, result.stderr[-2000:]))
        return result

    def file(self, name, contents):
        path = self.home / name
        path.write_bytes(contents)
        return path

    def mode(self, path):
        return stat.S_IMODE(path.stat().st_mode)

    def names(self):
        return sorted(path.name for path in self.home.iterdir())


class NoKeySourceTest(SealingTest):
    def test_nothing_is_made_of_nothing(self):
        plain = self.file("plain", b"secret")
        for words in (["seal", plain], ["unseal", plain], ["derive-key", "--label", "x"],
                      ["seal", "--out", self.home / "out", plain]):
            result = self.quoin(*words, status=1)
            self.assertEqual(result.stdout, b"")
            self.assertIn(b"quoin: error: NO_KEY_SOURCE: ", result.stderr)
            self.assertIn(b"quoin: hint: ", result.stderr)
        self.assertEqual(self.names(), ["plain"])

    @unittest.skipIf(SIMULATOR, "this build has a simulator")
    def test_a_build_without_the_simulator(self):
        for words in (["seal", "--simulate", "-"], ["derive-key", "--simulate", "--label", "x"]):
            self.assertIn(b"no simulator", self.quoin(*words, status=1).stderr)


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class SealTest(SealingTest):
    def seal(self, contents, *options):
        return self.quoin("seal", "--simulate", *options, "-", stdin=contents).stdout

    def test_files_and_pipes(self):
        contents = bytes(range(256)) * 1000 + b"end"
        plain, sealed, opened = self.file("plain", contents), self.home / "s", self.home / "o"
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        result = self.quoin("seal", "--simulate", "--out", sealed, plain)
        self.assertEqual(result.stdout, b"")
        self.quoin("unseal", "--simulate", "--out", opened, sealed)
        self.assertEqual(opened.read_bytes(), contents)
        self.assertEqual(self.mode(sealed), 0o600)
        self.assertEqual(self.mode(opened), 0o600)
        self.assertNotIn(contents[:64], sealed.read_bytes())
        piped = self.seal(contents)
        self.assertEqual(self.quoin("unseal", "--simulate", "-", stdin=piped).stdout, contents)
        # Sealed again is sealed otherwise.
        self.assertEqual(len(piped), sealed.stat().st_size)
        self.assertNotEqual(piped, sealed.read_bytes())
        # Over itself.
        self.quoin("seal", "--simulate", "--out", plain, plain)
        self.quoin("unseal", "--simulate", "--out", plain, plain)
        self.assertEqual(plain.read_bytes(), contents)
        self.assertEqual(self.names(), ["data", "o", "plain", "s"])

    def test_nothing_is_something(self):
        self.assertEqual(self.quoin("unseal", "--simulate", "-", stdin=self.seal(b"")).stdout, b"")

    def test_the_header_is_shown_and_nothing_else(self):
        sealed = self.quoin("seal", "--simulate", "--label", "disk", "-", stdin=b"secret").stdout
        path = self.file("sealed", sealed)
        shown = json.loads(self.quoin("inspect", "--json", path).stdout)
        self.assertEqual((shown["kind"], shown["source"], shown["label"], shown["module"]),
                         ("sealed", "simulator", "disk", None))
        self.assertEqual(shown["sealed_bytes"], len(b"secret") + 16)
        self.assertEqual(shown["header_bytes"] + shown["sealed_bytes"], len(sealed))
        self.assertEqual(len(bytes.fromhex(shown["salt"])), 32)
        self.assertIn(b"disk", self.quoin("inspect", path).stdout)
        self.quoin("inspect", self.file("cut", sealed[:20]), status=3)
        self.quoin("verify", path, status=2)

    def test_every_context_counts(self):
        module = self.file("app.wasm", b"\0asm")
        other = self.file("other.wasm", b"\0asm2")
        digest = hashlib.sha256(b"\0asm").hexdigest()
        sealed = self.seal(b"secret", "--label", "one", "--module", module, "--policy-id", "p1")
        right = ["--label", "one", "--module", digest, "--policy-id", "p1"]
        opened = self.quoin("unseal", "--simulate", *right, "-", stdin=sealed)
        self.assertEqual(opened.stdout, b"secret")
        for wrong, said in ((["--module", digest, "--policy-id", "p1"], b"label"),
                            (["--label", "one", "--policy-id", "p1"], b"module"),
                            (["--label", "one", "--module", other, "--policy-id", "p1"], b"module"),
                            (["--label", "one", "--module", digest], b"policy")):
            result = self.quoin("unseal", "--simulate", *wrong, "-", stdin=sealed, status=1)
            self.assertEqual(result.stdout, b"")
            self.assertIn(said, result.stderr)

    def test_another_simulator_cannot_open_it(self):
        sealed = self.seal(b"secret")
        elsewhere = dict(self.environment, XDG_DATA_HOME=str(self.home / "elsewhere"))
        result = self.quoin("unseal", "--simulate", "-", stdin=sealed, status=1,
                            environment=elsewhere)
        self.assertEqual(result.stdout, b"")
        self.assertIn(b"another simulator", result.stderr)
        self.assertIn(b"SIMULATED ", sealed[:64])

    def test_what_was_changed_does_not_open(self):
        contents = os.urandom(3 * 65536)
        sealed = self.seal(contents)
        header = len(sealed) - 3 * CHUNK
        out = self.home / "out"
        for at in (header, header + CHUNK, len(sealed) - 1):
            changed = bytearray(sealed)
            changed[at] ^= 1
            # A file is all or nothing.
            self.quoin("unseal", "--simulate", "--out", out, "-", stdin=changed, status=1)
            self.assertEqual(self.names(), ["data"])
            # A pipe gets what is authenticated.
            piped = self.quoin("unseal", "--simulate", "-", stdin=changed, status=1).stdout
            self.assertEqual(piped, contents[:(at - header) // CHUNK * 65536])
        for cut in (sealed[:-1], sealed[:header + CHUNK], sealed[:header + 2 * CHUNK]):
            result = self.quoin("unseal", "--simulate", "--out", out, "-", stdin=cut, status=1)
            self.assertIn(b"does not open", result.stderr)
        for wrong in (b"", b"hello", sealed[:40], sealed[:header + 5], b"x" + sealed):
            self.quoin("unseal", "--simulate", "--out", out, "-", stdin=wrong, status=3)
        self.assertEqual(self.names(), ["data"])

    def test_the_old_file_stays_when_the_new_one_does_not_open(self):
        out = self.file("out", b"old")
        sealed = bytearray(self.seal(b"new"))
        sealed[-1] ^= 1
        self.quoin("unseal", "--simulate", "--out", out, "-", stdin=sealed, status=1)
        self.assertEqual(out.read_bytes(), b"old")

    def test_mistakes(self):
        plain = self.file("plain", b"x")
        for words in (["seal", "--simulate"], ["seal", "--simulate", self.home / "nowhere"],
                      ["seal", "--simulate", self.home], ["seal", "--simulate", plain, plain],
                      ["seal", "--simulate", "--label", "", plain],
                      ["seal", "--simulate", "--label", "x" * 257, plain],
                      ["seal", "--simulate", "--policy-id", "../x", plain],
                      ["seal", "--simulate", "--module", self.home / "nowhere", plain],
                      ["seal", "--simulate", "--module", "-", plain],
                      ["seal", "--simulate", "--out", self.home / "no/where", plain],
                      ["seal", "--simulate", "--out", self.home, plain]):
            self.assertEqual(self.quoin(*words, status=2).stdout, b"")

    def test_a_full_disk_is_told(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([QUOIN, "seal", "--simulate", "-"], input=b"x" * 100_000,
                                    stdout=full, stderr=subprocess.PIPE, check=False,
                                    env=self.environment)
        self.assertEqual(result.returncode, 74)
        self.assertEqual(result.stderr.count(b"error"), 1)

    def test_no_sealed_data_on_a_terminal(self):
        parent, child = pty.openpty()
        self.addCleanup(os.close, parent)
        result = subprocess.run([QUOIN, "seal", "--simulate", "-"], input=b"x", stdout=child,
                                stderr=subprocess.PIPE, check=False, env=self.environment)
        os.close(child)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"--out", result.stderr)

    def test_an_interrupted_unsealing_leaves_the_old_file(self):
        sealed = self.seal(os.urandom(4 * 65536))
        out = self.file("out", b"old")
        process = subprocess.Popen([QUOIN, "unseal", "--simulate", "--out", out, "-"],
                                   stdin=subprocess.PIPE, env=self.environment)
        process.stdin.write(sealed[:-1])
        process.stdin.flush()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
        process.stdin.close()
        self.assertEqual(out.read_bytes(), b"old")


@unittest.skipUnless(SIMULATOR, "this build has no simulator")
class DeriveKeyTest(SealingTest):
    def key(self, *options):
        return self.quoin("derive-key", "--simulate", *options).stdout

    def test_keys(self):
        first = self.key("--label", "disk")
        self.assertEqual(len(first), 32)
        self.assertEqual(first, self.key("--label", "disk"))
        self.assertEqual(self.key("--label", "disk", "--hex").decode(), first.hex() + "\n")
        out = self.home / "disk.key"
        self.quoin("derive-key", "--simulate", "--label", "disk", "--out", out)
        self.assertEqual(out.read_bytes(), first)
        self.assertEqual(self.mode(out), 0o600)
        module = self.file("app.wasm", b"\0asm")
        others = [self.key("--label", "Disk"), self.key("--label", "disk", "--size", "31"),
                  self.key("--label", "disk", "--size", "33"),
                  self.key("--label", "disk", "--policy-id", "other"),
                  self.key("--label", "disk", "--module", module)]
        self.assertEqual([len(key) for key in others], [32, 31, 33, 32, 32])
        self.assertEqual(len({key[:31] for key in [first, *others]}), 6)
        digest = hashlib.sha256(b"\0asm").hexdigest()
        self.assertEqual(self.key("--label", "disk", "--module", digest), others[4])

    def test_keys_are_the_simulators(self):
        elsewhere = dict(self.environment, XDG_DATA_HOME=str(self.home / "elsewhere"))
        other = self.quoin("derive-key", "--simulate", "--label", "disk", environment=elsewhere)
        self.assertNotEqual(other.stdout, self.key("--label", "disk"))

    def test_mistakes(self):
        for words in ([], ["--label", ""], ["--label", "x", "--size", "15"],
                      ["--label", "x", "--size", "8161"], ["--label", "x", "file"],
                      ["--label", "x", "--out", self.home / "no/where"]):
            result = self.quoin("derive-key", "--simulate", *words, status=2)
            self.assertEqual(result.stdout, b"")

    def test_no_raw_key_on_a_terminal(self):
        for options, status in (([], 2), (["--hex"], 0)):
            parent, child = pty.openpty()
            self.addCleanup(os.close, parent)
            result = subprocess.run([QUOIN, "derive-key", "--simulate", "--label", "x", *options],
                                    stdout=child, stderr=subprocess.PIPE, check=False,
                                    env=self.environment)
            os.close(child)
            self.assertEqual(result.returncode, status, result.stderr)

    def test_a_seed_that_others_can_read_gives_no_key(self):
        self.key("--label", "x")
        seed = self.home / "data/quoin/simulator/seed"
        seed.chmod(0o644)
        result = self.quoin("derive-key", "--simulate", "--label", "x", status=1)
        self.assertEqual(result.stdout, b"")


if __name__ == "__main__":
    unittest.main()
