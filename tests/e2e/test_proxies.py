# SPDX-License-Identifier: ISC
"""Behind real proxies, whose clients lie about who they are: evidence holds
the address that the nearest trusted proxy saw."""
import socket

import pytest

from harness import env
from harness.proxies import Caddy, Haproxy, Nginx, is_installed
from harness.tls import Authority, TlsWeb
from harness.web import Web

SPOOFED = [
    {},
    {"X-Forwarded-For": "9.9.9.9"},
    {"X-Forwarded-For": "9.9.9.9, 127.0.0.1"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "garbage"},
    {"X-Forwarded-For": "\", 9.9.9.9"},
    {"X-Forwarded-For": ","},
    {"x-forwarded-for": "::1, 2001:db8::1"},
    {"Forwarded": "for=9.9.9.9"},
    {"Forwarded": "for=9.9.9.9;x=\""},
    {"X-Real-IP": "9.9.9.9", "True-Client-IP": "9.9.9.9", "CF-Connecting-IP": "9.9.9.9"},
    {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
]
TRUST = {"trusted_proxies": ["127.0.0.1"]}


@pytest.fixture(scope="module")
def authority():
    folder = env.Folder()
    yield Authority(folder.path)
    folder.remove()


def evidence(daemon, address):
    daemon.mails.wait(address)
    return {e["ip"] for e in daemon.show(address)["events"] if e.get("ip")}


def post(web, address, headers=None):
    return web.post_json("/subscribe", {"email": address, "list": "weekly"}, headers or {})


def check_spoofed(daemon, proxy, word, to=None):
    """Each chain from a client of its own."""
    posted = {}
    for i, headers in enumerate(SPOOFED):
        source = f"127.0.1.{i + 1}"
        address = f"{word}.{i}@example.com"
        answer = post(Web("127.0.0.1", to or proxy.port, source), address, headers)
        assert answer.status == 202, (headers, answer)
        posted[address] = source
    for address, source in posted.items():
        assert evidence(daemon, address) == {source}, address


@pytest.mark.parametrize("kind", [Nginx, Haproxy, Caddy], ids=lambda k: k.__name__)
def test_spoofed_chains(make_daemon, kind):
    if not is_installed(kind):
        pytest.skip(f"there is no {kind.command[0]} on this machine")
    daemon = make_daemon(TRUST)
    with kind(f"127.0.0.1:{daemon.port}") as proxy:
        check_spoofed(daemon, proxy, "spoof")
        assert "proxy_not_trusted" not in daemon.log


def test_a_chain_of_two(make_daemon):
    """nginx behind HAProxy: both are ours."""
    daemon = make_daemon(TRUST)
    with Nginx(f"127.0.0.1:{daemon.port}") as inner, \
            Haproxy(f"127.0.0.1:{inner.port}") as outer:
        check_spoofed(daemon, outer, "two")


def test_a_unix_socket(make_daemon):
    """Whoever connects there is a proxy on this machine, as nginx users have it."""
    daemon = make_daemon(start=False)
    path = daemon.path / "http.sock"
    daemon.values[("listen", f"unix:{path}")] = {}
    daemon.start()
    with Nginx(f"unix:{path}") as proxy:
        check_spoofed(daemon, proxy, "unix")


@pytest.mark.parametrize("server", ["send-proxy-v2", "send-proxy-v2 check check-send-proxy",
                                    "send-proxy-v2 proxy-v2-options unique-id,crc32c"])
def test_proxy_protocol(make_daemon, server):
    daemon = make_daemon(start=False, changes=TRUST)
    port = env.free_port()
    daemon.values[("listen", f"127.0.0.1:{port}")] = {"proxy_protocol": True}
    daemon.start()
    with Haproxy(f"127.0.0.1:{port}", mode="tcp", server=server) as proxy:
        # These clients speak for themselves: none of them is believed.
        check_spoofed(daemon, proxy, "block")


def test_proxy_protocol_of_version_1(make_daemon):
    daemon = make_daemon(start=False, changes=TRUST)
    port = env.free_port()
    daemon.values[("listen", f"127.0.0.1:{port}")] = {"proxy_protocol": True}
    daemon.start()
    with Haproxy(f"127.0.0.1:{port}", mode="tcp", server="send-proxy") as proxy:
        with pytest.raises(OSError):
            Web("127.0.0.1", proxy.port).get("/healthz")


def test_proxy_protocol_from_a_stranger(make_daemon):
    daemon = make_daemon(start=False, changes={"trusted_proxies": ["127.0.0.9"],
                                               "web_processes": 1})
    port = env.free_port()
    daemon.values[("listen", f"127.0.0.1:{port}")] = {"proxy_protocol": True}
    daemon.start()
    with Haproxy(f"127.0.0.1:{port}", mode="tcp", server="send-proxy-v2") as proxy:
        for _ in range(3):
            with pytest.raises(OSError):
                Web("127.0.0.1", proxy.port).get("/healthz")
    line = daemon.wait_log("proxy_not_trusted")
    assert "ignored=PROXY" in line and "127.0.0.9, 127.0.0.1 }" in line
    assert daemon.log.count("proxy_not_trusted") == 1


def test_tls_behind_a_proxy_of_tcp(make_daemon, authority):
    """The block, then a handshake with us, all through HAProxy."""
    certificate, key = authority.issue("localhost", "DNS:localhost")
    daemon = make_daemon(start=False, changes=TRUST)
    port = env.free_port()
    daemon.values[("listen", f"127.0.0.1:{port}")] = {
        "proxy_protocol": True, "certificate": str(certificate), "key": str(key)}
    daemon.start()
    with Haproxy(f"127.0.0.1:{port}", mode="tcp", server="send-proxy-v2") as proxy:
        raw = socket.create_connection(("127.0.0.1", proxy.port), 30,
                                       source_address=("127.0.2.1", 0))
        with authority.context().wrap_socket(raw, server_hostname="localhost") as s:
            body = b'{"email": "tcp.tls@example.com", "list": "weekly"}'
            s.sendall(b"POST /subscribe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                      + body)
            assert s.recv(4096).startswith(b"HTTP/1.1 202 ")
    assert evidence(daemon, "tcp.tls@example.com") == {"127.0.2.1"}


def test_a_proxy_that_speaks_tls(make_daemon, authority):
    """nginx ends TLS: HSTS goes out exactly where the visitor has TLS."""
    certificate, key = authority.issue("localhost", "DNS:localhost")
    key.chmod(0o644)            # nginx doesn't run as root here
    daemon = make_daemon({**TRUST, "base_url": "https://localhost"})
    tls = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    with Nginx(f"127.0.0.1:{daemon.port}", options="ssl", tls=tls) as secure, \
            Nginx(f"127.0.0.1:{daemon.port}") as plain:
        web = TlsWeb("localhost", secure.port, authority.context())
        assert web.get("/subscribe/weekly").header("strict-transport-security")
        web = Web("127.0.0.1", plain.port)
        assert web.get("/subscribe/weekly").header("strict-transport-security") is None


def test_a_stranger_is_not_believed(daemon):
    """No proxy is configured: one warning a process, with the line to add."""
    for i in range(20):
        address = f"stranger.{i}@example.com"
        answer = post(daemon.web, address, {"X-Forwarded-For": "9.9.9.9"})
        assert answer.status == 202
        assert evidence(daemon, address) == {"127.0.0.1"}
    line = daemon.wait_log("proxy_not_trusted")
    assert "peer=127.0.0.1" in line and "ignored=X-Forwarded-For" in line
    assert "trusted_proxies = { 127.0.0.1 }" in line
    assert 1 <= daemon.log.count("proxy_not_trusted") <= daemon.values["web_processes"]


def test_the_line_of_the_warning_is_right(make_daemon):
    daemon = make_daemon({"web_processes": 1})
    post(daemon.web, "first.time@example.com", {"X-Forwarded-For": "192.0.2.1"})
    line = daemon.wait_log("proxy_not_trusted")
    daemon.stop()
    text = line.split('if_it_is_yours_add="')[1].rstrip('"')
    conf = daemon.write_config()
    conf.write_text(text + "\n" + conf.read_text())
    daemon.write_config = lambda: conf
    daemon.start()
    post(daemon.web, "second.time@example.com", {"X-Forwarded-For": "192.0.2.1"})
    assert evidence(daemon, "second.time@example.com") == {"192.0.2.1"}


def test_networks(make_daemon):
    daemon = make_daemon({"trusted_proxies": ["127.8.0.0/16", "127.0.0.1"]})
    for i, (source, wanted) in enumerate([
            ("127.8.200.1", "192.0.2.1"), ("127.0.0.1", "192.0.2.1"),
            ("127.9.0.1", "127.9.0.1"), ("127.0.0.2", "127.0.0.2")]):
        address = f"network.{i}@example.com"
        post(Web("127.0.0.1", daemon.port, source), address,
             {"X-Forwarded-For": "9.9.9.9, 192.0.2.1, 127.8.3.3"})
        assert evidence(daemon, address) == {wanted}


def test_budgets_count_the_client(make_daemon):
    """30 for each client of the proxy, not 30 for the proxy."""
    daemon = make_daemon({**TRUST, "limits": {"per_network": "3/1h"}})
    for client in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
        found = [post(daemon.web, f"b{i}.{client.replace(':', '-')}@example.com",
                      {"X-Forwarded-For": f"9.9.9.{i}, {client}"}).status for i in range(4)]
        assert found == [202, 202, 202, 429], (client, found)
    # The same /64, then another.
    for client, wanted in (("2001:db8::2", 429), ("2001:db8:0:1::1", 202)):
        answer = post(daemon.web, f"six.{wanted}@example.com", {"X-Forwarded-For": client})
        assert answer.status == wanted
