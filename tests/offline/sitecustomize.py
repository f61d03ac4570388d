"""Every Python that a test starts reaches this machine and no other: what needs the network fails, and says so."""

import socket
import sys

HERE = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", socket.gethostname()}


def refuse(event: str, arguments: tuple) -> None:
    """Python reports every connection before it makes it."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path: a socket in a folder
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0] or ""
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in HERE and not host.startswith("127."):
        raise OSError(f"the tests have no network: {host} was asked for")


sys.addaudithook(refuse)
