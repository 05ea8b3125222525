"""The database backend of `DATABASES`: a kept connection is asked for by its socket, not by a query."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, except that looking after a connection before each request costs no round trip."""

    def is_usable(self) -> bool:
        """Tell whether the connection is still there.

        A server that ends, or ends the connection, closes the socket, which then has something to read. Where
        nothing has come it is as it was; where something has, PostgreSQL itself is asked, as Django does always
        (CONN_HEALTH_CHECKS). A server that vanished without a word is found out by the next query either way.
        """
        if self.connection is None:
            return False
        if self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.pgconn.socket, select.POLLIN)
        return not waiting.poll(0) or super().is_usable()
