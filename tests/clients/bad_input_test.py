#!/usr/bin/env python3
"""What is no Kafka request closes that one connection, with one line that says why; nobody else notices."""
import random
import socket
import struct
import time
import unittest

from local_broker import PATIENCE, LocalBroker, kcat

# A TLS 1.2 ClientHello, as far as its record and handshake headers go.
TLS_HELLO = bytes.fromhex("1603010100010000fc0303") + bytes(range(240))


def frame(body):
    return struct.pack(">i", len(body)) + body


def header(api, version, correlation, client=b"test"):
    return struct.pack(">hhih", api, version, correlation, len(client)) + client


class Connection:
    def __init__(self, broker):
        self.socket = socket.create_connection((broker.host, broker.port), timeout=PATIENCE)

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            pass

    def read(self, size):
        """Up to size bytes, fewer when the other side closes first."""
        data = b""
        while len(data) < size:
            try:
                piece = self.socket.recv(size - len(data))
            except ConnectionResetError:
                break
            if not piece:
                break
            data += piece
        return data

    def response(self):
        size = self.read(4)
        return self.read(struct.unpack(">i", size)[0]) if len(size) == 4 else None

    def close(self):
        self.socket.close()


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = LocalBroker()
        cls.broker.__enter__()
        # A bystander whose connection lives through all of it.
        cls.bystander = Connection(cls.broker)

    @classmethod
    def tearDownClass(cls):
        cls.bystander.close()
        cls.broker.__exit__()

    def lines(self):
        return self.broker.log().splitlines()

    def wait_for_lines(self, count):
        deadline = time.monotonic() + PATIENCE
        while len(self.lines()) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.lines()

    def others_are_served(self):
        self.assertTrue(self.broker.is_alive())
        self.bystander.send(frame(header(18, 0, 77)))
        answer = self.bystander.response()
        self.assertEqual(struct.unpack(">ih", answer[:6]), (77, 0))

    def expect_closed_with_one_line(self, data, *words, then_close=False):
        before = len(self.lines())
        connection = Connection(self.broker)
        connection.send(data)
        if then_close:
            connection.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(connection.read(1), b"", "an answer came where the connection should end")
        connection.close()
        after = self.wait_for_lines(before + 1)[before:]
        self.others_are_served()
        self.assertEqual(len(self.lines()) - before, 1, after)
        for word in words:
            self.assertIn(word.lower(), after[0].lower())

    def test_a_length_of_2_gb(self):
        self.expect_closed_with_one_line(struct.pack(">i", 2**31 - 1) + b"x" * 1000, "2147483647",
                                         "socket.request.max.bytes")

    def test_a_negative_length(self):
        self.expect_closed_with_one_line(struct.pack(">i", -5) + b"x" * 100)

    def test_half_a_frame(self):
        before = len(self.lines())
        connection = Connection(self.broker)
        connection.send(struct.pack(">i", 100) + b"x" * 50)
        connection.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(connection.read(1), b"")
        connection.close()
        self.others_are_served()
        self.assertLessEqual(len(self.lines()) - before, 1)

    def test_who_closes_its_side_still_gets_its_answers(self):
        connection = Connection(self.broker)
        # A fetch that waits half a second for a topic that is there, and what was asked behind it.
        kcat("-b", self.broker.address, "-P", "-t", "half", text=b"x\n")
        fetch = struct.pack(">iii", -1, 500, 1 << 20) + struct.pack(">ih4s", 1, 4, b"half")
        fetch += struct.pack(">iiqi", 1, 0, 1, 1 << 20)
        connection.send(frame(header(1, 2, 1) + fetch) + frame(header(18, 0, 2)))
        connection.socket.shutdown(socket.SHUT_WR)
        answers = [connection.response() for _ in range(2)]
        self.assertEqual([answer and struct.unpack(">i", answer[:4])[0] for answer in answers], [1, 2])
        self.assertEqual(connection.read(1), b"")
        connection.close()
        self.others_are_served()

    def test_an_unknown_api(self):
        self.expect_closed_with_one_line(frame(header(999, 0, 1)), "999")

    def test_an_unknown_version(self):
        self.expect_closed_with_one_line(frame(header(3, 99, 1)), "99")

    def test_an_api_versions_request_that_is_too_new_is_answered_in_version_0(self):
        connection = Connection(self.broker)
        connection.send(frame(header(18, 99, 5) + b"\0\1\1\0"))
        answer = connection.response()
        correlation, error, count = struct.unpack(">ihi", answer[:10])
        self.assertEqual((correlation, error), (5, 35))
        keys = [struct.unpack(">hhh", answer[10 + 6 * i:16 + 6 * i]) for i in range(count)]
        self.assertIn(18, [key for key, _, _ in keys])
        # The same connection goes on.
        connection.send(frame(header(18, 0, 6)))
        self.assertEqual(struct.unpack(">ih", connection.response()[:6]), (6, 0))
        connection.close()
        self.others_are_served()

    def test_an_http_request(self):
        self.expect_closed_with_one_line(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP")

    def test_a_tls_hello(self):
        self.expect_closed_with_one_line(TLS_HELLO, "TLS")

    def test_a_body_that_does_not_parse(self):
        self.expect_closed_with_one_line(frame(header(3, 1, 1) + struct.pack(">i", 2**30)))

    def test_random_bytes(self):
        source = random.Random(7)
        for _ in range(200):
            connection = Connection(self.broker)
            connection.send(source.randbytes(source.randrange(1, 400)))
            connection.socket.shutdown(socket.SHUT_WR)
            connection.read(1 << 20)
            connection.close()
        for _ in range(200):
            # Framed, so that the headers and bodies are reached.
            connection = Connection(self.broker)
            body = header(source.randrange(0, 70), source.randrange(0, 13), 1) + source.randbytes(source.randrange(300))
            connection.send(frame(body))
            connection.socket.shutdown(socket.SHUT_WR)
            connection.read(1 << 20)
            connection.close()
        self.others_are_served()

    def test_clients_are_served_afterwards(self):
        kcat("-b", self.broker.address, "-P", "-t", "t", text=b"x\n")
        self.assertEqual(kcat("-b", self.broker.address, "-C", "-t", "t", "-e", "-q"), b"x\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
