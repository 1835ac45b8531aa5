package provider

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestFindingOf_hasASeverityForEveryKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[offboard.Kind]severity{
		offboard.OwnUser: severityFatal,
		offboard.Balance: severityBlocks, offboard.RunningLab: severityBlocks, offboard.BusyLab: severityBlocks,
		offboard.ForeignLab: severityBlocks,
		offboard.OpenOrder:  severityMayBlock, offboard.PendingTransaction: severityMayBlock,
		offboard.AttachedClient: severityMayBlock,
		offboard.CanceledLab:    severityInfo, offboard.RefusalNotKnowable: severityInfo, offboard.NothingThere: severityInfo,
		offboard.CheckNotPermitted: severityInfo, offboard.CheckSkipped: severityInfo,
		offboard.ExistenceUnprovable: severityInfo,
		offboard.FileTransfers:       severityInfo,
		offboard.OtherPeople:         severityInfo,
		"of a later version":         severityMayBlock,
	} {
		if got := findingOf(kind).severity; got != want {
			t.Errorf("%s: got the severity %q, want %q", kind, got, want)
		}
	}
}

// A finding of a later version has a sentence too, and what a vendor says in one is never filled in
// itself.
func TestSentence_fillsInWhatTheFindingSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		f    offboard.Finding
		want string
	}{
		{"a subject", offboard.Finding{Kind: offboard.Balance, Subject: "0.1 btc"}, "it holds 0.1 btc"},
		{
			"a subject in quotes", offboard.Finding{Kind: offboard.AttachedClient, Subject: "c1"},
			`it is the advisor of the client "c1"`,
		},
		{
			"a reason", offboard.Finding{Kind: offboard.CheckSkipped, Subject: "open orders", Reason: "HTTP 404"},
			"the check of open orders was skipped: HTTP 404",
		},
		{
			"no reason", offboard.Finding{Kind: offboard.CheckSkipped, Subject: "x"},
			"the check of x was skipped: the rate limit of sFOX left no time for it",
		},
		{"a placeholder", offboard.Finding{Kind: offboard.Balance, Subject: "{vendor}"}, "it holds {vendor}"},
		{"a kind of a later version", offboard.Finding{Kind: "frozen", Subject: "x"}, "frozen x"},
		{"one without a subject", offboard.Finding{Kind: "frozen"}, "frozen"},
	} {
		if got := sentence(sfoxKind, c.f); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What stops a closing is not announced as one: the list of what will be closed holds nobody who
// will not be.
func TestObstacles_thatStopAClosingAreNotAnnouncedAsOne(t *testing.T) {
	t.Parallel()
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
			t.Parallel()
			w := newTestEnv(t)
			c.v.add(w.mock)
			c.prepare(w.mock, c.v.id)
			d := newDriver(t, w, nil)
			_, diags := d.planDestroy(d.mustImport(c.v.kind, c.v.id))
			if got := strings.Contains(diags.warnings(), "will be closed permanently in"); got != c.closed {
				t.Errorf("got %q, want the closing announced %t", diags.warnings(), c.closed)
			}
			if got := strings.Contains(diags.warnings(), "cannot be closed yet"); got == c.closed {
				t.Errorf("got %q, want what stands in the way told %t", diags.warnings(), !c.closed)
			}
		})
	}
}
