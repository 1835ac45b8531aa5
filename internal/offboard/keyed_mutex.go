package offboard

import (
	"context"
	"sync"
)

// KeyedMutex is a mutex for each key. The zero value is ready for use.
type KeyedMutex struct {
	slots sync.Map // a chan struct{} for each key, with room for one holder
}

// Lock waits until no other caller holds the key. The caller has to call unlock. The error is the
// cause of ctx, if it ends before. A key that no caller holds is locked even if ctx has ended.
func (m *KeyedMutex) Lock(ctx context.Context, key string) (unlock func(), err error) {
	slot, _ := m.slots.LoadOrStore(key, make(chan struct{}, 1))
	held := slot.(chan struct{})
	select {
	case held <- struct{}{}:
	default:
		select {
		case held <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return func() { <-held }, nil
}
