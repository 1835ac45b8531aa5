package provider

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestGradeOf_weighsEveryKind(t *testing.T) {
	for kind, want := range map[offboard.Kind]grade{
		offboard.OwnUser: grave,
		offboard.Balance: blocking, offboard.RunningLab: blocking, offboard.BusyLab: blocking, offboard.ForeignLab: blocking,
		offboard.OpenOrder: risky, offboard.PendingTransaction: risky, offboard.AttachedClient: risky,
		offboard.CanceledLab: note, offboard.RefusalNotKnowable: note, offboard.NothingThere: note, offboard.CheckNotPermitted: note,
		offboard.CheckSkipped: note, offboard.ExistenceUnprovable: note, offboard.FileTransfers: note,
		"of a later version": risky,
	} {
		if got := gradeOf(kind); got != want {
			t.Errorf("%s: got the grade %d, want %d", kind, got, want)
		}
	}
}

// What stops a closing is not announced as one: the list of what will be closed holds nobody who will not be.
func TestObstacles_thatStopAClosingAreNotAnnouncedAsOne(t *testing.T) {
	for name, c := range map[string]struct {
		v       vendorCase
		prepare func(s *mock.Server, id string)
		closed  bool
	}{
		"a balance": {sfoxCase, func(s *mock.Server, id string) {
			s.SFOX.Update(id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "0.1"} })
		}, false},
		"a running lab": {skillableCase, func(s *mock.Server, id string) {
			s.Skillable.Update(id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 41, Name: "Mesh"}} })
		}, false},
		"nothing": {sfoxCase, func(*mock.Server, string) {}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.v.add(w.mock)
			c.prepare(w.mock, c.v.id)
			d := newDriver(t, w, nil)
			_, diags := d.planDestroy(d.mustTake(c.v.kind, c.v.id))
			if got := strings.Contains(diags.warnings(), "will be closed at"); got != c.closed {
				t.Errorf("got %q, want the closing announced %t", diags.warnings(), c.closed)
			}
			if got := strings.Contains(diags.warnings(), "cannot be closed yet"); got == c.closed {
				t.Errorf("got %q, want what stands in the way told %t", diags.warnings(), !c.closed)
			}
		})
	}
}
