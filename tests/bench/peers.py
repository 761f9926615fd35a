# SPDX-License-Identifier: ISC
"""What assentd is measured against, each from Debian's packages, on loopback,
in a folder of its own, run by nobody in particular."""
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from harness import env
from harness.proxies import unprivileged

import tools

NGINX = """\
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
    access_log {log};
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port} {options};
        {tls}
        location / {{ return 200 '{{"status":"pending"}}'; }}
    }}
}}
"""
TLS = """ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.3;"""


class Peer:
    """A server in a folder of its own, with its processes' CPU time."""
    needs = ()

    def __init__(self, bench):
        self.folder = bench.make_folder(f"{type(self).__name__.lower()}-").path
        self.process = None

    @classmethod
    def missing(cls):
        """The programs it needs and that are not there."""
        return [name for name in cls.needs if not find(name)]

    def command(self):
        raise NotImplementedError

    def is_up(self):
        raise NotImplementedError

    def __enter__(self):
        self.out = open(self.folder / "out", "wb")
        self.process = subprocess.Popen(
            unprivileged() + self.command(), stdin=subprocess.DEVNULL,
            stdout=self.out, stderr=self.out, cwd=self.folder)
        try:
            env.wait_until(self.is_up, f"{type(self).__name__} to be up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        tools.end(self.process)
        self.out.close()

    def cpu(self):
        return tools.cpu_of(self.process.pid)


class Nginx(Peer):
    needs = ("nginx",)

    def __init__(self, bench, certificate=None, logs=True):
        super().__init__(bench)
        self.port, self.certificate, self.logs = env.free_port(), certificate, logs

    def command(self):
        options, tls = "", ""
        if self.certificate:
            options = "ssl"
            tls = TLS.format(certificate=self.certificate[0], key=self.certificate[1])
        conf = self.folder / "nginx.conf"
        conf.write_text(NGINX.format(
            folder=self.folder, port=self.port, options=options, tls=tls,
            log=self.folder / "access.log" if self.logs else "off"))
        return [find("nginx"), "-p", str(self.folder), "-c", str(conf)]

    def is_up(self):
        return tools.is_listening(self.port)


# The rows that a post ends up as, of about the same size, and the contacts
# that are there already.
SCHEMA = """
CREATE TABLE contact (id bigint PRIMARY KEY, record bytea NOT NULL);
CREATE TABLE request (id bigserial PRIMARY KEY, record bytea NOT NULL);
CREATE TABLE address (key bytea PRIMARY KEY, contact bigint, requests bigint[]);
CREATE TABLE due (at timestamptz, kind int, id bigint, PRIMARY KEY (at, kind, id));
CREATE TABLE outbox (due timestamptz, id bigint, record bytea, PRIMARY KEY (due, id));
CREATE TABLE ledger (sequence bigserial PRIMARY KEY, record bytea NOT NULL);
INSERT INTO contact SELECT n, repeat('c', 200)::bytea
    FROM generate_series(1, {contacts}) n;
INSERT INTO address SELECT sha256(('old' || n)::bytea), n, '{{}}'
    FROM generate_series(1, {contacts}) n;
VACUUM ANALYZE;
CHECKPOINT;
"""
POST = """
\\set n random(1, 1000000000000)
WITH r AS (INSERT INTO request (record) VALUES (('{request}' || :n)::bytea) RETURNING id),
a AS (INSERT INTO address SELECT sha256((:n)::text::bytea), NULL, ARRAY[id] FROM r),
d AS (INSERT INTO due SELECT now() + interval '6 days', 1, id FROM r),
o AS (INSERT INTO outbox SELECT now(), id, ('{outbox}' || :n)::bytea FROM r)
INSERT INTO ledger (record) VALUES (('{event}' || :n)::bytea);
"""


class Postgres(Peer):
    """Its defaults, but for memory and log enough not to be held up."""
    needs = ("initdb", "postgres", "pgbench", "psql")

    def __init__(self, bench, contacts):
        super().__init__(bench)
        self.contacts = contacts

    def command(self):
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8",
                  "--locale=C")
        return [find("postgres"), "-D", str(data), "-k", str(self.folder),
                *(part for option in (
                    "listen_addresses=", "synchronous_commit=on", "fsync=on",
                    "shared_buffers=512MB", "max_wal_size=8GB")
                  for part in ("-c", option))]

    def _run(self, name, *args):
        done = subprocess.run(
            unprivileged() + [find(name), *map(str, args)], text=True,
            capture_output=True, cwd=self.folder)
        assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
        return done.stdout

    def is_up(self):
        return (self.folder / ".s.PGSQL.5432").exists() and subprocess.run(
            unprivileged() + [find("psql"), "-h", str(self.folder), "-U", "bench",
                              "postgres", "-c", "SELECT 1"],
            capture_output=True).returncode == 0

    def __enter__(self):
        super().__enter__()
        try:
            self._run("psql", "-h", self.folder, "-U", "bench", "postgres", "-q", "-v",
                      "ON_ERROR_STOP=1", *self._pieces(SCHEMA.format(contacts=self.contacts)))
            script = self.folder / "post.sql"
            script.write_text(POST.format(request="r" * 300, outbox="o" * 100,
                                          event="e" * 250))
        except BaseException:
            self.__exit__()
            raise
        return self

    @staticmethod
    def _pieces(text):
        """VACUUM wants to be alone."""
        return [part for one in text.split(";") if one.strip()
                for part in ("-c", one.strip())]

    def rate(self, seconds, clients=32):
        """Transactions a second."""
        out = self._run("pgbench", "-h", self.folder, "-U", "bench", "-n", "-M", "prepared",
                        "-c", clients, "-j", 2, "-T", max(1, round(seconds)), "-f",
                        self.folder / "post.sql", "postgres")
        return float(re.search(r"tps = ([0-9.]+)", out)[1])


class SmtpSink(Peer):
    """Takes all mails; `dumps` them into files of its folder, or forgets them."""
    needs = ("smtp-sink", "smtp-source")

    def __init__(self, bench, dumps=False):
        super().__init__(bench)
        self.port, self.dumps = env.free_port(), dumps

    def command(self):
        more = ["-d", "m."] if self.dumps else []
        return [find("smtp-sink"), *more, f"127.0.0.1:{self.port}", "1024"]

    def is_up(self):
        return tools.is_listening(self.port)

    def rate(self, seconds, sessions, size):
        """Mails a second that smtp-source gets rid of, on connections that it
        keeps."""
        count, spent = 100, 0
        while spent < seconds:
            count = round(count * min(10, 1.2 * seconds / max(spent, 0.001))) or 1
            begun = time.monotonic()
            subprocess.run(
                [find("smtp-source"), "-d", "-s", str(sessions), "-l", str(size),
                 "-m", str(count), "-f", "weekly@news.example.org", "-t",
                 "jo@example.com", f"127.0.0.1:{self.port}"], check=True)
            spent = time.monotonic() - begun
        return count / spent


def find(name):
    """A program of a package that doesn't put it where everybody looks."""
    places = os.environ["PATH"].split(":") + ["/usr/sbin"] + sorted(
        map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return shutil.which(name, path=":".join(places))
