# SPDX-License-Identifier: ISC
"""A certificate authority of the tests' own, and HTTPS as web.py has HTTP."""
import http.client
import ssl
import subprocess

from . import web

KINDS = {"ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
         "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]}


def _openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


class Authority:
    """Signs what it is asked to, through an intermediate as real ones do."""

    def __init__(self, folder):
        self.folder = folder
        self.root, self.root_key = self._make("root", None, "CA:TRUE")
        self.middle, self.middle_key = self._make("middle", "root", "CA:TRUE")

    def _make(self, name, issuer, basic="CA:FALSE", sans=None, kind="ec"):
        path, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        algorithm, *options = KINDS[kind]
        _openssl("genpkey", "-algorithm", algorithm, *options, "-out", key)
        extra = ["-addext", f"basicConstraints=critical,{basic}"]
        if sans:
            extra += ["-addext", f"subjectAltName={sans}"]
        if issuer:
            extra += ["-CA", self.folder / f"{issuer}.pem",
                      "-CAkey", self.folder / f"{issuer}.key"]
        _openssl("req", "-x509", "-new", "-key", key, "-subj", f"/CN={name}",
                 "-days", "30", "-out", path, *extra)
        return path, key

    def issue(self, name, *sans, kind="ec"):
        """(chain file, key file) as the config wants them; the key is for
        its owner only."""
        path, key = self._make(name, "middle", sans=",".join(sans), kind=kind)
        path.write_text(path.read_text() + self.middle.read_text())
        key.chmod(0o600)
        return path, key

    def context(self, version=None):
        """A client that trusts nobody else."""
        context = ssl.create_default_context(cafile=self.root)
        if version:
            context.minimum_version = context.maximum_version = version
        return context


class TlsWeb(web.Web):
    def __init__(self, host, port, context, source=None):
        super().__init__(host, port, source)
        self.context = context
        self.base = f"https://{host}:{port}"

    def connect(self, timeout=30):
        return http.client.HTTPSConnection(
            self.host, self.port, timeout=timeout, context=self.context,
            source_address=(self.source, 0) if self.source else None)


def secure(daemon, authority, name="localhost"):
    """The listener of a daemon that isn't started yet speaks TLS, with a
    certificate of its own; its files."""
    cert, key = authority.issue(name, "DNS:localhost")
    daemon.values["base_url"] = f"https://localhost:{daemon.port}"
    daemon.values[("listen", f"127.0.0.1:{daemon.port}")] = {
        "certificate": str(cert), "key": str(key)}
    daemon.web = TlsWeb("localhost", daemon.port, authority.context())
    return cert, key
