# SPDX-License-Identifier: ISC
"""The config file as Python values: a dict is a section, a tuple key a titled
one, None leaves a key out, Bare is written without quotes."""


class Bare(str):
    """72h, 64m: a value that is not a quoted string."""


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Bare)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "{ " + ", ".join(_value(v) for v in value) + " }"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def render(config, depth=0):
    """The text of a config file."""
    lines = []
    indent = "\t" * depth
    for key, value in config.items():
        if value is None:
            continue
        if isinstance(key, tuple):
            head = f"{key[0]} {_value(key[1])}"
        else:
            head = key
        if isinstance(value, dict):
            lines.append(f"{indent}{head} {{")
            lines.append(render(value, depth + 1).rstrip("\n"))
            lines.append(f"{indent}}}")
        else:
            lines.append(f"{indent}{head} = {_value(value)}")
    return "\n".join(line for line in lines if line) + "\n"


def merge(base, changes):
    """A copy of base with changes laid over it, section by section."""
    result = dict(base)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result


CONSENT = "I want The Weekly by email, about twice a month."
CONSENT_DAILY = "I want The Daily by email, each morning at seven."

WEEKLY = {
    "title": "The Weekly",
    "aliases": ["c8a2d1", "2"],
    "from": "The Weekly <weekly@news.example.org>",
    "origins": ["https://www.example.org", "https://shop.example.org:8443"],
    "confirm_within": Bare("72h"),
    "consent": CONSENT,
    "consent_box": "implied",
    "languages": ["en", "de"],
    "welcome": True,
    ("field", "country"): {
        "type": "text", "max": 2, "required": False, "aliases": ["COUNTRY"]},
}

DAILY = {
    "title": "The Daily",
    "aliases": ["d2"],
    "from": "The Daily <daily@news.example.org>",
    "origins": ["https://www.example.org"],
    "consent": CONSENT_DAILY,
    "languages": ["en"],
    "welcome": False,
}


def defaults(folder, port, templates, user, host="127.0.0.1"):
    """The config of most tests: two lists, mails as files, limits that don't
    count the one address that all test posts come from."""
    return {
        "base_url": f"http://{host}:{port}",
        "database": str(folder / "db"),
        "templates": str(templates),
        "user": user,
        "web_processes": 2,
        "secret_file": str(folder / "secret"),
        ("listen", f"127.0.0.1:{port}"): {},
        "controller": {
            "name": "Example Ltd", "address": "1 Road, Town",
            "privacy_url": "https://www.example.org/privacy",
            "contact": "privacy@example.org"},
        "admin": {"socket": str(folder / "admin.sock")},
        "map_size": Bare("1g"),
        "log": {"target": "stderr", "level": "info"},
        "mail": {"transport": "maildir", "maildir": str(folder / "mail"),
                 "check_domains": False},
        "limits": {"per_network": "off", "per_domain": "off", "total": "off",
                   "challenge": "off"},
        ("list", "weekly"): WEEKLY,
        ("list", "daily"): DAILY,
        "default_list": "weekly",
    }
