# SPDX-License-Identifier: ISC
"""Mail servers whose packages can't be installed beside Postfix: unpacked into
a folder, with the libraries they need, and run there by chroot.  Needs root
and apt-get."""
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
from pathlib import Path

from . import env
from .mail import Maildir

PACKAGES = env.SOURCE / "build" / "packages"


def why_not():
    """Why there can't be one here, or None."""
    if os.geteuid() != 0:
        return "chroot is for root alone"
    if not shutil.which("apt-get"):
        return "there is no apt-get"
    return None


def _run(*args, **kwargs):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, **kwargs)
    assert done.returncode == 0, f"{args}: {done.stdout}{done.stderr}"
    return done.stdout


def _download(name):
    PACKAGES.mkdir(parents=True, exist_ok=True)
    found = sorted(PACKAGES.glob(f"{name}_*.deb"))
    if not found:
        _run("apt-get", "download", name, cwd=PACKAGES)
        found = sorted(PACKAGES.glob(f"{name}_*.deb"))
    return found[-1]


class Cage(Maildir):
    """A server in its folder; `packages` are unpacked, `programs` get their
    libraries, `users` exist there."""

    packages, programs, users = (), (), ()
    login, ways = ("news", "s3cret"), ("starttls", "implicit")
    folders = ("etc", "dev", "tmp", "box", "conf", "var/log", "var/run", "var/spool")

    def __init__(self, folder, certificates):
        self.root = Path(folder)
        super().__init__(self.root / "box")
        self.none, self.starttls, self.implicit = (env.free_port() for _ in range(3))
        self.port, self.process = getattr(self, self.ways[0]), None
        self.username, self.password = self.login
        for package in self.packages:
            _run("dpkg", "-x", _download(package), self.root)
        for name in self.folders:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        self._make_system()
        for program in self.programs:
            self._bring_libraries(program)
        for name, path in zip(("cert", "key"), certificates.make_rsa()):
            shutil.copy(path, self.root / f"conf/{name}.pem")
            (self.root / f"conf/{name}.pem").chmod(0o600)
        shutil.chown(self.root / "box", "nobody")
        self.configure()

    def _make_system(self):
        os.mknod(self.root / "dev/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        os.mknod(self.root / "dev/urandom", 0o666 | stat.S_IFCHR, os.makedev(1, 9))
        for name in ("null", "urandom"):
            (self.root / "dev" / name).chmod(0o666)
        nobody = pwd.getpwnam("nobody")
        people = ["root:x:0:0::/:/bin/sh",
                  f"nobody:x:{nobody.pw_uid}:{nobody.pw_gid}::/box:/bin/sh"]
        groups = ["root:x:0:", f"nogroup:x:{nobody.pw_gid}:", "mail:x:8:"]
        for n, user in enumerate(self.users):
            people.append(f"{user}:x:{990 + n}:{990 + n}::/:/bin/false")
            groups.append(f"{user}:x:{990 + n}:")
        (self.root / "etc/passwd").write_text("\n".join(people) + "\n")
        (self.root / "etc/group").write_text("\n".join(groups) + "\n")
        (self.root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
        (self.root / "etc/services").write_text("smtp 25/tcp\nsmtps 465/tcp\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost mx.example.org\n")

    def uid(self, user):
        return 990 + self.users.index(user)

    def _bring_libraries(self, program):
        """The machine's own, where no package brought them."""
        inside = self.root / program.lstrip("/")
        if not inside.exists():
            inside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(program, inside)
        paths = ":".join(str(p) for p in self.root.glob("usr/lib/*-linux-gnu"))
        for line in _run("ldd", inside, env={"LD_LIBRARY_PATH": paths}).splitlines():
            for word in line.split():
                if word.startswith("/") and not word.startswith(str(self.root)):
                    to = self.root / word.lstrip("/")
                    to.parent.mkdir(parents=True, exist_ok=True)
                    if not to.exists():
                        shutil.copy(word, to)

    def configure(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def log(self):
        return "\n".join(p.read_text(errors="replace") for p in sorted(self.root.glob("var/log/**/*"))
                         if p.is_file()) + self.output.read_text(errors="replace")

    def __enter__(self):
        self.output = self.root / "tmp/output"
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                ["chroot", self.root, *self.command()], stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)
        env.wait_until(self._listens, lambda: f"it to listen:\n{self.log()}")
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(10)

    def _listens(self):
        assert self.process.poll() is None, self.log()
        try:
            for way in self.ways:
                socket.create_connection(("127.0.0.1", getattr(self, way)), 1).close()
            return True
        except OSError:
            return False


EXIM = """
primary_hostname = mx.example.org
keep_environment =
local_interfaces = <; [127.0.0.1]:{starttls} ; [127.0.0.1]:{implicit}
tls_on_connect_ports = {implicit}
tls_advertise_hosts = *
tls_certificate = /conf/cert.pem
tls_privatekey = /conf/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
spool_directory = /var/spool/exim
log_file_path = /var/log/exim/%slog
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  accept authenticated = *
  deny
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = /box
  maildir_format
  user = nobody
  group = nogroup
begin authenticators
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


class Exim(Cage):
    packages = ("exim4-daemon-light", "libidn12")
    programs = ("/usr/sbin/exim4",)
    users = ("Debian-exim",)
    folders = Cage.folders + ("etc/exim4", "var/spool/exim", "var/log/exim")

    def configure(self):
        path = self.root / "etc/exim4/exim4.conf"
        path.write_text(EXIM.format(starttls=self.starttls, implicit=self.implicit,
                                    user=self.username, password=self.password))
        path.chmod(0o644)
        for name in ("conf/cert.pem", "conf/key.pem", "var/spool/exim", "var/log/exim"):
            os.chown(self.root / name, self.uid("Debian-exim"), self.uid("Debian-exim"))

    def command(self):
        return ["/usr/sbin/exim4", "-bdf", "-q1m"]


OPENSMTPD = """
table all { "@" = "nobody" }
listen on 127.0.0.1 port %d hostname mx.example.org
action box maildir "/box" virtual <all>
match from local for any action box
"""


class OpenSmtpd(Cage):
    """In the clear: with OpenSSL 3, Debian 12's can't sign with the keys that
    it keeps in a process of their own, and so speaks TLS with nobody."""

    ways = ("none",)
    packages = ("opensmtpd",)
    programs = ("/usr/sbin/smtpd", "/usr/libexec/opensmtpd/mail.maildir", "/bin/sh")
    users = ("opensmtpd", "opensmtpq")
    folders = Cage.folders + ("var/lib/opensmtpd/empty", "var/spool/smtpd", "usr/bin")

    def configure(self):
        self.login = None
        (self.root / "conf/smtpd.conf").write_text(OPENSMTPD % self.none)
        (self.root / "var/spool/smtpd").chmod(0o711)

    def command(self):
        return ["/usr/sbin/smtpd", "-d", "-f", "/conf/smtpd.conf"]
