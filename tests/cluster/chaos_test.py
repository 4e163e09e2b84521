#!/usr/bin/env python3
"""Three brokers on real sockets, clients that produce and consume all the while, and faults one after the other.

After each fault every partition must take records again. In the end all brokers are stopped, and the history of what
clients sent and were told is judged, with the logs on the disks, by the checkers of the simulator
(`barnabas sim check-history`): nothing acknowledged is lost, nothing is there twice, each producer's records are in
order, what was refused is in no log, readers were given what the logs hold, committed offsets stay, replicas are equal.

  tests/cluster/chaos_test.py                    the short version, as ctest runs it
  tests/cluster/chaos_test.py --rounds 50        50 faults drawn at random; --seed N draws others
  tests/cluster/chaos_test.py --against kafka    judge the test: the same with Apache Kafka 3.9.1
"""
import argparse
import os
import random
import threading
import time

import faults
from judge import judge, would_notice
from load import GroupLoad, ProducerLoad, ReaderLoad, final_offsets, read_all, write_history
from nodes import KINDS, PATIENCE, note, until
from proxy import Proxy

TOPIC, PARTITIONS, GROUP = "chaos", 6, "chaos-group"
PROGRESS = 20  # Records that each producer must see acknowledged in each partition after a fault is over.
OFFSETS = "__consumer_offsets"
SETTINGS = {"zookeeper.session.timeout.ms": faults.SESSION_MS, "offsets.topic.num.partitions": 3,
            "group.initial.rebalance.delay.ms": 0, "replica.lag.time.max.ms": 5000, "log.segment.bytes": 1 << 20,
            "auto.create.topics.enable": "false"}


class Run:
    def __init__(self, cluster, draw):
        self.cluster, self.draw = cluster, draw
        cluster.topic = TOPIC
        cluster.create_topic(TOPIC, PARTITIONS, 3)
        idempotent = {"enable_idempotence": "true", "message_timeout_ms": 300_000}
        self.producers = [
            self.producer("sure-1", **idempotent), self.producer("sure-2", linger_ms=0, **idempotent),
            # One that gives up, so that there is something refused; and that may do things twice.
            self.producer("hasty", message_timeout_ms=3000, patience=30)]
        self.loads = [*self.producers, ReaderLoad("reader", cluster.bootstrap, TOPIC, PARTITIONS),
                      GroupLoad("member", cluster.bootstrap, TOPIC, GROUP)]
        for load in self.loads:
            load.start()

    def producer(self, name, **settings):
        return ProducerLoad(name, self.cluster.bootstrap, TOPIC, PARTITIONS, topic_metadata_refresh_interval_ms=5000,
                            reconnect_backoff_max_ms=1000, **settings)

    def wait_progress(self):
        wanted = [[n + PROGRESS for n in p.acknowledged] for p in self.producers]
        commits = self.loads[-1].done + 1

        def moved():
            broken = [load for load in self.loads if load.problem]
            if broken:
                broken[0].stop()
            for i, broker in self.cluster.brokers.items():
                broker.must_live()
            return self.loads[-1].done >= commits and all(
                n >= w for p, ws in zip(self.producers, wanted) for n, w in zip(p.acknowledged, ws))
        try:
            until("progress", moved)
        except AssertionError as problem:
            stuck = {p.name: [n - w + PROGRESS for n, w in zip(p.acknowledged, ws)]
                     for p, ws in zip(self.producers, wanted)}
            raise AssertionError(f"no progress within {PATIENCE} s after the fault; acknowledged since, by partition: "
                                 f"{stuck}; commits {self.loads[-1].done - commits + 1}; "
                                 f"{self.cluster.partitions(TOPIC)}: {problem}") from problem

    def suffer(self, name):
        started = time.monotonic()
        for seconds in faults.ALL[name](self.cluster, self.draw):
            threading.Event().wait(seconds)
        self.cluster.proxy.heal()
        healed = time.monotonic()
        self.wait_progress()
        return healed - started, time.monotonic() - healed

    def finish(self, history):
        """Everything comes to rest; the history is written, and all brokers stop."""
        c = self.cluster
        for load in self.loads:
            load.stop()
        lost = [load.name for load in self.loads if "_AUTO_OFFSET_RESET" in load.refusals]
        if lost:
            raise AssertionError(f"{lost} were told that what they had read is out of range")
        c.wait_in_sync(TOPIC, OFFSETS)
        final = read_all(c.bootstrap, TOPIC, PARTITIONS)
        topic = {"type": "topic", "name": TOPIC, "partitions": PARTITIONS, "replication": 3}
        write_history(history, [topic], *(load.lines() for load in self.loads), final.lines(),
                      final_offsets(c.bootstrap, GROUP, TOPIC, PARTITIONS))
        codes = c.stop_brokers()
        if set(codes.values()) - set(c.clean_exits):
            raise AssertionError(f"brokers ended with {codes}")

    def summary(self):
        states = [state for p in self.producers for _, state, _ in p.records.values()]
        refusals = {}
        for load in self.loads:
            for name, count in load.refusals.items():
                refusals[f"{load.name}: {name}"] = count
        return (f"{len(states)} sent: {states.count('acknowledged')} acknowledged, {states.count('rejected')} refused, "
                f"{states.count('sent')} unknown; {len(self.loads[-2].records)} read, {self.loads[-1].done} commits; "
                f"told: {refusals}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", choices=list(KINDS), default="barnabas")
    parser.add_argument("--zookeeper", choices=["ours", "debian", "kafka"], help="default: the one that belongs to it")
    parser.add_argument("--rounds", type=int, metavar="N", help="so many faults drawn at random, not the short version's")
    parser.add_argument("--fault", action="append", choices=list(faults.ALL), help="draw only this; may be given again")
    parser.add_argument("--seed", type=int, default=1, help="what is drawn; the processes' own timing is not")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a broker's setting")
    parser.add_argument("--keep", action="store_true", help="keep the logs and the history even when all is well")
    return parser.parse_args()


def main():
    options = arguments()
    draw = random.Random(options.seed)
    names = options.fault or list(faults.ALL)
    if options.rounds:
        names = [draw.choice(names) for _ in range(options.rounds)]
    elif not options.fault:
        names = faults.SHORT
    settings = {**SETTINGS, **dict(s.split("=", 1) for s in options.set)}
    with KINDS[options.against](3, settings, options.zookeeper, proxy=Proxy()) as cluster:
        history = cluster.home / "history.jsonl"
        try:
            cluster.start()
            run = Run(cluster, draw)
            run.wait_progress()
            for number, name in enumerate(names):
                lasted, recovered = run.suffer(name)
                note(f"{number + 1} of {len(names)}: {name} for {lasted:.1f} s, all partitions again after "
                     f"{recovered:.1f} s; load of the machine {os.getloadavg()[0]:.1f}")
            run.finish(history)
            note(run.summary())
            judge(history, cluster)
            would_notice(history, cluster)
            cluster.keep = options.keep
        except BaseException:
            cluster.keep = True
            note(cluster.logs())
            note(f"everything is kept in {cluster.home}")
            raise
    if options.keep:
        note(f"everything is kept in {cluster.home}")


if __name__ == "__main__":
    main()
