"""A mail server that takes every e-mail and keeps none: real SMTP over loopback, in a process of its own.

`python -m bench.sink` prints its port and serves until it is ended. HELP tells how many e-mails came, of how many
bytes.
"""

import socket
import socketserver
import sys
import threading
from dataclasses import dataclass, field
from typing import Final


@dataclass
class _Taken:
    """What came until now."""

    messages: int = 0
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, size: int) -> None:
        """Count an e-mail of so many bytes."""
        with self.lock:
            self.messages += 1
            self.size += size

    def told(self) -> bytes:
        """Return what HELP is answered."""
        return b"214 %d %d\r\n" % (self.messages, self.size)


_AT_ONCE: Final = 1 << 16
_ANSWERS: Final = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
_taken = _Taken()


class _Talk(socketserver.BaseRequestHandler):
    """One connection. What came in one go is answered in one go, as RFC 2920 (3.2) asks of servers."""

    def handle(self) -> None:
        """Answer commands until the client goes."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._came, self._takes, self._is_over = bytearray(), False, False
        self.request.sendall(b"220 sink ready\r\n")
        while not self._is_over and (more := self.request.recv(_AT_ONCE)):
            self._came += more
            self.request.sendall(b"".join(iter(self._answer, b"")))

    def _answer(self) -> bytes:
        """Take the next command or content off what came, and answer it; nothing where it is not all there."""
        if self._takes:
            return self._take()
        line, end, self._came = self._came.partition(b"\r\n")
        if not end:
            self._came = line
            return b""
        verb = bytes(line[:4]).upper()
        self._takes, self._is_over = verb == b"DATA", verb == b"QUIT"
        return _taken.told() if verb == b"HELP" else _ANSWERS.get(verb, b"250 ok\r\n")

    def _take(self) -> bytes:
        """Take an e-mail; its end is a line with a dot alone."""
        size = 0 if self._came.startswith(b".\r\n") else self._came.find(b"\r\n.\r\n") + 2
        if size == 1:
            return b""
        del self._came[: size + 3]
        self._takes = False
        _taken.add(size)
        return b"250 ok\r\n"


def main() -> int:
    """Serve, and return the exit status."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
