# SPDX-License-Identifier: ISC
"""Through real mail servers, with TLS, a login and a CA of our own."""
import pytest

from harness import cage, env, postfix
from harness.certificates import Certificates
from harness.config import Bare

REASONS = {"postfix": postfix.why_not, "exim": cage.why_not, "opensmtpd": cage.why_not}
KINDS = {"postfix": postfix.Postfix, "exim": cage.Exim, "opensmtpd": cage.OpenSmtpd}
QUICK = {"retry": ["1s"], "timeout": Bare("10s")}


@pytest.fixture(scope="module")
def certificates():
    folder = env.Folder("assent-tls-")
    yield Certificates(folder.path)
    folder.remove()


@pytest.fixture(scope="module", params=[
    "postfix", pytest.param("exim", marks=pytest.mark.long),
    pytest.param("opensmtpd", marks=pytest.mark.long)])
def server(request, certificates):
    why = REASONS[request.param]()
    if why:
        pytest.skip(why)
    folder = env.Folder(f"assent-{request.param}-")
    try:
        with KINDS[request.param](folder.path, certificates) as running:
            yield running
    finally:
        folder.remove()


def sending(make_daemon, server, certificates, tls, password=None, **mail):
    """A daemon that sends through it; the password's file is root's alone."""
    login = {"username": server.username, "password_file": "password"} if server.login else {}
    secure = {"ca_file": certificates.ca_file} if tls != "none" else {}
    daemon = make_daemon(mails=server, start=False, changes={"mail": {
        **QUICK, "host": "localhost", "tls": tls, "port": getattr(server, tls),
        **login, **secure, **mail}})
    secret = daemon.path / "password"
    secret.write_text((password or server.password) + "\n")
    secret.chmod(0o600)
    return daemon.start()


def test_there_and_back(make_daemon, server, certificates):
    for tls in server.ways:
        daemon = sending(make_daemon, server, certificates, tls)
        address = f"{tls}@example.com"
        welcome = daemon.confirmed(address)
        assert daemon.one_click(welcome.unsubscribe).status == 200
        env.wait_until(lambda: "'250 " in str(daemon.show(address)["events"]),
                       "a mail's result")
        assert server.password not in daemon.log
        daemon.stop()


def test_a_wrong_password(make_daemon, server, certificates):
    if not server.login:
        pytest.skip("this server knows no logins")
    daemon = sending(make_daemon, server, certificates, server.ways[0], password="wr0ng")
    daemon.subscribe("wrong@example.com")
    daemon.wait_log("error mailer mail_paused .*535 ")
    assert daemon.queued() == 1 and "wr0ng" not in daemon.log
    daemon.stop()
    assert server.to("wrong@example.com") == []


def test_over_few_connections(make_daemon, server, certificates):
    daemon = sending(make_daemon, server, certificates, server.ways[0], sessions=2,
                     messages_per_session=9)
    people = [f"few{n}@example.com" for n in range(50)]
    for address in people:
        daemon.subscribe(address)
    for address in people:
        server.wait(address)
    daemon.settle()
    assert sorted(m.to for m in server.mails if m.to.startswith("few")) == sorted(people)
    daemon.stop()
