package checks

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ReplicationFactor is what new topics get.
func ReplicationFactor() int {
	if factor, err := strconv.Atoi(os.Getenv("REPLICATION_FACTOR")); err == nil {
		return factor
	}
	return 1
}

type suite struct {
	Adapter
	prefix string
}

// Main is the driver: BOOTSTRAP PREFIX CHECK...
func Main(connect func(bootstrap string) (Adapter, error)) {
	adapter, err := connect(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s, failed := suite{adapter, os.Args[2]}, false
	bodies := map[string]func() error{"admin": s.admin, "times": s.times, "share": s.share, "leave": s.leave,
		"resume": s.resume, "static": s.static, "coop": s.coop, "idemp": s.idemp, "configs": s.configs,
		"delrec": s.deleteRecords, "groups": s.groups, "large": s.large, "range": s.outOfRange, "unknown": s.unknown}
	for _, name := range os.Args[3:] {
		body := bodies[name]
		if body == nil {
			body = func() error { return s.codec(name) }
		}
		result := "ok"
		if err := body(); errors.Is(err, ErrUnsupported) {
			result = "none " + err.Error()
		} else if err != nil {
			failed, result = true, "fail "+err.Error()
		}
		fmt.Printf("CHECK %s %s\n", name, strings.ReplaceAll(result, "\n", " "))
	}
	adapter.Close()
	if failed {
		os.Exit(1)
	}
}

func (s suite) topic(name string, partitions int) (string, error) {
	topic := s.prefix + "-" + name
	return topic, s.Create(topic, partitions)
}

func until(what string, within time.Duration, question func() (bool, error)) error {
	for deadline := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		holds, err := question()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if holds {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not within %s", what, within)
		}
	}
}

func (s suite) refused(code int16, err error) error {
	switch {
	case errors.Is(err, ErrUnsupported):
		return err
	case err == nil:
		return fmt.Errorf("not refused; expected error %d", code)
	case s.ErrorCode(err) != code:
		return fmt.Errorf("refused with %w (error %d), expected error %d", err, s.ErrorCode(err), code)
	}
	return nil
}

// Reads n records, demanding offsets without a gap.
func (s suite) read(topic string, partitions int, from int64, n int) ([]int, error) {
	c, err := s.Read(topic, partitions, from, false)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var order []int
	seen, next := map[int]bool{}, map[int32]int64{}
	for deadline := time.Now().Add(wait); len(order) < n; {
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%d of %d records", len(order), n)
		}
		records, err := c.Poll(500 * time.Millisecond)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			i, err := index(r)
			if err != nil {
				return nil, err
			}
			if r.Offset != from+next[r.Partition] {
				return nil, fmt.Errorf("offset %d, expected %d", r.Offset, from+next[r.Partition])
			}
			if seen[i] {
				return nil, fmt.Errorf("record %d came twice", i)
			}
			seen[i] = true
			next[r.Partition]++
			order = append(order, i)
		}
	}
	return order, nil
}

func (s suite) codec(name string) error {
	topic, err := s.topic(name, numberOfPartition)
	if err != nil {
		return err
	}
	if err := s.Produce(topic, name, false, rows(randomPartition, 0, count)); err != nil {
		return err
	}
	_, err = s.read(topic, numberOfPartition, 0, count)
	return err
}

func (s suite) admin() error {
	topic, err := s.topic("admin", 3)
	if err != nil {
		return err
	}
	has := func(n int) func() (bool, error) {
		return func() (bool, error) { found, err := s.Partitions(topic); return found == n, err }
	}
	if err := until("the new topic", wait, has(3)); err != nil {
		return err
	}
	if err := s.refused(TopicExists, s.Create(topic, 3)); err != nil {
		return err
	}
	if err := s.Grow(topic, 5); err != nil {
		return err
	}
	if err := until("five partitions", wait, has(5)); err != nil {
		return err
	}
	if err := s.Delete(topic); err != nil {
		return err
	}
	return until("the deletion", wait, func() (bool, error) {
		all, err := s.Topics()
		return !slices.Contains(all, topic), err
	})
}

func (s suite) times() error {
	topic, err := s.topic("times", numberOfPartition)
	if err != nil {
		return err
	}
	if err := s.Produce(topic, "plain", false, rows(0, 0, 300)); err != nil {
		return err
	}
	for _, c := range [][2]int64{{firstTimestamp - 5, 0}, {firstTimestamp + 123, 123}, {firstTimestamp + 300, noOffset}} {
		if got, err := s.OffsetForTime(topic, 0, c[0]); err != nil || got != c[1] {
			return fmt.Errorf("offset %d for a time, expected %d: %w", got, c[1], err)
		}
	}
	for partition, end := range []int64{300, 0} {
		if first, last, err := s.FirstAndLast(topic, int32(partition)); err != nil || first != 0 || last != end {
			return fmt.Errorf("first %d, last %d of %d records: %w", first, last, end, err)
		}
	}
	return nil
}

func (s suite) idemp() error {
	topic, err := s.topic("idemp", 1)
	if err != nil {
		return err
	}
	if err := s.Produce(topic, "plain", true, rows(0, 0, count)); err != nil {
		return err
	}
	order, err := s.read(topic, 1, 0, count)
	if err == nil && !slices.IsSorted(order) {
		err = errors.New("not in order")
	}
	return err
}

func (s suite) configs() error {
	topic, err := s.topic("configs", numberOfPartition)
	if err != nil {
		return err
	}
	is := func(name, value string) error {
		return until(name+" being "+value, wait, func() (bool, error) {
			all, err := s.TopicConfig(topic)
			if s.ErrorCode(err) == UnknownTopic {
				return false, nil // A broker that was not told of it yet.
			}
			return all[name] == value, err
		})
	}
	if err := is("retention.ms", "604800000"); err != nil {
		return err
	}
	steps := []func() error{
		func() error {
			return s.Alter(topic, map[string]string{"retention.ms": "86400000", "max.message.bytes": "50000"})
		},
		func() error { return is("retention.ms", "86400000") },
		func() error {
			return s.refused(InvalidConfig, s.Alter(topic, map[string]string{"retention.ms": "soon"}))
		},
		func() error {
			return s.AlterIncrementally(topic, map[string]string{"max.message.bytes": "60000"}, []string{"retention.ms"})
		},
		func() error { return is("max.message.bytes", "60000") },
		func() error { return is("retention.ms", "604800000") },
		func() error {
			return s.refused(InvalidConfig, s.AlterIncrementally(topic, map[string]string{"retention.ms": "soon"}, nil))
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	broker, err := s.BrokerConfig()
	if err == nil && broker["num.partitions"] != "3" {
		err = fmt.Errorf("the broker's num.partitions is %q", broker["num.partitions"])
	}
	return err
}

func (s suite) deleteRecords() error {
	topic, err := s.topic("delrec", 1)
	if err != nil {
		return err
	}
	if err := s.Produce(topic, "plain", false, rows(0, 0, 300)); err != nil {
		return err
	}
	if low, err := s.DeleteRecords(topic, 0, 100); err != nil || low != 100 {
		return fmt.Errorf("low watermark %d: %w", low, err)
	}
	err = until("the new first offset", wait, func() (bool, error) {
		first, last, err := s.FirstAndLast(topic, 0)
		return first == 100 && last == 300, err
	})
	if err != nil {
		return err
	}
	_, err = s.read(topic, 1, 100, 200)
	return err
}

func (s suite) large() error {
	topic, err := s.topic("large", numberOfPartition)
	if err != nil {
		return err
	}
	big := Record{Key: []byte("k"), Value: make([]byte, 1_500_000), Timestamp: firstTimestamp}
	if err := s.refused(MessageTooLarge, s.Produce(topic, "plain", false, []Record{big})); err != nil {
		return err
	}
	if err := s.Produce(topic, "plain", false, rows(0, 0, 10)); err != nil {
		return err
	}
	_, err = s.read(topic, numberOfPartition, 0, 10)
	return err
}

func (s suite) outOfRange() error {
	topic, err := s.topic("range", 1)
	if err != nil {
		return err
	}
	if err := s.Produce(topic, "plain", false, rows(0, 0, 10)); err != nil {
		return err
	}
	poll := func(reset bool) ([]Record, error) {
		c, err := s.Read(topic, 1, 5000, reset)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		for deadline := time.Now().Add(wait); time.Now().Before(deadline); {
			if records, err := c.Poll(500 * time.Millisecond); err != nil || len(records) > 0 {
				return records, err
			}
		}
		return nil, errors.New("neither a record nor an error")
	}
	_, err = poll(false)
	if err := s.refused(OffsetOutOfRange, err); err != nil {
		return err
	}
	records, err := poll(true)
	if errors.Is(err, ErrUnsupported) {
		return nil
	}
	if err == nil && records[0].Offset != 0 {
		err = errors.New("not reset to the first record")
	}
	return err
}

func (s suite) unknown() error {
	topic := s.prefix + "-unknown"
	if err := s.refused(UnknownTopic, s.Delete(topic)); err != nil {
		return err
	}
	return s.refused(UnknownTopic, s.Grow(topic, 5))
}

// A member of a group that polls and commits in a goroutine until stop.
type poller struct {
	Member
	lock sync.Mutex
	seen map[int]bool
	err  error
	end  chan struct{}
	done chan struct{}
}

func (s suite) join(topic string, how Membership) (*poller, error) {
	m, err := s.Join(topic, topic, how)
	if err != nil {
		return nil, err
	}
	p := &poller{Member: m, seen: map[int]bool{}, end: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for {
			select {
			case <-p.end:
				return
			default:
			}
			records, err := m.Poll(200 * time.Millisecond)
			p.lock.Lock()
			for _, r := range records {
				i, wrong := index(r)
				if wrong != nil {
					err = wrong
				}
				p.seen[i] = true
			}
			p.lock.Unlock()
			if err == nil && len(records) > 0 {
				err = m.Commit()
			}
			if err != nil {
				p.lock.Lock()
				p.err = err
				p.lock.Unlock()
				return
			}
		}
	}()
	return p, nil
}

func (p *poller) count() (int, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	return len(p.seen), p.err
}

func (p *poller) stop() error {
	close(p.end)
	<-p.done
	p.Close()
	return p.err
}

func together(members ...*poller) (map[int]bool, error) {
	all := map[int]bool{}
	for _, m := range members {
		m.lock.Lock()
		for i := range m.seen {
			all[i] = true
		}
		err := m.err
		m.lock.Unlock()
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func allSeen(n int, members ...*poller) error {
	return until("all records", wait, func() (bool, error) {
		all, err := together(members...)
		return len(all) == n, err
	})
}
