#!/usr/bin/env python3
"""A host's platform manifest and its registration, from outside: a service of this test's takes what
is sent. The environment variable QUOIN names the built command."""

import contextlib
import hashlib
import http.server
import json
import socket
import struct
import subprocess
import threading
import unittest

import td_test

INTEL = "https://api.trustedservices.intel.com/sgx/registration/v1/platform"
VARIABLE = "SgxRegistrationServerRequest-304e0796-d515-4698-ac6e-e76cb1a71c28"
GUID = bytes.fromhex("178e874b49e44aa599bb3057170925b4")
MANIFEST = GUID + bytes(range(200))
INSPECT = "quoin inspect of a quote shows the PPID, FMSPC and platform instance"


def variable(request, version=1):
    return struct.pack("<IH", 7, version) + struct.pack("<I" if version == 3 else "<H",
                                                        len(request)) + request


@contextlib.contextmanager
def service(status=201, headers=()):
    """A registration service that answers so: its address, and the requests that it gets."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, self.headers["Content-Type"], body))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self):
            requests.append((self.path, None, None))
            self.send_error(405)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()
            thread.join()


class HostTest(td_test.TdTest):
    """On a machine that is none: nothing of a TD is below --td-root."""

    def setUp(self):
        super().setUp()
        # A proxy of the environment is not asked.
        self.environment.update(http_proxy="http://127.0.0.1:1", https_proxy="http://127.0.0.1:1")

    def leave(self, data):
        self.put("sys/firmware/efi/efivars/" + VARIABLE, data)

    def platform(self, word, *words, status=0):
        return self.quoin("platform", word, "--td-root", self.root, *words, status=status)

    def test_the_manifest_is_what_the_firmware_left(self):
        for version in (1, 2, 3):
            self.leave(variable(MANIFEST, version))
            self.assertEqual(self.platform("manifest").stdout, MANIFEST)
        self.assertEqual(self.platform("manifest", "--out", self.root / "out").stdout, b"")
        self.assertEqual((self.root / "out").read_bytes(), MANIFEST)
        shown = json.loads(self.platform("manifest", "--json").stdout)
        self.assertEqual(shown, {"variable": f"{self.root}/sys/firmware/efi/efivars/{VARIABLE}",
                                 "bytes": len(MANIFEST),
                                 "sha256": hashlib.sha256(MANIFEST).hexdigest(),
                                 "manifest": MANIFEST.hex()})

    def test_the_variables_are_where_uefi_path_says(self):
        self.put("elsewhere/" + VARIABLE, variable(MANIFEST))
        self.platform("manifest", status=1)
        result = self.platform("manifest", "--uefi-path", self.root / "elsewhere")
        self.assertEqual(result.stdout, MANIFEST)
        with service() as (url, requests):
            self.platform("register", "--uefi-path", self.root / "elsewhere", "--server", url,
                          "--send")
            self.assertEqual(requests[0][2], MANIFEST)

    def test_nothing_is_sent_unless_told(self):
        self.leave(variable(MANIFEST))
        with service() as (url, requests):
            result = self.platform("register", "--server", url, "--json")
            self.assertEqual(requests, [])
        self.assertIn("nothing was sent", result.errors)
        self.assertEqual(json.loads(result.stdout),
                         {"variable": f"{self.root}/sys/firmware/efi/efivars/{VARIABLE}",
                          "bytes": len(MANIFEST), "sha256": hashlib.sha256(MANIFEST).hexdigest(),
                          "address": f"{url}/sgx/registration/v1/platform", "sent": False})
        text = self.platform("register").stdout.decode()
        for said in (INTEL, str(len(MANIFEST)), hashlib.sha256(MANIFEST).hexdigest()):
            self.assertIn(said, text)

    def test_what_is_sent_is_the_manifest_once(self):
        self.leave(variable(MANIFEST))
        with service() as (url, requests):
            result = self.platform("register", "--server", url, "--send", "--json")
        self.assertEqual(requests, [("/sgx/registration/v1/platform", "application/octet-stream",
                                     MANIFEST)])
        self.assertTrue(json.loads(result.stdout)["sent"])
        self.assertIn("registered", result.errors)

    def test_only_what_was_created_is_registered(self):
        self.leave(variable(MANIFEST))
        for status in (200, 202, 204, 400, 404, 415, 429, 500, 503):
            with self.subTest(status), service(status, [("Error-Code", "InvalidManifest")]) as (
                    url, requests):
                result = self.platform("register", "--server", url, "--send", "--json", status=1)
                self.assertEqual(len(requests), 1)
                self.assertEqual(result.stdout, b"")
                self.assertIn(f"does not take the manifest: HTTP status {status}", result.errors)
                self.assertIn("InvalidManifest", result.errors)
        with service(302, [("Location", "http://127.0.0.1:1/")]) as (url, requests):
            self.platform("register", "--server", url, "--send", status=1)

    def test_a_service_that_does_not_answer(self):
        self.leave(variable(MANIFEST))
        result = self.platform("register", "--server", "http://127.0.0.1:1", "--send", status=1)
        self.assertEqual(result.stdout, b"")
        self.assertIn("127.0.0.1", result.errors)

    def test_nobody_who_could_be_anybody_is_sent_to(self):
        self.leave(variable(MANIFEST))
        for server in ("http://192.0.2.1", "http://localhost.example", "ftp://127.0.0.1",
                       "127.0.0.1", "", "https://"):
            for send in ([], ["--send"]):
                with self.subTest(server=server, send=send):
                    result = self.platform("register", "--server", server, *send, status=2)
                    self.assertEqual(result.stdout, b"")
        errors = self.platform("register", "--server", "https://a:secret@127.0.0.1",
                               status=2).errors
        self.assertNotIn("secret", errors)

    def test_a_time_that_is_none(self):
        self.leave(variable(MANIFEST))
        for timeout in ("0", "3601", "x"):
            self.platform("register", "--timeout", timeout, status=2)
        self.platform("manifest", "more", status=2)
        self.platform("register", "more", status=2)

    def test_no_manifest(self):
        for word in ("manifest", "register"):
            result = self.platform(word, status=1)
            self.assertEqual(result.stdout, b"")
            self.assertIn("No such file", result.errors)
            self.assertIn("one processor", result.errors)

    def test_what_is_no_manifest_is_not_sent(self):
        good = variable(MANIFEST)
        with service() as (url, requests):
            for data in (b"", good[:-1], good + b"\0", good[:5], variable(MANIFEST, 4),
                         variable(b"\1" + MANIFEST), variable(GUID[:-1]), bytes(len(good))):
                self.leave(data)
                with self.subTest(data=data[:24]):
                    self.assertEqual(self.platform("manifest", status=1).stdout, b"")
                    self.platform("register", "--server", url, "--send", status=1)
            self.assertEqual(requests, [])

    def test_where_something_of_a_td_is_nothing_is_sent(self):
        self.leave(variable(MANIFEST))
        self.put("dev/tdx_guest", b"no device")
        with service() as (url, requests):
            for words in (["manifest"], ["register"],
                          ["register", "--server", url, "--send"]):
                result = self.platform(*words, status=1)
                self.assertEqual(result.stdout, b"")
                self.assertIn("this may be a TD, which has no platform manifest", result.errors)
                self.assertIn(INSPECT, result.errors)
            self.assertEqual(requests, [])


@unittest.skipUnless(td_test.SIMULATOR and td_test.CAN_MOUNT,
                     "NOTHING IS MOUNTED: this needs root and /dev/fuse")
class GuestTest(td_test.TdTest):
    mounted = td_test.MountedTest.mounted

    def test_a_td_has_no_manifest(self):
        path = self.put(VARIABLE, variable(MANIFEST)).parent
        for faults, says in (([], "a TD has no platform manifest"),
                             (["report-eio"], "this may be a TD"),
                             (["report-wrong-report-data"], "this may be a TD")):
            with self.subTest(faults), self.mounted(*faults) as tree, service() as (url, requests):
                at = ["--td-root", tree, "--uefi-path", path]
                for words in (["manifest"], ["register", "--server", url, "--send"]):
                    result = self.quoin("platform", *words, *at, status=1)
                    self.assertEqual(result.stdout, b"")
                    self.assertIn(says, result.errors)
                    self.assertIn(INSPECT, result.errors)
                self.assertEqual(requests, [])

    def test_a_machine_that_speaks_for_a_td_is_no_host(self):
        path = self.put(VARIABLE, variable(MANIFEST)).parent
        devices = self.put("dev/null", b"").parent
        # Opening a socket fails as a device does behind which there is no module: nothing is there.
        with socket.socket(socket.AF_UNIX) as device:
            device.bind(f"{devices}/tdx_guest")
        mounts = f"mount --bind /dev/null {devices}/null && mount --rbind {devices} /dev"
        result = subprocess.run(
            ["unshare", "--mount", "sh", "-c", mounts + ' && exec "$@"', "sh", td_test.QUOIN,
             "platform", "manifest", "--uefi-path", path],
            capture_output=True, timeout=60, check=False)
        self.assertEqual((result.returncode, result.stdout), (1, b""), result.stderr)
        self.assertIn("there is no TDX guest device", result.stderr.decode())
        self.assertIn("this may be a TD", result.stderr.decode())

    def test_its_quote_says_which_platform_it_is(self):
        with self.mounted() as tree:
            quote = self.put("quote", self.quoin("quote", "--td-root", tree, "--data", "-").stdout)
        text = self.quoin("inspect", quote).stdout.decode()
        for name in ("ppid", "fmspc", "platform_instance_id"):
            self.assertIn(name, text)


if __name__ == "__main__":
    unittest.main()
