# SPDX-License-Identifier: ISC
"""What is asked of the page that a browser shows, whoever looks at it and by
whatever means: axe-core's rules, and what those can't see."""
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from . import env

# Where ./quickstart check puts what tests/e2e/package.json names.
AXE = env.SOURCE / "build/axe/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN_AXE = """
    const done = arguments[1];
    axe.run(document, {runOnly: arguments[0], resultTypes: ['violations', 'incomplete']}).then(
        r => done({violations: r.violations, unsure: r.incomplete, rules: r.passes.length}),
        e => done({violations: [{id: String(e), nodes: []}], unsure: [], rules: 0}));
"""
STRUCTURE = """
    const count = css => document.querySelectorAll(css).length;
    const seen = e => e.checkVisibility() && !e.closest('.aside');
    const small = [...document.querySelectorAll('button, input, select, summary, p > a:only-child')]
        .filter(seen).map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([_, box]) => box.width < 24 || box.height < 24).map(([html]) => html);
    return {lang: document.documentElement.lang, dir: document.documentElement.dir,
            title: document.title, h1: count('h1'), main: count('main'), footer: count('footer'),
            moves: document.getAnimations().length, small: small,
            alerts: [...document.querySelectorAll('[role=alert]')].map(e => e.textContent.trim()),
            invalid: [...document.querySelectorAll('[aria-invalid=true]')].filter(seen).length};
"""
# How far anything reaches out of the window or its card, or is cut off.
OVERFLOW = """
    const card = document.querySelector('main'), out = [];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) out.push('page ' + wide);
    const edge = card.getBoundingClientRect();
    for (const e of document.querySelectorAll('main *, footer *')) {
        if (!e.checkVisibility() || e.closest('.aside')) continue;
        const box = e.getBoundingClientRect();
        if (box.left < edge.left - 1 || box.right > edge.right + 1)
            out.push('sticks out: ' + e.outerHTML.slice(0, 80));
        if (e.matches('button, p, label, h1, h2, summary, dd, dt') &&
            (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'
             || e.scrollHeight > e.clientHeight + 8 && e.matches('button')))
            out.push('cut off: ' + e.outerHTML.slice(0, 80));
    }
    return out;
"""
# The CSP allows no style of ours; a sheet made by script is none of its business.
SHEET = """
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(arguments[0]);
    document.adoptedStyleSheets = [sheet];
"""
# WCAG 2.2, 1.4.12 and 1.4.4.
SPACING = ("* { line-height: 1.5 !important; letter-spacing: .12em !important;"
           "    word-spacing: .16em !important } p { margin-bottom: 2em !important }")
LARGE = "html { font-size: 200% !important }"
STRESSES = {"plain": (320, ""), "spaced": (360, SPACING), "large": (640, LARGE)}

BACKWARDS = Keys.SHIFT + Keys.TAB

FOCUSABLE = """
    return [...document.querySelectorAll('a[href], button, input, select, summary')]
        .filter(e => e.checkVisibility() && e.type !== 'hidden' && e.tabIndex >= 0).length;
"""
# What has the focus: a number of its own, and how that is shown.
FOCUSED = """
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return null;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    return {n: [...document.querySelectorAll('*')].indexOf(e), html: e.outerHTML.slice(0, 100),
            seen: box.top >= -1 && box.bottom <= innerHeight + 1 && box.height > 0,
            ring: style.outlineStyle !== 'none' ? parseFloat(style.outlineWidth) : 0};
"""
# Those that come before another which is above them, or in their line before them.
UNORDERED = """
    const all = [...document.querySelectorAll('*')];
    const from = document.documentElement.dir === 'rtl' ? b => -b.right : b => b.left;
    const boxes = arguments[0].map(n => all[n].getBoundingClientRect());
    return arguments[0].filter((n, i) => i > 0 && (
        boxes[i].bottom <= boxes[i - 1].top ||
        boxes[i].top < boxes[i - 1].bottom && from(boxes[i]) < from(boxes[i - 1])
    )).map(n => 'too late: ' + all[n].outerHTML.slice(0, 100));
"""
# Back to the top of the page, also where a field has the focus from the start.
TOP = """
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
    window.scrollTo(0, 0);
"""
# In the system's own colours a box is seen by its border only.
BARE = """
    return [...document.querySelectorAll('button, input, select, .problem, .notice')]
        .filter(e => e.checkVisibility() && e.type !== 'hidden' && !e.closest('.aside'))
        .filter(e => e.type !== 'checkbox' && parseFloat(getComputedStyle(e).borderTopWidth) < 1)
        .map(e => e.outerHTML.slice(0, 80));
"""


def axe(browser):
    """(violations, things it leaves to people, rules that hold), as text."""
    with browser.scripts_allowed():
        if not browser.driver.execute_script("return typeof axe === 'object'"):
            browser.driver.execute_script(AXE.read_text())
        found = browser.driver.execute_async_script(RUN_AXE, TAGS)
    return ([f"{v['id']}: {n['html'][:120]} {n['failureSummary']}"
             for v in found["violations"] for n in v["nodes"] or [{"html": "", "failureSummary": ""}]],
            [f"{v['id']}: {n['html'][:120]}" for v in found["unsure"] for n in v["nodes"]],
            found["rules"])


def structure(browser):
    return browser.driver.execute_script(STRUCTURE)


def overflow(browser):
    """What doesn't fit: on the smallest phone, with letters and lines set
    apart, and at twice the size."""
    found = {}
    for name, (width, css) in STRESSES.items():
        browser.driver.execute_script(SHEET, css)
        for _ in browser.looks({name: (width, 740, {})}):
            found[name] = browser.driver.execute_script(OVERFLOW)
    browser.driver.execute_script(SHEET, "")
    return {name: what for name, what in found.items() if what}


def keys(browser, *pressed):
    """Real ones: their events are trusted."""
    chain = ActionChains(browser.driver, duration=0)
    for key in pressed:
        if key == BACKWARDS:
            chain.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT)
        else:
            chain.send_keys(key)
    chain.perform()


def focused(browser):
    return browser.driver.execute_script(FOCUSED)


def walk_by_tab(browser):
    """What is wrong with going through the page by Tab."""
    wrong, order = [], []
    browser.driver.execute_script(TOP)
    for _ in range(80):
        keys(browser, Keys.TAB)
        at = focused(browser)
        if at is None or order and at["n"] == order[0]["n"]:
            break
        if not order or order[-1]["n"] != at["n"]:
            order.append(at)
    for at in order:
        if at["ring"] < 2:
            wrong.append(f"no ring: {at}")
        if not at["seen"]:
            wrong.append(f"out of sight: {at}")
    wrong += browser.driver.execute_script(UNORDERED, [at["n"] for at in order])
    count = browser.driver.execute_script(FOCUSABLE)
    if len(order) != count:
        wrong.append(f"{len(order)} of {count} are reached: {[a['html'] for a in order]}")
    return wrong


def bare_in_forced_colours(browser):
    found = []
    for _ in browser.looks({"forced": (360, 740, {"forced-colors": "active"})}):
        found = browser.driver.execute_script(BARE)
    return found
