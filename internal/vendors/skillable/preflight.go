package skillable

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Preflight returns what a person should know before u is closed. It makes no request. With
// cancelRunning, the closure cancels the running labs first, but only those that are shown to be of
// u and of no other API consumer. Without it, running labs are an obstacle. Labs that are being
// saved or graded always are.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func Preflight(u User, cancelRunning bool) []offboard.Finding {
	var findings []offboard.Finding
	for _, lab := range u.Running {
		switch {
		case !cancelRunning:
			findings = append(findings, offboard.Finding{Kind: offboard.RunningLab, Subject: lab.String()})
		case lab.Busy:
		case !lab.Owned:
			findings = append(findings, offboard.Finding{Kind: offboard.ForeignLab, Subject: lab.String()})
		default:
			findings = append(findings, cancellation(lab))
		}
	}
	for _, lab := range slices.Concat(u.Running, u.Saved) {
		if lab.Busy {
			findings = append(findings, offboard.Finding{Kind: offboard.BusyLab, Subject: lab.String()})
		}
	}
	return append(findings, whoHasID(u)...)
}

// whoHasID returns what a person should know of who has the ID of u.
func whoHasID(u User) []offboard.Finding {
	others := slices.DeleteFunc(slices.Clone(u.Shown), u.Person().Is)
	switch {
	case !u.Person().Known() && len(u.Shown) > 0:
		return []offboard.Finding{{Kind: offboard.CheckSkipped, Subject: "who has the ID", Reason: "the labs show " +
			people(u.Shown) + ", and nothing says which of them the user is"}}
	case len(others) > 0:
		return []offboard.Finding{{Kind: offboard.OtherPeople, Subject: people(others)}}
	case u.Status == offboard.Unknown:
		return []offboard.Finding{{Kind: offboard.ExistenceUnprovable}}
	}
	return nil
}

// people returns the names of the first few.
func people(all []offboard.Person) string {
	var names []string
	for _, p := range all[:min(len(all), 3)] {
		names = append(names, strings.TrimSpace(p.Name+" "+p.Email))
	}
	if len(all) > len(names) {
		names = append(names, "others")
	}
	return strings.Join(names, ", ")
}

func cancellation(lab Lab) offboard.Finding {
	return offboard.Finding{Kind: offboard.CanceledLab, Subject: lab.String()}
}

// String returns the name and the ID, for people.
func (l Lab) String() string { return fmt.Sprintf("%q (%d)", l.Name, l.ID) }

// obstacles returns the labs that prevent the closure, and those that the reviewer did not see
// canceled.
func obstacles(u User, how CloseOptions) []offboard.Finding {
	var found []offboard.Finding
	for _, f := range Preflight(u, how.CancelRunning) {
		switch {
		case f.Kind == offboard.RunningLab, f.Kind == offboard.BusyLab, f.Kind == offboard.ForeignLab:
			found = append(found, f)
		case f.Kind == offboard.CanceledLab && !slices.Contains(how.Reviewed, f):
			found = append(found, offboard.Finding{Kind: offboard.RunningLab, Subject: f.Subject})
		}
	}
	return found
}
