import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;

/** A member of a group that polls and commits until end(). */
class Member extends Thread implements ConsumerRebalanceListener {
  final Set<Integer> seen = Collections.synchronizedSet(new HashSet<Integer>());
  final Set<Integer> assigned = Collections.synchronizedSet(new TreeSet<Integer>());
  final Set<Integer> revoked = Collections.synchronizedSet(new TreeSet<Integer>());
  final String topic;
  final Object[] options;
  volatile int rebalances = 0;
  volatile Throwable error;
  volatile boolean ending;

  Member(String topic, Object... options) {
    this.topic = topic;
    this.options = options;
    start();
  }
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    rebalances++;
    for (TopicPartition tp : partitions) assigned.add(tp.partition());
  }
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (!partitions.isEmpty()) rebalances++;
    for (TopicPartition tp : partitions) {
      assigned.remove(tp.partition());
      if (!ending) revoked.add(tp.partition());
    }
  }
  public void run() {
    try (KafkaConsumer<byte[], byte[]> c = Client.consumer(topic, options)) {
      Late.call(c, "subscribe", Collections.singletonList(topic), this);
      while (!ending) {
        int before = seen.size();
        for (ConsumerRecord<byte[], byte[]> r : Late.poll(c, 100)) seen.add(Client.index(r));
        if (seen.size() > before) commit(c);
      }
    } catch (Throwable e) {
      e.printStackTrace();
      error = e;
    }
  }
  void commit(KafkaConsumer<byte[], byte[]> c) {
    try {
      c.commitSync();
    } catch (CommitFailedException e) {
      // A rebalance came in between: the next commit covers these.
    } catch (RuntimeException e) {
      if (!e.getClass().getSimpleName().equals("RebalanceInProgressException")) throw e;
    }
  }
  void end() throws Exception {
    ending = true;
    join();
    if (error != null) throw new Exception(error);
  }
  Set<Integer> partitions() throws Exception {
    if (error != null) throw new Exception(error);
    return new TreeSet<>(assigned);
  }
}
