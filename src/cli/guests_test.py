#!/usr/bin/env python3
"""Real C and C++ programs as guests, from the compiler to the receipt. The environment variable
QUOIN names the built command, QUOIN_SOURCE_DIR the tree."""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

QUOIN = os.environ["QUOIN"]
SOURCES = pathlib.Path(os.environ["QUOIN_SOURCE_DIR"]) / "testdata" / "wasm"


class GuestsTest(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="quoin-guests-test-"))
        self.addCleanup(shutil.rmtree, self.home)

    def compiled(self, source, compiler, *options):
        """The module that a source of testdata/wasm becomes."""
        if shutil.which(compiler) is None:
            self.skipTest(f"no {compiler}: tools/install-packages test")
        module = self.home / (pathlib.Path(source).stem + ".wasm")
        subprocess.run([compiler, "--target=wasm32-wasi", "-O2", *options, "-o", module,
                        SOURCES / source], check=True)
        return module

    def run_guest(self, *words, status=0):
        """Runs the command, holds it to the exit status, and returns the receipt's predicate."""
        receipt = self.home / "receipt.json"
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home)}
        result = subprocess.run([QUOIN, "run", "--simulate", "--receipt", receipt, *words],
                                capture_output=True, timeout=120, check=False, env=environment)
        self.assertEqual(result.returncode, status, (result.stdout, result.stderr))
        verified = subprocess.run([QUOIN, "verify", "--quiet", "--trust-simulator", receipt],
                                  check=False, env=environment)
        self.assertEqual(verified.returncode, 0)
        payload = json.loads(receipt.read_text())["payload"]
        return result.stdout.decode(), json.loads(base64.b64decode(payload))["predicate"]

    def test_files(self):
        module = self.compiled("files.c", "clang-19")
        work = self.home / "work"
        data = self.home / "data"
        work.mkdir()
        data.mkdir()
        (self.home / "secret.txt").write_text("secret")
        (data / "input.txt").write_text("input\n")
        (work / "link_out").symlink_to("../secret.txt")
        (work / "absolute_link").symlink_to("/etc/passwd")
        (work / "directory_link").symlink_to("..")
        os.mkfifo(work / "fifo")
        outside = sorted(path.name for path in self.home.iterdir())

        output, predicate = self.run_guest("--dir", f"/work={work}", "--dir", f"/data={data}:ro",
                                           "--env", "GREETING=hi", module)
        self.assertEqual(output, "")
        self.assertEqual((self.home / "secret.txt").read_text(), "secret")
        self.assertEqual([path.name for path in data.iterdir()], ["input.txt"])
        self.assertEqual((data / "input.txt").read_text(), "input\n")
        self.assertEqual((work / "dir" / "b.txt").read_text(), "one!")
        new = {path.name for path in self.home.iterdir()} - set(outside)
        self.assertLessEqual(new, {"receipt.json", ".cache", ".local"})

        def digest(text):
            return {"sha256": hashlib.sha256(text.encode()).hexdigest()}
        self.assertIn({"name": "/data/input.txt", "digest": digest("input\n"), "size": 6},
                      predicate["inputs"])
        self.assertEqual(predicate["outputs"],
                         [{"name": "/work/dir/b.txt", "digest": digest("one!"), "size": 4}])
        self.assertEqual(predicate["environment"], [{"name": "GREETING", "digest": digest("hi")}])

    def test_an_input_that_changes_meanwhile(self):
        module = self.compiled("waits.c", "clang-19")
        data = self.home / "data"
        data.mkdir()
        for change, status in [(False, 0), (True, 126)]:
            with self.subTest(change):
                (data / "input.txt").write_text("before\n")
                receipt = self.home / f"receipt-{change}.json"
                with subprocess.Popen(
                        [QUOIN, "run", "--simulate", "--receipt", receipt,
                         "--dir", f"/data={data}:ro", module],
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                        env={"PATH": os.environ["PATH"], "HOME": str(self.home)}) as process:
                    self.assertEqual(process.stdout.readline(), b"ready\n")
                    if change:
                        (data / "input.txt").write_text("after\n")
                    _, errors = process.communicate(b"go\n", timeout=60)
                self.assertEqual(process.returncode, status, errors)
                self.assertEqual(receipt.exists(), not change)
                self.assertEqual(b"no receipt" in errors, change)

    def test_cplusplus(self):
        if not pathlib.Path("/usr/include/wasm32-wasi/c++/v1/vector").exists():
            self.skipTest("no C++ library for WebAssembly: tools/install-packages test")
        module = self.compiled("standard_library.cc", "clang++-19", "-std=c++20",
                               "-fno-exceptions")
        output, predicate = self.run_guest(module, "--", "b", "a", "b", status=2)
        self.assertEqual(output, "b 2\na 1\n19.0\n")
        self.assertEqual(predicate["arguments"], ["standard_library.wasm", "b", "a", "b"])
        self.assertEqual(predicate["outcome"],
                         {"kind": "exited", "exit_status": 2, "detail": ""})
        self.assertEqual(predicate["stdout"]["size"], len(output))


if __name__ == "__main__":
    unittest.main()
