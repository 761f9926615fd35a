# SPDX-License-Identifier: ISC
"""What config/ ships besides the config, each in use: proxies that tell who
visits and keep tokens out of their logs, Postfix, certbot's hook, the units."""
import re
import shutil
import ssl
import subprocess
import urllib.parse

import pytest

from harness import env, postfix
from harness.config import Bare
from harness.examples import EXAMPLES, ShippedCaddy, ShippedHaproxy, ShippedNginx, example
from harness.mail import SmtpServer
from harness.proxies import is_installed
from harness.tls import Authority, TlsWeb
from harness.web import Web

EXPOSURE = 1.5      # of 10, systemd-analyze's measure


@pytest.fixture(scope="module")
def authority():
    folder = env.Folder()
    yield Authority(folder.path)
    folder.remove()


def paths_of(mail):
    """The path of each of its links."""
    return [urllib.parse.urlsplit(mail.link(kind)).path
            for kind in ("confirm", "notme", "unsubscribe", "manage") if mail.links(kind)]


def spellings(path):
    """Other ways to ask for the same, and ways that nearly are."""
    return [path, f"{path}?utm_source=secret-query", f"/{path}",
            path.replace("/c", "/%63").replace("/u", "/%75").replace("/m", "/%6D"),
            f"{path}/manage/x", f"/x{path}"]


def masked(log, tokens):
    for token in tokens:
        assert token not in log, [line for line in log.splitlines() if token in line][:3]
    assert "secret-query" not in log and "secret%40" not in log


@pytest.mark.parametrize("kind", [ShippedNginx, ShippedHaproxy, ShippedCaddy],
                         ids=["nginx", "haproxy", "caddy"])
def test_proxies(make_daemon, authority, kind):
    if not is_installed(kind):
        pytest.skip(f"there is no {kind.command[0]} on this machine")
    certificate, key = authority.issue("localhost", "DNS:localhost")
    key.chmod(0o644)            # they don't run as root here
    daemon = make_daemon({"base_url": "https://localhost", "trusted_proxies": ["127.0.0.1"]})
    with kind(f"127.0.0.1:{daemon.port}", certificate, key) as proxy:
        web = TlsWeb("localhost", proxy.port, authority.context(), "127.0.1.7")
        answer = web.post_json("/subscribe", {"email": "jo@example.com"},
                               {"X-Forwarded-For": "9.9.9.9", "Forwarded": "for=9.9.9.9"})
        assert answer.status == 202
        mail = daemon.mails.wait("jo@example.com")
        events = daemon.show("jo@example.com")["events"]
        assert {e["ip"] for e in events if e["ip"]} == {"127.0.1.7"}
        assert web.post_form(paths_of(mail)[0], {"press": "1"}).status == 200
        welcome = daemon.mails.wait("jo@example.com", 2)
        web.post_form("/manage", {"email": "jo@example.com"})
        manage = daemon.mails.wait("jo@example.com", 3)
        paths = sorted({p for m in (mail, welcome, manage) for p in paths_of(m)})
        assert {p.split("/")[1] for p in paths} == {"confirm", "notme", "unsubscribe", "manage"}
        for path in paths:
            assert web.get(path).status == 200
            for other in spellings(path):
                web.get(other)
        assert web.get("/subscribe/weekly?email=secret%40example.com").status == 200
        if proxy.redirects:
            away = Web("localhost", proxy.plain, "127.0.1.7").get(paths[0])
            assert away.status in (301, 302) and away.header("location").startswith("https://")
        daemon.stop()
        assert web.get(paths[0]).status in (502, 503)
    tokens = [p.split("/")[2] for p in paths]
    masked(proxy.written, tokens)
    # It is there all the same, with the visitor's address.
    for word in ("confirm", "notme", "unsubscribe", "manage"):
        lines = [line for line in proxy.written.splitlines() if f"/{word}/-" in line]
        assert len(lines) > 3 and all("127.0.1.7" in line for line in lines), proxy.written


def relay(folder, port, to):
    """A Postfix with the shipped main.cf, that hands all to `to`."""
    daemons = subprocess.run(["/usr/sbin/postconf", "-dh", "daemon_directory"], check=True,
                             capture_output=True, text=True).stdout.strip()
    for name in ("queue", "data", "conf"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shipped = example("postfix-main.cf", {
        "relayhost =\n": f"relayhost = [127.0.0.1]:{to}\n"})
    (folder / "conf/main.cf").write_text(f"""{shipped}
inet_protocols = ipv4
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
""")
    services = [line for line in postfix.MASTER.splitlines() if " unix" in line]
    (folder / "conf/master.cf").write_text("\n".join(
        [f"127.0.0.1:{port} inet n - n - - smtpd", "smtp unix - - n - - smtp", *services, ""]))


def command(folder, word):
    done = subprocess.run(["/usr/sbin/postfix", "-c", folder / "conf", word],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    log = folder / "log"
    assert "warning" not in (log.read_text() if log.exists() else ""), log.read_text()
    return done.stderr


def test_postfix(make_daemon):
    why = postfix.why_not()
    if why:
        pytest.skip(why)
    folder, port = env.Folder("assent-postfix-"), env.free_port()
    try:
        with SmtpServer() as receiver:
            relay(folder.path, port, receiver.port)
            assert "warning" not in command(folder.path, "check")
            command(folder.path, "start")
            try:
                daemon = make_daemon(mails=receiver, changes={"mail": {
                    "host": "localhost", "port": port, "tls": "none",
                    "timeout": Bare("10s"), "retry": ["1s"]}})
                daemon.confirmed("through.postfix@example.com")
            finally:
                command(folder.path, "stop")
    finally:
        folder.remove()


def test_certbots_hook(make_daemon, authority):
    """Run as certbot runs it: the first certificate, then the next."""
    daemon = make_daemon(start=False)
    owner = "-g nogroup" if env.USER else ""
    hook = daemon.path / "hook"
    hook.write_text(example("certbot-hook", {"-g assent": owner, "/etc/assent": daemon.path}))
    tools = daemon.folder.make("tools")
    (tools / "systemctl").write_text(f"#!/bin/sh\necho \"$@\" >>{daemon.path}/told\n")
    (tools / "systemctl").chmod(0o755)
    port = env.free_port()
    daemon.values[("listen", f"127.0.0.1:{port}")] = {
        "certificate": str(daemon.path / "fullchain.pem"), "key": str(daemon.path / "privkey.pem")}
    for name in ("DNS:localhost", "DNS:localhost,DNS:second.example"):
        certificate, key = authority.issue("localhost", name)
        live = daemon.folder.make(f"live-{len(name)}")
        shutil.copy(certificate, live / "fullchain.pem")
        shutil.copy(key, live / "privkey.pem")
        subprocess.run(["sh", str(hook)], check=True, env={
            "PATH": f"{tools}:/usr/bin:/bin", "RENEWED_LINEAGE": str(live)})
        daemon.start()
        served = ssl.get_server_certificate(("127.0.0.1", port))
        assert served.strip() in certificate.read_text()
        assert (daemon.path / "privkey.pem").stat().st_mode & 0o777 == 0o640
        daemon.stop()
    assert (daemon.path / "told").read_text() == "try-reload-or-restart assentd\n" * 2
    assert (EXAMPLES / "certbot-hook").stat().st_mode & 0o100


def analyze(*args):
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze on this machine")
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, timeout=60)


def test_the_unit_gives_little_away():
    unit = env.SOURCE / "config/assentd.service"
    done = analyze("security", "--offline=true", "--no-pager", str(unit))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze looks at running services only")
    found = re.search(r"Overall exposure level for assentd.service: ([\d.]+)", done.stdout)
    assert found and float(found[1]) <= EXPOSURE, done


def test_the_units_are_understood():
    units = [str(env.SOURCE / "config" / name) for name in ("assentd.service", "assentd.socket")]
    done = analyze("verify", "--man=no", *units)
    wrong = [line for line in done.stderr.splitlines()
             if "config/" in line or ("assentd." in line and "not executable" not in line)]
    assert not wrong, wrong


def test_the_units_match_the_config():
    """The socket that systemd passes is one that the shipped config names."""
    conf = (env.SOURCE / "config/assent.conf").read_text()
    socket = (env.SOURCE / "config/assentd.socket").read_text()
    listens = re.findall(r"^ListenStream=(.*)$", socket, re.M)
    assert listens
    for address in listens:
        assert re.search(rf'^listen "{re.escape(address)}"', conf, re.M)
