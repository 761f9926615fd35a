# SPDX-License-Identifier: ISC
"""The requests that are sent: as a browser words them, but for an answer as
programs get it."""

BROWSER = ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
HEAD = ("{method} {path} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\n"
        "Accept-Language: en\r\nUser-Agent: {browser}\r\nOrigin: {origin}\r\n{more}\r\n")
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n"
SITE = "https://www.example.org"        # one of the list's origins
TOKEN = "#" * 34                        # see request.h


def request(method, path, body=None, origin=SITE, more=""):
    if body is not None:
        more += FORM.format(len(body))
    return HEAD.format(method=method, path=path, origin=origin, browser=BROWSER,
                       more=more) + (body or "")


def post(address):
    return request("POST", "/subscribe", "list=bench&email=" + address.replace("@", "%40"))


def show(base):
    return request("GET", f"/confirm/{TOKEN}", origin=base)


def confirm(base):
    return request("POST", f"/confirm/{TOKEN}", "press=1", origin=base)
