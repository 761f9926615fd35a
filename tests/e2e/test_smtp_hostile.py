# SPDX-License-Identifier: ISC
"""Every way in which a mail server can misbehave: what it does, and what
becomes of the row in the outbox, of the request, and what the log says.  In
the end, when the server is good again, the mail is there, with the one
Message-ID and Date that it had from the start."""
import re
import ssl

import pytest

from harness import env
from harness.certificates import Certificates
from harness.config import Bare
from harness.daemon import Daemon
from harness.smtp_play import CLOSE, GOOD, REFUSE, RESET, SILENT, Drip, Player, late

QUICK = {"mail": {"retry": ["1s"], "timeout": Bare("1s"), "sessions": 2}}
# Old versions of TLS, for which Python has a warning.
pytestmark = pytest.mark.filterwarnings("ignore:.*TLSv1:DeprecationWarning",
                                        "ignore:.*TLSv1_1:DeprecationWarning")
MEGABYTE = b"x" * (1 << 20)
MANY = b"250-PIPELINING\r\n" * 100000 + b"250 play\r\n"

# What becomes of the row, and the event in the log that tells.
AWAY = ("due", r"warn mailer mail_server_away .*reason=")
PAUSED = ("due", r"error mailer mail_paused .*reason=")
LATER = ("later", r"warn mailer mail_deferred .*reply=")
OURS = ("later", r"error mailer mail_failed .*reply=")
GONE = ("gone", r"warn mailer mail_refused .*reply=")
SENT = ("sent", r"info mailer mailed .*reply=")


# Much like others of the table: for the long run.
ALIKE = {"banner 450", "banner 250", "EHLO 451", "EHLO 554", "MAIL 452", "MAIL 550", "RCPT 451",
         "RCPT 452", "RCPT 553", "DATA 421", "DATA 550", "dot 450", "dot 452", "dot 552",
         "dot access denied", "resets within the message", "injected commands",
         "EHLO 421 before TLS", "EHLO 550 before TLS", "TLS 1.1 only", "login too weak"}


def ways(*rows):
    """A build with sanitizers is slow: it plays every second one."""
    rows = rows[::2] if env.SANITIZED else rows
    return [pytest.param(*row, id=re.sub(r"\W+", "-", row[0]),
                         marks=pytest.mark.long if row[0] in ALIKE else ()) for row in rows]


PLAIN = ways(
    # what it is called, what the server does, what becomes of it, the reply
    ("refuses connections", REFUSE, AWAY, "Connection refused"),
    ("no banner", {"greeting": SILENT}, AWAY, "the server's greeting didn't come"),
    ("banner byte by byte", {"greeting": Drip(b"220 x\r\n", 0.5)}, AWAY,
     "the server's greeting didn't come"),
    ("hangs up at once", {"greeting": CLOSE}, AWAY, "the server hung up"),
    ("resets at once", {"greeting": RESET}, AWAY, "the server hung up"),
    ("banner 421", {"greeting": b"421 4.3.2 later\r\n"}, AWAY, "421 4.3.2 later"),
    ("banner 450", {"greeting": b"450 later\r\n"}, AWAY, "450 later"),
    ("banner 554", {"greeting": b"554 5.7.1 go away\r\n"}, PAUSED, "554 5.7.1 go away"),
    ("banner 250", {"greeting": b"250 hello\r\n"}, AWAY, "250 hello"),
    ("another protocol", {"greeting": b"HTTP/1.1 400 Bad Request\r\n"}, AWAY, "HTTP/1.1 400"),
    ("banner of 1 MB", {"greeting": b"220 " + MEGABYTE}, AWAY, "has no end"),
    ("banner of 100000 lines", {"greeting": b"220-x\r\n" * 100000}, AWAY, "has no end"),
    ("two banners", {"greeting": b"220 a\r\n220 b\r\n"}, AWAY, "out of turn"),
    ("EHLO 421", {"ehlo": b"421 4.3.2 later\r\n"}, AWAY, "421 4.3.2 later"),
    ("EHLO 451", {"ehlo": b"451 later\r\n"}, AWAY, "451 later"),
    ("EHLO 550", {"ehlo": b"550 not you\r\n"}, PAUSED, "550 not you"),
    ("EHLO 554", {"ehlo": b"554 not you\r\n"}, PAUSED, "554 not you"),
    ("EHLO silence", {"ehlo": SILENT}, AWAY, "an answer to EHLO didn't come"),
    ("EHLO hangs up", {"ehlo": CLOSE}, AWAY, "hung up instead of an answer to EHLO"),
    ("EHLO garbage", {"ehlo": b"\0\1\2\xff\r\n"}, AWAY, "doesn't speak SMTP"),
    ("EHLO 1 MB line", {"ehlo": b"250 " + MEGABYTE + b"\r\n"}, AWAY, "has no end"),
    ("EHLO 100000 lines", {"ehlo": MANY}, AWAY, "has no end"),
    ("EHLO unknown HELO known", {"ehlo": lambda talk: b"502 5.5.1 what\r\n"
                                 if talk.server.steps[-2:] != ["ehlo", "ehlo"]
                                 else b"250 old\r\n"}, SENT, "250"),
    ("MAIL 421", {"mail": b"421 4.3.2 bye\r\n"}, LATER, "421 4.3.2 bye"),
    ("MAIL 451", {"mail": b"451 4.3.0 later\r\n"}, LATER, "451 4.3.0 later"),
    ("MAIL 452", {"mail": b"452 4.3.1 no room\r\n"}, LATER, "452 4.3.1 no room"),
    ("MAIL 530", {"mail": b"530 5.7.0 log in first\r\n"}, OURS, "530 5.7.0"),
    ("MAIL 550", {"mail": b"550 5.7.1 not from you\r\n"}, OURS, "550 5.7.1"),
    ("MAIL 553", {"mail": b"553 5.1.8 who is weekly@news.example.org\r\n"}, OURS, "553 5.1.8"),
    ("MAIL silence", {"mail": SILENT}, LATER, "an answer to MAIL didn't come"),
    ("MAIL reply byte by byte", {"mail": Drip(b"250 2.1.0 Ok\r\n", 0.3)}, LATER,
     "an answer to MAIL didn't come"),
    ("MAIL hangs up", {"mail": CLOSE}, LATER, "hung up instead of an answer to MAIL"),
    ("MAIL garbage", {"mail": b"ok\r\n"}, LATER, "doesn't speak SMTP"),
    ("MAIL two replies", {"mail": b"250 ok\r\n250 ok\r\n"}, LATER, "out of turn"),
    ("MAIL wrong code", {"mail": b"354 go on\r\n"}, LATER, "354 go on"),
    ("RCPT 421", {"rcpt": b"421 4.3.2 bye\r\n"}, LATER, "421 4.3.2 bye"),
    ("RCPT 450", {"rcpt": b"450 4.2.1 busy\r\n"}, LATER, "450 4.2.1 busy"),
    ("RCPT 451", {"rcpt": b"451 4.7.1 greylisted\r\n"}, LATER, "451 4.7.1 greylisted"),
    ("RCPT 452", {"rcpt": b"452 4.5.3 too many\r\n"}, LATER, "452 4.5.3 too many"),
    ("RCPT 552 is 452", {"rcpt": b"552 5.5.3 too many\r\n"}, LATER, "552 5.5.3 too many"),
    ("RCPT 550", {"rcpt": b"550 5.1.1 no such user\r\n"}, GONE, "550 5.1.1 no such user"),
    ("RCPT 553", {"rcpt": b"553 5.1.3 bad\r\n"}, GONE, "553 5.1.3 bad"),
    ("RCPT 554", {"rcpt": b"554 5.7.1 no\r\n"}, GONE, "554 5.7.1 no"),
    ("RCPT two codes in one reply", {"rcpt": b"550-5.1.1 no\r\n550 such user\r\n"}, GONE,
     "550 5.1.1 no such user"),
    ("RCPT no PTR", {"rcpt": b"450 4.7.25 no PTR\r\n"}, OURS, "450 4.7.25 no PTR"),
    ("RCPT silence", {"rcpt": SILENT}, LATER, "an answer to RCPT didn't come"),
    ("RCPT hangs up", {"rcpt": CLOSE}, LATER, "hung up instead of an answer to RCPT"),
    ("RCPT garbage", {"rcpt": MEGABYTE}, LATER, "has no end"),
    ("DATA 421", {"data": b"421 4.3.2 bye\r\n"}, LATER, "421 4.3.2 bye"),
    ("DATA 451", {"data": b"451 4.3.0 later\r\n"}, LATER, "451 4.3.0 later"),
    ("DATA 550", {"data": b"550 5.7.1 no\r\n"}, GONE, "550 5.7.1 no"),
    ("DATA 554", {"data": b"554 5.6.0 no\r\n"}, GONE, "554 5.6.0 no"),
    ("DATA wrong code", {"data": b"250 ok\r\n"}, LATER, "nobody knows: 250 ok"),
    ("DATA silence", {"data": SILENT}, LATER, "an answer to DATA didn't come"),
    ("DATA hangs up", {"data": CLOSE}, LATER, "hung up instead of an answer to DATA"),
    ("DATA two replies", {"data": b"354 go\r\n250 done\r\n"}, LATER, "the server sp(eaks|oke)"),
    ("drops within the message", {"body": CLOSE}, LATER, "the server hung up"),
    ("resets within the message", {"body": RESET}, LATER, "the server hung up"),
    ("dot 421", {"dot": b"421 4.3.2 bye\r\n"}, LATER, "421 4.3.2 bye"),
    ("dot 450", {"dot": b"450 4.2.0 later\r\n"}, LATER, "450 4.2.0 later"),
    ("dot 452", {"dot": b"452 4.3.1 full\r\n"}, LATER, "452 4.3.1 full"),
    ("dot 550", {"dot": b"550 5.7.1 spam\r\n"}, GONE, "550 5.7.1 spam"),
    ("dot 552", {"dot": b"552 5.3.4 too big\r\n"}, GONE, "552 5.3.4 too big"),
    ("dot 554", {"dot": b"554 5.7.1 spam\r\n"}, GONE, "554 5.7.1 spam"),
    ("dot no SPF", {"dot": b"550 5.7.26 unauthenticated\r\n"}, OURS, "550 5.7.26"),
    ("dot unusual rate", {"dot": b"421 4.7.28 unusual rate\r\n"}, OURS, "421 4.7.28"),
    ("dot access denied", {"dot": b"550 5.7.515 Access denied\r\n"}, OURS, "550 5.7.515"),
    ("dot wrong code", {"dot": b"354 go on\r\n"}, LATER, "354 go on"),
    ("dot silence", {"dot": SILENT}, LATER, "an answer to the message didn't come"),
    ("drops after the dot", {"dot": CLOSE}, LATER, "hung up instead of an answer to the message"),
    ("drops within the last reply", {"dot": [b"250 2.0", CLOSE]}, LATER, "the server hung up"),
    ("dot garbage", {"dot": b"\r\n\r\n"}, LATER, "doesn't speak SMTP"),
    ("dot reply of 1 MB", {"dot": b"250 " + MEGABYTE + b"\r\n"}, LATER, "has no end"),
    ("dot two replies", {"dot": b"250 ok\r\n554 no\r\n"}, LATER, "out of turn"),
    ("dot 250 alone", {"dot": b"250\r\n"}, SENT, "250"),
    ("dot another 2yz", {"dot": b"252 2.0.0 taken\r\n"}, SENT, "252 2.0.0 taken"),
    ("lines end with LF", {"rcpt": b"250 2.1.5 ok\n", "dot": b"250 2.0.0 ok\n"}, SENT, "250"),
    ("a reply of many lines", {"rcpt": b"250-2.1.5 a\r\n250-2.1.5 b\r\n250 2.1.5 c\r\n"}, SENT,
     "250"),
    ("QUIT silence", {"quit": SILENT}, SENT, "250"),
    ("late with the last reply", {"dot": late(1.5, b"250 2.0.0 at last\r\n")}, SENT,
     "250 2.0.0 at last"),
    ("slow everywhere", {step: late(0.3, GOOD[step]) for step in GOOD}, SENT, "250"),
)

BAD_TLS = [
    ("bad CA", "foreign", None, "unable to get local issuer certificate"),
    ("self-signed", "self", None, "self-signed certificate"),
    ("wrong name", "name", None, "IP address mismatch"),
    ("expired", "expired", None, "certificate has expired"),
    ("not valid yet", "early", None, "certificate is not yet valid"),
    ("TLS 1.0 only", "good", ssl.TLSVersion.TLSv1, "TLS doesn't come about"),
    ("TLS 1.1 only", "good", ssl.TLSVersion.TLSv1_1, "TLS doesn't come about"),
]


def tls(certificate="good", version=None):
    return {"certificate": (certificate, version)}


STARTTLS = ways(
    ("not offered", {"ehlo": b"250-play\r\n250 PIPELINING\r\n"}, PAUSED, "offers no STARTTLS"),
    ("refused for now", {"starttls": b"454 4.7.0 not now\r\n"}, AWAY, "454 4.7.0 not now"),
    ("refused", {"starttls": b"502 5.5.1 never\r\n"}, PAUSED, "502 5.5.1 never"),
    ("injected reply", {"starttls": b"220 go\r\n250 injected\r\n"}, PAUSED, "out of turn"),
    ("injected commands", {"starttls": b"220 go\r\n220 x\r\n250 y\r\n354 z\r\n250 sent\r\n"},
     PAUSED, "out of turn"),
    ("hangs up instead", {"starttls": [b"220 go\r\n", CLOSE]}, AWAY, "ended it while TLS began"),
    ("garbage instead", {"starttls": [b"220 go\r\n", lambda talk: talk.read(),
                                      b"GARBAGE and more of it\r\n" * 9, SILENT]}, PAUSED,
     "TLS doesn't come about"),
    ("silence instead", {"starttls": [b"220 go\r\n", SILENT]}, AWAY, "TLS didn't come"),
    ("EHLO 421 within TLS", {"ehlo2": b"421 4.3.2 later\r\n"}, AWAY, "421 4.3.2 later"),
    ("EHLO 421 before TLS", {"ehlo": b"421 4.3.2 later\r\n"}, AWAY, "421 4.3.2 later"),
    ("EHLO 550 before TLS", {"ehlo": b"550 5.7.1 no\r\n"}, PAUSED, "550 5.7.1 no"),
    *[(name, tls(file, version), PAUSED, reply) for name, file, version, reply in BAD_TLS],
    ("TLS 1.2 only", tls("good", ssl.TLSVersion.TLSv1_2), SENT, "250"),
    ("TLS 1.3 only", tls("good", ssl.TLSVersion.TLSv1_3), SENT, "250"),
)

IMPLICIT = ways(
    ("speaks no TLS", {"tls": [b"220 play.example.org ESMTP\r\n", SILENT]}, PAUSED,
     "TLS doesn't come about"),
    ("hangs up instead", {"tls": CLOSE}, AWAY, "ended it while TLS began"),
    ("silence instead", {"tls": SILENT}, AWAY, "TLS didn't come"),
    ("no banner within TLS", {"greeting": SILENT}, AWAY, "the server's greeting didn't come"),
    *[(name, tls(file, version), PAUSED, reply) for name, file, version, reply in BAD_TLS],
    ("TLS 1.2 only", tls("good", ssl.TLSVersion.TLSv1_2), SENT, "250"),
    ("login wrong", {"auth": b"535 5.7.8 no\r\n"}, PAUSED, "535 5.7.8 no"),
    ("login wrong for now", {"auth": b"454 4.7.0 later\r\n"}, AWAY, "454 4.7.0 later"),
    ("login too weak", {"auth": b"534 5.7.9 too weak\r\n"}, PAUSED, "534 5.7.9 too weak"),
    ("login without 235", {"auth": b"250 fine\r\n"}, PAUSED, "no login that is known"),
    ("login silence", {"auth": SILENT}, AWAY, "an answer to AUTH didn't come"),
    ("login hangs up", {"auth": CLOSE}, AWAY, "hung up instead of an answer to AUTH"),
    ("no login offered", {"mechanisms": ""}, PAUSED, "no login that is known"),
    ("no login known", {"mechanisms": "NTLM XOAUTH2 ../../../tmp/x"}, PAUSED,
     "no login that is known"),
    ("PLAIN", {"mechanisms": "NTLM PLAIN"}, SENT, "250"),
    ("LOGIN", {"mechanisms": "LOGIN"}, SENT, "250"),
    ("CRAM-MD5", {"mechanisms": "CRAM-MD5"}, SENT, "250"),
)


# ---- one daemon and one server for each mail.tls ----

@pytest.fixture(scope="module")
def certificates():
    folder = env.Folder("assent-tls-")
    yield Certificates(folder.path)
    folder.remove()


LOGIN = ("news", "s3cret pass\u00e9\\")


class Stage:
    """A daemon and its server, each mode's own."""

    def __init__(self, mode, certificates, host="127.0.0.1", login=None):
        self.certificates, self.count = certificates, 0
        self.server = Player(mode, certificates and certificates.context(), login, host).start()
        self.daemon = Daemon(QUICK, mails=self.server)
        mail = self.daemon.values["mail"]
        mail.update({"tls": mode, "host": host})
        if certificates:
            mail["ca_file"] = certificates.ca_file
        if login:
            secret = self.daemon.path / "password"
            secret.write_text(login[1] + "\n")
            secret.chmod(0o600)
            mail.update({"username": login[0], "password_file": str(secret)})
        self.daemon.start()

    def close(self):
        self.server.stop()
        self.daemon.stop()
        self.daemon.clean_up()

    def set_play(self, play):
        play = dict(play)
        if "certificate" in play:
            play["context"] = self.certificates.context(*play.pop("certificate"))
        self.server.play = play
        self.server.hang_up()

    def row(self, address):
        """Its row in the outbox; None when there is none."""
        rows = self.daemon.ctl("--json", "queue", "list").json()["mails"]
        return ([r for r in rows if r["address"] == address] or [None])[0]

    def events(self, address):
        return [e["event"] for e in self.daemon.show(address)["events"]]

    def run(self, play, becomes, reply):
        self.count += 1
        address = f"case{self.count}@example.com"
        since = len(self.daemon.lines)
        if play is REFUSE:
            self.server.stop()
        else:
            self.set_play(play)
        try:
            self.daemon.subscribe(address)
            getattr(self, becomes[0])(address, reply)
            line = self.daemon.wait_log(becomes[1] + f'.*{reply}', since)
            assert address not in line and "weekly@" not in line
        finally:
            if play is REFUSE:
                self.server.start()
            self.set_play({})
        if becomes[0] == "later":
            self.daemon.ctl("queue", "retry")
        if becomes[0] != "gone":
            self.arrives(address)

    # ---- what may become of it ----
    def tried(self, address, reply):
        def row():
            found = self.row(address)
            return found if found and re.search(reply, found["last_reply"]) else None
        found = env.wait_until(row, lambda: f"{reply}: {self.row(address)}")
        assert self.daemon.show(address)["subscriptions"][0]["state"] == "pending"
        return found

    def due(self, address, reply):
        """Nothing: it can go any time, and has lost no attempt."""
        assert self.tried(address, reply)["attempts"] == 0

    def later(self, address, reply):
        assert self.tried(address, reply)["attempts"] >= 1

    def gone(self, address, reply):
        env.wait_until(lambda: "refused" in self.events(address), f"{address} to be refused")
        assert self.row(address) is None

    def sent(self, address, reply):
        env.wait_until(lambda: "mailed" in self.events(address), f"{address} to be mailed")

    def arrives(self, address):
        env.wait_until(lambda: "mailed" in self.events(address), f"{address} to be mailed")
        assert self.row(address) is None
        copies = self.server.to(address)
        assert len({(m.id, m.message["Date"], m.text) for m in copies}) == 1


def stage(mode, login=None):
    @pytest.fixture(scope="module")
    def make(certificates):
        running = Stage(mode, certificates if mode != "none" else None, login=login)
        yield running
        running.close()
    return make


plain = stage("none")
starttls = stage("starttls")
implicit = stage("implicit", LOGIN)


@pytest.mark.parametrize("what, play, becomes, reply", PLAIN)
def test_in_the_clear(plain, what, play, becomes, reply):
    plain.run(play, becomes, reply)


@pytest.mark.parametrize("what, play, becomes, reply", STARTTLS)
def test_starttls(starttls, what, play, becomes, reply):
    starttls.run(play, becomes, reply)


@pytest.mark.parametrize("what, play, becomes, reply", IMPLICIT)
def test_implicit_tls_and_login(implicit, what, play, becomes, reply):
    implicit.run(play, becomes, reply)
    assert implicit.server.unauthenticated == 0
    assert LOGIN[1] not in implicit.daemon.log


# ---- behaviour over several mails ----

def greylist(seen):
    """By (address, sender, recipient), as RFC 6647 has it."""
    def answer(talk):
        key = (talk.sender, talk.recipient)
        seen.append(key)
        return b"450 4.7.1 come again\r\n" if seen.count(key) == 1 else GOOD["rcpt"]
    return answer


def test_greylisting_by_the_sender(plain):
    """A retry comes with the sender of the first time, and so is let in."""
    seen = []
    plain.set_play({"rcpt": greylist(seen)})
    people = [f"grey{n}@example.com" for n in range(8)]
    for address in people:
        plain.daemon.subscribe(address)
    for address in people:
        plain.daemon.mails.wait(address)
    plain.set_play({})
    assert sorted(seen) == sorted(2 * [(plain.server.to(a)[0].sender, a) for a in people])


def test_a_server_that_takes_one_connection(make_daemon):
    """What it turns away beyond that costs no mail an attempt."""
    with Player() as server:
        server.limit, server.play = 1, {"dot": late(0.05, GOOD["dot"])}
        daemon = make_daemon({"mail": {"sessions": 4, "messages_per_session": 5}}, mails=server)
        people = [f"one{n}@example.com" for n in range(40)]
        for address in people:
            daemon.subscribe(address)
        for address in people:
            daemon.mails.wait(address)
        daemon.settle()
        daemon.wait_log("mail_server_takes_fewer sessions=1 ")
        assert "mail_deferred" not in daemon.log and "mail_paused" not in daemon.log
        assert server.connections < 30
        assert sorted(m.to for m in server.mails if m.to.startswith("one")) == sorted(people)
        daemon.stop()


def test_hung_up_on_while_idle(plain):
    """A connection that the server closed meanwhile is no mail's loss."""
    for n in range(5):
        address = f"idle{n}@example.com"
        plain.daemon.subscribe(address)
        plain.daemon.mails.wait(address)
        env.wait_until(lambda: "mailed" in plain.events(address), "its result")
        plain.server.hang_up()
    assert not re.search(r"mail_deferred .*to=i", plain.daemon.log)


def test_ipv6_name_and_sni(certificates, make_daemon):
    """A host by name: its certificate must be that name's, which it is told."""
    asked = []
    context = certificates.context()
    context.sni_callback = lambda sock, name, _: asked.append(name)
    for host, name in (("localhost", "localhost"), ("::1", None)):
        with Player("implicit", context, host="127.0.0.1" if name else "::1") as server:
            daemon = make_daemon(mails=server, changes={"mail": {
                "host": host, "tls": "implicit", "ca_file": certificates.ca_file}})
            daemon.subscribe("a@example.com")
            daemon.mails.wait("a@example.com")
            daemon.stop()
        assert asked.pop() == name and not asked


def test_another_name_of_the_same_server(certificates, make_daemon):
    """No certificate is good enough by being good for somebody else."""
    with Player("implicit", certificates.context("name")) as server:
        daemon = make_daemon(mails=server, changes={"mail": {
            "host": "localhost", "tls": "implicit", "ca_file": certificates.ca_file}})
        daemon.subscribe("a@example.com")
        daemon.wait_log("error mailer mail_paused .*hostname mismatch")
        assert server.steps == [] and server.mails == []
        daemon.stop()


def test_whom_the_system_trusts_is_not_everybody(certificates, make_daemon):
    with Player("starttls", certificates.context()) as server:
        daemon = make_daemon(mails=server, changes={"mail": {"tls": "starttls"}})
        daemon.subscribe("a@example.com")
        daemon.wait_log("error mailer mail_paused .*unable to get local issuer certificate")
        assert server.steps == ["greeting", "ehlo", "starttls"] and server.mails == []
        daemon.stop()
