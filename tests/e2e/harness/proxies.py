# SPDX-License-Identifier: ISC
"""Real proxies in front of a daemon: nginx, HAProxy and Caddy from Debian's
packages, as processes of the test's own, unprivileged, on loopback ports of
their own, with a config of their own."""
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from . import env

NGINX = """\
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
    log_format upstream '$remote_addr $upstream_status';
    access_log {folder}/access.log upstream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream assent {{ server {to}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port} {options};
        {tls}
        underscores_in_headers on;
        {extra}
        location / {{
            proxy_pass http://assent;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""
HAPROXY = """\
global
    # Threads that log at the same moment may drop a line.
    nbthread 1
    log stdout format raw local0
    stats socket {folder}/stats.sock mode 600
defaults
    mode {mode}
    log global
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    retries 0
frontend front
    bind 127.0.0.1:{port}
    log-format "%ci %ST %ts %s"
    default_backend assent
backend assent
    {http}
    server assent {to} {server}
"""
HAPROXY_HTTP = """option forwardfor
    http-request set-header X-Forwarded-Proto http
    http-reuse always"""
CADDY = """\
{{
    admin off
    auto_https off
    storage file_system {folder}/storage
    log {{
        output file {folder}/error.log
    }}
}}
http://127.0.0.1:{port} {{
    bind 127.0.0.1
    reverse_proxy {to}
}}
"""


class Proxy:
    """One of them, as `name` in front of the address `to`."""
    command, file = None, None

    def __init__(self, to, **options):
        self.folder = env.Folder("assent-proxy-")
        self.port = env.free_port()
        self.options = options
        self.values = {"folder": self.folder.path, "port": self.port, "to": to}
        self.process = None

    def text(self):
        raise NotImplementedError

    def __enter__(self):
        conf = self.folder.path / self.file
        conf.write_text(self.text())
        env.give_away(conf)
        self.out = open(self.folder.path / "out", "wb")
        self.process = subprocess.Popen(
            unprivileged() + [a.format(conf=conf, folder=self.folder.path)
                              for a in self.command],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out,
            cwd=self.folder.path, env={**os.environ, "HOME": str(self.folder.path)})
        try:
            env.wait_until(self.is_up, lambda: f"{self.command[0]}: {self.read('out')}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.folder.remove()

    def is_up(self):
        assert self.process.poll() is None, self.read("out")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def read(self, name):
        path = self.folder.path / name
        return path.read_text(errors="replace") if path.exists() else ""


class Nginx(Proxy):
    # Without -e, which Ubuntu 22.04's lacks; it only warns of the usual log.
    command = ["nginx", "-p", "{folder}", "-c", "{conf}"]
    file = "nginx.conf"

    def text(self):
        values = {"options": "", "tls": "", "extra": "", **self.options}
        return NGINX.format(**self.values, **values)

    def sent(self):
        """(client, status) of each request that it passed on, in order."""
        rows = [line.split(" ", 1) for line in self.read("access.log").splitlines()]
        return [(client, status) for client, status in rows if status != "-"]


class Haproxy(Proxy):
    command = ["haproxy", "-f", "{conf}"]
    file = "haproxy.cfg"

    def text(self):
        values = {"mode": "http", "server": "", **self.options}
        values["http"] = HAPROXY_HTTP if values["mode"] == "http" else ""
        return HAPROXY.format(**self.values, **values)

    def sent(self):
        """As nginx's; a request that it gave up has its reason with it."""
        rows = [line.split() for line in self.read("out").splitlines()]
        return [(r[0], r[1] if r[2] == "--" else f"{r[1]} {r[2]}") for r in rows
                if len(r) == 4 and r[3] == "assent"]


class Caddy(Proxy):
    command = ["caddy", "run", "--config", "{conf}", "--adapter", "caddyfile"]
    file = "Caddyfile"

    def text(self):
        return CADDY.format(**self.values)


def unprivileged():
    """What stands before a command, so that it doesn't run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={env.USER}", "--regid=nogroup", "--clear-groups", "--"]


def is_installed(proxy):
    return shutil.which(proxy.command[0]) is not None or \
        Path("/usr/sbin", proxy.command[0]).exists()
