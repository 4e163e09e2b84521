#!/usr/bin/env python3
"""The proxy itself: what is held stays and comes later, one direction at a time; what is refused is reset."""
import os
import socket
import unittest

from proxy import Proxy

ENOUGH = 0.3  # Seconds in which bytes that are not held would have come.


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.proxy = Proxy()
        self.proxy.parties = lambda: {"1": os.getpid()}
        self.port = self.proxy.stand_before("2", self.server.getsockname()[1])
        self.addCleanup(self.server.close)

    def connect(self):
        ours = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        theirs, _ = self.server.accept()
        theirs.settimeout(10)
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        return ours, theirs

    def test_bytes_pass_and_the_source_is_known_by_its_process(self):
        ours, theirs = self.connect()
        ours.sendall(b"there")
        self.assertEqual(theirs.recv(9), b"there")
        theirs.sendall(b"back")
        self.assertEqual(ours.recv(9), b"back")
        self.assertEqual([(c.source, c.target) for c in self.proxy.connections], [("1", "2")])
        self.proxy.parties = dict
        ours, theirs = self.connect()
        ours.sendall(b"x")
        self.assertEqual(theirs.recv(9), b"x")
        self.assertEqual({c.source for c in self.proxy.connections}, {"1", "client"})

    def test_one_direction_is_held_and_goes_on_later(self):
        ours, theirs = self.connect()
        self.proxy.hold("1", "2")
        ours.sendall(b"there")
        theirs.sendall(b"back")
        self.assertEqual(ours.recv(9), b"back")
        theirs.settimeout(ENOUGH)
        self.assertRaises(TimeoutError, theirs.recv, 9)
        self.proxy.heal()
        theirs.settimeout(10)
        self.assertEqual(theirs.recv(9), b"there")

    def test_who_is_refused_is_reset_now_and_later(self):
        ours, _ = self.connect()
        self.proxy.refuse("1", "2")
        self.assertRaises(ConnectionResetError, ours.recv, 9)
        again = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.addCleanup(again.close)
        self.assertRaises(ConnectionResetError, again.recv, 9)
        self.proxy.heal()
        self.connect()

    def test_a_shut_port_refuses_and_an_open_one_does_not(self):
        ours, _ = self.connect()
        self.proxy.shut("2")
        self.assertRaises(ConnectionResetError, ours.recv, 9)
        self.assertRaises(ConnectionRefusedError, self.connect)
        self.proxy.open("2")
        self.connect()

    def test_an_end_on_one_side_is_one_on_the_other(self):
        ours, theirs = self.connect()
        theirs.close()
        self.assertEqual(ours.recv(9), b"")


if __name__ == "__main__":
    unittest.main()
