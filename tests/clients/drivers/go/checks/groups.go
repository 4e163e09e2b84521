package checks

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

func divided(a, b *poller, partitions int) (bool, error) {
	all := a.Assigned()
	mine, theirs := len(all), len(b.Assigned())
	maps.Copy(all, b.Assigned())
	_, err := together(a, b)
	return mine > 0 && theirs > 0 && len(all) == partitions && mine+theirs == partitions, err
}

// Runs the body with two members that have divided the topic; a member that the body takes out of the slice is stopped.
func (s suite) two(topic string, partitions int, first, second Membership, body func(m []*poller) error) (err error) {
	if err := s.Create(topic, partitions); err != nil {
		return err
	}
	var members [2]*poller
	defer func() {
		for _, m := range members {
			if m != nil {
				err = errors.Join(err, m.stop())
			}
		}
	}()
	if members[0], err = s.join(topic, first); err != nil {
		return err
	}
	err = until("the first member's assignment", wait, func() (bool, error) {
		_, err := members[0].count()
		return len(members[0].Assigned()) == partitions, err
	})
	if err != nil {
		return err
	}
	if members[1], err = s.join(topic, second); err != nil {
		return err
	}
	err = until("a divided assignment", wait, func() (bool, error) { return divided(members[0], members[1], partitions) })
	if err != nil {
		return err
	}
	return body(members[:])
}

func (s suite) share() error {
	topic := s.prefix + "-share"
	return s.two(topic, numberOfPartition, Membership{}, Membership{}, func(m []*poller) error {
		if err := s.Produce(topic, "plain", false, rows(randomPartition, 0, count)); err != nil {
			return err
		}
		if err := allSeen(count, m...); err != nil {
			return err
		}
		for _, one := range m {
			if n, _ := one.count(); n == 0 {
				return errors.New("one member got nothing")
			}
		}
		return nil
	})
}

func (s suite) leave() error {
	topic := s.prefix + "-leave"
	return s.two(topic, numberOfPartition, Membership{}, Membership{}, func(m []*poller) error {
		if err := s.Produce(topic, "plain", false, rows(randomPartition, 0, 300)); err != nil {
			return err
		}
		if err := allSeen(300, m...); err != nil {
			return err
		}
		gone := m[1]
		m[1] = nil
		if err := gone.stop(); err != nil {
			return err
		}
		if err := s.Produce(topic, "plain", false, rows(randomPartition, 300, 300)); err != nil {
			return err
		}
		return until("the records after one left", SessionTimeout/2, func() (bool, error) {
			all, err := together(m[0])
			missing := false
			for i := 300; i < 600; i++ {
				missing = missing || !all[i]
			}
			return !missing && len(m[0].Assigned()) == numberOfPartition, err
		})
	})
}

func (s suite) resume() error {
	topic, err := s.topic("resume", numberOfPartition)
	if err != nil {
		return err
	}
	if err := s.Produce(topic, "plain", false, rows(randomPartition, 0, count)); err != nil {
		return err
	}
	seen := map[int]bool{}
	for _, want := range []int{count / 2, count} {
		if err := s.take(topic, seen, want); err != nil {
			return err
		}
	}
	return nil
}

// Polls and commits until seen holds that many records.
func (s suite) take(topic string, seen map[int]bool, want int) error {
	m, err := s.Join(topic, topic, Membership{})
	if err != nil {
		return err
	}
	defer m.Close()
	for deadline := time.Now().Add(wait); len(seen) < want; {
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d records", len(seen), want)
		}
		records, err := m.Poll(500 * time.Millisecond)
		if err != nil {
			return err
		}
		for _, r := range records {
			i, err := index(r)
			if err != nil {
				return err
			}
			if seen[i] {
				return fmt.Errorf("record %d came again after its offset was committed", i)
			}
			seen[i] = true
		}
		if len(records) > 0 {
			if err := m.Commit(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s suite) static() error {
	topic := s.prefix + "-static"
	return s.two(topic, 4, Membership{Instance: "one"}, Membership{Instance: "two"}, func(m []*poller) error {
		before, changes := m[1].Assigned(), m[0].Rebalances()
		gone := m[1]
		m[1] = nil
		if err := gone.stop(); err != nil {
			return err
		}
		var err error
		if m[1], err = s.join(topic, Membership{Instance: "two"}); err != nil {
			return err
		}
		err = until("the same partitions again", wait, func() (bool, error) {
			_, err := m[1].count()
			return maps.Equal(m[1].Assigned(), before), err
		})
		if err != nil {
			return err
		}
		if err := s.Produce(topic, "plain", false, rows(randomPartition, 0, 300)); err != nil {
			return err
		}
		if err := allSeen(300, m...); err != nil {
			return err
		}
		if m[0].Rebalances() != changes {
			return errors.New("the other member saw a rebalance")
		}
		return nil
	})
}

func (s suite) coop() error {
	topic, how := s.prefix+"-coop", Membership{Cooperative: true}
	return s.two(topic, 4, how, how, func(m []*poller) error {
		if err := s.Produce(topic, "plain", false, rows(randomPartition, 0, 300)); err != nil {
			return err
		}
		if err := allSeen(300, m...); err != nil {
			return err
		}
		if !maps.Equal(m[0].Revoked(), m[1].Assigned()) {
			return fmt.Errorf("revoked %v, moved %v", m[0].Revoked(), m[1].Assigned())
		}
		return nil
	})
}

func (s suite) groups() error {
	topic, err := s.topic("groups", numberOfPartition)
	if err != nil {
		return err
	}
	if err := s.Produce(topic, "plain", false, rows(0, 0, 300)); err != nil {
		return err
	}
	// A group without members and offsets is gone at once, so there is an offset that stays.
	if err := s.Produce(topic, "plain", false, rows(1, 300, 10)); err != nil {
		return err
	}
	if err := s.watchGroup(topic); err != nil {
		return err
	}
	if err := s.state(topic, "Empty 0"); err != nil {
		return err
	}
	if offset, err := s.GroupOffset(topic, topic, 0); err != nil || offset != 300 {
		return fmt.Errorf("the group's offset is %d: %w", offset, err)
	}
	if err := s.DeleteOffset(topic, topic, 0); err == nil {
		if offset, err := s.GroupOffset(topic, topic, 0); err != nil || offset != noOffset {
			return fmt.Errorf("the deleted offset is %d: %w", offset, err)
		}
	} else if !errors.Is(err, ErrUnsupported) {
		return err
	}
	if err := s.DeleteGroup(topic); err != nil {
		return err
	}
	return until("the deletion", wait, func() (bool, error) {
		all, err := s.Groups()
		return !slices.Contains(all, topic), err
	})
}

// The group while it has a member that has read its 310 records.
func (s suite) watchGroup(group string) error {
	m, err := s.join(group, Membership{})
	if err != nil {
		return err
	}
	defer m.stop()
	if err := allSeen(310, m); err != nil {
		return err
	}
	err = until("the group in the list", wait, func() (bool, error) {
		all, err := s.Groups()
		return slices.Contains(all, group), err
	})
	if err != nil {
		return err
	}
	return s.state(group, "Stable 1")
}

func (s suite) state(group, expected string) error {
	return until("the state "+expected, wait, func() (bool, error) {
		state, err := s.DescribeGroup(group)
		return state == expected, err
	})
}
