package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// memory is a store in memory. Each request takes some time.
type memory struct {
	took time.Duration

	mu      sync.Mutex
	objects map[int]*Object
	reads   int
	creates int
	// fault is called with the number of a request to create, from 1. It says whether the object is
	// created, and what the answer is instead of the true one; nil for the true one.
	fault func(request int) (created bool, answer error)
}

func newMemory(took time.Duration) *memory { return &memory{took: took, objects: map[int]*Object{}} }

// Name implements Store.
func (m *memory) Name() string { return "memory" }

// Read implements Store.
func (m *memory) Read(ctx context.Context, n int, each func(Object) error) error {
	for ; ; n++ {
		if err := m.pass(ctx); err != nil {
			return err
		}
		m.mu.Lock()
		m.reads++
		o := m.objects[n]
		m.mu.Unlock()
		if o == nil {
			return nil
		}
		if err := each(*o); err != nil {
			return err
		}
	}
}

// Create implements Store.
func (m *memory) Create(ctx context.Context, n int, text []byte) error {
	if err := m.pass(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.creates++
	if m.fault != nil {
		created, answer := m.fault(m.creates)
		if answer != nil {
			if created && m.objects[n] == nil {
				m.put(n, text)
			}
			return answer
		}
	}
	if m.objects[n] != nil {
		return fs.ErrExist
	}
	m.put(n, text)
	return nil
}

func (m *memory) put(n int, text []byte) {
	m.objects[n] = &Object{Number: n, Name: fmt.Sprint("object ", n), Text: bytes.Clone(text)}
}

func (m *memory) pass(ctx context.Context) error {
	select {
	case <-time.After(m.took):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// text is all objects, one after the other.
func (m *memory) text() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []byte
	for n := range len(m.objects) {
		all = append(all, m.objects[n+1].Text...)
	}
	return all
}

var errFault = errors.New("a fault of the test")
