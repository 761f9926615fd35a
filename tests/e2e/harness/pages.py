# SPDX-License-Identifier: ISC
"""Every page that a visitor can come upon, reached as a visitor reaches it.
A journey stops at each page on its way and tells its name; PAGES says of each
which template, route and status it is, and each page tells that itself."""
import itertools
import re
import shutil
import signal

from . import env
from .browser import Browser, Website
from .config import CONSENT, WEEKLY, Bare
from .daemon import Daemon, kill
from .mail import LANGS

# name: (template, route, status)
PAGES = {
    "form": ("form", "/subscribe/", 200),
    "form-mistake": ("form", "/subscribe/", 400),
    "form-long": ("form", "/subscribe/", 200),
    "form-fields": ("form", "/subscribe/", 200),
    "form-fields-mistake": ("form", "/subscribe/", 400),
    "form-box-mistake": ("form", "/subscribe/", 400),
    "challenge": ("challenge", "/subscribe/", 200),
    "challenge-wait": ("challenge", "/subscribe/", 200),
    "challenge-early": ("challenge", "/subscribe/", 200),
    "pending": ("pending", "/pending/", 200),
    "pending-wrong-code": ("pending", "/confirm", 400),
    "pending-elsewhere": ("pending", "/pending/", 200),
    "pending-inbox": ("pending", "/pending/", 200),
    "pending-meant": ("pending", "/pending/", 200),
    "pending-no-cookie": ("pending", "/confirm", 400),
    "confirmed": ("confirmed", "/confirm", 200),
    "confirm": ("confirm", "/confirm/", 200),
    "confirm-code": ("confirm", "/confirm/", 200),
    "confirm-wrong-code": ("confirm", "/confirm/", 400),
    "confirm-unsure": ("confirm", "/confirm/", 200),
    "confirm-several": ("confirm", "/confirm/", 200),
    "confirm-noscript": ("confirm", "/confirm/", 200),
    "confirm-noscript-same": ("confirm", "/confirm/", 200),
    "confirmed-several": ("confirmed", "/confirm/", 200),
    "confirmed-again": ("confirmed", "/confirm/", 200),
    "confirm-expired": ("error", "/confirm/", 410),
    "unsubscribe": ("unsubscribe", "/unsubscribe/", 200),
    "unsubscribe-box": ("unsubscribe", "/unsubscribe/", 200),
    "unsubscribed": ("unsubscribed", "/unsubscribe/", 200),
    "notme": ("notme", "/notme/", 200),
    "notme-box": ("notme", "/notme/", 200),
    "notme-confirmed": ("notme", "/notme/", 200),
    "notme-done": ("notme_done", "/notme/", 200),
    "notme-done-box": ("notme_done", "/notme/", 200),
    "notme-undone": ("pending", "/notme/", 200),
    "notme-gone": ("notme_done", "/notme/", 200),
    "manage-ask": ("manage_ask", "/manage", 200),
    "manage-ask-mistake": ("manage_ask", "/manage", 400),
    "manage-sent": ("manage_sent", "/manage/sent", 200),
    "manage": ("manage", "/manage/", 200),
    "manage-code": ("manage", "/manage/", 200),
    "manage-wrong-code": ("manage", "/manage/", 400),
    "manage-noscript": ("manage", "/manage/", 200),
    "manage-open": ("manage_open", "/manage/", 200),
    "manage-mistake": ("manage_open", "/manage/", 400),
    "manage-saved": ("manage_open", "/manage/", 200),
    "manage-left": ("manage_open", "/manage/", 200),
    "manage-data": ("manage_data", "/manage/", 200),
    "manage-erase": ("manage_erase", "/manage/", 200),
    "manage-erased": ("manage_erased", "/manage/", 200),
    "manage-expired": ("manage_ask", "/manage/", 410),
    "error-malformed": ("error", None, 414),
    "form-refused": ("form", "/subscribe", 400),
    "error-origin": ("error", "/subscribe", 403),
    "error-nothing": ("error", None, 404),
    "error-method": ("error", "/confirm", 405),
    "error-large": ("error", "/subscribe", 413),
    "error-type": ("error", "/subscribe", 415),
    "error-busy": ("error", "/subscribe/", 429),
    "error-away": ("error", "/subscribe/", 503),
}

LONG_TITLE = "Neues für Datenschutzgrundverordnungsbeauftragte"
LONG_CONSENT = ("Ja, ich möchte „Neues für Datenschutzgrundverordnungsbeauftragte“ per E-Mail "
                "erhalten; mehr dazu: https://www.example.org/" + "datenschutz" * 8)
LONG_NAME = "wolfeschlegelsteinhausenbergerdorff.the.elder.and.younger"

LISTS = {
    ("list", "weekly"): {"languages": [*LANGS, "ar"], "goodbye": True},
    ("list", "long"): {**WEEKLY, "aliases": [], "title": LONG_TITLE, "consent": LONG_CONSENT,
                       "consent_box": "required", "languages": [*LANGS, "ar"]},
    ("list", "fields"): {
        **WEEKLY, "aliases": [], "title": "The Quarterly", "languages": [*LANGS, "ar"],
        "consent": "I want The Quarterly by email, four times a year.",
        "consent_box": "required",
        ("field", "size"): {"type": "choice", "choices": ["small", "large"],
                            "label": "Size of the type", "required": True},
        ("field", "born"): {"type": "date", "label": "Birthday"},
        ("field", "shoes"): {"type": "number", "label": "Size of your shoes"}},
    ("list", "brief"): {**WEEKLY, "aliases": [], "title": "The Brief",
                        "confirm_within": Bare("1s"), "welcome": False},
}

# Enough of a language that runs the other way to see what it does to a page.
ARABIC = """dir = rtl
language = العربية
form_title = اشترك في {{list.title}}
form_lead = أدخل عنوانك، وسنرسل إليك رسالة فيها رابط لتأكيده.
form_email = عنوان البريد الإلكتروني
form_name = الاسم
form_optional = (اختياري)
form_button = اشترك
form_next = لن تكون في القائمة إلا بعد أن تؤكد، ويمكنك المغادرة في أي وقت.
pending_title = يرجى التحقق من بريدك
pending_lead = إن كان كل شيء على ما يرام، فهناك رسالة منا في طريقها إليك.
code_label = الرمز من الرسالة
code_button = أكد بالرمز
confirm_title = يرجى تأكيد اشتراكك
confirm_button = نعم، أريد الاشتراك
unsubscribe_title = إلغاء الاشتراك؟
unsubscribe_button = إلغاء الاشتراك
mail_hello = مرحبًا،
mail_confirm_title = يرجى تأكيد اشتراكك
mail_confirm_button = تأكيد الاشتراك
mail_confirm_consent = ما توافق عليه:
"""

# Sent without a person's gesture, as a program would.
SUBMIT = "document.querySelector('main form').submit()"
POST = """
    const form = document.createElement('form');
    form.method = 'post';
    form.action = arguments[0];
    form.enctype = arguments[1];
    for (const [name, value] of Object.entries(arguments[2])) {
        const field = document.createElement('input');
        field.type = 'hidden';
        field.name = name;
        field.value = value;
        form.append(field);
    }
    document.body.append(form);
    form.submit();
"""
_count = itertools.count(1)


def templates(folder):
    """The shipped ones, whose pages tell which they are, and a language more."""
    shutil.copytree(env.TEMPLATES, folder)
    for path in folder.glob("page/[a-z]*.html"):
        text = path.read_text()
        assert text.startswith("{{> _head}}\n"), path
        path.write_text(text.replace(
            "{{> _head}}\n", f'{{{{> _head}}}}\n<meta name="template" content="{path.stem}">\n', 1))
    (folder / "lang" / "ar").write_text(ARABIC)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def make_daemon(changes=None):
    """One that shows them all; to be started by whoever wants it."""
    daemon = Daemon({**LISTS, "limits": {"interval": 0, "per_address": "off"},
                     **(changes or {})}, host="localhost")
    daemon.values["templates"] = str(templates(daemon.path / "templates"))
    return daemon


def routes():
    """{path: methods} of the daemon's own table."""
    source = (env.SOURCE / "daemon/app/web/web_route.c").read_text()
    table = source[source.index("routes[] = {"):source.index("method_names")]
    return {path: set(re.findall(r"HTTP_(\w+)", handlers))
            for path, handlers in re.findall(r'\{ "(/[^"]*)", \{(.*?)\} \}', table, re.S)}


class Visitor:
    """A browser, and somebody who goes from page to page with it."""

    def __init__(self, browser, daemon, lang="en"):
        self.browser, self.daemon, self.lang = browser, daemon, lang

    def address(self, name="jo"):
        return f"{name}.{next(_count)}@example.com"

    def go(self, action):
        """Does what leads to another page, and waits until that is there."""
        driver = self.browser.driver
        driver.execute_script("document.documentElement.dataset.old = '1'")
        action()
        env.wait_until(lambda: self._has_come(driver), lambda: f"the page after {driver.current_url}")

    @staticmethod
    def _has_come(driver):
        try:
            return driver.execute_script(
                "return document.readyState === 'complete' &&"
                "    !document.documentElement.dataset.old")
        except Exception:       # between two pages
            return False

    def open(self, path):
        self.browser.open(path if "://" in path else self.daemon.base + path)

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.browser.one(f"[name={name}]")
            if field.tag_name == "select":
                field.find_element("css selector", f"option[value={value}]").click()
            elif field.get_attribute("type") == "date":
                self.browser.driver.execute_script(
                    "arguments[0].value = arguments[1]", field, value)
            else:
                field.clear()
                field.send_keys(value)

    def press(self, css="main form:not(:has([name=code])) button"):
        """A person's click."""
        self.go(self.browser.one(css).click)

    def submit(self):
        """What the browser itself would object to goes out all the same."""
        self.browser.driver.execute_script(
            "document.querySelectorAll('form').forEach(f => f.noValidate = true)")
        self.press("main form button:not([value]), main form button[value=save]")

    def robot(self):
        self.go(lambda: self.browser.driver.execute_script(SUBMIT))

    def post(self, path, fields, enctype="application/x-www-form-urlencoded"):
        self.go(lambda: self.browser.driver.execute_script(
            POST, self.daemon.base + path, enctype, fields))

    def mail(self, address, lists=("weekly",), **fields):
        """Somebody, elsewhere, subscribes that address."""
        self.daemon.subscribe(address, lists, lang=self.lang, **fields)
        return self.daemon.mails.wait(address)

    def welcome(self, address, lists=("weekly",), **fields):
        return self.daemon.confirmed(address, lists, lang=self.lang, **fields)

    def forget(self):
        """No cookie any more: this is another browser."""
        self.browser.driver.delete_all_cookies()


# ---- the journeys: generators of names ----
def form(v):
    v.open("/subscribe/weekly")
    yield "form"
    v.fill(email="jo@example", name="Jo")
    v.submit()
    yield "form-mistake"
    v.open("/subscribe/long")
    yield "form-long"
    v.open("/subscribe/fields")
    yield "form-fields"
    v.fill(email=v.address(), size="small", shoes="44")
    v.browser.driver.execute_script(
        "document.querySelector('[name=country]').removeAttribute('maxlength')")
    v.fill(country="Norway")
    v.browser.one("[name=consent]").click()
    v.submit()
    yield "form-fields-mistake"
    v.open("/subscribe/fields")
    v.fill(email=v.address(), size="small")
    v.submit()
    yield "form-box-mistake"


def after_the_form(v):
    v.open("/pending/weekly?inbox=gmail")
    yield "pending-inbox"
    v.forget()
    v.fill(code="AAAA-2222")
    v.press("form button")
    yield "pending-no-cookie"
    v.open("/pending/weekly?meant=gmail.com")
    yield "pending-meant"


def signup(v):
    address = v.address()
    v.forget()
    v.open("/pending/weekly")
    yield "pending-elsewhere"
    v.open("/subscribe/weekly")
    v.fill(email=address)
    v.press()
    yield "pending"
    v.fill(code="AAAA-2222")
    v.press("form button")
    yield "pending-wrong-code"
    v.fill(code=v.daemon.mails.wait(address).code)
    v.press("form button")
    yield "confirmed"
    v.forget()


def confirm(v):
    mail = v.mail(v.address())
    v.open(mail.confirm)
    yield "confirm"
    v.browser.one("summary").click()
    yield "confirm-code"
    v.fill(code="AAAA-2222")
    v.press("details form button")
    yield "confirm-wrong-code"
    v.open(mail.confirm)
    v.robot()
    yield "confirm-unsure"
    mail = v.mail(v.address(), ("weekly", "daily", "long"), consent="yes")
    v.open(mail.confirm)
    yield "confirm-several"
    v.press()
    yield "confirmed-several"
    v.open(mail.confirm)
    yield "confirmed-again"


def expired(v):
    address = v.address()
    mail = v.mail(address, ("brief",))
    env.wait_until(lambda: v.daemon.show(address) is None, "the request to be gone", pause=0.1)
    v.open(mail.confirm)
    yield "confirm-expired"
    v.open(mail.notme)
    yield "notme-gone"


def leave(v):
    url = v.welcome(v.address()).unsubscribe
    v.open(url)
    yield "unsubscribe"
    v.robot()
    yield "unsubscribe-box"
    v.browser.one("[name=sure]").click()
    v.press()
    yield "unsubscribed"


def notme(v):
    address = v.address()
    mail = v.mail(address)
    v.open(mail.notme)
    yield "notme"
    v.robot()
    yield "notme-box"
    v.open(mail.notme)
    v.press()
    yield "notme-done"
    v.robot()
    yield "notme-done-box"
    v.browser.one("[name=sure]").click()
    v.press()
    yield "notme-undone"
    v.daemon.press(mail.confirm)
    v.open(mail.notme)
    yield "notme-confirmed"


def manage(v):
    address = v.address(LONG_NAME)
    v.welcome(address, ("weekly", "long", "fields"), consent="yes", size="large", name="Ada Lovelace",
              country="NO")
    v.mail(address, ("daily",))
    v.open("/manage")
    yield "manage-ask"
    v.fill(email="jo@example")
    v.submit()
    yield "manage-ask-mistake"
    v.fill(email=address)
    v.press()
    yield "manage-sent"
    mail = env.wait_until(lambda: [m for m in v.daemon.mails.to(address) if m.links("manage")],
                          "the link")[-1]
    v.open(mail.link("manage"))
    yield "manage"
    v.robot()
    yield "manage-code"
    v.fill(code="AAAA-2222")
    v.press("form button")
    yield "manage-wrong-code"
    v.open(mail.link("manage"))
    v.press()
    yield "manage-open"
    v.browser.driver.execute_script(
        "document.querySelectorAll('[maxlength]').forEach(i => i.removeAttribute('maxlength'))")
    v.fill(field_country="Norway")
    v.submit()
    yield "manage-mistake"
    v.fill(field_country="SE")
    v.browser.one("[name=list_weekly]").click()
    v.submit()
    yield "manage-saved"
    v.press("[value=see]")
    yield "manage-data"
    v.press("[value=open]")
    v.press("[value=leave]")
    yield "manage-left"
    v.press("[value=erase]")
    yield "manage-erase"
    v.browser.one("[name=never]").click()
    v.press("[value=erase_now]")
    yield "manage-erased"
    v.open(mail.link("manage"))
    yield "manage-expired"


def noscript(v):
    address = v.address()
    v.browser.forbid_scripts()
    v.open("/subscribe/weekly")
    v.fill(email=address)
    v.press()
    mail = v.daemon.mails.wait(address)
    v.open(mail.confirm)
    yield "confirm-noscript-same"
    v.forget()
    v.open(mail.confirm)
    yield "confirm-noscript"
    v.welcome(address := v.address())
    v.open("/manage")
    v.fill(email=address)
    v.press()
    mail = env.wait_until(lambda: [m for m in v.daemon.mails.to(address) if m.links("manage")],
                          "the link")[-1]
    v.open(mail.link("manage"))
    yield "manage-noscript"


def errors(v):
    v.open("/nothing")
    yield "error-nothing"
    v.open("/confirm")
    yield "error-method"
    v.open("/" + "x" * 20000)
    yield "error-malformed"
    v.open("/subscribe/weekly")
    v.post("/subscribe", {"email": "x" * 20000})
    yield "error-large"
    v.open("/subscribe/weekly")
    v.post("/subscribe", {"email": "jo@example.com"}, "text/plain")
    yield "error-type"
    v.open("/subscribe/weekly")
    v.post("/subscribe", {"email": "jo@example.com", "EMAIL": "ada@example.com"})
    yield "form-refused"
    with Website() as site:
        site.pages["/"] = "<title>elsewhere</title>"
        v.open(site.base + "/")
        v.post("/subscribe", {"email": "jo@example.com", "list": "weekly"})
        yield "error-origin"


def busy(v):
    for _ in range(2):
        v.open("/subscribe/weekly")
        v.fill(email=v.address())
        v.press()
    yield "error-busy"


def away(v):
    """Its parent is held, and so nobody starts another engine."""
    pids = v.daemon.pids()
    v.open("/subscribe/weekly")
    v.fill(email="jo@example.com")
    kill(v.daemon.process.pid, signal.SIGSTOP)
    try:
        kill(pids["engine"][0])
        v.press()
        yield "error-away"
    finally:
        kill(v.daemon.process.pid, signal.SIGCONT)


def challenge(v):
    """Its script is at work; then it can't run, and there is a button."""
    def ask(script):
        made = v.browser.driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": script})
        v.open("/subscribe/weekly")
        v.fill(email=v.address())
        v.press()
        return made

    def wait_button():
        env.wait_until(lambda: [b for b in v.browser.all("main button") if b.is_displayed()],
                       "the button")

    made = ask("MessagePort.prototype.postMessage = () => {}")
    yield "challenge"
    v.browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", made)
    ask("delete window.MessageChannel")
    wait_button()
    yield "challenge-wait"
    v.press()
    wait_button()
    yield "challenge-early"


def tour(v):
    """A few pages, for a look at one more language."""
    v.open("/subscribe/fields")
    v.fill(email="jo@example")
    v.submit()
    yield "form-fields-mistake"
    yield from after_the_form(v)
    mail = v.mail(v.address())
    v.open(mail.confirm)
    yield "confirm"
    v.open(mail.notme)
    yield "notme"
    v.open("/manage")
    yield "manage-ask"
    v.open("/nothing")
    yield "error-nothing"


JOURNEYS = {each.__name__: each for each in (
    form, after_the_form, signup, confirm, expired, leave, notme, manage, noscript, challenge,
    errors, busy, away)}
# Those that want a daemon of their own, with these changes.
CHANGES = {"busy": {"limits": {"per_network": "1/1h"}}, "away": {},
           "challenge": {"limits": {"challenge": "always"}}}


def walk(name, daemon, browser, lang="en"):
    """Goes a journey; at each page its name, and it is the page that PAGES says."""
    visitor = Visitor(browser, daemon, lang)
    for page in (tour if name == "tour" else JOURNEYS[name])(visitor):
        template, route, status = PAGES[page]
        seen = browser.driver.execute_script(
            "return [document.querySelector('meta[name=template]')?.content,"
            "    location.pathname,"
            "    performance.getEntriesByType('navigation')[0].responseStatus]")
        assert seen[0] == template and seen[2] == status, (page, seen, browser.text)
        if route:
            assert seen[1].startswith(route) and (route[-1] == "/") == (seen[1] != route), (
                page, seen)
        yield page
