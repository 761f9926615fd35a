# SPDX-License-Identifier: ISC
"""A gate in front of a real mail server: open, it passes bytes; while a play
is on, whoever comes meets that instead, and who is within is thrown out."""
import select
import smtplib
import socket
import threading

from .smtp_play import Player


class Pipe:
    """One connection to the server behind."""

    def __init__(self, gate, sock):
        self.gate, self.sock = gate, sock
        self.behind = socket.create_connection(("127.0.0.1", gate.behind))

    def run(self):
        pairs = {self.sock: self.behind, self.behind: self.sock}
        try:
            while True:
                for sock in select.select(list(pairs), [], [])[0]:
                    data = sock.recv(65536)
                    if not data:
                        return
                    pairs[sock].sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            self.behind.close()
            self.gate.ended(self)


class Gate(Player):
    """`behind` is the server's port, `clear` one of it for what a play took
    before it failed: that may have been delivered, or not."""

    def __init__(self, behind, clear, **kwargs):
        super().__init__(mode="starttls", **kwargs)
        self.behind, self.clear, self.struck = behind, clear, 0

    def close(self, play):
        """From now on that play is what is met."""
        with self.lock:
            self.play, self.struck_before = play, self.struck
            self.struck += len(self.talks)
        self.hang_up()

    def has_struck(self):
        return self.struck > self.struck_before

    def open(self):
        with self.lock:
            self.play = {}

    def got(self, talk, body):
        """Half of them are delivered all the same."""
        with self.lock:
            self.received.append(talk.recipient)
            delivers = len(self.received) % 2
        if delivers:
            with smtplib.SMTP("127.0.0.1", self.clear) as server:
                server.sendmail(talk.sender, [talk.recipient], body)

    def _begin(self, sock):
        with self.lock:
            play = self.play    # that one, whatever is open by the time it begins
            self.struck += bool(play)
            if not play:
                pipe = Pipe(self, sock)
                self.talks.add(pipe)    # or a gate that closes now would miss it
        if play:
            self._talk(sock, play)
        else:
            threading.Thread(target=pipe.run, daemon=True).start()
