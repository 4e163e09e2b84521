"""confluent-kafka (librdkafka), any release since 1.7, for checks.py."""
import sys
import time

import confluent_kafka as ck
from confluent_kafka import admin as ck_admin
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

import checks
from checks import KafkaError, Record, Unsupported

ADDRESS, ADMIN = {}, None


def bootstrap(address):
    global ADMIN
    ADDRESS["bootstrap.servers"] = address
    ADMIN = AdminClient(ADDRESS)


def close():
    pass


def result(future):
    try:
        return future.result(checks.WAIT)
    except ck.KafkaException as e:
        raise KafkaError(e.args[0].code(), e.args[0].str()) from e


def only(futures):
    return result(next(iter(futures.values())))


def needs(owner, name):
    """The named thing of a later release than this."""
    if not hasattr(owner, name):
        raise Unsupported(f"no {name} in {ck.version()[0] if isinstance(ck.version(), tuple) else ck.version()}")
    return getattr(owner, name)


def create(topic, partitions):
    only(ADMIN.create_topics([NewTopic(topic, partitions, checks.REPLICATION_FACTOR)]))


def grow(topic, partitions):
    only(ADMIN.create_partitions([NewPartitions(topic, partitions)]))


def delete(topic):
    only(ADMIN.delete_topics([topic]))


def topics():
    return set(ADMIN.list_topics(timeout=checks.WAIT).topics)


def partitions(topic):
    if hasattr(ADMIN, "describe_topics"):  # list_topics(topic) would have the broker create it.
        found = only(ADMIN.describe_topics(needs(ck, "TopicCollection")([topic])))
        return len(found.partitions)
    found = ADMIN.list_topics(timeout=checks.WAIT).topics.get(topic)
    if not found:
        raise KafkaError(checks.UNKNOWN_TOPIC)
    return len(found.partitions)


def produce(topic, rows, codec="plain", idempotent=False, partition=None):
    errors = []
    producer = ck.Producer({**ADDRESS, "compression.type": "none" if codec == "plain" else codec, "linger.ms": 5,
                            "enable.idempotence": idempotent, "message.max.bytes": 3_000_000})
    for key, value, headers, timestamp in rows:
        producer.produce(topic, value, key, headers=headers, timestamp=timestamp,
                         **({} if partition is None else {"partition": partition}),
                         on_delivery=lambda e, m: e and errors.append(e))
        producer.poll(0)
    left = producer.flush(checks.WAIT)
    if errors:
        raise KafkaError(errors[0].code(), errors[0].str())
    assert left == 0, f"{left} records were not answered"


class Consumer:
    def __init__(self, group, session_ms=None, instance=None, cooperative=False, reset="earliest"):
        conf = {**ADDRESS, "group.id": group or "no-group", "auto.offset.reset": reset, "enable.auto.commit": False,
                "check.crcs": True}
        if session_ms:
            conf["session.timeout.ms"] = session_ms
        if instance:
            conf["group.instance.id"] = instance
        if cooperative:
            conf["partition.assignment.strategy"] = "cooperative-sticky"
        self.cooperative = cooperative
        self.consumer = ck.Consumer(conf)
        self.assigned, self.revoked, self.rebalances = set(), [], 0

    def subscribe(self, topic):
        def on_assign(_, parts):
            self.rebalances += 1
            numbers = {p.partition for p in parts}
            self.assigned = self.assigned | numbers if self.cooperative else numbers

        def on_revoke(_, parts):
            self.rebalances += 1
            self.revoked += [p.partition for p in parts]
            self.assigned -= {p.partition for p in parts}
        self.consumer.subscribe([topic], on_assign=on_assign, on_revoke=on_revoke)

    def assign(self, topic, starts):
        self.consumer.assign([ck.TopicPartition(topic, p, o) for p, o in starts.items()])

    def poll(self, seconds, most=500):
        out = []
        for m in self.consumer.consume(most, seconds):
            if m.error():
                # The reset's own error code tells which error of the broker it was only in its text.
                code = m.error().code()
                out_of_range = code == ck.KafkaError._AUTO_OFFSET_RESET and "out of range" in m.error().str()
                raise KafkaError(checks.OFFSET_OUT_OF_RANGE if out_of_range else code, m.error().str())
            kind, timestamp = m.timestamp()
            assert kind == ck.TIMESTAMP_CREATE_TIME, f"timestamp type {kind}"
            out.append(Record(m.partition(), m.offset(), m.key(), m.value(), m.headers() or [], timestamp))
        return out

    def commit(self):
        deadline = time.monotonic() + checks.WAIT
        while True:
            try:
                self.consumer.commit(asynchronous=False)
                return
            except ck.KafkaException as e:
                if e.args[0].code() == ck.KafkaError._NO_OFFSET:
                    return
                rebalancing = e.args[0].code() in (ck.KafkaError.REBALANCE_IN_PROGRESS,
                                                   ck.KafkaError.ILLEGAL_GENERATION)
                if not rebalancing or time.monotonic() > deadline:
                    raise
                return  # The next poll takes part in the rebalance, and the next commit covers these.

    def offset_for_time(self, topic, partition, timestamp):
        [found] = self.consumer.offsets_for_times([ck.TopicPartition(topic, partition, timestamp)], checks.WAIT)
        return found.offset if found.offset >= 0 else None

    def first_and_last(self, topic, partition):
        return self.consumer.get_watermark_offsets(ck.TopicPartition(topic, partition), checks.WAIT)

    def close(self):
        self.consumer.close()


def config(kind, name):
    return {k: v.value for k, v in only(ADMIN.describe_configs([ConfigResource(kind, name)])).items()}


def topic_config(topic):
    return config("topic", topic)


def broker_config():
    return config("broker", str(next(iter(ADMIN.list_topics(timeout=checks.WAIT).brokers))))


def alter(topic, entries):
    only(ADMIN.alter_configs([ConfigResource("topic", topic, set_config=entries)]))


if hasattr(AdminClient, "incremental_alter_configs"):
    def alter_incrementally(topic, entries, deleted):
        operation = ck_admin.AlterConfigOpType
        changes = [ck_admin.ConfigEntry(k, v, incremental_operation=operation.SET) for k, v in entries.items()]
        changes += [ck_admin.ConfigEntry(k, None, incremental_operation=operation.DELETE) for k in deleted]
        only(ADMIN.incremental_alter_configs([ConfigResource("topic", topic, incremental_configs=changes)]))


def delete_records(topic, partition, offset):
    call = needs(ADMIN, "delete_records")
    return only(call([ck.TopicPartition(topic, partition, offset)])).low_watermark


def groups():
    if not hasattr(ADMIN, "list_consumer_groups"):
        return {g.id for g in ADMIN.list_groups(timeout=checks.WAIT)}
    return {g.group_id for g in result(ADMIN.list_consumer_groups()).valid}


def describe_group(group):
    if not hasattr(ADMIN, "describe_consumer_groups"):
        [found] = ADMIN.list_groups(group, checks.WAIT)
        return found.state, len(found.members)
    found = only(ADMIN.describe_consumer_groups([group]))
    return found.state.name.capitalize(), len(found.members)


def group_offset(group, topic, partition):
    consumer = ck.Consumer({**ADDRESS, "group.id": group})
    try:
        [found] = consumer.committed([ck.TopicPartition(topic, partition)], checks.WAIT)
    finally:
        consumer.close()
    return found.offset if found.offset >= 0 else None


if hasattr(AdminClient, "delete_consumer_groups"):
    def delete_group(group):
        only(ADMIN.delete_consumer_groups([group]))


if __name__ == "__main__":
    checks.main(sys.modules[__name__])
