#!/usr/bin/env python3
"""barnabas serve, as a person or a script meets it: the ready line, exit codes, and messages that name the remedy."""
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

from local_broker import PATIENCE, LocalBroker, barnabas, kcat


def serve(*words, before=()):
    """(exit code, stdout, stderr) of a serve that should not stay."""
    done = subprocess.run([*before, barnabas(), "serve", *map(str, words)], capture_output=True, text=True,
                          timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr


class Serve(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="barnabas-test-")
        self.home = pathlib.Path(self.directory.name)
        self.addCleanup(self.directory.cleanup)

    def expect_refusal(self, words, *named, code=1, before=()):
        status, out, err = serve(*words, before=before)
        self.assertEqual(status, code, err)
        self.assertEqual(out, "")
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        for name in named:
            self.assertIn(name, err)

    def test_ready_names_the_address_and_sigterm_ends_it_cleanly(self):
        with LocalBroker() as broker:
            self.assertRegex(broker.address, r"^(localhost|127\.0\.0\.1):\d+$")
            socket.create_connection((broker.host, broker.port), PATIENCE).close()
            self.assertEqual(broker.stop(), 0)
            self.assertEqual(broker.process.stdout.read(), "")
            self.assertTrue((broker.data / ".kafka_cleanshutdown").exists())

    def test_port_0_takes_a_free_one_that_clients_are_told(self):
        process = subprocess.Popen([barnabas(), "serve", "--port", "0", "--data-dir", self.home / "data"],
                                   stdout=subprocess.PIPE, text=True)
        try:
            address = process.stdout.readline().split()[1]
            self.assertNotEqual(address.rsplit(":", 1)[1], "0")
            self.assertIn(":" + address.rsplit(":", 1)[1], kcat("-b", address, "-L").decode())
        finally:
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)
            process.stdout.close()

    def test_a_properties_file_and_settings_over_it(self):
        file = self.home / "server.properties"
        file.write_text(f"# A comment\nlisteners=PLAINTEXT://localhost:0\nnum.partitions=7\nlog.dirs={self.home}/data\n")
        process = subprocess.Popen([barnabas(), "serve", file, "--set", "num.partitions=5"], stdout=subprocess.PIPE,
                                   text=True)
        try:
            address = process.stdout.readline().split()[1]
            kcat("-b", address, "-P", "-t", "t", text=b"x\n")
            self.assertIn('topic "t" with 5 partitions', kcat("-b", address, "-L", "-t", "t").decode())
        finally:
            process.terminate()
            process.wait(PATIENCE)
            process.stdout.close()
        self.assertTrue((self.home / "data" / "meta.properties").exists())

    def test_a_bad_value_is_named(self):
        self.expect_refusal(["--data-dir", self.home, "--set", "num.partitions=many"], "num.partitions", "many")

    def test_a_bad_value_in_a_file_is_named_with_its_line(self):
        file = self.home / "server.properties"
        file.write_text("\nnum.partitions=-3\n")
        self.expect_refusal([file], "num.partitions", "-3", f"{file}:2")

    def test_a_missing_file_is_named(self):
        self.expect_refusal([self.home / "none.properties"], str(self.home / "none.properties"), "--set")
        self.expect_refusal([self.home], str(self.home), "Is a directory")

    def test_an_unknown_option_is_a_usage_error(self):
        status, out, err = serve("--no-such-option")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("--no-such-option", err)

    def test_a_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.expect_refusal(["--data-dir", self.home / "data", "--set", f"listeners=PLAINTEXT://localhost:{port}"],
                                "listeners", str(port))

    def test_a_locked_data_directory_is_named(self):
        with LocalBroker() as broker:
            self.expect_refusal(["--port", "0", "--data-dir", broker.data], "log.dirs", str(broker.data), "another process")

    def test_an_unwritable_data_directory_is_named(self):
        os.chmod(self.home, 0o555)
        self.addCleanup(os.chmod, self.home, 0o755)
        # Root may write everywhere, unless it gives that up.
        before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.getuid() == 0 else []
        self.expect_refusal(["--port", "0", "--data-dir", self.home / "data"], "log.dirs", str(self.home),
                            before=before)

    def test_a_data_directory_that_is_a_file_is_named(self):
        file = self.home / "file"
        file.touch()
        self.expect_refusal(["--port", "0", "--data-dir", file], f"log.dirs={file}", "another log.dirs")

    def test_a_meta_properties_that_cannot_be_read_is_named(self):
        (self.home / "meta.properties").mkdir()
        self.expect_refusal(["--port", "0", "--data-dir", self.home], f"log.dirs={self.home}", "meta.properties",
                            "another log.dirs")

    def test_an_address_of_another_machine_is_named(self):
        # 192.0.2.0/24 is kept for documents: no machine has it (RFC 5737).
        self.expect_refusal(["--data-dir", self.home, "--set", "listeners=PLAINTEXT://192.0.2.1:0"], "listeners",
                            "192.0.2.1", "address of this machine")

    def test_option_values_out_of_range_are_usage_errors_that_say_the_range(self):
        for words, named in ((["--port", "70000"], "65535"), (["--log-level", "loud"], "warn")):
            status, out, err = serve(*words)
            self.assertEqual((status, out), (2, ""))
            self.assertIn(named, err)
            self.assertIn(words[1], err)

    def test_the_data_directory_of_another_cluster_is_named(self):
        with LocalBroker() as broker:
            broker.stop()
            file = broker.data / "meta.properties"
            text = file.read_text()
            other = re.sub(r"cluster\.id=.*", "cluster.id=AAAAAAAAAAAAAAAAAAAAAA", text)
            self.assertNotEqual(other, text)
            file.write_text(other)
            self.expect_refusal(["--port", "0", "--data-dir", broker.data], str(broker.data), "log.dirs", "cluster")

    def test_the_data_directory_of_another_broker_is_named(self):
        with LocalBroker("broker.id=1") as broker:
            broker.stop()
            self.expect_refusal(["--port", "0", "--data-dir", broker.data, "--set", "broker.id=2"], str(broker.data),
                                "broker.id")

    def test_help_and_version_speak_to_a_newcomer(self):
        for words, expected in [(["--help"], "serve"), (["serve", "--help"], "--data-dir"), (["--version"], "barnabas "),
                                (["sim", "run", "--help"], "--seed"), (["config-reference"], "num.partitions")]:
            with self.subTest(words=words):
                done = subprocess.run([barnabas(), *words], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0)
                self.assertIn(expected, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
