"""Connections on which nothing whole is asked are closed: half a request costs as much as one."""

from __future__ import annotations

import asyncio
import select

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds that a program may take to send the head of a request; a browser sends it at once.
PATIENCE = 10
#: Connections that may wait at a time; for another one, the one that has waited longest is closed.
MOST_WAITING = 32
#: Seconds more for a request that has come but waits to be read, as the program was busy.
_TIME_TO_READ = 1


class PatientProtocol(H11Protocol):
    """Talks to one client, and waits neither for ever nor for too many for a request."""

    #: Those that wait for a request, since when they do.
    waiting: dict[PatientProtocol, asyncio.TimerHandle] = {}  # noqa: RUF012 - shared by all

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        super().connection_lost(exc)
        self._stop_waiting()

    def _wait(self) -> None:
        if self in self.waiting:
            return  # a part more does not give more time
        self.waiting[self] = self.loop.call_later(PATIENCE, self._time_out)
        while len(self.waiting) > MOST_WAITING:
            next(iter(self.waiting))._give_up()

    def _time_out(self) -> None:
        """Close the connection, but read first what has come in the last moment.

        Browsers open connections before they need them, and would show a request that was sent
        on one of these as failed.
        """
        if self._has_unread_data():
            self.waiting[self] = self.loop.call_later(_TIME_TO_READ, self._give_up)
        else:
            self._give_up()

    def _has_unread_data(self) -> bool:
        connection = self.transport.get_extra_info("socket")
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable)

    def _give_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()

    def _stop_waiting(self) -> None:
        timer = self.waiting.pop(self, None)
        if timer is not None:
            timer.cancel()
