// The checks of the client matrix for Apache Kafka's Java clients, 0.9 to today, in one source: what a release lacks is
// looked for by reflection. Compiled against each kafka-clients jar by tests/clients/matrix.py.
//
// Usage: java Client BOOTSTRAP PREFIX [zstd]; prints "CHECK name ok|fail|none detail" lines; exit 0 when no check failed.
import java.lang.reflect.Method;
import java.util.*;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;

public class Client {
  static final int COUNT = 2000;
  static String bootstrap, prefix;
  static boolean failed = false;

  interface Check { String run() throws Exception; }

  static void check(String name, Check body) {
    String result;
    try {
      String detail = body.run();
      result = detail == null ? "ok" : detail;
    } catch (Throwable e) {
      e.printStackTrace();
      result = "fail " + e;
      failed = true;
    }
    System.out.println("CHECK " + name + " " + result.replace('\n', ' '));
  }

  static boolean has(String type) {
    try { Class.forName(type); return true; } catch (ClassNotFoundException e) { return false; }
  }

  // Every client of the matrix makes and expects the same bytes.
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

  static Properties properties(String... pairs) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    for (int i = 0; i < pairs.length; i += 2) p.put(pairs[i], pairs[i + 1]);
    return p;
  }

  static KafkaProducer<byte[], byte[]> producer(String codec) {
    String bytes = "org.apache.kafka.common.serialization.ByteArraySerializer";
    return new KafkaProducer<>(properties("key.serializer", bytes, "value.serializer", bytes, "acks", "all",
        "linger.ms", "5", "compression.type", codec));
  }

  static KafkaConsumer<byte[], byte[]> consumer(String group) {
    String bytes = "org.apache.kafka.common.serialization.ByteArrayDeserializer";
    return new KafkaConsumer<>(properties("key.deserializer", bytes, "value.deserializer", bytes, "group.id", group,
        "auto.offset.reset", "earliest", "enable.auto.commit", "false", "session.timeout.ms", "10000"));
  }

  @SuppressWarnings("unchecked")
  static ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> c, long ms) throws Exception {
    try {
      Method modern = KafkaConsumer.class.getMethod("poll", Class.forName("java.time.Duration"));
      return (ConsumerRecords<byte[], byte[]>) modern.invoke(c, java.time.Duration.ofMillis(ms));
    } catch (NoSuchMethodException e) {
      Method old = KafkaConsumer.class.getMethod("poll", long.class);
      return (ConsumerRecords<byte[], byte[]>) old.invoke(c, ms);
    }
  }

  // subscribe takes a List in 0.9 and a Collection since.
  static void subscribe(KafkaConsumer<byte[], byte[]> c, String topic) throws Exception {
    call(c, "subscribe", Collections.singletonList(topic));
  }
  static void assign(KafkaConsumer<byte[], byte[]> c, List<TopicPartition> partitions) throws Exception {
    call(c, "assign", partitions);
  }
  static void call(Object target, String name, Object list) throws Exception {
    for (Method m : target.getClass().getMethods()) {
      if (m.getName().equals(name) && m.getParameterTypes().length == 1
          && m.getParameterTypes()[0].isAssignableFrom(list.getClass())
          && Collection.class.isAssignableFrom(m.getParameterTypes()[0])) {
        m.invoke(target, list);
        return;
      }
    }
    throw new NoSuchMethodException(name);
  }

  static void create(String topic, int partitions) throws Exception {
    if (!has("org.apache.kafka.clients.admin.AdminClient")) {
      // Before 0.11 there is no admin client: asking for the topic creates it (num.partitions of the broker).
      try (KafkaProducer<byte[], byte[]> p = producer("none")) { p.partitionsFor(topic); }
      return;
    }
    Class<?> admins = Class.forName("org.apache.kafka.clients.admin.AdminClient");
    Class<?> topics = Class.forName("org.apache.kafka.clients.admin.NewTopic");
    Object admin = admins.getMethod("create", Properties.class).invoke(null, properties());
    Object fresh = topics.getConstructor(String.class, int.class, short.class).newInstance(topic, partitions, (short) 1);
    Object result = admins.getMethod("createTopics", Collection.class).invoke(admin, Collections.singleton(fresh));
    Object all = Class.forName("org.apache.kafka.clients.admin.CreateTopicsResult").getMethod("all").invoke(result);
    Class.forName("org.apache.kafka.common.KafkaFuture").getMethod("get").invoke(all);
    admins.getMethod("close").invoke(admin);
  }

  static void produce(String topic, String codec, int from, int count) throws Exception {
    try (KafkaProducer<byte[], byte[]> p = producer(codec)) {
      List<Future<RecordMetadata>> answers = new ArrayList<>();
      for (int i = from; i < from + count; i++) {
        answers.add(p.send(new ProducerRecord<>(topic, ("k" + i).getBytes("UTF-8"), value(i))));
      }
      for (Future<RecordMetadata> a : answers) if (a.get().offset() < 0) throw new Exception("no offset");
    }
  }

  static int index(ConsumerRecord<byte[], byte[]> r) throws Exception {
    int i = Integer.parseInt(new String(r.key(), "UTF-8").substring(1));
    if (!Arrays.equals(value(i), r.value())) throw new Exception("record " + i + " has other bytes");
    return i;
  }

  static void readAll(String topic, int expected) throws Exception {
    try (KafkaConsumer<byte[], byte[]> c = consumer(prefix + "-reader")) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (org.apache.kafka.common.PartitionInfo info : c.partitionsFor(topic)) {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
      assign(c, partitions);
      for (TopicPartition tp : partitions) c.seek(tp, 0);
      BitSet seen = new BitSet();
      Map<Integer, Long> next = new HashMap<>();
      long deadline = System.currentTimeMillis() + 30000;
      while (seen.cardinality() < expected && System.currentTimeMillis() < deadline) {
        for (ConsumerRecord<byte[], byte[]> r : poll(c, 200)) {
          long want = next.containsKey(r.partition()) ? next.get(r.partition()) : 0;
          if (r.offset() != want) throw new Exception("offset " + r.offset() + ", expected " + want);
          next.put(r.partition(), r.offset() + 1);
          int i = index(r);
          if (seen.get(i)) throw new Exception("record " + i + " came twice");
          seen.set(i);
        }
      }
      if (seen.cardinality() != expected) throw new Exception(seen.cardinality() + " of " + expected + " records");
    }
  }

  static void resume() throws Exception {
    String topic = prefix + "-none", group = prefix + "-resume";
    BitSet seen = new BitSet();
    for (int round = 0; round < 2; round++) {
      int want = round == 0 ? COUNT / 2 : COUNT;
      try (KafkaConsumer<byte[], byte[]> c = consumer(group)) {
        subscribe(c, topic);
        long deadline = System.currentTimeMillis() + 30000;
        while (seen.cardinality() < want && System.currentTimeMillis() < deadline) {
          for (ConsumerRecord<byte[], byte[]> r : poll(c, 200)) {
            int i = index(r);
            if (seen.get(i)) throw new Exception("record " + i + " came again after its offset was committed");
            seen.set(i);
          }
          c.commitSync();
        }
      }
    }
    if (seen.cardinality() != COUNT) throw new Exception(seen.cardinality() + " of " + COUNT + " records");
  }

  static class Member extends Thread {
    final String topic, group;
    final Set<Integer> seen, all;
    volatile Throwable error;
    volatile boolean stop;
    Member(String topic, String group, Set<Integer> all) {
      this.topic = topic; this.group = group; this.all = all; this.seen = new HashSet<>();
    }
    public void run() {
      try (KafkaConsumer<byte[], byte[]> c = consumer(group)) {
        subscribe(c, topic);
        while (!stop) {
          for (ConsumerRecord<byte[], byte[]> r : poll(c, 100)) {
            int i = index(r);
            seen.add(i);
            all.add(i);
          }
          c.commitSync();
        }
      } catch (Throwable e) { error = e; }
    }
  }

  static void share() throws Exception {
    String topic = prefix + "-share", group = prefix + "-share";
    create(topic, 4);
    Set<Integer> all = Collections.synchronizedSet(new HashSet<Integer>());
    Member a = new Member(topic, group, all), b = new Member(topic, group, all);
    a.start();
    b.start();
    int sent = 0;
    long deadline = System.currentTimeMillis() + 60000;
    while (System.currentTimeMillis() < deadline) {
      if (a.seen.size() > 0 && b.seen.size() > 0 && all.size() == sent && sent > 0) break;
      if (all.size() == sent && sent < 20 * COUNT) {
        produce(topic, "none", sent, 200);
        sent += 200;
      }
      Thread.sleep(20);
    }
    a.stop = b.stop = true;
    a.join();
    b.join();
    if (a.error != null) throw new Exception(a.error);
    if (b.error != null) throw new Exception(b.error);
    if (all.size() != sent) throw new Exception(all.size() + " of " + sent + " records");
    if (a.seen.isEmpty() || b.seen.isEmpty()) throw new Exception("one member got nothing");
  }

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    prefix = args[1];
    check("create", () -> { create(prefix + "-none", 3); return null; });
    List<String> codecs = new ArrayList<>(Arrays.asList("none", "gzip", "snappy", "lz4"));
    boolean zstd = args.length > 2 && args[2].equals("zstd");
    if (zstd) codecs.add("zstd");
    for (String codec : codecs) {
      check(codec, () -> {
        String topic = prefix + "-" + codec;
        if (!codec.equals("none")) create(topic, 3);
        produce(topic, codec, 0, COUNT);
        readAll(topic, COUNT);
        return null;
      });
    }
    if (!zstd) System.out.println("CHECK zstd none");
    check("resume", () -> { resume(); return null; });
    check("share", () -> { share(); return null; });
    System.exit(failed ? 1 : 0);
  }
}
