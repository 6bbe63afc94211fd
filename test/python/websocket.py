"""A WebSocket client of a few lines, for tests alone: text frames in, text frames out."""

import base64
import json
import os
import socket
import ssl
import struct
from urllib.parse import urlsplit

PATIENCE_SECONDS = 45


class WebSocket:
    """A connection that speaks json.webpubsub.azure.v1; a context manager."""

    def __init__(self, url):
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), PATIENCE_SECONDS)
        if parts.scheme == "wss":
            # The default context trusts what SSL_CERT_FILE names.
            self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=parts.hostname)
        self._reader = self._socket.makefile("rb")
        self._shake_hands(parts)
        self.connection_id = self.receive()["connectionId"]

    def _shake_hands(self, parts):
        lines = [
            f"GET {parts.path}?{parts.query} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: json.webpubsub.azure.v1",
        ]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        status = self._reader.readline()
        while self._reader.readline().strip():
            pass
        if b" 101 " not in status:
            self.close()
            raise ConnectionError(status.decode().strip())

    def send(self, frame):
        payload = json.dumps(frame).encode()
        length = struct.pack("!B", 128 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 254, len(payload))
        self._socket.sendall(b"\x81" + length + bytes(4) + payload)  # a mask of zeros changes nothing

    def receive(self):
        """The next frame as JSON; None once the service has closed the connection."""
        head, length = self._reader.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self._reader.read(2))
        payload = self._reader.read(length)
        return None if head & 15 == 8 else json.loads(payload)

    def close(self):
        self._reader.close()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
