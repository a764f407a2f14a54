"""A kubelet's side of `kubectl exec -it` and `attach`: the CRI's streaming server, by websocket (RFC
6455) with Kubernetes' channels, the first byte of each message: 0 stdin, 1 stdout, 2 stderr, 3 the
end's status, 4 the terminal's size.
"""

import base64
import os
import socket
import struct
import urllib.parse

PROTOCOL = "v4.channel.k8s.io"
BINARY = 2
CLOSE = 8


class Stream:
    """The streams behind a URL that Exec or Attach answered with."""

    def __init__(self, url, seconds=30):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=seconds)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n".encode())
        self.status = self.file.readline().decode().strip()
        while self.file.readline().strip():
            pass

    def send(self, channel, data):
        """A masked frame, as clients' have to be: by zeros, which change nothing."""
        payload = bytes([channel]) + data
        assert len(payload) < 126
        self.socket.sendall(bytes([0x80 | BINARY, 0x80 | len(payload)]) + bytes(4) + payload)

    def frame(self):
        """(kind, payload) of the next frame; None at the end."""
        head = self.file.read(2)
        if len(head) < 2:
            return None
        size = head[1] & 0x7f
        if size == 126:
            (size,) = struct.unpack(">H", self.file.read(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self.file.read(8))
        return head[0] & 0xf, self.file.read(size)

    def read(self, until=None):
        """{channel: bytes} until a text was among them, or until the end."""
        heard = {}
        while until is None or until not in b"".join(heard.values()):
            frame = self.frame()
            if frame is None or frame[0] == CLOSE:
                break
            if frame[0] == BINARY and frame[1]:
                channel, data = frame[1][0], frame[1][1:]
                heard[channel] = heard.get(channel, b"") + data
        return heard

    def close(self):
        self.file.close()
        self.socket.close()
