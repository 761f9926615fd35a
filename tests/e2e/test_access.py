# SPDX-License-Identifier: ISC
"""Every page, for everybody: what axe-core and our own measures say of each, in
light and dark, on a phone and a desk, in each language."""
import inspect
import re
from contextlib import ExitStack

import pytest

from harness import access, env, pages
from harness.browser import LOOKS, Browser
from harness.mail import LANGS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(env.SANITIZED, reason="the pages are those of the other build"),
]
# Answers that no person sees.
NO_PAGES = {"/assets/", "/challenge", "/healthz", "/readyz"}
# English goes all journeys, the longest words and the other direction see the
# most of them, and all do all in the long run.
OTHERS = [*LANGS[1:], "ar"]
TOURS = [("tour", "de"), ("tour", "ar")]
WALKS = [(name, "en") for name in pages.JOURNEYS] + TOURS + [
    pytest.param(name, lang, marks=pytest.mark.long)
    for lang in OTHERS for name in [*pages.JOURNEYS, "tour"] if (name, lang) not in TOURS]


@pytest.fixture(scope="module")
def daemon():
    with pages.make_daemon() as running:
        yield running


@pytest.fixture
def walk(daemon):
    """walk(journey, lang): (name, browser) at each page."""
    with ExitStack() as stack:
        def start(name, lang="en"):
            own = daemon if name not in pages.CHANGES else stack.enter_context(
                pages.make_daemon(pages.CHANGES[name]))
            browser = stack.enter_context(Browser(lang=lang))
            for page in pages.walk(name, own, browser, lang):
                yield page, browser

        yield start


def test_no_page_is_left_out():
    """What the daemon can show is what PAGES has: templates, routes, errors."""
    templates, routes, statuses = zip(*pages.PAGES.values())
    assert set(templates) == {p.stem for p in env.TEMPLATES.glob("page/[a-z]*.html")}
    table = pages.routes()
    assert len(table) > 10 and NO_PAGES < table.keys()
    assert {r for r in routes if r} | {"/confirm"} == table.keys() - NO_PAGES
    told = re.findall(r"(?m)^error_title_(\d+)", (env.TEMPLATES / "lang/en").read_text())
    assert {int(t) for t in told} <= set(statuses)


def test_every_page_is_walked():
    found = [p for function in pages.JOURNEYS.values()
             for p in re.findall(r'yield "([\w-]+)"', inspect.getsource(function))]
    assert sorted(found) == sorted(pages.PAGES)


def assert_structure(browser, lang):
    found = access.structure(browser)
    assert found["lang"] == lang and found["title"], found
    assert (found["h1"], found["main"], found["footer"]) == (1, 1, 1), found
    assert not found["moves"] and found["small"] == [], found
    if found["invalid"]:
        assert found["alerts"] and all(found["alerts"]), found


def assert_axe_finds_nothing(browser):
    for look in browser.looks():
        wrong, unsure, rules = access.axe(browser)
        assert wrong == [] and rules > 10, (look, wrong)
        assert [u for u in unsure if not u.startswith("color-contrast")] == [], look


@pytest.mark.parametrize("name,lang", WALKS)
def test_pages(walk, name, lang):
    for page, browser in walk(name, lang):
        print(page, browser.url)
        assert_structure(browser, lang)
        assert access.overflow(browser) == {}
        assert access.bare_in_forced_colours(browser) == []
        assert access.walk_by_tab(browser) == []
        if access.AXE.exists():
            assert_axe_finds_nothing(browser)


@pytest.mark.skipif(not access.AXE.exists(), reason="no axe-core (npm): pages were looked at "
                    "without it; ./quickstart check fetches it")
def test_axe_sees_what_is_wrong(walk):
    """It is at work, and the page's policy doesn't stop it."""
    _, browser = next(walk("form"))
    browser.driver.execute_script(
        "document.querySelector('[name=email]').parentNode.querySelector('.label').remove();"
        "document.querySelector('h1').style.color = '#ddd'")
    wrong = " ".join(access.axe(browser)[0])
    assert "label:" in wrong and "color-contrast:" in wrong
