"""A mail server that takes every e-mail and keeps none: real SMTP over loopback, in a process of its own.

`python -m bench.sink` prints its port and serves until it is ended. HELP tells how many e-mails came, of how many
bytes.
"""

import socketserver
import sys
import threading
from dataclasses import dataclass, field


@dataclass
class _Taken:
    """What came until now."""

    messages: int = 0
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


_taken = _Taken()


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    disable_nagle_algorithm = True
    rbufsize = 1 << 16

    def handle(self) -> None:
        """Answer commands until the client goes."""
        self.wfile.write(b"220 sink ready\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._take()
            self.wfile.write(self._answer(verb))
            if verb == b"QUIT":
                return

    def _take(self) -> None:
        size = 0
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            size += len(line)
        with _taken.lock:
            _taken.messages += 1
            _taken.size += size

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n"
        if verb == b"HELP":
            return b"214 %d %d\r\n" % (_taken.messages, _taken.size)
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"


def main() -> int:
    """Serve, and return the exit status."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
