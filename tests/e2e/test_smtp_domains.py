# SPDX-License-Identifier: ISC
"""Before a first mail the DNS is asked whether its domain takes any."""
import collections

import pytest

from harness import env
from harness.dns import A, AAAA, FAILS, MX, NO_DOMAIN, NameServer, mx
from harness.smtp_play import Player

TAKEN = {"mx.example": {MX: mx("mail.mx.example")}, "a.example": {A: b"\x7f\0\0\1"},
         "aaaa.example": {AAAA: b"\0" * 15 + b"\1"}, "fails.example": FAILS,
         "xn--bcher-kva.example": {MX: mx("mail.mx.example")}}
REFUSED = {"none.example": (NO_DOMAIN, "there is no such domain"),
           "null.example": ({MX: mx("")}, "the domain takes no mail"),
           "empty.example": ({}, "the domain has no mail server")}
ZONES = {**TAKEN, **{name: zone for name, (zone, _) in REFUSED.items()}, "silent.example": None}


@pytest.fixture
def served(make_daemon):
    with NameServer(ZONES) as dns, Player() as server:
        yield dns, server, lambda **changes: make_daemon({"mail": {
            "check_domains": True, "resolver": dns.resolver, **changes}}, mails=server)


def ask(daemon, *addresses):
    for address in addresses:
        assert daemon.web.post_json("/subscribe", {"email": address}).status == 202


def test_a_domain_that_takes_no_mail_gets_none(served):
    dns, server, start = served
    daemon = start()
    ask(daemon, *(f"someone@{name}" for name in [*REFUSED, *TAKEN]))
    for name in TAKEN:
        server.wait(f"someone@{name}")
    env.wait_until(lambda: daemon.queued() == 0, "an empty queue")
    assert {m.to.partition("@")[2] for m in server.mails} == set(TAKEN)
    refused = [line for line in daemon.log.splitlines() if "mail_refused" in line]
    assert len(refused) == len(REFUSED)
    for name, (_, why) in REFUSED.items():
        assert any(why in line and name in line for line in refused), (name, refused)

def test_a_domain_is_asked_once_for_many(served):
    dns, server, start = served
    daemon = start()
    people = [f"p{n}@mx.example" for n in range(20)] + [f"p{n}@none.example" for n in range(20)]
    ask(daemon, *people)
    env.wait_until(lambda: daemon.queued() == 0, "an empty queue")
    assert len(server.mails) == 20
    assert collections.Counter(dns.asked) == {("mx.example", MX): 1, ("none.example", MX): 1}


def test_no_mail_waits_for_a_resolver_at_the_end(served):
    dns, server, start = served
    daemon = start()
    ask(daemon, "someone@silent.example")
    env.wait_until(lambda: ("silent.example", MX) in dns.asked, "the question")
    assert not server.mails
    daemon.stop()
    server.wait("someone@silent.example")


def test_it_can_be_turned_off(served):
    dns, server, start = served
    daemon = start(check_domains=False)
    ask(daemon, "someone@none.example")
    server.wait("someone@none.example")
    assert not dns.asked


def test_silent_domains_hold_up_nobody_else(served):
    dns, server, start = served
    dns.zones.update({f"d{n}.example": None for n in range(300)})
    daemon = start()
    ask(daemon, *(f"someone@d{n}.example" for n in range(300)), "someone@mx.example")
    server.wait("someone@mx.example")
    env.wait_until(lambda: len(server.mails) == 301, "all mails")
