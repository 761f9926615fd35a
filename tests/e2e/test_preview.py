# SPDX-License-Identifier: ISC
"""assentctl preview, and what a list has of its own in the templates."""
import email
import email.policy
import re
import shutil

import pytest

from harness import env
from harness.config import Bare
from harness.daemon import Daemon, run
from harness.mail import ALL_KINDS, KINDS, LANGS, Mail

EVERY = [(kind, lang) for kind in ALL_KINDS for lang in LANGS]
every = pytest.mark.parametrize("kind,lang", EVERY, ids=["-".join(e) for e in EVERY])


def own_templates(folder):
    """The shipped templates, and what "daily" has of its own."""
    shutil.copytree(env.TEMPLATES, folder)
    own = folder / "list" / "daily"
    for name, text in (
            ("lang/en", "mail_hello = Dear early bird,\nform_button = Wake me\n"),
            ("mail/welcome.txt", "Up already?\n\n{{unsubscribe_url}}\n{{> _foot}}\n"),
            ("page/_brand.html", '<p class="brand">{{list.title}}, at dawn</p>\n'),
            ("assets/style.css", "/* dawn */\n")):
        path = own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@pytest.fixture(scope="module")
def daemon():
    running = Daemon({
        "limits": {"interval": Bare("1s"), "per_address": Bare('"99/1d"')},
        ("list", "weekly"): {"languages": LANGS, "goodbye": True},
        ("list", "daily"): {"welcome": True, "languages": LANGS}})
    running.values["templates"] = str(own_templates(running.path / "templates"))
    with running:
        yield running


def preview(daemon, *args):
    done = daemon.ctl("preview", *args)
    assert done.status == 0 and done.err == "", done
    return done.out


def timeless(text):
    """One is made a moment after the other, which may be another minute."""
    return re.sub(r"\b\d\d:\d\d\b", "TIME", text)


@every
def test_whole(daemon, kind, lang):
    raw = preview(daemon, kind, "--list", "weekly", "--lang", lang).encode()
    mail = Mail(raw)
    assert not mail.message.defects
    assert mail.message["Content-Language"] == lang and f'<html lang="{lang}"' in mail.html
    assert mail.message["From"].addresses[0].addr_spec == "weekly@news.example.org"
    assert mail.to == "reader@example.net"
    for part, text in (("text", mail.text), ("html", mail.html)):
        shown = preview(daemon, kind, "--lang", lang, "--part", part)
        assert timeless(shown.strip()) == timeless(text.strip())
    assert preview(daemon, kind, "--lang", lang, "--part",
                   "subject").strip() == mail.message["Subject"]


def same(mail):
    """A mail without what differs from one to the next."""
    text = "\n".join([mail.message["Subject"], mail.text, mail.html,
                      *(f"{k}: {v}" for k, v in mail.message.items()
                        if k not in ("Date", "Message-ID", "To", "Content-Type"))])
    for pattern, word in ((r"/[A-Za-z0-9_-]{34}\b", "/TOKEN"),
                          (r"\b[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}\b", "CODE"),
                          (r"(203\.0\.113|127\.0\.0)\.0/24", "NETWORK")):
        text = re.sub(pattern, word, text)
    return re.sub(r"\s+", " ", timeless(text))


@pytest.mark.parametrize("lang", LANGS)
def test_as_it_is_sent(daemon, lang):
    address = f"{lang}@example.com"
    form = {"email": address, "list": "weekly", "lang": lang}
    page = daemon.web.as_page("https://www.example.org")
    assert daemon.web.post_form("/subscribe", form, page).status == 303
    sent = {"confirm": daemon.mails.wait(address)}
    daemon.press(sent["confirm"].confirm)
    sent["welcome"] = daemon.mails.wait(address, 2)

    def asked_again():
        daemon.web.post_form("/subscribe", form, page)
        return daemon.mails.to(address)[2:]
    # Within the interval of the one before it there is none.
    sent["already"] = env.wait_until(asked_again, "the third mail", pause=0.3)[0]
    daemon.web.post_form("/manage", {"email": address, "lang": lang})
    sent["manage"] = daemon.mails.wait(address, 4)
    daemon.one_click(sent["manage"].unsubscribe)
    sent["goodbye"] = daemon.mails.wait(address, 5)
    assert sent.keys() == set(KINDS)
    for kind in sent:
        shown = Mail(preview(daemon, kind, "--list", "c8a2d1", "--lang", lang).encode())
        assert same(shown) == same(sent[kind])


def test_defaults(daemon):
    mail = Mail(preview(daemon, "welcome").encode())
    assert "The Weekly" in mail.message["Subject"]
    assert mail.message["Content-Language"] == "en"
    assert 'lang="de"' in preview(daemon, "welcome", "--lang", "de-AT", "--part", "html")


def test_json(daemon):
    found = daemon.ctl("--json", "preview", "confirm", "--lang", "fr").json()
    assert set(found) == {"from", "to", "subject", "text", "html", "message"}
    assert found["subject"] == "Veuillez confirmer\u00a0: The Weekly"
    message = email.message_from_string(found["message"], policy=email.policy.default)
    assert message.get_body(("plain",)).get_content().split() == found["text"].split()


@pytest.mark.parametrize("args,status,words", [
    (("nonsense",), 1, "no such kind of mail"),
    (("confirm", "--list", "nonsense"), 1, "no such list"),
    (("confirm", "--lang", "xx"), 1, "no catalogue of this language"),
    (("confirm", "--lang", "../en"), 1, "no catalogue of this language"),
    (("confirm", "--lang", "english"), 1, "no catalogue of this language"),
    (("confirm", "--part", "nonsense"), 2, "text, html or subject"),
    (("confirm", "--state", "pending"), 2, "not all of these options"),
    ((), 2, "an argument is missing"),
])
def test_mistakes(daemon, args, status, words):
    done = daemon.ctl("preview", *args)
    assert (done.status, done.out) == (status, "") and words in done.err
    assert done.err.startswith("assentctl: ") and done.err.count("\n") == 1


def test_sends_nothing(daemon):
    before = daemon.status()["queue"], daemon.engine()["mailed"]
    preview(daemon, "confirm")
    assert (daemon.status()["queue"], daemon.engine()["mailed"]) == before
    assert not daemon.mails.to("reader@example.net")


# ---- what a list has of its own ----

def test_own_mails(daemon):
    assert preview(daemon, "welcome", "--list", "daily",
                   "--part", "text").startswith("Up already?")
    assert preview(daemon, "confirm", "--list", "daily", "--lang", "en",
                   "--part", "text").startswith("Dear early bird,")
    assert preview(daemon, "confirm", "--list", "daily", "--lang", "de",
                   "--part", "text").startswith("Guten Tag,")
    assert preview(daemon, "confirm", "--lang", "en", "--part", "text").startswith("Hello,")
    mail = daemon.confirmed("bird@example.com", ("daily",))
    assert mail.text.startswith("Up already?")
    assert daemon.confirmed("owl@example.com").text.startswith("Hello,")


def test_own_pages(daemon):
    daily, weekly = (daemon.web.get(f"/subscribe/{n}").text for n in ("daily", "weekly"))
    assert ">Wake me<" in daily and ">Wake me<" not in weekly
    styles = [re.search(r'href="(/assets/style-\w+\.css)"', p)[1] for p in (daily, weekly)]
    assert styles[0] != styles[1]
    assert daemon.web.get(styles[0]).text == "/* dawn */\n"
    assert "dawn" not in daemon.web.get("/assets/style.css").text
    assert ", at dawn" in daemon.web.get("/pending/daily").text
    daemon.subscribe("lark@example.com", ("daily",))
    mail = daemon.mails.wait("lark@example.com")
    for url in (mail.confirm, mail.notme):
        page = daemon.web.get(url).text
        assert ", at dawn" in page and styles[0] in page
    assert ", at dawn" in daemon.press(mail.confirm).text


def test_checked_with_the_config(daemon, tmp_path):
    """Mistakes stop it, what nobody uses is a warning."""
    folder = own_templates(tmp_path / "templates")
    lost = folder / "list" / "montly" / "lang"
    lost.mkdir(parents=True)
    (lost / "en").write_text("mail_hello = Hi,\n")
    conf = tmp_path / "assent.conf"
    conf.write_text(daemon.conf.read_text().replace(daemon.values["templates"], str(folder)))
    done = run("assentd", "-t", "-f", str(conf))
    assert done.status == 0, done
    assert f"assentd: {folder}/list/montly:1: warning: there is no list" in done.err
    # A list may speak what the others don't.
    conf.write_text(re.sub('languages.*"es".*', 'languages = { "en", "it" }', conf.read_text()))
    for name in ("daily", "weekly"):
        path = folder / "list" / name / "lang" / "it"
        assert f'language "it" has no catalogue: write {folder}/lang/it' in run(
            "assentd", "-t", "-f", str(conf)).err
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mail_hello = Ciao,\n")
    assert run("assentd", "-t", "-f", str(conf)).status == 0
    (folder / "list/daily/lang/en").write_text("\nmail_helo = Hi,\n")
    done = run("assentd", "-t", "-f", str(conf))
    assert done.status == 1 and f"{folder}/list/daily/lang/en:2: no template knows" in done.err
