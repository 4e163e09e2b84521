#!/usr/bin/env python3
"""A fourth broker joins three under load, and Kafka's own kafka-reassign-partitions moves half the partitions to it.

All the while idempotent producers and consumers run. Nobody may be told of an error, in the end nothing is lost, and
every partition has three equal replicas (`barnabas sim check-history`).

  tests/cluster/scale_out_test.py [--against kafka] [--throttle BYTES_PER_SECOND]
"""
import argparse
import json
import os
import subprocess
import time

from judge import judge
from load import ProducerLoad, ReaderLoad, read_all, write_history
from nodes import KINDS, fetch, VERSION, class_path, note, until

TOPIC, PARTITIONS, NEW = "growing", 12, 4
REASSIGN = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"
WARM, RECORDS = 20_000, 20_000  # Acknowledged before the new broker comes, and after the move.


def reassign(cluster, *words):
    done = subprocess.run(["java", "-Xmx256m", "-XX:+UseSerialGC", "-cp", class_path(fetch.jars(f"kafka-{VERSION}")),
                           REASSIGN, "--bootstrap-server", cluster.bootstrap, *map(str, words)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(f"kafka-reassign-partitions {words}: {done.stdout[-3000:]}")
    return done.stdout


def half_to_the_new_one(cluster):
    """The plan: in every other partition the new broker takes the place of one of the three, in some of them as the preferred leader."""
    plan = []
    for p in cluster.partitions(TOPIC):
        replicas = list(p["replicas"])
        if p["partition"] % 2 == 0:
            replicas[(p["partition"] // 2) % 3] = NEW
        plan.append({"topic": TOPIC, "partition": p["partition"], "replicas": replicas})
    return plan


def wait_for(producers, more):
    wanted = sum(sum(p.acknowledged) for p in producers) + more
    until(f"{more} more records", lambda: sum(sum(p.acknowledged) for p in producers) >= wanted)


def move(cluster, throttle):
    plan = half_to_the_new_one(cluster)
    file = cluster.home / "plan.json"
    file.write_text(json.dumps({"version": 1, "partitions": plan}))
    words = ["--reassignment-json-file", file]
    started = time.monotonic()
    reassign(cluster, *words, "--execute", *(["--throttle", throttle] if throttle else []))
    until("all partitions have moved", lambda: reassign(cluster, *words, "--verify").count("is completed") == len(plan))
    note(f"moved within {time.monotonic() - started:.1f} s; load of the machine {os.getloadavg()[0]:.1f}")
    now = {p["partition"]: p for p in cluster.partitions(TOPIC)}
    wrong = [p for p in plan if now[p["partition"]]["replicas"] != p["replicas"]]
    if wrong:
        raise AssertionError(f"not as planned: {wrong} are {now}")


def run(cluster, history, throttle):
    cluster.start()
    cluster.create_topic(TOPIC, PARTITIONS, 3)
    producers = [ProducerLoad(f"sure-{i}", cluster.bootstrap, TOPIC, PARTITIONS, rate=2000, enable_idempotence="true")
                 for i in range(2)]
    loads = [*producers, ReaderLoad("reader", cluster.bootstrap, TOPIC, PARTITIONS)]
    for load in loads:
        load.start()
    wait_for(producers, WARM)
    cluster.add_broker(NEW)
    cluster.start_brokers(NEW)
    wait_for(producers, PARTITIONS)
    move(cluster, throttle)
    wait_for(producers, RECORDS)
    for load in loads:
        load.stop()
    cluster.wait_in_sync(TOPIC)
    final = read_all(cluster.bootstrap, TOPIC, PARTITIONS)
    topic = {"type": "topic", "name": TOPIC, "partitions": PARTITIONS, "replication": 3}
    write_history(history, [topic], *(load.lines() for load in loads), final.lines())
    until("the replicas that left are deleted", lambda: not list(cluster.home.glob(f"data-*/{TOPIC}-*-delete")))
    cluster.stop_brokers()
    told = {load.name: load.refusals for load in loads if load.refusals}
    note(f"{sum(sum(p.acknowledged) for p in producers)} acknowledged; clients were told {told or 'of no error'}")
    if told:
        raise AssertionError(f"clients were told of errors: {told}")
    judge(history, cluster)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", choices=list(KINDS), default="barnabas")
    parser.add_argument("--throttle", type=int, metavar="BYTES_PER_SECOND")
    options = parser.parse_args()
    fetch.jars(f"kafka-{VERSION}")
    with KINDS[options.against](3, {"file.delete.delay.ms": 1000}) as cluster:
        try:
            run(cluster, cluster.home / "history.jsonl", options.throttle)
        except BaseException:
            cluster.keep = True
            note(cluster.logs())
            note(f"everything is kept in {cluster.home}")
            raise


if __name__ == "__main__":
    main()
