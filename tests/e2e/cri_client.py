#!/usr/bin/python3
"""One call of Kubernetes' container runtime interface, as the kubelet makes it.

Usage: cri_client.py SOCKET SERVICE METHOD < request.json > answer.json

Debian has no crictl. gRPC comes from its python3-grpcio; messages are written here by their field
numbers (kubernetes cri-api, runtime/v1/api.proto), so that no compiled description is needed. In
JSON, a message is an object whose keys are field numbers; a list is a repeated field. An answer's
fields are always lists, of numbers, texts, or {"1": ...} where the bytes read as a message.
"""

import json
import sys

import grpc


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def encode(message):
    out = b""
    for field, values in message.items():
        for value in values if isinstance(values, list) else [values]:
            key = int(field) << 3
            if isinstance(value, int):
                out += varint(key) + varint(value)
            else:
                body = encode(value) if isinstance(value, dict) else value.encode()
                out += varint(key | 2) + varint(len(body)) + body
    return out


def take_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def decode(data):
    """{field: [values]}; ValueError or IndexError when the bytes are no message."""
    message, at = {}, 0
    while at < len(data):
        key, at = take_varint(data, at)
        if key & 7 == 0:
            value, at = take_varint(data, at)
        elif key & 7 == 2:
            size, at = take_varint(data, at)
            if at + size > len(data):
                raise ValueError("cut short")
            value, at = data[at:at + size], at + size
        else:
            raise ValueError("another wire type")
        if key >> 3 == 0:
            raise ValueError("no field")
        message.setdefault(key >> 3, []).append(value)
    return message


def readable(value):
    if isinstance(value, int):
        return value
    try:
        text = value.decode()
        # A message's first field, when it is one of bytes, begins with a newline.
        if text.rstrip("\n").isprintable():
            return text
    except UnicodeDecodeError:
        pass
    try:
        return {str(k): [readable(v) for v in values] for k, values in decode(value).items()}
    except (ValueError, IndexError):
        return value.decode(errors="replace")


def main():
    address, service, method = sys.argv[1:]
    request = encode(json.load(sys.stdin))
    with grpc.insecure_channel(f"unix:{address}") as channel:
        call = channel.unary_unary(f"/runtime.v1.{service}/{method}",
                                   request_serializer=lambda data: data,
                                   response_deserializer=lambda data: data)
        try:
            answer = call(request, timeout=60)
        except grpc.RpcError as error:
            print(error.details(), file=sys.stderr)
            return 1
    json.dump({str(k): [readable(v) for v in values] for k, values in decode(answer).items()},
              sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
