# SPDX-License-Identifier: ISC
"""Certificates of a mail server, by openssl: a good one, and some that are
wrong in one way each."""
import ssl
import subprocess

SELF = "IP:127.0.0.1,IP:::1,DNS:localhost"

# name: (who signs, for whom, since and until when)
LEAVES = {
    "good": ("ca", SELF, None),
    "name": ("ca", "DNS:other.example.org,IP:127.0.0.2", None),
    "expired": ("ca", SELF, ("20200101000000Z", "20200201000000Z")),
    "early": ("ca", SELF, ("20400101000000Z", "20410101000000Z")),
    "foreign": ("stranger", SELF, None),
}

CONFIG = """
[ca]
default_ca = d
[d]
new_certs_dir = {folder}
database = {folder}/{name}.db
serial = {folder}/{name}.serial
default_md = sha256
policy = p
x509_extensions = x
[p]
commonName = supplied
[x]
subjectAltName = {sans}
basicConstraints = CA:FALSE
"""


class Certificates:
    def __init__(self, folder):
        self.folder = folder
        self._make_self_signed("ca", [])
        self._make_self_signed("stranger", [])
        self._make_self_signed("self", ["-addext", f"subjectAltName={SELF}"])
        for name in LEAVES:
            self._make_leaf(name, *LEAVES[name])

    @property
    def ca_file(self):
        return str(self.folder / "ca.pem")

    def files(self, name="good"):
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def context(self, name="good", version=None):
        """Of a server that has that certificate, and speaks that version."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files(name))
        if version:
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        return context

    def _run(self, *args):
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True,
                       cwd=self.folder)

    def make_rsa(self):
        """One more good one, called "rsa", for who knows no other keys."""
        self._make_leaf("rsa", "ca", SELF, None,
                        ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"))
        return self.files("rsa")

    def _make_key(self, name, kind=("EC", "-pkeyopt", "ec_paramgen_curve:P-256")):
        self._run("genpkey", "-algorithm", *kind, "-out", f"{name}.key")

    def _make_self_signed(self, name, options):
        self._make_key(name)
        self._run("req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}",
                  "-days", "30", "-out", f"{name}.pem", *options)

    def _make_leaf(self, name, issuer, sans, dates, *kind):
        self._make_key(name, *kind)
        self._run("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}",
                  "-out", f"{name}.csr")
        (self.folder / f"{name}.cnf").write_text(
            CONFIG.format(folder=self.folder, name=name, sans=sans))
        (self.folder / f"{name}.db").write_text("")
        (self.folder / f"{name}.serial").write_text("01\n")
        when = ["-startdate", dates[0], "-enddate", dates[1]] if dates else ["-days", "30"]
        self._run("ca", "-batch", "-config", f"{name}.cnf", "-cert", f"{issuer}.pem",
                  "-keyfile", f"{issuer}.key", "-in", f"{name}.csr", "-out", f"{name}.pem",
                  "-notext", *when)
