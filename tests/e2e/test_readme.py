# SPDX-License-Identifier: ISC
"""What README says to a newcomer holds, with the limits that are shipped."""
import json
import re
import shlex
import subprocess

from harness import env

SHIPPED = {"per_network": None, "per_domain": None, "total": None, "challenge": None}


def command(name):
    """The indented command of README that starts so, as a list."""
    found = re.search(rf"^    ({name} (?:.*\\\n)*.*)\n", (env.SOURCE / "README").read_text(), re.M)
    return shlex.split(found[1].replace("\\\n", " "))


def test_its_form_is_posted_by_a_program(make_daemon):
    daemon = make_daemon({"limits": SHIPPED})
    words = [w.replace("https://news.example.org", daemon.base) for w in command("curl")]
    done = subprocess.run([*words, "-sS", "--noproxy", "*"], capture_output=True, timeout=60)
    assert json.loads(done.stdout)["status"] == "pending", done
    mail = daemon.mails.wait("jo@example.net")
    assert daemon.press(mail.confirm).status == 200
    assert daemon.state("jo@example.net") == "confirmed"
