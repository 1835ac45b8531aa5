package konstantly

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// The total of a page is told from that of a site by how many users there are at least.
func TestJudgeTotals_countsTheUsersThatCame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total, further, rows, rest, more int
		want                             contract.Verdict
	}{
		{45, 45, 20, 20, 1, contract.Holds("").Verdict},
		{20, 20, 20, 19, 0, contract.Holds("").Verdict},
		{20, 20, 20, 20, 1, contract.Contrary},
		{20, 20, 20, 20, 0, contract.Contrary}, // the second user and 19 more: there are 21
		{2, 1, 2, 1, 0, contract.Contrary},
		{30, 20, 20, 20, 1, contract.New},
		{0, 0, 0, 0, 0, contract.Undecided},
	} {
		if got := judgeTotals(c.total, c.further, c.rows, c.rest, c.more); got.Verdict != c.want {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}
