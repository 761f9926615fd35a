# SPDX-License-Identifier: ISC
"""The main job: form, mail, one click, welcome, one-click unsubscribe; and
that looking changes nothing."""
import threading

import pytest

from harness.web import URLENCODED


def methods(daemon, address, event):
    return [e["method"] for e in daemon.show(address)["events"] if e["event"] == event]


def test_form_mail_press_welcome_unsubscribe(daemon, address):
    page = daemon.web.get("/subscribe/weekly")
    assert page.status == 200
    form = next(f for f in page.forms() if f.named("email"))
    answer = daemon.web.post_form(form.action or "/subscribe/weekly",
                                  form.fields(email=address), daemon.web.as_page())
    assert answer.status == 303
    assert answer.header("location") in ("/pending/weekly", daemon.base + "/pending/weekly")
    assert daemon.web.get("/pending/weekly").status == 200

    mail = daemon.mails.wait(address)
    assert daemon.state(address) == "pending"
    page = daemon.web.get(mail.confirm)
    assert page.status == 200
    assert daemon.values[("list", "weekly")]["consent"] in page.text
    assert daemon.state(address) == "pending"

    done = daemon.press(mail.confirm)
    assert done.status == 200
    assert daemon.state(address) == "confirmed"

    welcome = daemon.mails.wait(address, 2)
    assert not welcome.is_confirm
    assert welcome.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert daemon.web.get(welcome.unsubscribe).status == 200
    assert daemon.state(address) == "confirmed"
    assert daemon.one_click(welcome.unsubscribe).status == 200
    assert daemon.state(address) == "unsubscribed"
    assert methods(daemon, address, "unsubscribe") == ["one-click"]


def test_confirm_by_cookie(daemon, address):
    cookie = daemon.subscribe(address).cookie
    mail = daemon.mails.wait(address)
    page = daemon.web.get(mail.confirm, cookie=cookie)
    assert page.status == 200
    assert daemon.state(address) == "pending"
    done = daemon.web.post_form(mail.confirm, {}, {"Cookie": cookie})
    assert done.status == 200
    assert daemon.state(address) == "confirmed"
    assert methods(daemon, address, "confirm") == ["cookie"]


def test_another_requests_cookie_confirms_nothing(daemon, address):
    daemon.subscribe(address)
    other = daemon.subscribe("other-" + address).cookie
    mail = daemon.mails.wait(address)
    done = daemon.web.post_form(mail.confirm, {}, {"Cookie": other})
    assert done.status == 200
    assert daemon.state(address) == "pending"


@pytest.mark.parametrize("shape", ["as mailed", "lower", "no dash", "blanks"])
def test_confirm_by_code_on_the_pending_page(daemon, address, shape):
    cookie = daemon.subscribe(address).cookie
    code = daemon.mails.wait(address).code
    typed = {"as mailed": code, "lower": code.lower(), "no dash": code.replace("-", ""),
             "blanks": f" {code[:4]} {code[5:]} "}[shape]
    form = next(f for f in daemon.web.get("/pending/weekly").forms() if f.named("code"))
    assert form.method == "post" and form.action.endswith("/confirm")
    done = daemon.web.post_form("/confirm", form.fields(code=typed),
                                {**daemon.web.as_page(), "Cookie": cookie})
    assert done.status == 200, done
    assert daemon.state(address) == "confirmed"


def test_confirm_by_code_on_the_confirm_page(daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    done = daemon.web.post_form(mail.confirm, {"code": mail.code})
    assert done.status == 200
    assert daemon.state(address) == "confirmed"


def test_wrong_code(daemon, address):
    cookie = daemon.subscribe(address).cookie
    code = daemon.mails.wait(address).code
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    answer = daemon.web.post_form("/confirm", {"code": wrong}, {"Cookie": cookie})
    assert answer.status == 400
    answer = daemon.web.post_form("/confirm", {"code": wrong},
                                  {"Cookie": cookie, "Accept": "application/json"})
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "wrong_code"
    assert daemon.state(address) == "pending"


def test_right_code_without_the_cookie(daemon, address):
    daemon.subscribe(address)
    code = daemon.mails.wait(address).code
    right, wrong = (daemon.web.post_form("/confirm", {"code": c}) for c in (code, "AAAA-2222"))
    assert right.status == 400 and "open the link" in right.text
    assert (right.status, right.body) == (wrong.status, wrong.body)
    assert daemon.state(address) == "pending"


def test_code_dies_after_five_tries_the_link_does_not(daemon, address):
    cookie = daemon.subscribe(address).cookie
    mail = daemon.mails.wait(address)
    wrong = ("A" if mail.code[0] != "A" else "B") + mail.code[1:]
    for _ in range(5):
        assert daemon.web.post_form("/confirm", {"code": wrong},
                                    {"Cookie": cookie}).status == 400
    answer = daemon.web.post_form("/confirm", {"code": mail.code}, {"Cookie": cookie})
    assert answer.status == 400
    assert daemon.state(address) == "pending"
    assert daemon.press(mail.confirm).status == 200
    assert daemon.state(address) == "confirmed"


def test_press_needs_the_field_and_the_gesture(daemon, address):
    daemon.subscribe(address)
    link = daemon.mails.wait(address).confirm
    tries = [({}, {}), ({"press": "0"}, {}), ({"press": ""}, {}),
             ({"press": "1"}, {"Sec-Fetch-Site": "same-origin"}),
             ({"press": "1"}, {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": "?0"}),
             ({}, {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": "?1"})]
    for fields, headers in tries:
        answer = daemon.web.post_form(link, fields, headers)
        assert answer.status == 200
        assert any(f.named("code") for f in answer.forms()), (fields, headers)
        assert daemon.state(address) == "pending", (fields, headers)
    # A client without Fetch Metadata needs the field alone.
    assert daemon.web.post_form(link, {"press": "1"}).status == 200
    assert daemon.state(address) == "confirmed"


def test_confirm_is_done_once_and_said_twice(daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    first = daemon.press(mail.confirm)
    daemon.settle()
    before = daemon.show(address)
    for answer in [daemon.press(mail.confirm), daemon.web.get(mail.confirm)]:
        assert answer.status == first.status == 200
        assert not any(f.named("press") for f in answer.forms())
    assert daemon.show(address) == before


def test_simultaneous_confirms_are_one_event(daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    start, statuses = threading.Barrier(64), []

    def press():
        start.wait()
        statuses.append(daemon.press(mail.confirm).status)

    threads = [threading.Thread(target=press) for _ in range(64)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert statuses == [200] * 64
    events = [e for e in daemon.show(address)["events"] if e["event"] == "confirm"]
    assert len(events) == 1
    daemon.settle()
    assert len(daemon.mails.to(address)) == 2       # confirm, one welcome


def test_looking_changes_nothing(daemon, address):
    daemon.subscribe(address)
    waiting = daemon.mails.wait(address)
    welcome = daemon.confirmed("done-" + address)
    links = [waiting.confirm, waiting.notme, welcome.unsubscribe,
             waiting.links("confirm", waiting.html)[0]]
    links += [link + "?" + query for link in links for query in (
        "press=1", "confirm=true", "List-Unsubscribe=One-Click", "_method=POST")]
    before = [daemon.show(a) for a in (address, "done-" + address)]
    conn = daemon.web.connect()
    for turn in range(100):
        link = links[turn % len(links)]
        for method in ("GET", "HEAD"):
            answer = daemon.web.request(method, link, {
                "X-HTTP-Method-Override": "POST", "Cookie": "assent_signup=x"}, conn=conn)
            assert answer.status == 200, (method, link)
            assert method == "GET" or answer.body == b""
    for link in links[:4]:
        for _ in range(100):
            assert daemon.web.request("GET", link, conn=conn).status == 200
            assert daemon.web.request("HEAD", link, conn=conn).status == 200
    conn.close()
    assert [daemon.show(a) for a in (address, "done-" + address)] == before


def test_head_is_get_without_a_body(daemon, address):
    daemon.subscribe(address)
    link = daemon.mails.wait(address).confirm
    get, head = (daemon.web.request(m, link) for m in ("GET", "HEAD"))
    assert head.status == get.status and head.body == b""
    assert head.header("content-length") == str(len(get.body))
    assert head.header("content-type") == get.header("content-type")


# ---- leaving ----
ONE_CLICKS = {
    "urlencoded": (URLENCODED, "List-Unsubscribe=One-Click"),
    "multipart": ("multipart/form-data; boundary=---FormBoundaryjWmhtjORrn",
                  "-----FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; "
                  'name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
                  "-----FormBoundaryjWmhtjORrn--\r\n"),
    "multipart-quoted": ('multipart/form-data; boundary="x y"',
                         '--x y\r\nContent-Disposition: form-data; name="List-Unsubscribe"'
                         "\r\n\r\nOne-Click\r\n--x y--\r\n"),
    "urlencoded-newline": (URLENCODED, "List-Unsubscribe=One-Click\r\n"),
    "urlencoded-charset": (URLENCODED + "; charset=UTF-8", "List-Unsubscribe=One-Click"),
}


@pytest.mark.parametrize("coding", ["length", "chunked"])
@pytest.mark.parametrize("shape", list(ONE_CLICKS))
def test_one_click_unsubscribe(daemon, address, shape, coding):
    welcome = daemon.confirmed(address)
    kind, body = ONE_CLICKS[shape]
    for turn in range(3):
        if coding == "length":
            answer = daemon.web.request("POST", welcome.unsubscribe,
                                        {"Content-Type": kind}, body)
        else:
            chunked = f"{len(body):x}\r\n{body}\r\n0\r\n\r\n"
            answer = daemon.web.request("POST", welcome.unsubscribe, {
                "Content-Type": kind, "Transfer-Encoding": "chunked"}, chunked)
        assert answer.status == 200, answer
        assert answer.header("set-cookie") is None
        assert daemon.state(address) == "unsubscribed"
        if turn == 0:
            after, text = daemon.show(address), answer.text
    assert answer.text == text
    assert daemon.show(address) == after


def test_one_click_ignores_cookies_and_origins(daemon, address):
    welcome = daemon.confirmed(address)
    answer = daemon.web.request("POST", welcome.unsubscribe, {
        "Content-Type": URLENCODED, "Origin": "https://webmail.example.net",
        "Cookie": "assent_signup=AAAA; other=1", "Sec-Fetch-Site": "cross-site"},
        "List-Unsubscribe=One-Click")
    assert answer.status == 200
    assert daemon.state(address) == "unsubscribed"


def test_unsubscribe_by_the_page(daemon, address):
    welcome = daemon.confirmed(address)
    assert daemon.press(welcome.unsubscribe).status == 200
    assert daemon.state(address) == "unsubscribed"
    assert methods(daemon, address, "unsubscribe") == ["click"]


def test_unsubscribe_without_a_press_shows_one_box(daemon, address):
    welcome = daemon.confirmed(address)
    form = daemon.web.get(welcome.unsubscribe).forms()[0]
    again = daemon.web.post_form(welcome.unsubscribe, form.fields())
    assert again.status == 200
    assert daemon.state(address) == "confirmed"
    form = again.forms()[0]
    boxes = [i for i in form.inputs if i.get("type") == "checkbox"]
    assert len(boxes) == 1 and "checked" not in boxes[0]
    ticked = form.fields(**{boxes[0]["name"]: boxes[0].get("value") or "on"})
    assert daemon.web.post_form(welcome.unsubscribe, ticked).status == 200
    assert daemon.state(address) == "unsubscribed"
    assert methods(daemon, address, "unsubscribe") == ["tick"]


def test_unsubscribe_is_per_list(daemon, address):
    weekly = daemon.confirmed(address)
    daemon.confirmed(address, ("daily",))
    daemon.one_click(weekly.unsubscribe)
    assert daemon.state(address, "weekly") == "unsubscribed"
    assert daemon.state(address, "daily") == "confirmed"


def test_can_come_back_after_leaving(daemon, address):
    """At once: the interval is for those who don't act."""
    welcome = daemon.confirmed(address)
    daemon.one_click(welcome.unsubscribe)
    assert daemon.state(address) == "unsubscribed"
    again = daemon.confirmed(address)
    assert daemon.state(address) == "confirmed"
    # Also an old mail's link goes on working.
    assert daemon.one_click(welcome.unsubscribe).status == 200
    assert daemon.state(address) == "unsubscribed"
    assert daemon.one_click(again.unsubscribe).status == 200


# ---- tokens ----
def test_tokens_are_good_for_one_purpose(daemon, address):
    daemon.subscribe(address)
    waiting = daemon.mails.wait(address)
    welcome = daemon.confirmed("done-" + address)
    before = [daemon.show(a) for a in (address, "done-" + address)]
    tokens = {"confirm": waiting.confirm, "notme": waiting.notme,
              "unsubscribe": welcome.unsubscribe}
    for purpose, link in tokens.items():
        token = link.rsplit("/", 1)[1]
        for other in set(tokens) - {purpose}:
            for method in ("GET", "POST"):
                answer = daemon.web.request(
                    method, f"/{other}/{token}", {"Content-Type": URLENCODED},
                    "press=1&List-Unsubscribe=One-Click" if method == "POST" else None)
                assert answer.status == 404, (purpose, other, method)
    assert [daemon.show(a) for a in (address, "done-" + address)] == before


def test_changed_tokens_are_not_found(daemon, address):
    daemon.subscribe(address)
    link = daemon.mails.wait(address).confirm
    head, token = link.rsplit("/", 1)
    conn = daemon.web.connect()
    mutants = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1:]
               for i in range(len(token))]
    mutants += [token[:-1], token + "A", token + "=", token.lower(), token.upper(),
                token + "%00", "%" + format(ord(token[0]), "02x") + token[1:],
                token + "/", token + ".", token + "%20", "", "A" * 34, "..", token * 2]
    for mutant in mutants:
        for method, body in (("GET", None), ("POST", "press=1")):
            answer = daemon.web.request(method, f"{head}/{mutant}",
                                        {"Content-Type": URLENCODED}, body, conn)
            allowed = (400, 404) if "%00" in mutant else \
                (404, 405) if mutant == "" else (404,)
            assert answer.status in allowed, (mutant, method, answer)
    conn.close()
    assert daemon.state(address) == "pending"
    assert daemon.press(link).status == 200


# ---- not me ----
def test_notme_withdraws_and_undo_brings_back(daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    assert daemon.web.get(mail.notme).status == 200
    assert daemon.state(address) == "pending"
    answer = daemon.press(mail.notme)
    assert answer.status == 200
    assert daemon.state(address) != "pending"
    assert daemon.web.get(mail.confirm).status in (404, 410)
    undo = answer.forms()
    assert undo, "no undo on the answer"
    where = undo[0].action or mail.notme
    # Posted as it is found it is a robot's; a person presses, or ticks a box.
    asked = daemon.web.post_form(where, undo[0].fields(), daemon.web.as_page())
    assert asked.status == 200 and daemon.state(address) != "pending"
    box, = asked.forms()[0].named("sure")
    assert "checked" not in box
    done = daemon.web.post_form(where, asked.forms()[0].fields(sure=box["value"]),
                                daemon.web.as_page())
    assert done.status == 200
    assert daemon.state(address) == "pending"
    assert daemon.press(mail.confirm).status == 200
    assert daemon.state(address) == "confirmed"


def test_notme_keeps_the_list_from_mailing(daemon, address):
    daemon.subscribe(address)
    daemon.press(daemon.mails.wait(address).notme)
    daemon.subscribe(address)
    daemon.settle()
    assert len(daemon.mails.to(address)) == 1


def test_notme_of_a_confirmed_one_unsubscribes(daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    daemon.press(mail.confirm)
    assert daemon.state(address) == "confirmed"
    assert daemon.press(mail.notme).status == 200
    assert daemon.state(address) == "unsubscribed"


def test_health(daemon):
    for path in ("/healthz", "/readyz"):
        assert daemon.web.get(path).status == 200
