// What differs between the releases of Kafka's Java clients, called by name so that one source compiles for all.
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

class Late {
  static boolean has(String type) {
    try {
      Class.forName(type);
      return true;
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      return false;
    }
  }

  static boolean constant(Class<?> owner, String name) {
    try {
      owner.getField(name);
      return true;
    } catch (NoSuchFieldException e) {
      return false;
    }
  }

  static Object make(String type) throws Exception {
    return Class.forName(type).getDeclaredConstructor().newInstance();
  }

  /** Calls the method of that name whose parameters take these arguments. */
  static Object call(Object target, String name, Object... arguments) throws Exception {
    for (Method m : target.getClass().getMethods()) {
      if (!m.getName().equals(name) || m.getParameterTypes().length != arguments.length) continue;
      boolean fits = true;
      for (int i = 0; i < arguments.length; i++) fits &= m.getParameterTypes()[i].isInstance(arguments[i]);
      if (!fits) continue;
      m.setAccessible(true);
      try {
        return m.invoke(target, arguments);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof Exception) throw (Exception) e.getCause();
        throw e;
      }
    }
    throw new NoSuchMethodException(name);
  }

  /** Whether the object has a method of that name. */
  static boolean can(Object target, String name) {
    for (Method m : target.getClass().getMethods()) if (m.getName().equals(name)) return true;
    return false;
  }

  // poll takes a long before 2.0, and nothing but a Duration since 4.0.
  @SuppressWarnings("unchecked")
  static ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> c, long ms) throws Exception {
    try {
      return (ConsumerRecords<byte[], byte[]>) call(c, "poll", java.time.Duration.ofMillis(ms));
    } catch (NoSuchMethodException e) {
      Method old = KafkaConsumer.class.getMethod("poll", long.class);
      try {
        return (ConsumerRecords<byte[], byte[]>) old.invoke(c, ms);
      } catch (InvocationTargetException inner) {
        throw (Exception) inner.getCause();
      }
    }
  }

  // Timestamps came with 0.10.0, headers with 0.11.
  @SuppressWarnings("unchecked")
  static ProducerRecord<byte[], byte[]> record(String topic, Integer partition, long timestamp, byte[] key,
      byte[] value, String header, String text) throws Exception {
    try {
      Constructor<?> made = ProducerRecord.class.getConstructor(String.class, Integer.class, Long.class, Object.class,
          Object.class);
      ProducerRecord<byte[], byte[]> record =
          (ProducerRecord<byte[], byte[]>) made.newInstance(topic, partition, timestamp, key, value);
      if (can(record, "headers")) call(call(record, "headers"), "add", header, text.getBytes("UTF-8"));
      return record;
    } catch (NoSuchMethodException e) {
      return new ProducerRecord<>(topic, partition, key, value);
    }
  }

  static void compareTimestamp(ConsumerRecord<byte[], byte[]> r, long expected) throws Exception {
    if (!can(r, "timestamp")) return;
    Object timestamp = call(r, "timestamp");
    if (!timestamp.equals(expected)) throw new Exception("timestamp " + timestamp + ", expected " + expected);
  }

  static void compareHeader(ConsumerRecord<byte[], byte[]> r, String name, String expected) throws Exception {
    if (!can(r, "headers")) return;
    Object[] all = (Object[]) call(call(r, "headers"), "toArray");
    if (all.length != 1 || !call(all[0], "key").equals(name)
        || !new String((byte[]) call(all[0], "value"), "UTF-8").equals(expected)) {
      throw new Exception("other headers: " + Arrays.toString(all));
    }
  }

  static Long offsetForTime(KafkaConsumer<byte[], byte[]> c, TopicPartition tp, long time) throws Exception {
    if (!can(c, "offsetsForTimes")) throw new Client.Unsupported("no offsetsForTimes");
    Object found = ((Map<?, ?>) call(c, "offsetsForTimes", Collections.singletonMap(tp, time))).get(tp);
    return found == null ? null : (Long) call(found, "offset");
  }

  static long first(KafkaConsumer<byte[], byte[]> c, TopicPartition tp) throws Exception {
    return (Long) ((Map<?, ?>) call(c, "beginningOffsets", Collections.singleton(tp))).get(tp);
  }

  static long last(KafkaConsumer<byte[], byte[]> c, TopicPartition tp) throws Exception {
    return (Long) ((Map<?, ?>) call(c, "endOffsets", Collections.singleton(tp))).get(tp);
  }
}
