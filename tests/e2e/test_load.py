# SPDX-License-Identifier: ISC
"""Thousands of subscriptions posted by wrk, each of which gets its one mail,
whose link confirms."""
import queue
import re
import signal
import subprocess
import threading

from harness import env
from harness.config import WEEKLY
from harness.daemon import DaemonOnDisk
from harness.mail import QuickMail, SmtpSink

TOTAL = 1000 if env.SANITIZED else 10000
LOAD = {("list", "load"): {**WEEKLY, "aliases": [], "title": "The Load", "welcome": False}}

# Each thread posts its share of addresses, then only asks how things are until
# the last answer is there, and says so: wrk itself would go on till its time is
# up.  (It calls request() of its first thread once more than it sends.)
SCRIPT = """
local threads = {}
function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end
function init(args)
  share = tonumber(args[1])
  most = id == 0 and share + 1 or share
  sent, good, bad = 0, 0, 0
  head = {["Content-Type"] = "application/x-www-form-urlencoded",
          ["Accept"] = "application/json"}
end
function request()
  if sent >= most then return wrk.format("GET", "/healthz") end
  sent = sent + 1
  return wrk.format("POST", "/subscribe", head,
    string.format("list=load&email=load%d.%d%%40example.com", id, sent))
end
function response(status, headers, body)
  if status == 202 then good = good + 1
  elseif status ~= 200 then bad = bad + 1 end
  if good + bad == share then
    io.write("finished\\n")
    io.flush()
    share = -1
    wrk.thread:stop()
  end
end
function done(summary, latency, requests)
  local good, bad = 0, 0
  for _, thread in ipairs(threads) do
    good = good + thread:get("good")
    bad = bad + thread:get("bad")
  end
  io.write(string.format("good=%d bad=%d seconds=%.1f p99=%.1fms\\n", good, bad,
    summary.duration / 1e6, latency:percentile(99) / 1e3))
end
"""


def post_all(daemon, total):
    """Posts that many; asserts that each was answered 202."""
    script = daemon.path / "post.lua"
    script.write_text(SCRIPT)
    wrk = subprocess.Popen(
        ["wrk", "-t2", "-c64", "-d300s", "--timeout", "60s", "-s", str(script),
         daemon.web.base, "--", str(total // 2)], stdout=subprocess.PIPE, text=True)
    lines = []
    for line in wrk.stdout:
        lines.append(line)
        if lines.count("finished\n") == 2:
            wrk.send_signal(signal.SIGINT)
            break
    lines += wrk.communicate(timeout=60)[0]
    text = "".join(lines)
    print(text)
    found = re.search(r"good=(\d+) bad=(\d+)", text)
    assert found and (int(found[1]), int(found[2])) == (total, 0), text


def confirm_all(daemon, mails):
    """Confirms by each mail's link, over eight connections."""
    todo, failed = queue.SimpleQueue(), []
    for mail in mails:
        todo.put(mail)

    def work():
        conn = daemon.web.connect()
        while True:
            try:
                mail = todo.get_nowait()
            except queue.Empty:
                break
            answer = daemon.web.post_form(mail.confirm, {"press": "1"}, conn=conn)
            if answer.status != 200:
                failed.append((mail.to, answer))
        conn.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failed, failed[:3]


def go(daemon):
    daemon.mails.kind = QuickMail
    post_all(daemon, TOTAL)
    mails = daemon.mails.wait_total(TOTAL, timeout=300, pause=0.5)
    assert len(mails) == TOTAL
    assert len({m.to for m in mails}) == TOTAL and len({m.id for m in mails}) == TOTAL
    assert daemon.status()["requests_waiting"] == TOTAL
    confirm_all(daemon, mails)
    assert daemon.status()["lists"]["load"]["confirmed"] == TOTAL
    assert daemon.status()["requests_waiting"] == 0
    assert len(daemon.mails.poll()) == TOTAL
    exported = daemon.ctl("export", "--list", "load", "--format", "jsonl").out
    assert exported.count("\n") == TOTAL
    daemon.stop()


def test_by_maildir(make_daemon):
    go(make_daemon(LOAD, kind=DaemonOnDisk))


def test_by_smtp(make_daemon):
    folder = env.Folder("assent-sink-")
    try:
        with SmtpSink(folder.path) as sink:
            go(make_daemon(LOAD, mails=sink, kind=DaemonOnDisk))
    finally:
        folder.remove()
