#!/usr/bin/env python3
"""Fetching collateral, from outside: quoin sim pcs serves, quoin collateral and quoin verify fetch.
The environment variable QUOIN names the built command."""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.request

from cached_collateral import age_cache, damage_cache, rfc3339

QUOIN = os.environ["QUOIN"]
SIMULATOR = os.environ.get("QUOIN_SIMULATOR", "ON") == "ON"
FETCH_FAILED = 6
FMSPC = "51554f494e00"


@unittest.skipUnless(SIMULATOR, "built without the simulator")
class FetchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="quoin-collateral-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.home)
        cls.quote = cls.home / "quote.bin"
        environment = cls.environment_with("setup")
        for words in (["sim", "init"], ["sim", "quote", "--out", cls.quote]):
            subprocess.run([QUOIN, *words], env=environment, check=True, capture_output=True)

    @classmethod
    def environment_with(cls, cache):
        return {"PATH": os.environ["PATH"], "HOME": str(cls.home),
                "XDG_DATA_HOME": str(cls.home / "data"),
                "XDG_CACHE_HOME": str(cls.home / cache),
                # Whoever takes a proxy from the environment gets nowhere.
                "http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}

    def setUp(self):
        self.environment = self.environment_with(self.id().rsplit(".", 1)[-1])

    def quoin(self, *words, status=0):
        result = subprocess.run([QUOIN, *map(str, words)], capture_output=True, check=False,
                                timeout=120, env=self.environment)
        self.assertEqual(result.returncode, status, (words, result.stdout, result.stderr))
        for line in result.stderr.decode().splitlines():
            self.assertTrue(line.startswith("quoin: "), line)
        return result

    def verify(self, *words, status=0):
        return self.quoin("verify", "--json", "--trust-simulator", *words, self.quote,
                          status=status)

    @contextlib.contextmanager
    def pcs(self, *words):
        """The address of a running quoin sim pcs."""
        with subprocess.Popen([QUOIN, "sim", "pcs", *words], env=self.environment,
                              stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process.stdout.readline().strip()
            finally:
                process.terminate()
                self.assertEqual(process.wait(timeout=30), 0)

    def test_verify_fetches_and_says_so(self):
        with self.pcs() as url:
            result = self.verify("--pccs", url)
            verdict = json.loads(result.stdout)
            self.assertTrue(verdict["accepted"] and verdict["genuine"] and verdict["simulated"])
            self.assertEqual(verdict["tcb_status"], "UpToDate")
            self.assertIn(f"collateral from {url}\n", result.stderr.decode())
            # That it was fetched is no reason to believe it.
            self.quoin("verify", "--pccs", url, self.quote, status=1)
            # PCCS_URL as it stands in Intel's file.
            self.verify("--pccs", url + "/sgx/certification/v4/")

    def test_nothing_is_fetched_when_offline_or_for_a_simulator(self):
        with self.pcs() as url:
            for words in (["--offline", "--pccs", url], ["--offline"], []):
                verdict = json.loads(self.verify(*words, status=4).stdout)
                self.assertFalse(verdict["accepted"])
                self.assertEqual(verdict["error"]["code"], "not_found")

    def test_every_fault_has_a_name_and_none_leads_to_acceptance(self):
        for fault, wanted in (
                ("forbidden", "does not let us"), ("unknown", "does not have it"),
                ("redirect", "redirects elsewhere"), ("cut-off", "ends too early"),
                ("oversize", "an answer of more than"), ("oversize-headers", "headers of more than"),
                ("empty", "an empty answer"), ("html", "neither DER, PEM, hex nor Base64"),
                ("too-many", "asked too often"), ("no-chain", "no header"),
                ("two-chains", "or more than one"), ("bad-escape", "percent-encoding"),
                ("not-a-chain", "issuer_chain"), ("other-platform", "FMSPC 00806f050000"),
                ("error", "HTTP status 500: the service failed, after 3 attempts")):
            with self.subTest(fault), self.pcs("--fault", fault) as url:
                result = self.verify("--pccs", url, status=FETCH_FAILED)
                verdict = json.loads(result.stdout)
                self.assertFalse(verdict["accepted"] or verdict["genuine"])
                self.assertEqual(verdict["exit_status"], FETCH_FAILED)
                said = verdict["error"]["what"] + verdict["error"]["hint"]
                self.assertIn(wanted, said)
                self.assertIn("127.0.0.1", said)
        with self.pcs("--fault", "altered") as url:
            verdict = json.loads(self.verify("--pccs", url, status=1).stdout)
            self.assertIn("signature", verdict["reason"])
        with self.pcs("--fault", "busy-twice") as url:
            self.verify("--pccs", url)

    def test_an_answer_that_is_an_error_is_told_with_what_its_service_says(self):
        transient = {"Error-Code": "E504", "Error-Message": "no way to Intel",
                     "Request-ID": "a1b2c3"}
        # What asks for more patience than there is, is not asked again.
        rationed = {"Error-Code": "E429", "Request-ID": "d4e5f6", "Retry-After": "86400"}
        for status, headers, times, wanted in (
                (504, transient, 3,
                 "HTTP status 504: the PCCS, or a proxy, could not reach Intel's service, after 3 "
                 "attempts; error-code: E504; error-message: no way to Intel; request-id: a1b2c3"),
                (429, rationed, 1,
                 "HTTP status 429: the service was asked too often; error-code: E429; "
                 "request-id: d4e5f6")):
            hint = {504: "on the PCCS, look at its proxy, its ApiKey, and its way to",
                    429: "try again later, or use a PCCS"}[status]
            with self.subTest(status), answering(status, headers) as (url, asked):
                result = self.verify("--pccs", url, status=FETCH_FAILED)
                error = json.loads(result.stdout)["error"]
                self.assertEqual(error["what"], f"TCB info from {url.split('//')[1]}: {wanted}")
                self.assertIn(hint, error["hint"])
                for line in (wanted, hint):
                    self.assertIn(line, result.stderr.decode())
                self.assertEqual(len(asked), times, asked)

    def test_without_a_provider_library_our_own_client_asks(self):
        if any(pathlib.Path(directory, "libdcap_quoteprov.so.1").exists()
               for directory in ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")):
            self.skipTest("this machine has a provider library")
        with self.pcs() as url:
            result = self.quoin("collateral", "fetch", "--use-qpl", "--pccs", url, "--out",
                                self.home / "qpl.json", self.quote)
            self.assertIn("libdcap_quoteprov.so.1 is not installed", result.stderr.decode())
            self.verify("--collateral", self.home / "qpl.json")

    def test_nobody_there(self):
        verdict = json.loads(self.verify("--pccs", "http://127.0.0.1:1", status=FETCH_FAILED).stdout)
        self.assertIn("cannot connect", verdict["error"]["what"])
        self.assertFalse(verdict["accepted"])

    def test_addresses_that_are_refused(self):
        for address in ("http://example.com", "http://10.0.0.1:8081"):
            result = self.verify("--pccs", address, status=FETCH_FAILED)
            self.assertIn(b"plain http is for addresses of this machine", result.stderr)
        for address in ("", "localhost", "ftp://localhost", "https://user:secret@localhost",
                        "https://localhost/sgx/certification/v2/"):
            result = self.verify("--pccs", address, status=2)
            self.assertNotIn(b"secret", result.stderr)
        self.verify("--pccs", "https://localhost", "--update", "late", status=2)
        self.verify("--pccs", "https://localhost", "--pccs-ca", "/nonexistent", status=2)
        self.verify("--qcnl-conf", "/nonexistent", status=2)

    def test_the_cache_is_used_and_replaced(self):
        with self.pcs() as url:
            self.verify("--pccs", url)
            self.assertIn(b", fetched at ", self.verify("--pccs", url).stderr)
            self.assertNotIn(b", fetched at ", self.verify("--pccs", url, "--no-cache").stderr)
            cached = list((pathlib.Path(self.environment["XDG_CACHE_HOME"]) / "quoin" /
                           "collateral").glob("*.json"))
            self.assertEqual(len(cached), 1)
            self.assertEqual(cached[0].stat().st_mode & 0o777, 0o600)
            good = cached[0].read_bytes()
            cached[0].write_bytes(b"{")
            self.assertNotIn(b", fetched at ", self.verify("--pccs", url).stderr)
            # Well-formed and not what Intel's counterpart signed: verification finds out.
            cached[0].write_bytes(good)
            damage_cache(self.environment)
            result = self.verify("--pccs", url)
            self.assertIn(b"fetching it anew", result.stderr)
            self.assertNotIn(b"fetching it anew", self.verify("--pccs", url).stderr)
        # Nobody answers any more: the cache does.
        self.verify("--pccs", url)
        self.verify("--pccs", url, "--no-cache", status=FETCH_FAILED)
        damage_cache(self.environment)
        self.verify("--pccs", url, status=1)

    def policy(self, name, text):
        path = self.home / name
        path.write_text("version = 1\n" + text)
        return path

    def test_collateral_that_is_no_longer_fresh_is_for_the_policy_to_allow(self):
        with self.pcs() as url:
            self.verify("--pccs", url)
        self.assertEqual(age_cache(self.environment, hours=23), 1)
        self.verify("--pccs", url)
        age_cache(self.environment, days=3, minutes=1)
        plain = self.policy("plain.toml", "")
        stale = self.policy("stale.toml", "[tcb]\nstale_collateral_on_error = true\n")
        for words in ([], ["--policy", plain]):
            result = self.verify("--pccs", url, *words, status=FETCH_FAILED)
            error = json.loads(result.stdout)["error"]
            self.assertIn("cannot connect", error["what"])
            self.assertIn(", 72 hours ago, and holds until", error["what"])
            self.assertIn("stale_collateral_on_error = true under [tcb]", error["hint"])
        result = self.verify("--pccs", url, "--policy", stale)
        self.assertIn(b"; using what was fetched at ", result.stderr)
        self.verify("--pccs", url, "--policy", stale, "--no-cache", status=FETCH_FAILED)
        young = self.policy("young.toml", stale.read_text().removeprefix("version = 1\n") +
                            "maximum_collateral_age_days = 0\n")
        self.verify("--pccs", url, "--policy", young, "--at", rfc3339(days=-2), status=1)
        # Without a policy, an option says so.
        fetch = ["collateral", "fetch", "--pccs", url, "--out", self.home / "stale.json"]
        result = self.quoin(*fetch, self.quote, status=FETCH_FAILED)
        self.assertIn(b"--allow-stale allows that", result.stderr)
        self.assertFalse((self.home / "stale.json").exists())
        result = self.quoin(*fetch, "--allow-stale", self.quote)
        self.assertIn(b"; using what was fetched at ", result.stderr)

    def test_processes_share_the_cache(self):
        with self.pcs() as url:
            running = [
                subprocess.Popen([QUOIN, "collateral", "fetch", "--pccs", url, self.quote],
                                 env=self.environment, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE) for _ in range(4)]
            results = [process.communicate(timeout=60) for process in running]
            self.assertEqual([process.returncode for process in running], [0] * 4)
            self.assertEqual(len({out for out, _ in results}), 1)
            fetched = [err for _, err in results if b", fetched at " not in err]
            self.assertEqual(len(fetched), 1)

    def test_fetch_show_and_verify_elsewhere(self):
        bundle = self.home / "fetched.json"
        with self.pcs() as url:
            self.assertEqual(
                self.quoin("collateral", "fetch", "--pccs", url, "--out", bundle, self.quote).stdout,
                b"")
            self.quoin("collateral", "fetch", "--pccs", url, "--update", "early", self.quote)
            shown = json.loads(self.quoin("collateral", "show", "--json", bundle).stdout)
        self.assertEqual((shown["tee"], shown["fmspc"], shown["holds"], shown["source"]),
                         ("TDX", FMSPC, True, url))
        self.assertIn(b"holds_until", self.quoin("collateral", "show", bundle).stdout)
        self.verify("--offline", "--collateral", bundle)
        self.quoin("collateral", "show", self.quote, status=3)
        self.quoin("collateral", "fetch", bundle, status=2)
        self.quoin("collateral", "fetch", self.quote, status=4)

    def test_a_name_that_stands_twice_is_shown_and_refused(self):
        path = self.home / "repeated.json"
        with self.pcs() as url:
            self.quoin("collateral", "fetch", "--pccs", url, "--out", path, self.quote)
        bundle = json.loads(path.read_text())
        bundle["tcb_info"] = '{"x":1,"x":2,' + bundle["tcb_info"][1:]
        path.write_text(json.dumps(bundle))
        for command in ("collateral show", "inspect"):
            shown = json.loads(self.quoin(*command.split(), "--json", path).stdout)
            info, identity = shown["tcb_info"], shown["qe_identity"]
            self.assertEqual(info.get("contents", info)["repeated_name"], "x")
            self.assertIsNone(identity.get("contents", identity)["repeated_name"])
        verdict = json.loads(self.verify("--offline", "--collateral", path, status=1).stdout)
        self.assertEqual(verdict["tcb_status"], "UpToDate")
        failed = [check["id"] for check in verdict["checks"] if not check["passed"]]
        # The bytes are not those that were signed, either.
        self.assertEqual(failed[:2], ["tcb_info_signature", "tcb_info_unique_keys"])

    def test_bundle_of_separate_files(self):
        files = {}
        with self.pcs() as url:
            api = url + "/{}/certification/v4/{}"
            for name, tee, resource, header in (
                    ("tcb-info", "tdx", "tcb?fmspc=" + FMSPC, "TCB-Info-Issuer-Chain"),
                    ("qe-identity", "tdx", "qe/identity", "SGX-Enclave-Identity-Issuer-Chain"),
                    ("pck-crl", "sgx", "pckcrl?ca=platform&encoding=pem",
                     "SGX-PCK-CRL-Issuer-Chain"),
                    ("root-ca-crl", "sgx", "rootcacrl", None)):
                with urllib.request.urlopen(api.format(tee, resource)) as answer:
                    files[name] = self.home / name
                    files[name].write_bytes(answer.read())
                    if header:
                        files[name + "-chain"] = self.home / (name + "-chain")
                        files[name + "-chain"].write_text(answer.headers[header] + "\n")
        words = [word for name, path in files.items() for word in ("--" + name, path)]
        bundle = self.home / "bundled.json"
        self.quoin("collateral", "bundle", *words, "--out", bundle)
        self.verify("--offline", "--collateral", bundle)
        self.quoin("collateral", "bundle", *words[2:], status=2)
        files["tcb-info"].write_text("{}")
        self.quoin("collateral", "bundle", *words, status=3)

    def test_sgx_default_qcnl_conf(self):
        config = self.home / "qcnl.conf"
        bad = self.home / "bad.conf"
        bad.write_text("USE_SECURE_CERT=perhaps")
        self.verify("--qcnl-conf", bad, status=3)
        # A simulator's quote is not taken to whoever is configured.
        config.write_text("PCCS_URL=https://127.0.0.1:1/sgx/certification/v4/\n")
        self.verify("--qcnl-conf", config, status=4)
        config.write_text("https://127.0.0.1:1\n")
        self.assertIn(b"write PCCS_URL=https://127.0.0.1:1",
                      self.verify("--qcnl-conf", config, status=4).stderr)
        config.write_text('{"pccs_url": "https://127.0.0.1:1", "use_secure_cert": false} // end')
        self.assertIn(b"certificate is not checked",
                      self.verify("--qcnl-conf", config, status=4).stderr)

    def test_sim_pcs_says_what_is_wrong(self):
        self.quoin("sim", "pcs", "--fault", "no-such", status=2)
        self.quoin("sim", "pcs", "--listen", "localhost:0", status=2)
        self.quoin("sim", "pcs", "more", status=2)
        with self.pcs() as url:
            self.quoin("sim", "pcs", "--listen", url.removeprefix("http://"), status=1)

    def test_tls(self):
        """A PCCS with a certificate of its own, as most have."""
        if shutil.which("openssl") is None:
            self.skipTest("no openssl here")
        with self.pcs() as url, tls_proxy(self.home, url, ssl.TLSVersion.TLSv1_2) as (secure, ca):
            result = self.verify("--pccs", secure, status=FETCH_FAILED)
            self.assertIn(b"TLS: ", result.stderr)
            self.verify("--pccs", secure, "--pccs-ca", ca)
            # The name must be the certificate's.
            other = secure.replace("127.0.0.1", "127.0.0.2")
            result = self.verify("--pccs", other, "--pccs-ca", ca, status=FETCH_FAILED)
            self.assertIn(b"TLS: ", result.stderr)

    def test_no_secrets_of_tls_are_written_down(self):
        """As libcurl by itself does where this variable stands."""
        if shutil.which("openssl") is None:
            self.skipTest("no openssl here")
        for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            secrets = self.home / f"secrets of {version.name}"
            with self.pcs() as url, tls_proxy(self.home, url, version) as (secure, ca):
                subprocess.run(
                    [QUOIN, "collateral", "fetch", "--pccs", secure, "--pccs-ca", ca, "--no-cache",
                     self.quote], check=True, stdout=subprocess.DEVNULL,
                    env={**self.environment, "SSLKEYLOGFILE": str(secrets)})
            if secrets.exists():
                self.assertEqual(secrets.read_bytes(), b"")


@contextlib.contextmanager
def answering(status, headers):
    """A service that gives every request that answer: its address, and the paths that it was asked
    for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


@contextlib.contextmanager
def tls_proxy(directory, url, version):
    """An HTTPS server in front of `url`, and the file of its certificate."""
    key, certificate = directory / "tls.key", directory / "tls.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=pccs",
         "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            with urllib.request.urlopen(url + self.path) as answer:
                body = answer.read()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in ("connection", "date", "content-length"):
                        self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", certificate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    unittest.main()
