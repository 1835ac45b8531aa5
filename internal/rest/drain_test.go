package rest

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestGate_waitsForWhatIsInsideAndLetsNothingFurtherIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		if !g.enter() {
			t.Fatal("got no way in, want one as long as the gate is open")
		}
		began := time.Now()
		time.AfterFunc(time.Second, g.leave)
		time.AfterFunc(time.Second/2, func() {
			if g.enter() {
				t.Error("got a way in while the gate closes, want none")
			}
		})
		g.close()
		if took := time.Since(began); took != time.Second {
			t.Errorf("got the gate closed after %s, want it when the last one has left", took)
		}
		if g.enter() {
			t.Error("got a way in, want none")
		}
	})
}
