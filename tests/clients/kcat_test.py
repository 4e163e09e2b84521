#!/usr/bin/env python3
"""kcat, and so librdkafka, against a broker: every codec, groups, restarts."""
import random
import unittest

from local_broker import LocalBroker, kcat


def lines(count, seed=1):
    """Unlike lines of many sizes, part of which compresses well."""
    source = random.Random(seed)
    return [f"{i}:{'x' * source.randrange(200)}{source.randbytes(source.randrange(100)).hex()}" for i in range(count)]


def as_input(texts):
    return ("\n".join(texts) + "\n").encode()


def consume_all(address, topic):
    return kcat("-b", address, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "check.crcs=true").decode()


class Kcat(unittest.TestCase):
    def test_every_codec_gives_back_what_was_produced(self):
        texts = lines(5000)
        with LocalBroker() as broker:
            for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
                with self.subTest(codec=codec):
                    kcat("-b", broker.address, "-P", "-t", codec, "-z", codec, "-X", "acks=all", text=as_input(texts))
                    self.assertEqual(consume_all(broker.address, codec).splitlines(), texts)

    def test_keys_headers_and_nulls_come_back(self):
        with LocalBroker() as broker:
            kcat("-b", broker.address, "-P", "-t", "t", "-K:", "-H", "name=value", "-Z",
                 text=b"key:text\n:none\nnull:\n")
            got = kcat("-b", broker.address, "-C", "-t", "t", "-e", "-q", "-f", "%o %K %k %S %s %h\n").decode()
        self.assertEqual(got.splitlines(), ["0 3 key 4 text name=value", "1 -1  4 none name=value",
                                            "2 4 null -1  name=value"])

    def test_a_large_record_passes(self):
        record = random.Random(3).randbytes(900_000).hex()[:900_000]
        with LocalBroker() as broker:
            kcat("-b", broker.address, "-P", "-t", "t", text=as_input([record]))
            self.assertEqual(consume_all(broker.address, "t").strip(), record)

    def test_an_idempotent_producer_is_served(self):
        texts = lines(3000)
        with LocalBroker() as broker:
            kcat("-b", broker.address, "-P", "-t", "t", "-X", "enable.idempotence=true", text=as_input(texts))
            self.assertEqual(consume_all(broker.address, "t").splitlines(), texts)

    def test_a_group_resumes_where_it_committed_even_after_a_restart(self):
        texts = lines(1000)

        def take(count):
            return kcat("-b", broker.address, "-q", "-c", count, "-X", "auto.offset.reset=earliest", "-G", "g", "t")

        with LocalBroker("num.partitions=1") as broker:
            kcat("-b", broker.address, "-P", "-t", "t", text=as_input(texts))
            got = take(300).decode().splitlines()
            got += take(300).decode().splitlines()
            self.assertEqual(broker.stop(), 0, broker.log())
            broker.start()
            got += take(400).decode().splitlines()
        self.assertEqual(got, texts)

    def test_a_clean_restart_keeps_everything(self):
        texts = lines(2000)
        with LocalBroker("log.segment.bytes=100000") as broker:
            kcat("-b", broker.address, "-P", "-t", "t", "-z", "lz4", "-X", "batch.size=20000", text=as_input(texts))
            self.assertGreater(len(list(broker.data.glob("t-0/*.log"))), 1)
            self.assertEqual(broker.stop(), 0, broker.log())
            self.assertTrue((broker.data / ".kafka_cleanshutdown").exists())
            broker.start()
            self.assertEqual(consume_all(broker.address, "t").splitlines(), texts)

    def test_a_broker_that_serves_writes_nothing_to_its_log(self):
        with LocalBroker() as broker:
            kcat("-b", broker.address, "-P", "-t", "t", text=b"x\n")
            consume_all(broker.address, "t")
            broker.stop()
            self.assertEqual(broker.log(), "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
