// The same messages as bench/protocol_bench.cpp through the classes of kafka-clients: one topic, 100 partitions.
// Prints "NAME NANOSECONDS" a line, per partition; the best of ROUNDS rounds after a warm-up.

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.SendBuilder;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

public class CodecBench {
  static final int PARTITIONS = 100;
  static final int RECORD_BYTES = 4096;
  static final int ROUNDS = 5;
  static final long ROUND_NANOS = 400_000_000L;
  static Object sink;

  static MemoryRecords records() {
    return MemoryRecords.readableRecords(ByteBuffer.allocate(RECORD_BYTES));
  }

  static ProduceRequestData produceRequest() {
    List<ProduceRequestData.PartitionProduceData> partitions = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++)
      partitions.add(new ProduceRequestData.PartitionProduceData().setIndex(i).setRecords(records()));
    ProduceRequestData data = new ProduceRequestData().setAcks((short) -1);
    data.topicData().add(new ProduceRequestData.TopicProduceData().setName("orders").setPartitionData(partitions));
    return data.setTransactionalId(null);
  }

  static ProduceResponseData produceResponse() {
    List<ProduceResponseData.PartitionProduceResponse> partitions = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++)
      partitions.add(new ProduceResponseData.PartitionProduceResponse().setIndex(i).setBaseOffset(1_000_000 + i)
          .setLogStartOffset(0).setErrorMessage(null));
    ProduceResponseData data = new ProduceResponseData();
    data.responses().add(
        new ProduceResponseData.TopicProduceResponse().setName("orders").setPartitionResponses(partitions));
    return data;
  }

  static FetchRequestData fetchRequest() {
    List<FetchRequestData.FetchPartition> partitions = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++)
      partitions.add(new FetchRequestData.FetchPartition().setPartition(i).setFetchOffset(1_000_000 + i)
          .setPartitionMaxBytes(1 << 20));
    return new FetchRequestData().setTopics(
        List.of(new FetchRequestData.FetchTopic().setTopic("orders").setPartitions(partitions)));
  }

  static FetchResponseData fetchResponse() {
    List<FetchResponseData.PartitionData> partitions = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++)
      partitions.add(new FetchResponseData.PartitionData().setPartitionIndex(i).setHighWatermark(1_000_000 + i)
          .setAbortedTransactions(null).setRecords(records()));
    return new FetchResponseData().setResponses(
        List.of(new FetchResponseData.FetchableTopicResponse().setTopic("orders").setPartitions(partitions)));
  }

  static void measure(String name, Supplier<Object> operation) {
    double best = Double.MAX_VALUE;
    for (int round = -2; round < ROUNDS; round++) {
      long start = System.nanoTime();
      long now = start;
      long count = 0;
      for (; now - start < ROUND_NANOS; now = System.nanoTime()) {
        for (int i = 0; i < 100; i++) sink = operation.get();
        count += 100;
      }
      if (round >= 0) best = Math.min(best, (double) (now - start) / count / PARTITIONS);
    }
    System.out.printf("%s %.2f%n", name, best);
  }

  static void decode(String name, ApiMessage message, Supplier<ApiMessage> empty, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(bytes), cache, version);
    bytes.flip();
    measure(name, () -> {
      ApiMessage decoded = empty.get();
      decoded.read(new ByteBufferAccessor(bytes.duplicate()), version);
      return decoded;
    });
  }

  static void encodeRequest(String name, ApiKeys api, ApiMessage message, short version) {
    measure(name, () -> SendBuilder.buildRequestSend(new RequestHeader(api, version, "bench", 1), message));
  }

  static void encodeResponse(String name, ApiKeys api, ApiMessage message, short version) {
    short header = api.responseHeaderVersion(version);
    measure(name, () -> SendBuilder.buildResponseSend(new ResponseHeader(1, header), message, version));
  }

  public static void main(String[] arguments) {
    decode("produce_v9_request_decode", produceRequest(), ProduceRequestData::new, (short) 9);
    decode("produce_v9_response_decode", produceResponse(), ProduceResponseData::new, (short) 9);
    decode("fetch_v12_request_decode", fetchRequest(), FetchRequestData::new, (short) 12);
    decode("fetch_v12_response_decode", fetchResponse(), FetchResponseData::new, (short) 12);
    encodeRequest("produce_v9_request_encode", ApiKeys.PRODUCE, produceRequest(), (short) 9);
    encodeResponse("produce_v9_response_encode", ApiKeys.PRODUCE, produceResponse(), (short) 9);
    encodeRequest("fetch_v12_request_encode", ApiKeys.FETCH, fetchRequest(), (short) 12);
    encodeResponse("fetch_v12_response_encode", ApiKeys.FETCH, fetchResponse(), (short) 12);
  }
}
