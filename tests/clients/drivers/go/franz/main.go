// franz-go (kgo, kadm) for the checks of the matrix.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"barnabas/clients/checks"
)

const patience = 30 * time.Second

var codecs = map[string]kgo.CompressionCodec{"plain": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

type adapter struct {
	*kadm.Client
	bootstrap string
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

func (a adapter) client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(a.bootstrap))...)
}

func (a adapter) ErrorCode(err error) int16 {
	var e *kerr.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func (a adapter) Create(topic string, partitions int) error {
	ctx, cancel := within()
	defer cancel()
	_, err := a.CreateTopic(ctx, int32(partitions), int16(checks.ReplicationFactor()), nil, topic)
	return err
}

func (a adapter) Partitions(topic string) (int, error) {
	ctx, cancel := within()
	defer cancel()
	all, err := a.ListTopics(ctx, topic)
	if err != nil {
		return 0, err
	}
	return len(all[topic].Partitions), all[topic].Err
}

func (a adapter) Topics() ([]string, error) {
	ctx, cancel := within()
	defer cancel()
	all, err := a.ListTopics(ctx)
	return all.Names(), err
}

func (a adapter) Grow(topic string, partitions int) error {
	ctx, cancel := within()
	defer cancel()
	all, err := a.UpdatePartitions(ctx, partitions, topic)
	if err != nil {
		return err
	}
	return all[topic].Err
}

func (a adapter) Delete(topic string) error {
	ctx, cancel := within()
	defer cancel()
	_, err := a.DeleteTopic(ctx, topic)
	return err
}

func (a adapter) Produce(topic, codec string, idempotent bool, records []checks.Record) error {
	options := []kgo.Opt{kgo.ProducerBatchCompression(codecs[codec]), kgo.DefaultProduceTopic(topic),
		kgo.ProducerBatchMaxBytes(3_000_000)}
	if !idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	if records[0].Partition >= 0 {
		options = append(options, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	}
	c, err := a.client(options...)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := within()
	defer cancel()
	var all []*kgo.Record
	for _, r := range records {
		one := &kgo.Record{Partition: r.Partition, Key: r.Key, Value: r.Value, Timestamp: time.UnixMilli(r.Timestamp)}
		for _, h := range r.Headers {
			one.Headers = append(one.Headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
		}
		all = append(all, one)
	}
	return c.ProduceSync(ctx, all...).FirstErr()
}

// A consumer, alone or in a group.
type consumer struct {
	*kgo.Client
	lock              sync.Mutex
	assigned, revoked map[int32]bool
	rebalances        int
	closing           bool
}

func (a adapter) Read(topic string, partitions int, offset int64, reset bool) (checks.Consumer, error) {
	starts := map[int32]kgo.Offset{}
	for p := range partitions {
		starts[int32(p)] = kgo.NewOffset().At(offset)
	}
	after := kgo.NoResetOffset()
	if reset {
		after = kgo.NewOffset().AtStart()
	}
	all := map[string]map[int32]kgo.Offset{topic: starts}
	c, err := a.client(kgo.ConsumePartitions(all), kgo.ConsumeResetOffset(after))
	return &consumer{Client: c}, err
}

func (a adapter) Join(topic, group string, how checks.Membership) (checks.Member, error) {
	m := &consumer{assigned: map[int32]bool{}, revoked: map[int32]bool{}}
	change := func(gain bool, set map[string][]int32) {
		m.lock.Lock()
		defer m.lock.Unlock()
		if len(set[topic]) > 0 {
			m.rebalances++
		}
		for _, p := range set[topic] {
			if gain {
				m.assigned[p] = true
			} else {
				delete(m.assigned, p)
				m.revoked[p] = m.revoked[p] || !m.closing
			}
		}
	}
	lost := func(_ context.Context, _ *kgo.Client, set map[string][]int32) { change(false, set) }
	options := []kgo.Opt{kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.SessionTimeout(checks.SessionTimeout),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, set map[string][]int32) { change(true, set) }),
		kgo.OnPartitionsRevoked(lost), kgo.OnPartitionsLost(lost), kgo.Balancers(kgo.RangeBalancer())}
	if how.Instance != "" {
		options = append(options, kgo.InstanceID(how.Instance))
	}
	if how.Cooperative {
		options = append(options, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	}
	c, err := a.client(options...)
	m.Client = c
	return m, err
}

func (c *consumer) Poll(d time.Duration) ([]checks.Record, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	fetches := c.PollRecords(ctx, 200)
	var out []checks.Record
	for _, r := range fetches.Records() {
		one := checks.Record{Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value,
			Timestamp: r.Timestamp.UnixMilli()}
		for _, h := range r.Headers {
			one.Headers = append(one.Headers, [2]string{h.Key, string(h.Value)})
		}
		out = append(out, one)
	}
	if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return out, err
	}
	return out, nil
}

func (c *consumer) Commit() error {
	ctx, cancel := within()
	defer cancel()
	err := c.CommitUncommittedOffsets(ctx)
	if errors.Is(err, kerr.RebalanceInProgress) || errors.Is(err, kerr.IllegalGeneration) {
		return nil
	}
	return err
}

func (c *consumer) Close() {
	c.lock.Lock()
	c.closing = true
	c.lock.Unlock()
	c.Client.Close()
}

func (c *consumer) Assigned() map[int32]bool { return c.copied(c.assigned) }
func (c *consumer) Revoked() map[int32]bool  { return c.copied(c.revoked) }

func (c *consumer) copied(set map[int32]bool) map[int32]bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	out := map[int32]bool{}
	for p, in := range set {
		if in {
			out[p] = true
		}
	}
	return out
}

func (c *consumer) Rebalances() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.rebalances
}

func (a adapter) OffsetForTime(topic string, partition int32, ms int64) (int64, error) {
	ctx, cancel := within()
	defer cancel()
	all, err := a.ListOffsetsAfterMilli(ctx, ms, topic)
	if err != nil {
		return 0, err
	}
	found, _ := all.Lookup(topic, partition)
	if found.Timestamp == -1 { // kadm answers the end where no record is that late.
		return -1, found.Err
	}
	return found.Offset, found.Err
}

func (a adapter) FirstAndLast(topic string, partition int32) (int64, int64, error) {
	ctx, cancel := within()
	defer cancel()
	first, err := a.ListStartOffsets(ctx, topic)
	if err != nil {
		return 0, 0, err
	}
	last, err := a.ListEndOffsets(ctx, topic)
	f, _ := first.Lookup(topic, partition)
	l, _ := last.Lookup(topic, partition)
	return f.Offset, l.Offset, errors.Join(err, f.Err, l.Err)
}

func values(all kadm.ResourceConfigs, err error) (map[string]string, error) {
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, c := range all[0].Configs {
		out[c.Key] = c.MaybeValue()
	}
	return out, all[0].Err
}

func (a adapter) TopicConfig(topic string) (map[string]string, error) {
	ctx, cancel := within()
	defer cancel()
	return values(a.DescribeTopicConfigs(ctx, topic))
}

func (a adapter) BrokerConfig() (map[string]string, error) {
	ctx, cancel := within()
	defer cancel()
	brokers, err := a.ListBrokers(ctx)
	if err != nil {
		return nil, err
	}
	return values(a.DescribeBrokerConfigs(ctx, brokers[0].NodeID))
}

func changes(set map[string]string, deleted []string) []kadm.AlterConfig {
	var out []kadm.AlterConfig
	for name, value := range set {
		out = append(out, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: kadm.StringPtr(value)})
	}
	for _, name := range deleted {
		out = append(out, kadm.AlterConfig{Op: kadm.DeleteConfig, Name: name})
	}
	return out
}

func altered(all kadm.AlterConfigsResponses, err error) error {
	if err != nil {
		return err
	}
	return all[0].Err
}

func (a adapter) Alter(topic string, set map[string]string) error {
	ctx, cancel := within()
	defer cancel()
	return altered(a.AlterTopicConfigsState(ctx, changes(set, nil), topic))
}

func (a adapter) AlterIncrementally(topic string, set map[string]string, deleted []string) error {
	ctx, cancel := within()
	defer cancel()
	return altered(a.AlterTopicConfigs(ctx, changes(set, deleted), topic))
}

func (a adapter) DeleteRecords(topic string, partition int32, before int64) (int64, error) {
	ctx, cancel := within()
	defer cancel()
	wanted := kadm.Offsets{topic: {partition: {Topic: topic, Partition: partition, At: before}}}
	all, err := a.Client.DeleteRecords(ctx, wanted)
	if err != nil {
		return 0, err
	}
	found, _ := all.Lookup(topic, partition)
	return found.LowWatermark, found.Err
}

func (a adapter) Groups() ([]string, error) {
	ctx, cancel := within()
	defer cancel()
	all, err := a.ListGroups(ctx)
	return all.Groups(), err
}

func (a adapter) DescribeGroup(group string) (string, error) {
	ctx, cancel := within()
	defer cancel()
	all, err := a.DescribeGroups(ctx, group)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %d", all[group].State, len(all[group].Members)), all[group].Err
}

func (a adapter) GroupOffset(group, topic string, partition int32) (int64, error) {
	ctx, cancel := within()
	defer cancel()
	all, err := a.FetchOffsets(ctx, group)
	if err != nil {
		return 0, err
	}
	found, there := all.Lookup(topic, partition)
	if !there {
		return -1, nil
	}
	return found.At, found.Err
}

func (a adapter) DeleteOffset(group, topic string, partition int32) error {
	ctx, cancel := within()
	defer cancel()
	all, err := a.DeleteOffsets(ctx, group, kadm.TopicsSet{topic: {partition: {}}})
	if err != nil {
		return err
	}
	err, _ = all.Lookup(topic, partition)
	return err
}

func (a adapter) DeleteGroup(group string) error {
	ctx, cancel := within()
	defer cancel()
	found, err := a.Client.DeleteGroup(ctx, group)
	return errors.Join(err, found.Err)
}

func (a adapter) Close() { a.Client.Close() }

func main() {
	checks.Main(func(bootstrap string) (checks.Adapter, error) {
		a := adapter{bootstrap: bootstrap}
		c, err := a.client()
		if err != nil {
			return nil, err
		}
		a.Client = kadm.NewClient(c)
		return a, nil
	})
}
