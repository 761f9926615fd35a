# SPDX-License-Identifier: ISC
"""The mails themselves, as a server gets them: read back by Python's parser
and by eye for what the standards ask of their bytes."""
import email
import email.header
import email.policy
import email.utils
import re
import time

import pytest

from harness.config import CONSENT, WEEKLY
from harness.daemon import Daemon
from harness.mail import KINDS, LANGS, SmtpServer

TITLE_DE = "Die Wöchentliche – für alle, die gern mehr lesen würden als bloß Überschriften"
CONSENT_DE = "Ja, ich möchte Die Wöchentliche per E-Mail, ungefähr zweimal im Monat – gern."
LISTS = {
    ("list", "weekly"): {"languages": LANGS, "goodbye": True},
    ("list", "umlaut"): {
        **WEEKLY, "aliases": [], "title": TITLE_DE, "consent": CONSENT_DE,
        "from": "Jürgen Müßig – Die Wöchentliche <umlaut@news.example.org>",
        "languages": ["de", "en"], "goodbye": True},
}
TYPED = "Win http://evil.example now"


@pytest.fixture(scope="module")
def server():
    with SmtpServer() as running:
        yield running


@pytest.fixture(scope="module")
def daemon(server):
    with Daemon(LISTS, mails=server) as running:
        yield running


def list_of(lang):
    return "umlaut" if lang == "de" else "weekly"


@pytest.fixture(scope="module")
def mails(daemon):
    """{(kind, language): mail} of all kinds, each asked for with rubbish."""
    result = {}
    for lang in LANGS:
        name = list_of(lang)
        address = f"Reader.{lang}@example.com"
        extra = {"name": TYPED, "country": "zq", "source": "zqsource", "lang": lang,
                 "utm_campaign": "zqutm", "referrer_url": "https://zqref.example/"}
        answer = daemon.web.post_form(
            "/subscribe", {"email": address, "list": name, **extra},
            {**daemon.web.as_page("https://www.example.org"), "User-Agent": "zqagent",
             "Referer": "https://www.example.org/zqpath"})
        assert answer.status == 303
        result["confirm", lang] = daemon.mails.wait(address)
        daemon.press(result["confirm", lang].confirm)
        result["welcome", lang] = daemon.mails.wait(address, 2)
        daemon.web.post_form("/subscribe", {"email": address, "list": name, **extra})
        result["already", lang] = daemon.mails.wait(address, 3)
        daemon.web.post_form("/manage", {"email": address, "name": TYPED, "lang": lang})
        result["manage", lang] = daemon.mails.wait(address, 4)
        daemon.one_click(result["manage", lang].unsubscribe)
        result["goodbye", lang] = daemon.mails.wait(address, 5)
    return result


EVERY = [(kind, lang) for kind in KINDS for lang in LANGS]
every = pytest.mark.parametrize("key", EVERY, ids=lambda k: "-".join(k))


@every
def test_bytes(mails, key):
    raw = mails[key].raw
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    assert raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert b"\0" not in raw
    assert all(b < 0x80 for b in raw)
    assert len(raw) < 10 * 1024
    head, _, body = raw.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        assert len(line) <= (76 if b"=?" in line else 78), line
        assert line.strip()
    assert max(len(line) for line in body.split(b"\r\n")) <= 998
    assert b"\r\n.\r\n" not in raw


@every
def test_one_of_each_header(mails, key):
    message = email.message_from_bytes(mails[key].raw)
    for name in ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version",
                 "Auto-Submitted", "Content-Type"):
        assert len(message.get_all(name, [])) == 1, name
    for name in ("List-Id", "List-Help", "List-Owner", "List-Unsubscribe", "List-Post"):
        assert len(message.get_all(name, [])) == 1, name
    for name in ("List-Unsubscribe-Post", "Feedback-ID", "Sender", "Reply-To", "Precedence"):
        assert len(message.get_all(name, [])) <= 1, name
    assert message["Precedence"] is None and message["Form-Sub"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Post"] == "NO"
    assert not mails[key].message.defects


@every
def test_message_id_and_date(mails, key):
    message = mails[key].message
    left, domain = re.fullmatch(r"<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([a-z0-9.-]+)>",
                                message["Message-ID"]).groups()
    assert len(left) >= 21 and ".." not in left and left.strip(".") == left
    assert domain in ("127.0.0.1", "news.example.org") or domain.endswith("example.org")
    sent = email.utils.parsedate_to_datetime(message["Date"]).timestamp()
    assert abs(time.time() - sent) < 600


def test_every_mail_has_an_id_of_its_own(mails):
    assert len({m.id for m in mails.values()}) == len(mails)


@every
def test_from_to_and_envelope(mails, key):
    mail = mails[key]
    sender = mail.message["From"].addresses
    assert len(sender) == 1 and len(mail.message["To"].addresses) == 1
    wanted = {"weekly": ("The Weekly", "weekly@news.example.org"),
              "umlaut": ("Jürgen Müßig – Die Wöchentliche",
                         "umlaut@news.example.org")}[list_of(key[1])]
    assert (sender[0].display_name, sender[0].addr_spec) == wanted
    to = mail.message["To"].addresses[0]
    assert (to.display_name, to.addr_spec) == ("", f"Reader.{key[1]}@example.com")
    assert mail.sender and mail.recipient == f"Reader.{key[1]}@example.com"


@every
def test_encoded_words(mails, key):
    head = mails[key].raw.partition(b"\r\n\r\n")[0].decode()
    unfolded = re.sub(r"\r\n[ \t]", " ", head)
    for word in re.findall(r"=\?[^?]*\?[^?]*\?[^?]*\?=", unfolded):
        assert len(word) <= 75
        text, charset = email.header.decode_header(word)[0]
        assert charset.lower() == "utf-8"
        text.decode("utf-8")        # whole characters
    for line in unfolded.splitlines():
        assert not re.search(r"<[^>]*=\?", line) and not re.search(r'"[^"]*=\?[^"]*"', line)
        if line.lower().startswith("list-"):
            assert "=?" not in line, line


@every
def test_structure(mails, key):
    message = mails[key].message
    assert message.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    for part in message.iter_parts():
        assert part.get_content_charset() == "utf-8"
        assert part["Content-Transfer-Encoding"].lower() in ("7bit", "quoted-printable", "base64")
        assert not part.defects
    assert mails[key].text.strip() and mails[key].html.strip()


@every
def test_list_headers(mails, key, daemon):
    message = mails[key].message
    found = re.search(r"<([^<>\s]+)>$", message["List-Id"])
    assert found and len(message["List-Id"]) <= 255
    name = list_of(key[1])
    assert found[1].startswith(name + ".")
    for header in ("List-Help", "List-Owner"):
        assert re.fullmatch(r"<(mailto|https?):[^<>\s]+>(, <[^<>\s]+>)*", message[header])
    urls = re.findall(r"<(https?:[^>]+)>", message["List-Unsubscribe"])
    assert len(urls) == 1 and urls[0].startswith(daemon.base + "/")
    if key[0] != "confirm":
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(re.escape(daemon.base) + r"/unsubscribe/[A-Za-z0-9_-]{34}", urls[0])
        assert "example.com" not in urls[0]


@every
def test_feedback_id(mails, key):
    value = mails[key].message["Feedback-ID"]
    if value is not None:
        assert re.fullmatch(r"[^:]*:[^:]*:[^:]*:[^:]{5,15}", value)


@every
def test_only_urls_of_ours(mails, key, daemon):
    allowed = (daemon.base + "/confirm/", daemon.base + "/notme/", daemon.base + "/unsubscribe/",
               "https://www.example.org/privacy")
    if key[0] != "confirm":
        allowed += (daemon.base + "/manage",)
    if key[0] == "goodbye":
        allowed += (daemon.base + "/subscribe/",)
    for part in (mails[key].text, mails[key].html):
        for url in re.findall(r"(?:https?|ftp)://[^\s\"'<>]+", part):
            assert url.startswith(allowed) or url.rstrip(".,)/") in (
                "https://www.example.org", daemon.base), url
        assert not re.search(r"<(img|script|link|iframe|object|video)\b", part)
        assert not re.search(r"url\(|@import", part)


@every
def test_controller_stands_in_the_mail(mails, key):
    for part in (mails[key].text, mails[key].html):
        for each in ("Example Ltd", "1 Road, Town"):
            assert each in part
        assert "https://www.example.org/privacy" in part


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_typed_by_a_stranger(mails, lang):
    mail = mails["confirm", lang]
    for part in (mail.raw.decode(), mail.text, mail.html, mail.message["Subject"]):
        for each in ("evil", "Win ", "zqsource", "zqutm", "zqref", "zqagent", "zqpath"):
            assert each not in part
    # The address stands in To and nowhere else.
    assert mail.raw.decode().lower().count(f"reader.{lang}@example.com") == 1


@pytest.mark.parametrize("lang,text", [
    (lang, CONSENT_DE if lang == "de" else CONSENT) for lang in LANGS])
def test_consent_word_for_word(mails, lang, text):
    mail = mails["confirm", lang]
    assert text in " ".join(mail.text.split())
    assert text in " ".join(mail.html.split())


def test_links_stand_alone_on_their_lines(mails):
    for lang in LANGS:
        mail = mails["confirm", lang]
        for kind in ("confirm", "notme"):
            link = mail.link(kind)
            assert len(link) <= 76
            assert link in mail.text.splitlines()
        # Whole in the source too: no soft break of quoted-printable cuts it.
        body = mail.raw.decode()
        assert mail.confirm in body or "base64" in body
        assert mail.links("confirm", mail.html) and mail.code in mail.html


def test_said_in_the_readers_language(mails):
    assert "bestätig" in mails["confirm", "de"].text.lower()
    assert "confirm" in mails["confirm", "en"].text.lower()
    assert TITLE_DE in mails["confirm", "de"].message["Subject"] or \
        TITLE_DE in " ".join(mails["confirm", "de"].text.split())


@every
def test_its_language_survives_webmail(mails, key):
    """Which throws <html> and <body> away."""
    html = mails[key].html
    assert f'<html lang="{key[1]}" dir="ltr">' in html
    body = html[html.index("<body"):]
    assert re.search(f'<div [^>]*lang="{key[1]}" dir="ltr"', body)
    assert body.count("<div") == body.count("</div>")


def test_says_when_and_from_where_it_was_asked(mails):
    mail = mails["confirm", "en"]
    assert "https://www.example.org" in mail.text       # the configured origin
    assert "127.0.0.0" in mail.text or "127.0.0.x" in mail.text     # never the whole
    assert "127.0.0.1" not in mail.text.replace("http://127.0.0.1:", "")


def test_confirmation_advertises_nothing(mails, daemon):
    """Only who, what, confirm, not me, imprint, privacy."""
    mail = mails["confirm", "en"]
    links = set(re.findall(r'href="([^"]+)"', mail.html))
    for link in links:
        assert re.match(re.escape(daemon.base) + "/(confirm|notme)/", link) or \
            link in ("https://www.example.org/privacy", "mailto:privacy@example.org"), link


def display_name(mail):
    """The old parser's reading: the new one's leaves blanks between
    encoded-words of a phrase."""
    old = email.message_from_bytes(mail.raw, policy=email.policy.compat32)
    text = str(email.header.make_header(email.header.decode_header(old["From"])))
    return email.utils.parseaddr(text)[0].strip()


def test_odd_titles_survive(make_daemon):
    """Long and foreign list titles come back as they were."""
    titles = ["x" * 60, "ж" * 60, "日本語の" * 9, "a b " * 15 + "end", 'Quo"ted, (odd) <t>',
              "=?utf-8?q?fake?=", "Ends with colon:", "Tab-less;semi,comma@at",
              "😀 emoji 😀 " * 5 + "end", "é", "mixed ascii и кириллица " * 3 + "end"]
    changes = {}
    for number, title in enumerate(titles):
        changes["list", f"t{number}"] = {
            **WEEKLY, "aliases": [], "title": title, "welcome": False,
            "from": f'"{title[:40]}" <t{number}@news.example.org>'.replace('"ted', "ted")
            if '"' not in title else f"T <t{number}@news.example.org>"}
    with SmtpServer() as server:
        daemon = make_daemon(changes, mails=server)
        for number, title in enumerate(titles):
            address = f"title{number}@example.com"
            daemon.subscribe(address, (f"t{number}",))
            mail = daemon.mails.wait(address)
            assert " ".join(title.split()) in " ".join(
                (mail.message["Subject"] + " " + mail.text).split())
            for line in mail.raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
                assert len(line) <= (76 if b"=?" in line else 78), line
            assert not mail.message.defects
            if '"' not in title:
                assert display_name(mail) == title[:40].strip()
        daemon.stop()


# ---- what Outlook's Word engine wants ----
@pytest.mark.parametrize("kind", KINDS)
def test_word_shows_it_too(daemon, kind):
    """It knows paddings in cells only, takes grounds from bgcolor, and tables
    inherit no font; its own comments must open and close like for like."""
    html = daemon.ctl("preview", kind, "--part", "html").out
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->") >= 3
    for cell in re.findall(r"<td[^>]*background[^>]*>", html):
        assert "bgcolor=" in cell, cell
    asides = "".join(re.findall(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", html, re.S))
    for tag in ("table", "tr", "td"):
        assert asides.count(f"<{tag} ") + asides.count(f"<{tag}>") == asides.count(f"</{tag}>"), tag
    assert "font-family" in asides and "padding" in asides
    assert not re.search(r"<(img|script|link|form|svg)\b", html)
    preview = re.search(r'<div style="display:none[^>]*mso-hide:all">([^<]+)</div>', html)
    assert preview and html.index(preview[0]) < html.index("<h1")
