// The checks of the matrix (matrix/checks.toml) for Apache Kafka's Java clients, 0.9 to today. This file compiles
// against every release, so what came later is called by name (Late) or lives in Since11 and Since28, which are
// compiled only for the releases that can.
//
// Usage: java Client BOOTSTRAP PREFIX CHECK...
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

public class Client {
  static final int COUNT = 1000;
  static final long TIMESTAMP = 1700000000000L;
  static final int WAIT_MS = 30000;
  static final int SESSION_MS = 30000;  // The most that old brokers' defaults allow.
  static String bootstrap, prefix;
  static Admin admin;

  /** The release has no such thing; the text says what. */
  static class Unsupported extends Exception {
    Unsupported(String what) { super(what); }
  }

  interface Body { void run() throws Exception; }
  interface Question { boolean holds() throws Exception; }

  // --- records ------------------------------------------------------------------------------------------------

  static byte[] value(int i) {
    if (i % 97 == 5) return new byte[0];
    byte[] bytes = new byte[(i * 37) % 1500 + 1];
    long x = i + 1;
    for (int k = 0; k < bytes.length; k++) {
      if (k % 16 == 0) x = x * 6364136223846793005L + 1442695040888963407L;
      bytes[k] = (byte) (x >>> 33);
    }
    return bytes;
  }

  static int index(ConsumerRecord<byte[], byte[]> r) throws Exception {
    int i = Integer.parseInt(new String(r.key(), "UTF-8").substring(1));
    if (!Arrays.equals(value(i), r.value())) throw new Exception("record " + i + " has other bytes");
    Late.compareTimestamp(r, TIMESTAMP + i);
    Late.compareHeader(r, "i", Integer.toString(i));
    return i;
  }

  // --- clients ------------------------------------------------------------------------------------------------

  static Properties properties(Object... pairs) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    for (int i = 0; i < pairs.length; i += 2) p.put(pairs[i], pairs[i + 1].toString());
    return p;
  }

  static KafkaProducer<byte[], byte[]> producer(String codec, boolean idempotent) {
    String bytes = "org.apache.kafka.common.serialization.ByteArraySerializer";
    Properties p = properties("key.serializer", bytes, "value.serializer", bytes, "acks", "all", "linger.ms", 5,
        "compression.type", codec, "max.request.size", 3000000);
    if (idempotent) p.put("enable.idempotence", "true");
    return new KafkaProducer<>(p);
  }

  static KafkaConsumer<byte[], byte[]> consumer(String group, Object... more) {
    String bytes = "org.apache.kafka.common.serialization.ByteArrayDeserializer";
    Properties p = properties("key.deserializer", bytes, "value.deserializer", bytes, "group.id", group,
        "auto.offset.reset", "earliest", "enable.auto.commit", "false");
    for (int i = 0; i < more.length; i += 2) p.put(more[i], more[i + 1].toString());
    return new KafkaConsumer<>(p);
  }

  static void send(String topic, String codec, boolean idempotent, Integer partition, int from, int count)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> p = producer(codec, idempotent)) {
      List<Future<RecordMetadata>> answers = new ArrayList<>();
      for (int i = from; i < from + count; i++) {
        answers.add(p.send(Late.record(topic, partition, TIMESTAMP + i, ("k" + i).getBytes("UTF-8"), value(i), "i",
            Integer.toString(i))));
      }
      for (Future<RecordMetadata> a : answers) if (a.get().offset() < 0) throw new Exception("no offset");
    }
  }

  /** Reads from the given offset of each partition, demanding offsets without a gap; the indexes in their order. */
  static List<Integer> read(String topic, long from, int expected) throws Exception {
    List<Integer> seen = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> c = consumer(prefix + "-reader")) {
      Map<Integer, Long> next = new HashMap<>();
      List<TopicPartition> partitions = new ArrayList<>();
      for (PartitionInfo info : c.partitionsFor(topic)) {
        partitions.add(new TopicPartition(topic, info.partition()));
        next.put(info.partition(), from);
      }
      Late.call(c, "assign", partitions);
      for (TopicPartition tp : partitions) c.seek(tp, from);
      long deadline = System.currentTimeMillis() + WAIT_MS;
      while (seen.size() < expected && System.currentTimeMillis() < deadline) {
        for (ConsumerRecord<byte[], byte[]> r : Late.poll(c, 200)) {
          if (r.offset() != next.get(r.partition())) {
            throw new Exception("offset " + r.offset() + ", expected " + next.get(r.partition()));
          }
          next.put(r.partition(), r.offset() + 1);
          seen.add(index(r));
        }
      }
    }
    if (new HashSet<>(seen).size() != seen.size()) throw new Exception("records came twice");
    if (seen.size() != expected) throw new Exception(seen.size() + " of " + expected + " records");
    return seen;
  }

  // --- checking -----------------------------------------------------------------------------------------------

  static void expect(boolean holds, String otherwise) throws Exception {
    if (!holds) throw new Exception(otherwise);
  }

  static void until(Question question, String what, int ms) throws Exception {
    long deadline = System.currentTimeMillis() + ms;
    while (!question.holds()) {
      if (System.currentTimeMillis() > deadline) throw new Exception(what + ": not within " + ms + " ms");
      Thread.sleep(50);
    }
  }

  /** The body must end in the exception of that simple class name, wrapped or not. */
  static void refused(String exception, Body body) throws Exception {
    try {
      body.run();
    } catch (Unsupported e) {
      throw e;
    } catch (Exception e) {
      Throwable cause = e;
      while (cause instanceof ExecutionException || cause instanceof java.lang.reflect.InvocationTargetException) {
        cause = cause.getCause();
      }
      expect(cause.getClass().getSimpleName().equals(exception), "refused with " + cause + ", expected " + exception);
      return;
    }
    throw new Exception("not refused; expected " + exception);
  }

  static String topic(String name, int partitions) throws Exception {
    admin.create(prefix + "-" + name, partitions);
    return prefix + "-" + name;
  }

  static boolean divided(Member a, Member b, int partitions) throws Exception {
    Set<Integer> all = new TreeSet<>(a.partitions());
    all.addAll(b.partitions());
    return !a.partitions().isEmpty() && !b.partitions().isEmpty() && all.size() == partitions
        && a.partitions().size() + b.partitions().size() == partitions;
  }

  static int together(Member... members) {
    Set<Integer> all = new HashSet<>();
    for (Member m : members) synchronized (m.seen) { all.addAll(m.seen); }
    return all.size();
  }

  static void divide(Member a, Member b, int partitions) throws Exception {
    until(() -> divided(a, b, partitions), "a divided assignment", WAIT_MS);
  }

  static void allSeen(int count, Member... members) throws Exception {
    until(() -> together(members) == count, "all records", WAIT_MS);
  }

  interface Pair { void run(Member a, Member b) throws Exception; }

  /** Two members with the options, the second "group.instance.id" two where the first has one. */
  static void two(String topic, int partitions, Pair body, Object... options) throws Exception {
    Object[] others = options.clone();
    if (others.length > 1 && others[1].equals("one")) others[1] = "two";
    Member a = new Member(topic, options), b = null;
    try {
      until(() -> a.partitions().size() == partitions, "the first member's assignment", WAIT_MS);
      b = new Member(topic, others);
      divide(a, b, partitions);
      body.run(a, b);
    } finally {
      a.ending = true;
      if (b != null) b.end();
      a.end();
    }
  }

  // --- the checks ---------------------------------------------------------------------------------------------

  static void codec(String name) throws Exception {
    if (name.equals("zstd") && !Late.has("com.github.luben.zstd.ZstdInputStream")) throw new Unsupported("no zstd");
    String topic = topic(name, 3);
    send(topic, name.equals("plain") ? "none" : name, false, null, 0, COUNT);
    read(topic, 0, COUNT);
  }

  static void admin() throws Exception {
    String topic = topic("admin", 3);
    until(() -> admin.partitions(topic) == 3, "the new topic", WAIT_MS);
    refused("TopicExistsException", () -> admin.create(topic, 3));
    admin.grow(topic, 5);
    until(() -> admin.partitions(topic) == 5, "five partitions", WAIT_MS);
    admin.delete(topic);
    until(() -> !admin.topics().contains(topic), "the deletion", WAIT_MS);
  }

  static void times() throws Exception {
    String topic = topic("times", 3);
    send(topic, "none", false, 0, 0, 300);
    TopicPartition full = new TopicPartition(topic, 0), empty = new TopicPartition(topic, 1);
    try (KafkaConsumer<byte[], byte[]> c = consumer(topic)) {
      expect(Objects.equals(Late.offsetForTime(c, full, TIMESTAMP - 5), 0L), "the offset for a time before the first");
      expect(Objects.equals(Late.offsetForTime(c, full, TIMESTAMP + 123), 123L), "the offset for a time");
      expect(Late.offsetForTime(c, full, TIMESTAMP + 300) == null, "an offset for a time behind the last");
      expect(Late.first(c, full) == 0 && Late.last(c, full) == 300, "first and last of 300 records");
      expect(Late.first(c, empty) == 0 && Late.last(c, empty) == 0, "first and last of none");
    }
  }

  static void share() throws Exception {
    String topic = topic("share", 3);
    two(topic, 3, (a, b) -> {
      send(topic, "none", false, null, 0, COUNT);
      allSeen(COUNT, a, b);
      expect(!a.seen.isEmpty() && !b.seen.isEmpty(), "one member got nothing");
    }, "session.timeout.ms", SESSION_MS);
  }

  static void leave() throws Exception {
    String topic = topic("leave", 3);
    two(topic, 3, (a, b) -> {
      send(topic, "none", false, null, 0, 300);
      allSeen(300, a, b);
      b.end();
      send(topic, "none", false, null, 300, 300);
      Set<Integer> later = new HashSet<>();
      for (int i = 300; i < 600; i++) later.add(i);
      until(() -> a.seen.containsAll(later), "the records after one left", SESSION_MS / 2);
      expect(a.partitions().size() == 3, "assigned " + a.partitions());
    }, "session.timeout.ms", SESSION_MS);
  }

  static void resume() throws Exception {
    String topic = topic("resume", 3);
    send(topic, "none", false, null, 0, COUNT);
    Set<Integer> seen = new HashSet<>();
    for (int want : new int[] {COUNT / 2, COUNT}) {
      // Small answers, so that the first member leaves something to the second.
      try (KafkaConsumer<byte[], byte[]> c = consumer(topic, "max.partition.fetch.bytes", 20000)) {
        Late.call(c, "subscribe", Collections.singletonList(topic));
        long deadline = System.currentTimeMillis() + WAIT_MS;
        while (seen.size() < want && System.currentTimeMillis() < deadline) {
          for (ConsumerRecord<byte[], byte[]> r : Late.poll(c, 200)) {
            int i = index(r);
            expect(seen.add(i), "record " + i + " came again after its offset was committed");
          }
          c.commitSync();
        }
      }
    }
    expect(seen.size() == COUNT, seen.size() + " of " + COUNT + " records");
  }

  static void static_() throws Exception {
    if (!Late.constant(ConsumerConfig.class, "GROUP_INSTANCE_ID_CONFIG")) throw new Unsupported("no static members");
    String topic = topic("static", 4);
    two(topic, 4, (a, b) -> {
      Set<Integer> before = b.partitions();
      int changes = a.rebalances;
      b.end();
      Member again = new Member(topic, "group.instance.id", "two");
      try {
        until(() -> again.partitions().equals(before), "the same partitions again", WAIT_MS);
        send(topic, "none", false, null, 0, 300);
        allSeen(300, a, again);
        expect(a.rebalances == changes, "the other member saw a rebalance");
      } finally {
        again.end();
      }
    }, "group.instance.id", "one");
  }

  static void coop() throws Exception {
    String assignor = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    if (!Late.has(assignor)) throw new Unsupported("no cooperative assignor");
    String topic = topic("coop", 4);
    two(topic, 4, (a, b) -> {
      send(topic, "none", false, null, 0, 300);
      allSeen(300, a, b);
      expect(a.revoked.equals(b.partitions()), "revoked " + a.revoked + ", moved " + b.partitions());
    }, "partition.assignment.strategy", assignor);
  }

  static void idemp() throws Exception {
    if (!Late.constant(ProducerConfig.class, "ENABLE_IDEMPOTENCE_CONFIG")) throw new Unsupported("no idempotence");
    String topic = topic("idemp", 1);
    send(topic, "none", true, 0, 0, COUNT);
    List<Integer> seen = read(topic, 0, COUNT);
    for (int i = 0; i < COUNT; i++) expect(seen.get(i) == i, "not in order");
  }

  static void configs() throws Exception {
    String topic = topic("configs", 3);
    expect("604800000".equals(admin.topicConfig(topic).get("retention.ms")), "the default of retention.ms");
    if (admin.alter(topic, "retention.ms", "86400000", "max.message.bytes", "50000")) {
      until(() -> "86400000".equals(admin.topicConfig(topic).get("retention.ms")), "the altered value", WAIT_MS);
      refused("InvalidConfigurationException", () -> admin.alter(topic, "retention.ms", "soon"));
    }
    if (admin.alterIncrementally(topic, "retention.ms", "max.message.bytes", "60000")) {
      until(() -> "60000".equals(admin.topicConfig(topic).get("max.message.bytes")), "the incremental value", WAIT_MS);
      expect("604800000".equals(admin.topicConfig(topic).get("retention.ms")), "the deleted value is still there");
      refused("InvalidConfigurationException", () -> admin.alterIncrementally(topic, null, "retention.ms", "soon"));
    }
    expect("3".equals(admin.brokerConfig().get("num.partitions")), "the broker's num.partitions");
  }

  static void delrec() throws Exception {
    String topic = topic("delrec", 1);
    send(topic, "none", false, 0, 0, 300);
    TopicPartition tp = new TopicPartition(topic, 0);
    expect(admin.deleteRecords(tp, 100) == 100, "the low watermark");
    try (KafkaConsumer<byte[], byte[]> c = consumer(topic)) {
      until(() -> Late.first(c, tp) == 100 && Late.last(c, tp) == 300, "the new first offset", WAIT_MS);
    }
    expect(read(topic, 100, 200).get(0) == 100, "the first record");
  }

  static void groups() throws Exception {
    admin.groups();
    String topic = topic("groups", 3);
    TopicPartition tp = new TopicPartition(topic, 0);
    send(topic, "none", false, 0, 0, 300);
    send(topic, "none", false, 1, 300, 10);  // A group without members and offsets is gone at once.
    Member member = new Member(topic);
    try {
      allSeen(310, member);
      until(() -> admin.groups().contains(topic), "the group in the list", WAIT_MS);
      expect(admin.describeGroup(topic).equals("Stable 1"), admin.describeGroup(topic));
    } finally {
      member.end();
    }
    until(() -> admin.describeGroup(topic).equals("Empty 0"), "the empty group", WAIT_MS);
    expect(Objects.equals(admin.groupOffset(topic, tp), 300L), "offset " + admin.groupOffset(topic, tp));
    admin.deleteOffset(topic, tp);
    expect(admin.groupOffset(topic, tp) == null, "the offset is still there");
    admin.deleteGroup(topic);
    until(() -> !admin.groups().contains(topic), "the deletion", WAIT_MS);
  }

  static void large() throws Exception {
    String topic = topic("large", 3);
    try (KafkaProducer<byte[], byte[]> p = producer("none", false)) {
      refused("RecordTooLargeException",
          () -> p.send(new ProducerRecord<byte[], byte[]>(topic, 0, new byte[] {'k'}, new byte[1500000])).get());
    }
    send(topic, "none", false, 0, 0, 10);
    read(topic, 0, 10);
  }

  static void range() throws Exception {
    String topic = topic("range", 1);
    send(topic, "none", false, 0, 0, 10);
    TopicPartition tp = new TopicPartition(topic, 0);
    for (String reset : new String[] {"none", "earliest"}) {
      try (KafkaConsumer<byte[], byte[]> c = consumer(topic, "auto.offset.reset", reset)) {
        Late.call(c, "assign", Collections.singletonList(tp));
        c.seek(tp, 5000);
        Body body = () -> {
          long deadline = System.currentTimeMillis() + WAIT_MS;
          while (System.currentTimeMillis() < deadline) {
            for (ConsumerRecord<byte[], byte[]> r : Late.poll(c, 200)) {
              expect(r.offset() == 0, "not reset to the first record");
              return;
            }
          }
          throw new Exception("neither a record nor an error");
        };
        if (reset.equals("none")) refused("OffsetOutOfRangeException", body);
        else body.run();
      }
    }
  }

  static void unknown() throws Exception {
    if (admin.getClass() == Admin.class) {
      // These releases ask again and again for a topic they don't find; a commit tells them.
      TopicPartition nowhere = new TopicPartition(prefix + "-unknown", 7);
      try (KafkaConsumer<byte[], byte[]> c = consumer(prefix + "-unknown")) {
        Late.call(c, "assign", Collections.singletonList(nowhere));
        c.commitSync(Collections.singletonMap(nowhere, new OffsetAndMetadata(5)));
      } catch (org.apache.kafka.common.KafkaException e) {
        expect(e.getMessage().toLowerCase().contains("topic"), e.toString());
        return;
      }
      throw new Exception("the commit was not refused");
    }
    refused("UnknownTopicOrPartitionException", () -> admin.partitions(prefix + "-unknown"));
    refused("UnknownTopicOrPartitionException", () -> admin.delete(prefix + "-unknown"));
  }

  static Body body(String name) {
    switch (name) {
      case "admin": return Client::admin;
      case "times": return Client::times;
      case "share": return Client::share;
      case "leave": return Client::leave;
      case "resume": return Client::resume;
      case "static": return Client::static_;
      case "coop": return Client::coop;
      case "idemp": return Client::idemp;
      case "configs": return Client::configs;
      case "delrec": return Client::delrec;
      case "groups": return Client::groups;
      case "large": return Client::large;
      case "range": return Client::range;
      case "unknown": return Client::unknown;
      default: return () -> codec(name);
    }
  }

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    prefix = args[1];
    admin = Late.has("Since28") ? (Admin) Late.make("Since28")
        : Late.has("Since11") ? (Admin) Late.make("Since11") : new Admin();
    boolean failed = false;
    for (String name : Arrays.copyOfRange(args, 2, args.length)) {
      String result = "ok";
      try {
        body(name).run();
      } catch (Unsupported e) {
        result = "none " + e.getMessage();
      } catch (Throwable e) {
        e.printStackTrace();
        result = "fail " + e;
        failed = true;
      }
      System.out.println("CHECK " + name + " " + result.replace('\n', ' '));
    }
    admin.close();
    System.exit(failed ? 1 : 0);
  }
}
