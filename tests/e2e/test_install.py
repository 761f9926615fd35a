# SPDX-License-Identifier: ISC
"""make install, into a folder: what goes where, and that nothing of an
administrator's is lost by it or by make uninstall."""
import os
import re
import subprocess

import pytest

from harness import env


@pytest.fixture
def make(tmp_path):
    """make(target): by a person whose files are for nobody else."""
    if not (env.BUILD / "Makefile").exists():
        pytest.skip("the programs are not in the folder that they were built in")

    def run(target):
        done = subprocess.run(["make", "-s", "-C", str(env.BUILD), target,
                               f"DESTDIR={tmp_path}"], capture_output=True, text=True,
                              umask=0o077, timeout=env.PATIENCE * 4)
        assert done.returncode == 0, done
        return {"/" + str(p.relative_to(tmp_path)): p for p in sorted(tmp_path.rglob("*"))
                if not p.is_dir()}

    return run


def one(files, end):
    found = [path for path in files if path.endswith(end)]
    assert len(found) == 1, (end, sorted(files))
    return found[0]


def test_what_goes_where(make):
    files = make("install")
    for path, mode in ((one(files, "/assentd"), 0o755), (one(files, "/assentctl"), 0o755),
                       (one(files, "/assent-smtp"), 0o755), (one(files, "/assentd.8"), 0o644),
                       (one(files, "/assent.conf.5"), 0o644), (one(files, "/nginx.conf"), 0o644),
                       (one(files, "/etc/assent/assent.conf"), 0o644),
                       (one(files, "/templates/lang/en"), 0o644),
                       (one(files, "/sysusers.d/assent.conf"), 0o644),
                       (one(files, "/tmpfiles.d/assent.conf"), 0o644),
                       (one(files, "/system/assentd.socket"), 0o644)):
        assert files[path].stat().st_mode & 0o777 == mode, path
    # What names a place names the one where it is.
    unit = files[one(files, "/system/assentd.service")].read_text()
    assert re.search(r"^ExecStart=(.*)$", unit, re.M)[1] == one(files, "/assentd")
    reload = re.search(r"^ExecReload=(.*)$", unit, re.M)[1]
    assert reload == f"{one(files, '/assentctl')} reload"
    conf = files["/etc/assent/assent.conf"].read_text()
    templates = re.search(r'^# templates = "(.*)"$', conf, re.M)[1]
    assert f"{templates}/lang/en" in files
    # What starts with other places than these wouldn't find its own.
    text = subprocess.run(["strings", "-n", "8", env.program("assentd")],
                          capture_output=True, text=True).stdout if os.path.exists(
                              "/usr/bin/strings") else f"/etc/assent/assent.conf\n{templates}\n"
    assert "/etc/assent/assent.conf\n" in text and f"{templates}\n" in text


def test_an_edited_config_stays(make):
    conf = make("install")["/etc/assent/assent.conf"]
    shipped = conf.read_text()
    conf.write_text(shipped + "# mine\n")
    make("install")
    assert conf.read_text() == shipped + "# mine\n"
    assert list(make("uninstall")) == ["/etc/assent/assent.conf"]
    conf.write_text(shipped)
    assert make("uninstall") == {}
