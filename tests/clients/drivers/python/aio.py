"""aiokafka for checks.py: its coroutines run in a loop of their own, so that heartbeats go on between the calls."""
import asyncio
import logging
import sys
import threading

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import BrokerResponseError, OffsetOutOfRangeError

import checks
from checks import KafkaError, Record, Unsupported

LOOP = asyncio.new_event_loop()
ADDRESS, ADMIN = None, None


def wait(coroutine, seconds=2 * checks.WAIT):
    try:
        return asyncio.run_coroutine_threadsafe(coroutine, LOOP).result(seconds)
    except BrokerResponseError as e:
        raise KafkaError(e.errno, str(e)) from e


async def made(kind, **options):
    """Clients ask for the running loop when they are made."""
    client = kind(bootstrap_servers=ADDRESS, **options)
    await client.start()
    return client


def bootstrap(address):
    global ADDRESS, ADMIN
    ADDRESS = address
    logging.disable(logging.CRITICAL)
    threading.Thread(target=LOOP.run_forever, daemon=True).start()
    ADMIN = wait(made(AIOKafkaAdminClient))


def close():
    wait(ADMIN.close())
    LOOP.call_soon_threadsafe(LOOP.stop)


def no_error(code, text=""):
    if code:
        raise KafkaError(code, text)


def create(topic, partitions):
    [(_, code, *_)] = wait(ADMIN.create_topics([NewTopic(topic, partitions, checks.REPLICATION_FACTOR)])).topic_errors
    no_error(code)


def grow(topic, partitions):
    wait(ADMIN.create_partitions({topic: NewPartitions(partitions)}))


def delete(topic):
    [(_, code)] = wait(ADMIN.delete_topics([topic])).topic_error_codes
    no_error(code)


def topics():
    return set(wait(ADMIN.list_topics()))


def partitions(topic):
    [found] = wait(ADMIN.describe_topics([topic]))
    no_error(found["error_code"])
    return len(found["partitions"])


async def send_all(topic, rows, codec, idempotent, partition):
    producer = await made(AIOKafkaProducer, compression_type=None if codec == "plain" else codec, linger_ms=5,
                          enable_idempotence=idempotent, max_request_size=3_000_000, acks="all")
    try:
        answers = [await producer.send(topic, value, key, headers=headers, partition=partition, timestamp_ms=timestamp)
                   for key, value, headers, timestamp in rows]
        for answer in answers:
            await answer
    finally:
        await producer.stop()


def produce(topic, rows, codec="plain", idempotent=False, partition=None):
    wait(send_all(topic, rows, codec, idempotent, partition))


class Listener(aiokafka.ConsumerRebalanceListener):
    def __init__(self, owner):
        self.owner = owner

    def on_partitions_assigned(self, assigned):
        self.owner.rebalances += 1
        self.owner.assigned = {p.partition for p in assigned}

    def on_partitions_revoked(self, revoked):
        self.owner.rebalances += 1
        self.owner.assigned -= {p.partition for p in revoked}


class Consumer:
    def __init__(self, group, session_ms=None, instance=None, cooperative=False, reset="earliest"):
        if cooperative:
            raise Unsupported("no cooperative assignor")
        conf = {"group_id": group, "auto_offset_reset": "none" if reset == "error" else reset,
                "enable_auto_commit": False, "group_instance_id": instance}
        if session_ms:
            conf["session_timeout_ms"] = session_ms
        self.consumer = wait(made(AIOKafkaConsumer, **conf))
        self.assigned, self.rebalances = set(), 0

    def subscribe(self, topic):
        async def body():
            self.consumer.subscribe([topic], listener=Listener(self))
        wait(body())

    def assign(self, topic, starts):
        async def body():
            self.consumer.assign([TopicPartition(topic, p) for p in starts])
            for p, offset in starts.items():
                self.consumer.seek(TopicPartition(topic, p), offset)
        wait(body())

    def poll(self, seconds, most=500):
        try:
            polled = wait(self.consumer.getmany(timeout_ms=int(seconds * 1000), max_records=most))
        except OffsetOutOfRangeError as e:
            raise KafkaError(checks.OFFSET_OUT_OF_RANGE, str(e)) from e
        return [Record(r.partition, r.offset, r.key, r.value, r.headers, r.timestamp)
                for records in polled.values() for r in records]

    def commit(self):
        try:
            wait(self.consumer.commit())
        except (aiokafka.errors.CommitFailedError, aiokafka.errors.IllegalStateError):
            pass  # A rebalance is under way: the next commit covers these.

    def offset_for_time(self, topic, partition, timestamp):
        tp = TopicPartition(topic, partition)
        found = wait(self.consumer.offsets_for_times({tp: timestamp}))[tp]
        return found.offset if found else None

    def first_and_last(self, topic, partition):
        tp = TopicPartition(topic, partition)
        return wait(self.consumer.beginning_offsets([tp]))[tp], wait(self.consumer.end_offsets([tp]))[tp]

    def close(self):
        wait(self.consumer.stop())


def config(kind, name):
    [answer] = wait(ADMIN.describe_configs([ConfigResource(kind, name)]))
    [(code, text, _, _, entries)] = answer.resources
    no_error(code, text)
    return {entry[0]: entry[1] for entry in entries}


def topic_config(topic):
    return config(ConfigResourceType.TOPIC, topic)


def broker_config():
    return config(ConfigResourceType.BROKER, str(wait(ADMIN.describe_cluster())["brokers"][0]["node_id"]))


def alter(topic, entries):
    [answer] = wait(ADMIN.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=entries)]))
    [(code, text, *_)] = answer.resources
    no_error(code, text)


def delete_records(topic, partition, offset):
    tp = TopicPartition(topic, partition)
    return wait(ADMIN.delete_records({tp: RecordsToDelete(offset)}))[tp]


def groups():
    return {name for name, _ in wait(ADMIN.list_consumer_groups())}


def describe_group(group):
    [answer] = wait(ADMIN.describe_consumer_groups([group]))
    [(code, _, state, _, _, members, *_)] = answer.groups
    no_error(code)
    return state, len(members)


def group_offset(group, topic, partition):
    tp = TopicPartition(topic, partition)
    found = wait(ADMIN.list_consumer_group_offsets(group, partitions=[tp]))[tp].offset
    return found if found >= 0 else None


if __name__ == "__main__":
    checks.main(sys.modules[__name__])
