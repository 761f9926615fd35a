# SPDX-License-Identifier: ISC
"""TLS as visitors meet it: certificates by name, tickets that every process
takes, and what is not TLS at all."""
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from harness import env
from harness.daemon import run
from harness.tls import Authority, TlsWeb
from harness.web import read_to_end

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def authority():
    folder = env.Folder()
    yield Authority(folder.path)
    folder.remove()


@pytest.fixture
def make_secure(make_daemon, authority):
    """A daemon on https://localhost, and its web as TlsWeb; more names get
    certificates of their own."""
    def make(changes=None, names=("localhost",), listen=None, start=True):
        daemon = make_daemon(start=False, host="localhost")
        pairs = [authority.issue(n, f"DNS:{n}", kind=kind) for n, kind in
                 zip(names, ("ec", "rsa", "ec"))]
        daemon.values["base_url"] = f"https://localhost:{daemon.port}"
        daemon.values[("listen", f"127.0.0.1:{daemon.port}")] = {
            "certificate": [str(c) for c, _ in pairs],
            "key": [str(k) for _, k in pairs], **(listen or {})}
        daemon.values.update(changes or {})
        daemon.web = TlsWeb("localhost", daemon.port, authority.context())
        daemon.keys = [k for _, k in pairs]
        return daemon.start() if start else daemon
    return make


def dial(daemon, context, name="localhost", session=None):
    """A connection that said one request and got the answer's start."""
    raw = socket.create_connection(("127.0.0.1", daemon.port), 30)
    s = context.wrap_socket(raw, server_hostname=name, session=session)
    s.sendall(REQUEST + b"\r\n")
    assert s.recv(4096).startswith(b"HTTP/1.1 200 ")
    return s


def test_the_way_of_a_subscription(make_secure, address):
    daemon = make_secure()
    assert "https://" in daemon.wait_log(r"\bready\b")
    page = daemon.web.get("/subscribe/weekly")
    assert page.status == 200
    assert page.header("strict-transport-security")
    answer = daemon.subscribe(address)
    assert "; Secure" in answer.header("set-cookie")
    link = daemon.mails.wait(address).confirm
    assert link.startswith(daemon.base)
    assert daemon.press(link).status in (200, 303)
    daemon.wait_state(address, "confirmed")
    assert daemon.show(address)["events"][0]["ip"] == "127.0.0.1"


@pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])
def test_versions(make_secure, authority, version):
    daemon = make_secure()
    context = authority.context(version)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with dial(daemon, context) as s:
        assert s.version() == {V12: "TLSv1.2", V13: "TLSv1.3"}[version]
        assert s.selected_alpn_protocol() == "http/1.1"
        assert "GCM" in s.cipher()[0] or "CHACHA20" in s.cipher()[0]
        assert s.compression() is None


def s_client(daemon, *args, stdin=b""):
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{daemon.port}", *args],
        input=stdin, capture_output=True, timeout=env.PATIENCE)


REFUSED = ["-tls1 -cipher ALL:@SECLEVEL=0", "-tls1_1 -cipher ALL:@SECLEVEL=0",
           "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0",
           "-tls1_2 -cipher ECDHE-RSA-AES128-SHA256:@SECLEVEL=0",
           "-tls1_2 -cipher NULL:aNULL:@SECLEVEL=0", "-alpn h2", "-groups P-521"]


def test_what_is_refused(make_secure):
    daemon = make_secure(names=("localhost", "two.test"))
    for args in REFUSED:
        done = s_client(daemon, *args.split())
        assert done.returncode != 0 and b"alert" in done.stderr, (args, done)
    assert daemon.web.get("/healthz").status == 200


def test_no_renegotiation(make_secure):
    daemon = make_secure()
    done = s_client(daemon, "-tls1_2", stdin=b"R\n")
    assert b"no renegotiation" in done.stderr, done
    done = s_client(daemon, "-tls1_3", "-early_data", os.devnull)
    assert b"Max Early Data: 0" in done.stdout or b"Early data was not sent" in done.stdout


def test_names(make_secure, authority):
    daemon = make_secure(names=("localhost", "two.test", "three.test"))
    context = authority.context()
    for name in ("localhost", "two.test", "three.test"):
        with dial(daemon, context, name) as s:
            assert (("DNS", name),) == s.getpeercert()["subjectAltName"]
    context.check_hostname = False
    with dial(daemon, context, "four.test") as s:
        assert (("DNS", "localhost"),) == s.getpeercert()["subjectAltName"]
    raw = socket.create_connection(("127.0.0.1", daemon.port), 30)
    with context.wrap_socket(raw) as s:
        assert (("DNS", "localhost"),) == s.getpeercert()["subjectAltName"]


@pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])
def test_tickets_are_good_in_every_process(make_secure, authority, version):
    """Also in one that was started after they were given."""
    daemon = make_secure({"web_processes": 3})
    context = authority.context(version)
    with dial(daemon, context) as s:
        session = s.session

    def resumed():
        with dial(daemon, context, session=session) as s:
            return s.session_reused
    assert all(resumed() for _ in range(30))
    before = set(daemon.pids()["web"])
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    env.wait_until(lambda: len(set(daemon.pids().get("web", [])) - before) == 3,
                   "three new processes")
    assert all(resumed() for _ in range(30))


def test_another_start_knows_no_old_ticket(make_secure, authority):
    daemon = make_secure()
    context = authority.context()
    with dial(daemon, context) as s:
        session = s.session
    daemon.stop()
    daemon.start()
    with dial(daemon, context, session=session) as s:
        assert not s.session_reused


def test_plain_http_gets_a_plain_answer(make_secure):
    daemon = make_secure()
    plain = [REQUEST + b"\r\n", b"POST /subscribe HTTP/1.1\r\nHost: x\r\n"
             b"Content-Length: 100000\r\n\r\n" + b"x" * 100000, b"\0", b"\x80\x2e\x01\x03\x01"]
    for data in plain:
        with socket.create_connection(("127.0.0.1", daemon.port), 30) as s:
            try:
                s.sendall(data)
            except OSError:
                pass
            out, closed = read_to_end(s, env.PATIENCE)
        assert closed and out.startswith(b"HTTP/1.1 400 "), (data[:40], out[:200])
        assert b"trict-Transport" not in out
    # What starts like TLS and is none.
    for data in (b"\x16", b"\x16\x03\x01\xff\xff" + b"x" * 40000, b"\x16\x03\x01\0\x05hello",
                 bytes.fromhex("16030100c2010000be0303") + bytes(190)):
        with socket.create_connection(("127.0.0.1", daemon.port), 30) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            out, closed = read_to_end(s, env.PATIENCE)
        assert closed and not out.startswith(b"HTTP")
    assert daemon.web.get("/healthz").status == 200
    assert "handshake" not in daemon.log


def test_failures_are_for_who_looks(make_secure):
    daemon = make_secure({"log": {"target": "stderr", "level": "debug"}})
    s_client(daemon, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    line = daemon.wait_log("handshake_failed")
    assert "peer=127.0.0.1" in line and "unsupported protocol" in line
    with socket.create_connection(("127.0.0.1", daemon.port), 30) as s:
        s.sendall(b"\x16\x03\x01\0\x05hello")
        read_to_end(s, env.PATIENCE)
    env.wait_until(lambda: daemon.log.count("handshake_failed") == 2, "the second's line")


def test_the_end_is_said(make_secure, authority):
    """No client has to wonder whether an answer was cut short."""
    daemon = make_secure()
    raw = socket.create_connection(("127.0.0.1", daemon.port), 30)
    with authority.context().wrap_socket(raw, server_hostname="localhost",
                                         suppress_ragged_eofs=False) as s:
        s.sendall(REQUEST + b"Connection: close\r\n\r\n")
        out = b""
        while chunk := s.recv(4096):        # raises where the end is ragged
            out += chunk
    assert out.startswith(b"HTTP/1.1 200 ")


def test_handshakes_have_a_deadline(make_secure):
    """Silent, or stuck in the middle: all of them end, and nobody waits."""
    daemon = make_secure({"web_processes": 1})
    stuck = [socket.create_connection(("127.0.0.1", daemon.port), 30) for _ in range(100)]
    hello = ssl.MemoryBIO()
    try:
        ssl.create_default_context().wrap_bio(
            ssl.MemoryBIO(), hello, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = hello.read()
    for i, s in enumerate(stuck):
        s.sendall(hello[:i * len(hello) // 99])
    for _ in range(20):
        assert daemon.web.get("/healthz").status == 200
    for s in stuck:
        assert read_to_end(s, env.PATIENCE)[1]
        s.close()


def test_ends_with_connections_in_all_states(make_secure, authority):
    daemon = make_secure()
    silent = socket.create_connection(("127.0.0.1", daemon.port), 30)
    half = socket.create_connection(("127.0.0.1", daemon.port), 30)
    half.sendall(b"\x16\x03\x01")
    kept = dial(daemon, authority.context())
    daemon.stop()
    for s in (silent, half, kept):
        assert read_to_end(s, env.PATIENCE)[1]
        s.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="reads another's memory")
def test_keys_are_where_they_are_needed(make_secure):
    """Not in the database's process, the mailer or the admin: neither the
    file's text, nor the number in it, in whichever order of bytes."""
    daemon = make_secure()
    secrets = wanted_in(daemon.keys[0])
    for role, pids in daemon.pids().items():
        for pid in pids:
            found = [n for n, s in secrets.items() if in_memory(pid, s)]
            if role == "web":
                assert found, "the search finds nothing anywhere"
            else:
                assert not found, (role, found)


def wanted_in(key):
    text = key.read_text()
    out = subprocess.run(["openssl", "pkey", "-in", key, "-noout", "-text"],
                         capture_output=True, text=True, check=True).stdout
    digits = re.search(r"priv:\s*((?:[0-9a-f]{2}:?\s*)+)pub:", out).group(1)
    number = bytes.fromhex(re.sub(r"[^0-9a-f]", "", digits))[-32:]
    return {"text": text.splitlines()[1].encode(), "number": number,
            "reversed": number[::-1]}


def in_memory(pid, secret):
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            low, high = (int(x, 16) for x in span.split("-"))
            # A sanitizer reserves terabytes; nobody else has such.
            if "rw" not in rights or high - low > 1 << 28:
                continue
            try:
                memory.seek(low)
                if secret in memory.read(high - low):
                    return True
            except (OSError, OverflowError, ValueError):
                continue
    return False


@pytest.mark.skipif(os.geteuid() != 0, reason="a key of root's")
def test_root_reads_the_key_for_a_user_who_cannot(make_secure):
    daemon = make_secure(start=False)
    assert daemon.keys[0].stat().st_mode & 0o777 == 0o600
    daemon.start()
    assert daemon.web.get("/healthz").status == 200


def test_status_tells_when_it_expires(make_secure):
    daemon = make_secure()
    told = daemon.status()["certificate_expires_at"]
    days = (time.mktime(time.strptime(told, "%Y-%m-%dT%H:%M:%SZ")) - time.time()) / 86400
    assert 28 < days < 31
    assert "Certificate good until" in daemon.ctl("status").out


def test_errors_tell_file_and_line(make_secure, authority):
    daemon = make_secure(start=False, names=("localhost", "two.test"))
    listen = daemon.values[("listen", f"127.0.0.1:{daemon.port}")]
    listen["key"].reverse()
    conf = daemon.write_config()
    line = conf.read_text().splitlines().index(
        next(x for x in conf.read_text().splitlines() if "key = " in x)) + 1
    done = run("assentd", "-t", "-f", str(conf))
    assert done.status == 1 and f"{conf}:{line}: " in done.err and "is not that of" in done.err
    done = run("assentd", "-f", str(conf))
    assert done.status == 1 and f"{conf}:{line}: " in done.err


def test_behind_the_proxy_protocol(make_secure, authority, address):
    """The block comes first, then TLS."""
    daemon = make_secure({"trusted_proxies": ["127.0.0.1"]}, listen={"proxy_protocol": True})
    block = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([192, 0, 2, 7, 10, 0, 0, 1, 0, 1, 0, 2])
    body = f"list=weekly&email={address}".replace("@", "%40").encode()
    raw = socket.create_connection(("127.0.0.1", daemon.port), 30)
    raw.sendall(block)
    with authority.context().wrap_socket(raw, server_hostname="localhost") as s:
        s.sendall(b"POST /subscribe HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
                  b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert s.recv(4096).startswith(b"HTTP/1.1 202 ")
    daemon.mails.wait(address)
    assert {e["ip"] for e in daemon.show(address)["events"] if e.get("ip")} <= {"192.0.2.7"}
