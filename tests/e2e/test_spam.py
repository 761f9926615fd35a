# SPDX-License-Identifier: ISC
"""SpamAssassin's opinion of each mail in each language, by the rules that its
Debian package brings, without network or a daemon of its own."""
import re
import shutil
import subprocess

import pytest

from harness import env
from harness.daemon import Daemon
from harness.mail import KINDS, LANGS

RULES = "/usr/share/spamassassin"
SPAM = b"""From: a@example.org
To: b@example.net
Subject: The agreed sample of spam

XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X
"""
# What we are held to; it takes 5 to be spam.
MOST = 1.0

pytestmark = [
    pytest.mark.skipif(shutil.which("spamassassin") is None, reason="needs spamassassin"),
    pytest.mark.skipif(env.SANITIZED, reason="the mails are those of the other build"),
]


def mails():
    """{"kind lang": mail as it would be sent}, from a site with a name."""
    result = {}
    with Daemon({"base_url": "https://news.example.org",
                 ("list", "weekly"): {"languages": LANGS}}) as daemon:
        for kind in KINDS:
            for lang in LANGS:
                done = daemon.ctl("preview", kind, "--lang", lang)
                assert done.status == 0, done
                result[f"{kind} {lang}"] = done.out.encode()
    return result


def judge(mails, home):
    """{name: {rule: points}} of each; one start of Perl for all of them, in
    an mbox, which comes back in another order."""
    prefs = home / "prefs"
    prefs.write_text("")
    box = b"".join(
        b"From weekly@news.example.org Mon Nov 23 05:32:00 2026\nX-Which: "
        + name.encode() + b"\n" + raw.replace(b"\r\n", b"\n") + b"\n"
        for name, raw in mails.items())
    done = subprocess.run(
        ["spamassassin", "--local", "--test-mode", "--mbox", "--configpath", RULES,
         "--prefspath", str(prefs), "--cf", "use_bayes 0",
         "--cf", "add_header all Points _TESTSSCORES(,)_"],
        input=box, capture_output=True, timeout=300,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    found = {}
    for head in re.findall(r"(?m)^X-Spam-Points: [^\0]*?^X-Which: .*", done.stdout.decode()):
        points, which = head.split("\nX-Which: ")
        pairs = re.findall(r"(\w+)=(-?[\d.]+)", points.split("\nX-Spam")[0].split(": ", 1)[1])
        found[which] = {rule: float(points) for rule, points in pairs}
    return found


def test_nothing_looks_like_spam(tmp_path):
    every = mails()
    found = judge({**every, "spam": SPAM}, tmp_path)
    # The rules are there and at work.
    assert found.pop("spam")["GTUBE"] > 100
    assert found.keys() == every.keys()
    for name, rules in found.items():
        # What counts for us (being a list) makes up for nothing.
        against = {rule: points for rule, points in rules.items() if points > 0}
        print(name, round(sum(rules.values()), 3), rules)
        assert sum(against.values()) < MOST, (name, against)
