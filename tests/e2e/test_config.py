# SPDX-License-Identifier: ISC
"""`assentd -t`, and starts that can't succeed: one clear line, exit 1."""
import os
import re
import socket
import tempfile
from pathlib import Path

import pytest

from harness import env
from harness.config import Bare, merge, render
from harness.daemon import run


@pytest.fixture
def prepared(make_daemon):
    """A daemon that isn't started: folder, values, config file."""
    return make_daemon(start=False)


def test_good(prepared):
    done = run("assentd", "-t", "-f", str(prepared.write_config()))
    assert done.status == 0, done


def the_shipped_one():
    return (env.SOURCE / "config" / "assent.conf").read_text()


def the_manuals(which=0):
    page = (env.SOURCE / "config" / "assent.conf.5").read_text()
    return re.findall(r"^\.Bd -literal.*\n(base_url(?:.*\n)*?)\.Ed", page, re.M)[which]


def the_manuals_last():
    return the_manuals(-1)


def the_readmes():
    text = (env.SOURCE / "README").read_text()
    return re.search(r"^    base_url(?:.*\n)*?    }\n", text, re.M)[0]


@pytest.mark.parametrize("example", [the_shipped_one, the_manuals, the_manuals_last,
                                     the_readmes])
def test_the_examples_are_good(tmp_path, example):
    conf = tmp_path / "assent.conf"
    conf.write_text(f'templates = "{env.TEMPLATES}"\n' + example())
    done = run("assentd", "-t", "-f", str(conf))
    assert done.status == 0 and done.out == f"{conf}: ok\n", done


def test_good_touches_nothing(prepared):
    run("assentd", "-t", "-f", str(prepared.write_config()))
    assert not (prepared.path / "secret").exists()
    assert not (prepared.path / "admin.sock").exists()
    assert os.listdir(prepared.path / "db") == []



def test_a_password_is_for_few(prepared):
    """Everybody may read it: that is told, and no more."""
    secret = prepared.path / "password"
    prepared.values = merge(prepared.values, {"mail": {
        "transport": "smtp", "host": "localhost", "username": "news",
        "password_file": "password"}})
    for mode, warned in ((0o600, 0), (0o640, 0), (0o644, 1)):
        secret.write_text("s3cret\n")
        secret.chmod(mode)
        done = run("assentd", "-t", "-f", str(prepared.write_config()))
        assert done.status == 0 and done.err.count("password_file") == warned, done
        assert "s3cret" not in done.out + done.err


BAD = {
    # what: (changes to the values, a word of the line that is wrong)
    "no base_url": ({"base_url": None}, None),
    "base_url without a scheme": ({"base_url": "news.example.org"}, "base_url"),
    "base_url with a query": ({"base_url": "https://news.example.org/?a"}, "base_url"),
    "base_url ftp": ({"base_url": "ftp://news.example.org"}, "base_url"),
    "base_url with a control": ({"base_url": "https://news.example.org/\r\nX: y"}, None),
    "unknown key": ({"bass_url": "x"}, "bass_url"),
    "unknown section": ({"male": {"host": "x"}}, "male"),
    "unknown key inside": ({"mail": {"hots": "x"}}, "hots"),
    "unknown key of a list": ({("list", "weekly"): {"titel": "x"}}, "titel"),
    "no list": ({("list", "weekly"): None, ("list", "daily"): None}, None),
    "default_list unknown": ({"default_list": "monthly"}, "default_list"),
    "list name upper": ({("list", "Weekly"): {"title": "x", "from": "a@example.org",
                                              "consent": "x"}}, '"Weekly"'),
    "list name long": ({("list", "w" * 33): {"title": "x", "from": "a@example.org",
                                             "consent": "x"}}, "w" * 33),
    "list name path": ({("list", "../x"): {"title": "x", "from": "a@example.org",
                                           "consent": "x"}}, '"../x"'),
    "list name empty": ({("list", ""): {"title": "x", "from": "a@example.org",
                                        "consent": "x"}}, 'list ""'),
    "alias twice": ({("list", "daily"): {"aliases": ["2"]}}, None),
    "alias is a list's name": ({("list", "daily"): {"aliases": ["weekly"]}}, None),
    "no from": ({("list", "weekly"): {"from": None}}, None),
    "from is no address": ({("list", "weekly"): {"from": "The Weekly"}}, "The Weekly"),
    "from two": ({("list", "weekly"): {"from": "a@example.org, b@example.org"}}, "b@example.org"),
    "from CRLF": ({("list", "weekly"): {"from": "A\\r\\nBcc: x <a@example.org>"}}, None),
    "title control": ({("list", "weekly"): {"title": "a\x01b"}}, None),
    "title over-long": ({("list", "weekly"): {"title": "x" * 2000}}, "x" * 2000),
    "no consent": ({("list", "weekly"): {"consent": None}}, None),
    "consent_box": ({("list", "weekly"): {"consent_box": "maybe"}}, "maybe"),
    "origin with a path": ({("list", "weekly"): {"origins": ["https://x.example/a"]}},
                           "origins"),
    "origin bare": ({("list", "weekly"): {"origins": ["www.example.org"]}}, "origins"),
    "origin null": ({("list", "weekly"): {"origins": ["null"]}}, "origins"),
    "confirm_within zero": ({("list", "weekly"): {"confirm_within": 0}}, "confirm_within"),
    "confirm_within 15 days": ({("list", "weekly"): {"confirm_within": Bare("15d")}},
                               "confirm_within"),
    "confirm_within rubbish": ({("list", "weekly"): {"confirm_within": "soon"}},
                               "confirm_within"),
    "time with a semicolon": ({("list", "weekly"): {"confirm_within": Bare("72h;")}},
                              "confirm_within"),
    "language unknown": ({("list", "weekly"): {"languages": ["en", "tlh"]}}, "languages"),
    "confirmed_url": ({("list", "weekly"): {"confirmed_url": "javascript:alert(1)"}},
                      "confirmed_url"),
    "field type": ({("list", "weekly"): {("field", "x"): {"type": "blob"}}}, "blob"),
    "field name": ({("list", "weekly"): {("field", "a b"): {"type": "text"}}}, '"a b"'),
    "field reserved": ({("list", "weekly"): {("field", "email"): {"type": "text"}}}, '"email"'),
    "transport": ({"mail": {"transport": "pigeon"}}, "pigeon"),
    "maildir without a path": ({"mail": {"maildir": None}}, None),
    "smtp without a host": ({"mail": {"transport": "smtp", "maildir": None}}, None),
    "no tls to another host": ({"mail": {"transport": "smtp", "host": "smtp.example.org",
                                         "port": 25, "tls": "none"}}, None),
    "tls": ({"mail": {"transport": "smtp", "host": "localhost", "tls": "maybe"}}, "maybe"),
    "port": ({"mail": {"transport": "smtp", "host": "localhost", "port": 65536}}, "65536"),
    "port negative": ({"mail": {"transport": "smtp", "host": "localhost", "port": -1}}, "-1"),
    "password_file missing": ({"mail": {
        "transport": "smtp", "host": "localhost", "username": "news",
        "password_file": "/none"}}, "password_file"),
    "password_file without a username": ({"mail": {
        "transport": "smtp", "host": "localhost", "password_file": "/etc/hosts"}},
        "password_file"),
    "password_file of many lines": ({"mail": {
        "transport": "smtp", "host": "localhost", "username": "news",
        "password_file": "/etc/passwd"}}, "password_file"),
    "username without a password_file": ({"mail": {
        "transport": "smtp", "host": "localhost", "username": "news"}}, "username"),
    "ca_file missing": ({"mail": {"transport": "smtp", "host": "localhost",
                                  "ca_file": "/none.pem"}}, "ca_file"),
    "ca_file of something else": ({"mail": {"transport": "smtp", "host": "localhost",
                                            "ca_file": "/etc/passwd"}}, "ca_file"),
    "retry": ({"mail": {"retry": ["10m", "sometimes"]}}, "retry"),
    "limit rubbish": ({"limits": {"per_network": "many"}}, "per_network"),
    "limit zero": ({"limits": {"per_network": "0/1m"}}, "per_network"),
    "limit no time": ({"limits": {"per_address": "3"}}, "per_address"),
    "challenge": ({"limits": {"challenge": "perhaps"}}, "perhaps"),
    "listen": ({("listen", "nowhere"): {}}, "nowhere"),
    "listen port": ({("listen", "127.0.0.1:99999"): {}}, "99999"),
    "certificate missing": ({("listen", "127.0.0.1:0"): {
        "certificate": "/none.pem", "key": "/none.pem"}}, None),
    "proxy": ({"trusted_proxies": ["localhost"]}, "trusted_proxies"),
    "log level": ({"log": {"level": "loud"}}, "loud"),
    "log_ip": ({"retain": {"log_ip": "some"}}, "some"),
    "map_size": ({"map_size": "big"}, "map_size"),
    "map_size small": ({"map_size": Bare("1k")}, "map_size"),
    "web_processes": ({"web_processes": -1}, "web_processes"),
    "web_processes many": ({"web_processes": 100000}, "web_processes"),
    "templates missing": ({"templates": "/proc/none"}, "templates"),
    "privacy_url": ({"controller": {"privacy_url": "javascript:x"}}, "privacy_url"),
}


@pytest.mark.parametrize("what", list(BAD))
def test_bad(prepared, what):
    changes, word = BAD[what]
    prepared.values = merge(prepared.values, changes)
    text = render(prepared.values)
    prepared.conf.write_text(text)
    done = run("assentd", "-t", "-f", str(prepared.conf))
    assert done.status == 1, (what, done)
    lines = done.err.strip().splitlines()
    found = [re.match(rf"assentd: {re.escape(str(prepared.conf))}:(\d+): \S.*", line)
             for line in lines]
    assert any(found), done
    if word:
        wanted = {n for n, line in enumerate(text.splitlines(), 1) if word in line}
        assert wanted & {int(m[1]) for m in found if m}, (what, wanted, done.err)


SYNTAX = {
    "not closed": 'list "x" {\n title = "a"\n',
    "no value": "base_url =\n",
    "rubbish": "}}}}\n",
    "include": 'include("/etc/passwd")\n',
    "binary": "\x01\x02\x03\n",
}


@pytest.mark.parametrize("what", list(SYNTAX))
def test_bad_syntax(prepared, what):
    prepared.conf.write_text(render(prepared.values) + SYNTAX[what])
    done = run("assentd", "-t", "-f", str(prepared.conf))
    assert done.status == 1 and done.err.startswith("assentd: "), done
    assert "root:" not in done.err


def test_several_mistakes_are_all_told(prepared):
    prepared.values = merge(prepared.values, {
        "log": {"level": "loud"}, "limits": {"per_network": "many"},
        ("list", "daily"): {"consent_box": "maybe"}})
    done = run("assentd", "-t", "-f", str(prepared.write_config()))
    assert done.status == 1
    for word in ("level", "per_network", "consent_box"):
        assert word in done.err, done


def test_lines_are_counted_right_below_comments(prepared):
    text = "# one\n/* two\n three */\n// four\n\n" + render(prepared.values) + "# c\nbass = 1\n"
    prepared.conf.write_text(text)
    done = run("assentd", "-t", "-f", str(prepared.conf))
    assert done.status == 1
    assert f":{len(text.splitlines())}: " in done.err, done


def test_repeated_list(prepared):
    prepared.conf.write_text(render(prepared.values)
                             + render({("list", "weekly"): {"title": "Again"}}))
    done = run("assentd", "-t", "-f", str(prepared.conf))
    assert done.status == 1 and "weekly" in done.err


@pytest.mark.parametrize("changes, wanted", [
    ({"controller": None}, "no `controller`"),
    ({("listen", "0.0.0.0:0"): {}}, "travels in the clear"),
    ({"base_url": "http://news.example.org"}, "no one-click unsubscribe")])
def test_warnings(prepared, changes, wanted):
    prepared.values = merge(prepared.values, changes)
    done = run("assentd", "-t", "-f", str(prepared.write_config()))
    assert done.status == 0, done
    assert re.search(rf"assentd: {re.escape(str(prepared.conf))}:\d+: warning: .*{wanted}", done.err)


def test_no_file(tmp_path):
    for args in (("-t",), ()):
        done = run("assentd", *args, "-f", str(tmp_path / "none.conf"))
        assert done.status == 1
        assert re.fullmatch(r"assentd: .*none\.conf.*\n", done.err)


@pytest.mark.parametrize("args", [("-x",), ("-f",), ("extra",), ("-t", "extra")])
def test_usage(args):
    done = run("assentd", *args)
    assert done.status == 2 and done.err


def test_broken_template(prepared):
    import shutil
    folder = prepared.path / "templates"
    shutil.copytree(env.TEMPLATES, folder)
    (folder / "page" / "confirm.html").write_text("line\n{{#open}}\n{{t.nonsense}}\n")
    prepared.values["templates"] = str(folder)
    done = run("assentd", "-t", "-f", str(prepared.write_config()))
    assert done.status == 1
    assert re.search(r"confirm\.html:\d+: ", done.err)
    (folder / "page" / "confirm.html").unlink()
    done = run("assentd", "-t", "-f", str(prepared.conf))
    assert done.status == 1 and "confirm.html" in done.err


# ---- starts that can't succeed ----
def one_line_and_exit_1(daemon, *words, key=None):
    """It says `assentd: FILE:LINE: …`, with one of the words, at the line of
    the key."""
    status = daemon.wait_exit()
    assert status == 1, daemon.log
    lines = daemon.lines[daemon.started_at_line:]
    said = [m for m in (re.fullmatch(r"assentd: (\S+):(\d+): (.*)", line) for line in lines) if m]
    assert len(said) == 1 and said[0][1] == str(daemon.conf), daemon.log
    assert any(w.lower() in said[0][3].lower() for w in words), daemon.log
    if key:
        config = daemon.conf.read_text().splitlines()
        assert key in config[int(said[0][2]) - 1], (key, daemon.log)
    # Of its sandbox it warns where there isn't all of one, and of a disk in
    # memory.
    assert not [line for line in lines if re.search(r"\bready\b| (warn|error) ", line)
                and not re.search(" sandbox of=| database_in_memory ", line)]


def test_port_in_use(prepared):
    with socket.create_server(("127.0.0.1", prepared.port)):
        one_line_and_exit_1(prepared.launch(), "in use", key="listen")


def test_a_start_that_fails_leaves_no_socket(prepared):
    page = prepared.path / "page.sock"
    prepared.values[("listen", f"unix:{page}")] = {}
    with socket.create_server(("127.0.0.1", 0)) as other:
        prepared.values["admin"]["metrics"] = "127.0.0.1:%d" % other.getsockname()[1]
        one_line_and_exit_1(prepared.launch(), "in use", key="metrics")
    assert not page.exists()
    assert not (prepared.path / "admin.sock").exists()


def test_anothers_admin_socket_stays(prepared):
    path = prepared.path / "admin.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        one_line_and_exit_1(prepared.launch(), "in use", key="socket")
        assert path.exists()


def test_locked_database(make_daemon):
    first = make_daemon()
    second = make_daemon({"database": str(first.path / "db"),
                          "secret_file": str(first.path / "secret")}, start=False)
    one_line_and_exit_1(second.launch(), "another assentd", key="database")
    first.subscribe("a@example.com")        # the first one goes on
    first.mails.wait("a@example.com")


def test_unwritable_database(prepared):
    prepared.values["database"] = "/proc/assent"
    one_line_and_exit_1(prepared.launch(), "/proc/assent", key="database")


def test_database_in_memory(prepared):
    memory = next((line.split()[1] for line in open("/proc/mounts", encoding="utf-8")
                   if line.split()[2] == "tmpfs" and os.access(line.split()[1], os.W_OK)), None)
    if memory is None:
        pytest.skip("no tmpfs that can be written")
    with tempfile.TemporaryDirectory(prefix="assent-e2e-", dir=memory) as folder:
        os.chmod(folder, 0o711)
        database = Path(folder) / "db"
        prepared.values["database"] = str(database)
        prepared.start()
        prepared.wait_log(f'database_in_memory path={database} file_system=tmpfs')
        prepared.confirmed("a@example.com")     # it runs, all the same
        prepared.stop()


def test_database_of_somebody_else(prepared):
    if env.USER is None:
        pytest.skip("needs root, to make a folder of another's")
    os.chown(prepared.path / "db", 0, 0)
    (prepared.path / "db").chmod(0o755)
    one_line_and_exit_1(prepared.launch(), "/db", key="database")


def test_anothers_secret(make_daemon):
    daemon = make_daemon()
    daemon.confirmed("a@example.com")
    daemon.stop()
    other = make_daemon()
    other.stop()
    secret = daemon.path / "secret"
    own = secret.read_bytes()
    secret.write_bytes((other.path / "secret").read_bytes())
    one_line_and_exit_1(daemon.launch(), "another secret", key="database")
    secret.write_bytes(own)
    daemon.start()
    assert daemon.state("a@example.com") == "confirmed"


def test_lost_secret_is_never_replaced(make_daemon):
    daemon = make_daemon()
    daemon.stop()
    (daemon.path / "secret").unlink()
    one_line_and_exit_1(daemon.launch(), "put back", key="secret_file")
    assert not (daemon.path / "secret").exists()


def test_damaged_secret(make_daemon):
    daemon = make_daemon()
    daemon.stop()
    for rubbish in (b"", b"x", b"\0" * 4096):
        (daemon.path / "secret").write_bytes(rubbish)
        one_line_and_exit_1(daemon.launch(), "not a secret", key="secret_file")


def test_mode_of_the_secret(make_daemon):
    daemon = make_daemon()
    assert (daemon.path / "secret").stat().st_mode & 0o777 == 0o600


def test_port_0_is_told_in_the_ready_line(prepared):
    del prepared.values[("listen", f"127.0.0.1:{prepared.port}")]
    prepared.values[("listen", "127.0.0.1:0")] = {}
    prepared.launch()
    line = prepared.wait_log(r"\bready\b")
    found = re.search(r"127\.0\.0\.1:(\d+)", line)
    assert found and found[1] != "0", line
    socket.create_connection(("127.0.0.1", int(found[1])), 5).close()
    prepared.stop()


@pytest.mark.parametrize("user", ["nosuchuser", "root"])
def test_a_user_that_can_not_be(prepared, user):
    if env.USER is None:
        pytest.skip("not started as root")
    prepared.values["user"] = user
    one_line_and_exit_1(prepared.launch(), user, key="user =")


def test_a_log_that_can_not_be_opened(prepared):
    prepared.values["log"] = {"target": str(prepared.path)}
    one_line_and_exit_1(prepared.launch(), "directory", key="target")


def test_a_log_elsewhere_tells_why_too(make_daemon):
    daemon = make_daemon()
    daemon.stop()
    log = daemon.path / "log.txt"
    daemon.values["log"] = {"target": str(log)}
    (daemon.path / "secret").write_bytes(b"x")
    one_line_and_exit_1(daemon.launch(), "not a secret", key="secret_file")
    assert "not a secret" in log.read_text()


def test_a_secret_that_is_no_file(prepared):
    (prepared.path / "secret").mkdir(0o700)
    one_line_and_exit_1(prepared.launch(), "no file", key="secret_file")


def test_root_needs_a_user(prepared):
    if env.USER is None:
        pytest.skip("not started as root")
    del prepared.values["user"]
    prepared.launch()
    one_line_and_exit_1(prepared, "user")
