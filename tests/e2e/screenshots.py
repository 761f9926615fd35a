# SPDX-License-Identifier: ISC
"""Pictures of every page and mail, for whoever judges their looks.

    screenshots.py FOLDER [LANG…]

leaves there NAME.LOOK.png of each and LANG.LOOK.png, sheets of them all."""
import html
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import pages
from harness.browser import LOOKS, Browser
from harness.mail import KINDS

# As a mail program shows a text: in its own letters, as wide as there is room.
TEXT = ("<!doctype html><meta name=viewport content='width=device-width'>"
        "<meta name=color-scheme content='light dark'><title>mail</title>"
        "<style>pre {{ margin: 12px; font: 14px/1.5 sans-serif; white-space: pre-wrap;"
        " overflow-wrap: anywhere }}</style><pre>{}</pre>")
SHEET = ("<!doctype html><style>body {{ margin: 8px; background: #777; columns: {columns};"
         " column-gap: 8px }} figure {{ margin: 0 0 8px; break-inside: avoid; font: 12px sans-serif;"
         " color: #fff }} img {{ display: block; width: 100% }}</style>{figures}")


def shoot_pages(folder, name, lang):
    """What it is called on the sheets, of each page of a journey."""
    found = []
    with pages.make_daemon(pages.CHANGES.get(name)) as daemon, Browser(lang=lang) as browser:
        for page in pages.walk(name, daemon, browser, lang):
            found.append(f"{lang}-{page}")
            browser.shoot(folder, found[-1])
    return found


def shoot_mails(folder, lang):
    found = []
    page = folder / f"mail-{lang}.html"
    with pages.make_daemon() as daemon, Browser() as browser:
        for kind in KINDS:
            for of in ("weekly", "long"):
                for part in ("html", "text"):
                    done = daemon.ctl("preview", kind, "--list", of, "--lang", lang, "--part", part)
                    assert done.status == 0, done
                    page.write_text(done.out if part == "html" else TEXT.format(
                        html.escape(done.out)))
                    found.append(f"{lang}-mail-{kind}-{of}-{part}")
                    browser.open(page.as_uri()).shoot(folder, found[-1])
    page.unlink()
    return found


def make_sheets(folder, lang, names):
    page = folder / f"sheet-{lang}.html"
    with Browser() as browser:
        for look, (width, *_) in LOOKS.items():
            columns, width = (8, 240) if width < 600 else (4, 480)
            page.write_text(SHEET.format(columns=columns, figures="".join(
                f"<figure>{n}<img src='{n}.{look}.png'></figure>" for n in names)))
            browser.open(page.as_uri())
            for _ in browser.looks({"sheet": (columns * (width + 8) + 8, 600, {})}):
                browser.picture(folder / f"{lang}.{look}.png")
    page.unlink()


def main(folder, *langs):
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        for lang in langs or ("en", "de", "ar"):
            work = [pool.submit(shoot_pages, folder, name, lang) for name in pages.JOURNEYS]
            work.append(pool.submit(shoot_mails, folder, lang))
            make_sheets(folder, lang, [name for each in work for name in each.result()])
            print(f"{folder}/{lang}.*.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
