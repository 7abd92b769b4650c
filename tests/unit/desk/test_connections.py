"""Connections that wait too long are closed, those with a request to be read are not."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from xlcity.desk import connections
from xlcity.desk.connections import PatientProtocol

PATIENCE = 0.3
BUSY = 0.5


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", PATIENCE)


def with_server(talk: Callable[[socket.socket], Awaitable[bytes]]) -> bytes:
    """Serve one answer, and return what comes on a connection that is opened before it is used."""

    async def served() -> bytes:
        config = uvicorn.Config(
            PlainTextResponse("here"),
            http=PatientProtocol,
            lifespan="off",
            log_level="critical",
        )
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        client = socket.create_connection(listening.getsockname())
        while not PatientProtocol.waiting:
            await asyncio.sleep(0.01)
        try:
            return await talk(client)
        finally:
            client.close()
            server.should_exit = True
            await serving

    return asyncio.run(served())


def test_a_request_that_came_while_the_server_was_busy_is_answered():
    async def talk(client):
        """Send when the time is over, but before the server comes to close the connection."""
        (timer,) = PatientProtocol.waiting.values()

        def be_busy():
            client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            time.sleep(BUSY)

        asyncio.get_running_loop().call_at(timer.when() - 1e-6, be_busy)
        return await asyncio.to_thread(_receive_all, client)

    assert with_server(talk).endswith(b"here")


def test_a_part_of_a_request_gets_no_more_than_a_moment():
    async def talk(client):
        client.sendall(b"GET / HTTP/1.1\r\nHost: ")
        await asyncio.sleep(PATIENCE + BUSY)
        return await asyncio.to_thread(_receive_all, client)

    assert with_server(talk) == b""
    assert not PatientProtocol.waiting


def _receive_all(client: socket.socket) -> bytes:
    client.settimeout(10)
    parts = []
    try:
        while part := client.recv(4096):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)
