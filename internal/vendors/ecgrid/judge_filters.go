package ecgrid

import (
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// listFilters are the filters of a list that a check tries, and with which value.
var listFilters = []struct{ parameter, label, value string }{
	{"mailboxId", askMailbox, noUser}, {"authLevel", askLevel, "Root"}, {"status", askStatus, "Terminated"},
}

// triedFilters returns which parameters a list ignores, which it obeys, and which were not tried. A
// filter is tried only if the list without it has a user whom it leaves out. One that was not tried
// comes with the reason.
func triedFilters(t *contract.Transcript) (ignored, obeyed, untried []string) {
	add := func(parameter, why string, ignores, tried bool) {
		switch {
		case ignores:
			ignored = append(ignored, parameter)
		case tried:
			obeyed = append(obeyed, parameter)
		default:
			untried = append(untried, parameter+" ("+why+")")
		}
	}
	first, second := t.Last(askList).Rows("data"), t.Last(askSecond).Rows("data")
	add("pageNo", "there is no second page", repeats(first, second), len(first) > 0 && len(second) > 0)
	for _, f := range listFilters {
		other := func(user any) bool {
			v, has := contract.At(user, f.parameter)
			return has && contract.Kind(v) != "a number" && !strings.EqualFold(contract.Text(v), f.value) ||
				has && f.parameter == "mailboxId" && contract.Text(v) != f.value
		}
		x := t.Last(f.label)
		add(
			f.parameter,
			"the list has no user that it would leave out",
			slices.ContainsFunc(x.Rows("data"), other),
			x.HasList("data") && slices.ContainsFunc(first, other),
		)
	}
	return ignored, obeyed, untried
}

func judgeFilters(t *contract.Transcript) contract.Judgment {
	ignored, obeyed, untried := triedFilters(t)
	switch names := strings.Join(ignored, ", "); {
	case len(ignored) > 0:
		return contract.IsContrary("Unread = "+names, "the list does not obey "+names)
	case len(obeyed) == 0:
		return contract.Open("not tried: the list has no user that a filter leaves out, and no second page")
	case len(untried) > 0:
		return contract.Open("obeyed: " + strings.Join(obeyed, ", ") + "; not tried: " + strings.Join(untried, ", "))
	}
	return contract.Holds("tried and obeyed: " + strings.Join(obeyed, ", "))
}
