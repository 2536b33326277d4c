package wsclient

import "sort"

// Calls holds what waits for an answer, by serial number (13.2): even numbers for a client, odd ones for a server.
// It is not safe for concurrent use.
type Calls[T any] struct {
	first, last, next uint32
	waiting           map[uint32]entry[T]
	made              uint64
}

type entry[T any] struct {
	order uint64
	value T
}

// ClientCalls begins with 2, ServerCalls with 3.
func ClientCalls[T any]() *Calls[T] { return &Calls[T]{2, 0xFFFFFFFE, 2, map[uint32]entry[T]{}, 0} }

// ServerCalls begins with 3.
func ServerCalls[T any]() *Calls[T] { return &Calls[T]{3, 0xFFFFFFFF, 3, map[uint32]entry[T]{}, 0} }

// SetNext says which number the next call tries.
func (c *Calls[T]) SetNext(sn uint32) { c.next = sn }

// Begin keeps what waits and gives it its number: never 0 or 1, never one that is still waiting.
func (c *Calls[T]) Begin(value T) uint32 {
	for {
		sn := c.next
		if c.next += 2; sn == c.last {
			c.next = c.first
		}
		if _, waits := c.waiting[sn]; !waits {
			c.made++
			c.waiting[sn] = entry[T]{c.made, value}
			return sn
		}
	}
}

// IsOwn says whether a frame with this number is an answer; with another but 0 it is a request of the peer.
func (c *Calls[T]) IsOwn(sn uint32) bool { return sn != 0 && sn%2 == c.first%2 }

// End takes out what waits for a number.
func (c *Calls[T]) End(sn uint32) (value T, ok bool) {
	found, ok := c.waiting[sn]
	delete(c.waiting, sn)
	return found.value, ok
}

// Waiting lists the numbers that wait, in the order of their calls.
func (c *Calls[T]) Waiting() []uint32 {
	numbers := make([]uint32, 0, len(c.waiting))
	for sn := range c.waiting {
		numbers = append(numbers, sn)
	}
	sort.Slice(numbers, func(i, j int) bool { return c.waiting[numbers[i]].order < c.waiting[numbers[j]].order })
	return numbers
}

// Get returns what waits for a number and leaves it there.
func (c *Calls[T]) Get(sn uint32) T { return c.waiting[sn].value }
