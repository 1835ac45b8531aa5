package closing_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

func TestLocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var locks closing.Locks
		unlock, err := locks.Lock(t.Context(), "sfox u1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := locks.Lock(t.Context(), "sfox u2"); err != nil {
			t.Errorf("got %v, want that another account waits for nothing", err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := locks.Lock(short, "sfox u1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want that the second one waits until its time is up", err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		for range 100 {
			if _, err := locks.Lock(canceled, time.Now().String()); err != nil {
				t.Fatalf("got %v, want no error without a wait", err)
			}
			time.Sleep(time.Nanosecond)
		}
		began := time.Now()
		time.AfterFunc(time.Hour, unlock)
		unlock, err = locks.Lock(t.Context(), "sfox u1")
		if err != nil || time.Since(began) != time.Hour {
			t.Errorf("got %v after %s, want the lock after an hour", err, time.Since(began))
		}
		unlock()
	})
}

// The second closure of an account learns what the first one told.
func TestLocks_tellHowTheLastClosureEnded(t *testing.T) {
	t.Parallel()
	var locks closing.Locks
	told := evidence.Earlier{Proven: true, At: time.Now()}
	locks.Ended("sfox u1", evidence.Earlier{Sent: evidence.Lost})
	locks.Ended("sfox u1", told)
	if got := locks.Earlier("sfox u1"); got != told {
		t.Errorf("got %+v, want %+v", got, told)
	}
	if got := locks.Earlier("sfox u2"); got != (evidence.Earlier{}) {
		t.Errorf("got %+v of another account, want nothing", got)
	}
}
