# SPDX-License-Identifier: ISC
"""A Postfix of one's own, as an administrator sets one up for submission:
STARTTLS on one port, TLS from the first byte on another, a login on both (and,
if asked, one port of the loopback with neither).  It delivers all it is given
into a maildir.  Needs root, and touches nothing of the machine's own."""
import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

from . import env
from .mail import Maildir

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
mynetworks =
virtual_mailbox_domains = example.com, example.net
virtual_mailbox_base = {folder}/box
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
alias_maps =
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
# Debian's Postfix looks for its SASL config there, whatever that says.
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = example.org
cyrus_sasl_config_path = {folder}/conf/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_client_connection_count_limit = {connections}
smtpd_peername_lookup = no
local_header_rewrite_clients =
{more}
"""

MASTER = """
{starttls} inet n - n - - smtpd
{implicit} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
{clear} inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o smtpd_sasl_auth_enable=no
  -o smtpd_relay_restrictions=reject_unauth_destination
  -o smtpd_recipient_restrictions=permit
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""

SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/users
mech_list: {mechanisms}
"""


def why_not():
    """Why there can't be one here, or None."""
    if os.geteuid() != 0:
        return "Postfix is started by root alone"
    for name in ("postfix", "saslpasswd2"):
        if not shutil.which(name, path="/usr/sbin"):
            return f"there is no {name} on this machine"
    return None


class Postfix(Maildir):
    ways = ("starttls", "implicit")

    def __init__(self, folder, certificates, user="news", password="s3cret",
                 mechanisms="PLAIN LOGIN CRAM-MD5", connections=50, more=""):
        self.folder = Path(folder)
        super().__init__(self.folder / "box" / "all")
        self.starttls, self.implicit, self.clear = (env.free_port() for _ in range(3))
        self.port = self.starttls
        self.user, self.password = user, password
        self.username = f"{user}@example.org"
        self.login = (self.username, password)
        for name in ("queue", "data", "conf", "conf/sasl", "box"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        nobody = pwd.getpwnam("nobody")
        shutil.chown(self.folder / "box", "nobody")
        certificate, key = certificates.files()
        (self.folder / "conf/main.cf").write_text(MAIN.format(
            folder=folder, certificate=certificate, key=key, more=more,
            daemons=self._daemons(), connections=connections, uid=nobody.pw_uid,
            gid=nobody.pw_gid))
        (self.folder / "conf/master.cf").write_text(MASTER.format(**{
            name: f"127.0.0.1:{getattr(self, name)}" for name in
            ("starttls", "implicit", "clear")}))
        (self.folder / "conf/sasl/smtpd.conf").write_text(SASL.format(
            folder=folder, mechanisms=mechanisms))

    @staticmethod
    def _daemons():
        return subprocess.run(["/usr/sbin/postconf", "-dh", "daemon_directory"], check=True,
                              capture_output=True, text=True).stdout.strip()

    def _run(self, *args, **kwargs):
        return subprocess.run(args, check=True, capture_output=True, text=True, **kwargs)

    def _postfix(self, command):
        done = subprocess.run(["/usr/sbin/postfix", "-c", self.folder / "conf", command],
                              capture_output=True, text=True)
        assert done.returncode == 0, f"{done.stderr}\n{self.log()}"

    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def __enter__(self):
        users = self.folder / "users"
        self._run("/usr/sbin/saslpasswd2", "-p", "-c", "-f", users, "-u", "example.org",
                  self.user, input=self.password)
        shutil.chown(users, "postfix", "postfix")
        self._postfix("start")
        env.wait_until(self._listens, lambda: f"Postfix to listen:\n{self.log()}")
        return self

    def __exit__(self, *_):
        self._postfix("stop")

    def _listens(self):
        try:
            for port in (self.starttls, self.implicit, self.clear):
                socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False
