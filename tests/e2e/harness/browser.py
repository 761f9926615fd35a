# SPDX-License-Identifier: ISC
"""A real Chromium with a profile of its own, that reaches the loopback only."""
import atexit
import base64
import contextlib
import mimetypes
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from . import env

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage",
         "--window-size=1280,900", "--lang=en"]
NOWHERE = "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
# What there is of a profile: cookies, the cache, and what scripts may keep.
CLEAR = {"Network.clearBrowserCookies": {}, "Network.clearBrowserCache": {},
         "Storage.clearDataForOrigin": {"origin": "*", "storageTypes": "all"}}
# Each page, light and dark, on a phone and a desk.
LOOKS = {f"{device}-{scheme}": (*size, {"prefers-color-scheme": scheme})
         for device, size in (("phone", (360, 740)), ("desk", (1280, 900)))
         for scheme in ("light", "dark")}


class Chromium:
    """Its processes, with a profile of their own and one window."""

    def __init__(self, scripts, lang, hosts):
        if not all(map(os.path.exists, (CHROMIUM, DRIVER))):
            pytest.skip("there is no Chromium here that isn't a snap, as on Ubuntu")
        self.profile = tempfile.mkdtemp(prefix="assent-profile-", dir="/tmp")
        options = Options()
        options.binary_location = CHROMIUM
        for flag in FLAGS + [f"--user-data-dir={self.profile}", f"--accept-lang={lang}",
                             "--host-resolver-rules=" + ", ".join(
                                 [f"MAP {host} 127.0.0.1" for host in hosts] + [NOWHERE])]:
            options.add_argument(flag)
        prefs = {"intl.accept_languages": lang}
        if not scripts:
            prefs["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", prefs)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(
            service=Service(DRIVER, log_path=os.devnull), options=options)
        self.driver.set_page_load_timeout(env.PATIENCE)

    def forget(self):
        """A new window in place of all others, and nothing that they left in
        the profile.  False if it won't."""
        try:
            old = self.driver.window_handles
            self.driver.switch_to.new_window("tab")
            new = self.driver.current_window_handle
            for handle in old:
                self.driver.switch_to.window(handle)
                self.driver.close()
            self.driver.switch_to.window(new)
            for command, what in CLEAR.items():
                self.driver.execute_cdp_cmd(command, what)
            self.driver.get_log("browser")
        except WebDriverException:
            return False
        return True

    def quit(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


# To start one takes as long as a test: the last one is kept for whoever wants
# its kind.
_at_rest = {}


@atexit.register
def _quit_whoever_rests():
    while _at_rest:
        _at_rest.popitem()[1].quit()


class Browser:
    """A window, and a profile that has been nowhere yet.  `robot` is a script
    that runs in each page, as one of a scanner's would: without a person's
    gesture.  `hosts` are names that lead to the loopback, too."""

    def __init__(self, scripts=True, robot=None, lang="en", hosts=()):
        self.kind = scripts, lang, tuple(hosts)
        self.chromium = _at_rest.pop(self.kind, None) or Chromium(*self.kind)
        self.driver = self.chromium.driver
        self.forbidden = False
        if robot:
            self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                                        {"source": robot})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _quit_whoever_rests()
        if self.chromium.forget():
            _at_rest[self.kind] = self.chromium
        else:
            self.chromium.quit()

    def forbid_scripts(self, forbidden=True):
        """Those of pages; ours go on, but for what they would wait for."""
        self.forbidden = forbidden
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": forbidden})

    @contextlib.contextmanager
    def scripts_allowed(self):
        """A page that was made without scripts, which may run now."""
        before = self.forbidden
        self.forbid_scripts(False)
        yield
        self.forbid_scripts(before)

    def open(self, url):
        self.driver.get(url)
        return self

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def url(self):
        return self.driver.current_url

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css):
        seen = [e for e in self.all(css) if e.is_displayed()]
        assert len(seen) == 1, f"{css}: {len(seen)} on {self.url}: {self.text}"
        return seen[0]

    def button(self):
        """The one submit button that is seen outside the code's form."""
        seen = [e for e in self.all("form button, form input[type=submit]")
                if e.is_displayed() and not e.find_elements(
                    By.XPATH, "ancestor::form[.//input[@name='code']]")]
        assert len(seen) == 1, f"{len(seen)} buttons on {self.url}: {self.text}"
        return seen[0]

    def wait_text(self, *words):
        def there():
            try:
                return any(w.lower() in self.text.lower() for w in words)
            except Exception:       # between two pages
                return False
        env.wait_until(there, lambda: f"{words} in {self.text!r}")

    def complaints(self):
        """What the console says of errors and of policies broken."""
        return [e["message"] for e in self.driver.get_log("browser")
                if e["level"] == "SEVERE" and "favicon" not in e["message"]]

    def looks(self, looks=None):
        """The page that is open in one look after the other; yields their names."""
        for name, (width, height, features) in (looks or LOOKS).items():
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": height, "deviceScaleFactor": 1,
                "mobile": width < 600})
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
                "features": [{"name": k, "value": v} for k, v in features.items()]})
            yield name
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def picture(self, path):
        """All of the page, as it looks now."""
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "captureBeyondViewport": True})
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def shoot(self, folder, name):
        """Pictures of it in each look."""
        for look in self.looks():
            self.picture(Path(folder) / f"{name}.{look}.png")


def fill_in(browser, daemon, address):
    """A person fills in the hosted form."""
    browser.open(daemon.base + "/subscribe/weekly")
    browser.one("input[name=email]").send_keys(address)
    browser.button().click()
    env.wait_until(lambda: browser.url.endswith("/pending/weekly"), lambda: browser.url)


class Website:
    """Somebody else's website on the loopback: pages by path."""

    def __init__(self, host="127.0.0.1"):
        self.port, self.pages, self.server = env.free_port(), {}, None
        self.base = f"http://{host}:{self.port}"

    def __enter__(self):
        import http.server
        import threading
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = site.pages.get(self.path.split("?")[0])
                self.send_response(200 if page else 404)
                kind = mimetypes.guess_type(self.path)[0] or "text/html"
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.end_headers()
                self.wfile.write((page or "").encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
