// The checks of the client matrix for franz-go.
//
// Usage: client BOOTSTRAP PREFIX; prints "CHECK name ok|fail|none detail" lines; exit 0 when no check failed.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const count = 2000

var (
	bootstrap, prefix string
	failed            bool
)

// Every client of the matrix makes and expects the same bytes.
func value(i int) []byte {
	if i%97 == 5 {
		return []byte{}
	}
	out := make([]byte, (i*37)%1500+1)
	x := uint64(i + 1)
	for k := range out {
		if k%16 == 0 {
			x = x*6364136223846793005 + 1442695040888963407
		}
		out[k] = byte(x >> 33)
	}
	return out
}

func check(name string, body func() error) {
	if err := body(); err != nil {
		failed = true
		fmt.Printf("CHECK %s fail %s\n", name, strings.ReplaceAll(err.Error(), "\n", " "))
	} else {
		fmt.Printf("CHECK %s ok\n", name)
	}
}

func client(options ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append(options, kgo.SeedBrokers(bootstrap))...)
	if err != nil {
		panic(err)
	}
	return c
}

func within(seconds int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Duration(seconds)*time.Second)
}

func create(topic string, partitions int32) error {
	c := client()
	defer c.Close()
	ctx, cancel := within(30)
	defer cancel()
	request := kmsg.NewPtrCreateTopicsRequest()
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor = topic, partitions, 1
	request.Topics = append(request.Topics, t)
	request.TimeoutMillis = 20000
	response, err := request.RequestWith(ctx, c)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(response.Topics[0].ErrorCode)
}

func produce(topic string, codec kgo.CompressionCodec, from, n int) error {
	c := client(kgo.ProducerBatchCompression(codec), kgo.DefaultProduceTopic(topic))
	defer c.Close()
	ctx, cancel := within(30)
	defer cancel()
	records := make([]*kgo.Record, 0, n)
	for i := from; i < from+n; i++ {
		records = append(records, &kgo.Record{
			Key: []byte("k" + strconv.Itoa(i)), Value: value(i), Timestamp: time.UnixMilli(1700000000000 + int64(i)),
			Headers: []kgo.RecordHeader{{Key: "i", Value: []byte(strconv.Itoa(i))}},
		})
	}
	return c.ProduceSync(ctx, records...).FirstErr()
}

func index(r *kgo.Record) (int, error) {
	i, err := strconv.Atoi(string(r.Key[1:]))
	switch {
	case err != nil:
		return 0, err
	case !bytes.Equal(r.Value, value(i)):
		return 0, fmt.Errorf("record %d has other bytes", i)
	case len(r.Headers) != 1 || string(r.Headers[0].Value) != strconv.Itoa(i):
		return 0, fmt.Errorf("record %d has other headers", i)
	case r.Timestamp.UnixMilli() != 1700000000000+int64(i):
		return 0, fmt.Errorf("record %d has another timestamp", i)
	}
	return i, nil
}

// Polls c until seen holds want records or the time is up; commits after each poll when asked to.
func collect(c *kgo.Client, seen map[int]bool, want int, commit bool) error {
	ctx, cancel := within(30)
	defer cancel()
	for len(seen) < want {
		fetches := c.PollRecords(ctx, 500)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("%d of %d records: %w", len(seen), want, err)
		}
		for _, r := range fetches.Records() {
			i, err := index(r)
			if err != nil {
				return err
			}
			if seen[i] {
				return fmt.Errorf("record %d came twice", i)
			}
			seen[i] = true
		}
		if commit {
			if err := c.CommitUncommittedOffsets(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func codecCheck(name string, codec kgo.CompressionCodec) error {
	topic := prefix + "-" + name
	if name != "none" {
		if err := create(topic, 3); err != nil {
			return err
		}
	}
	if err := produce(topic, codec, 0, count); err != nil {
		return err
	}
	c := client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer c.Close()
	return collect(c, map[int]bool{}, count, false)
}

func member(topic, group string) *kgo.Client {
	return client(kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.SessionTimeout(10*time.Second))
}

func resume() error {
	seen := map[int]bool{}
	for _, want := range []int{count / 2, count} {
		c := member(prefix+"-none", prefix+"-resume")
		err := collect(c, seen, want, true)
		c.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func share() error {
	topic := prefix + "-share"
	if err := create(topic, 4); err != nil {
		return err
	}
	var lock sync.Mutex
	all, each := map[int]bool{}, [2]int{}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	failures := make(chan error, 2)
	for m := range 2 {
		go func() {
			c := member(topic, topic)
			defer c.Close()
			for ctx.Err() == nil {
				fetches := c.PollFetches(ctx)
				for _, r := range fetches.Records() {
					i, err := index(r)
					if err != nil {
						failures <- err
						return
					}
					lock.Lock()
					all[i] = true
					each[m]++
					lock.Unlock()
				}
				if err := c.CommitUncommittedOffsets(ctx); err != nil && !errors.Is(err, context.Canceled) &&
					!errors.Is(err, kerr.RebalanceInProgress) && !errors.Is(err, kerr.IllegalGeneration) {
					failures <- err
					return
				}
			}
		}()
	}
	sent := 0
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-failures:
			return err
		default:
		}
		lock.Lock()
		together, both := len(all), each[0] > 0 && each[1] > 0
		lock.Unlock()
		if both && together == sent && sent > 0 {
			return nil
		}
		if together == sent && sent < 20*count {
			if err := produce(topic, kgo.NoCompression(), sent, 200); err != nil {
				return err
			}
			sent += 200
		}
	}
	return fmt.Errorf("%d of %d records, by member %v", len(all), sent, each)
}

func main() {
	bootstrap, prefix = os.Args[1], os.Args[2]
	check("create", func() error { return create(prefix+"-none", 3) })
	for _, c := range []struct {
		name  string
		codec kgo.CompressionCodec
	}{{"none", kgo.NoCompression()}, {"gzip", kgo.GzipCompression()}, {"snappy", kgo.SnappyCompression()},
		{"lz4", kgo.Lz4Compression()}, {"zstd", kgo.ZstdCompression()}} {
		check(c.name, func() error { return codecCheck(c.name, c.codec) })
	}
	check("resume", resume)
	check("share", share)
	if failed {
		os.Exit(1)
	}
}
