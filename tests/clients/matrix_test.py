#!/usr/bin/env python3
"""The matrix's own bookkeeping: nothing that did not pass may look as if it did."""
import pathlib
import sys
import tomllib
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "matrix"))

import fetch  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
from run import drive, settle  # noqa: E402

CHECKS = tomllib.loads((HERE / "matrix" / "checks.toml").read_text())


class Row:
    name = "a client"
    checks = "clients"


def driver(*lines):
    """A driver that prints these lines."""
    return [sys.executable, "-c", "print(" + repr("\n".join(lines)) + ")"]


class Matrix(unittest.TestCase):
    def test_a_check_that_the_driver_does_not_come_to_has_failed(self):
        command = driver("CHECK one ok", "CHECK two none it has none")
        got = {check: word for check, word, _ in drive(command, "host:1", Row, ["one", "two", "three"])}
        self.assertEqual(got, {"one": "ok", "two": "none", "three": "fail"})

    def test_only_what_fails_on_kafka_too_is_excused(self):
        mine = [("one", "ok", ""), ("two", "fail", "here"), ("three", "fail", "here")]
        theirs = [("two", "ok", ""), ("three", "fail", "there")]
        self.assertEqual(settle(mine, theirs), [("one", "ok", ""), ("two", "fail", "here"), ("three", "kafka", "there")])

    def test_an_excuse_is_shown_with_its_reason(self):
        results = report.Results(CHECKS)
        results.add("clients", "a client", "admin", "kafka", "the reason")
        results.add("clients", "a client", "plain", "fail", "broken")
        self.assertIn("| [1]", results.markdown())
        self.assertIn("1. a client, admin: the reason", results.markdown())
        self.assertIn("**fail**", results.markdown())
        self.assertEqual(results.failures(), ["a client: plain: broken"])

    def test_every_jar_of_the_rows_is_locked(self):
        wanted = {f"clients-{v}" for v in rows.JAVA} | {f"kafka-{v}" for v in ("0.10.2.2", "3.9.1", rows.NEWEST_TOOLS)}
        locked = {line.split()[0] for line in fetch.LOCK.read_text().splitlines() if not line.startswith("#")}
        self.assertEqual(wanted, locked)

    def test_the_readme_has_the_place_for_the_table(self):
        text = (fetch.ROOT / "README.md").read_text()
        self.assertLess(text.index(report.BEGIN), text.index(report.END))


if __name__ == "__main__":
    unittest.main()
