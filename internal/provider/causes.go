package provider

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// cause says what a vendor or the way to it answered, and the next step. What keeps one request from leaving is what came of another one.
func cause(k userKind, err error) string {
	var fault *rest.Error
	var open *rest.BreakerError
	intro := "The request and its answer: "
	if errors.As(err, &open) {
		err, intro = open.Err, "The request was not sent, because of another one and its answer: "
	}
	var row *rest.RowError
	if errors.As(err, &row) { // the rest of the list is the vendor's, so that the address is right
		return fmt.Sprintf("The reason: in the list of users of %s, %v. Have %s correct that user.", k.title, row, k.title)
	}
	if !errors.As(err, &fault) {
		return fmt.Sprintf("The reason: %v.", err)
	}
	said := intro + strings.TrimRight(fault.Error(), ".") + "."
	return said + " " + nextStep(k, fault)
}

// nextStep names the setting or the person that can help.
func nextStep(k userKind, fault *rest.Error) string {
	var budget *rest.BudgetError
	key := fmt.Sprintf("%s.api_key in the provider block, or %s", k.name, k.variable("api_key"))
	base := fmt.Sprintf("%s.base_url in the provider block, or %s", k.name, k.variable("base_url"))
	var variable *rest.VariableError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(fault, &variable):
		return "Correct the environment variable " + variable.Variable + ", or unset it."
	case errors.As(fault, &certificate):
		return "If your network uses a certificate authority of its own, name its file in the environment variable SSL_CERT_FILE."
	case fault.Origin() == rest.Proxy || fault.Origin() == rest.Network:
		return "The request did not reach " + k.title + ": check the proxy and the network, and the environment variables HTTPS_PROXY and NO_PROXY."
	case fault.Origin() == rest.Gateway && fault.Status == http.StatusForbidden:
		return "What stands before " + k.title + " refused, not its API: check " + base + ", and whether this address may reach it."
	case fault.Status == http.StatusUnauthorized:
		return "The key is wrong, expired or revoked: check " + key + "."
	case fault.Status == http.StatusForbidden:
		return "The key may not do this: give it the permission at " + k.title + ", or use another one in " + key + "."
	case errors.Is(fault, context.Canceled):
		return "The run was interrupted."
	case errors.Is(fault, context.DeadlineExceeded) && (!errors.As(fault, &budget) || budget.Wait <= 0):
		return "Check the network and " + base + ", or give the operation more time by timeouts. An old timeout in the state gives way to a new one by an apply with -refresh=false."
	case fault.Status == http.StatusTooManyRequests || errors.As(fault, &budget):
		return "Wait for the vendor's rate limit, lower " + k.name + ".requests_per_second, or give the operation more time by timeouts."
	case fault.Status == http.StatusNotFound, fault.Err != nil && fault.Status != 0:
		return "This does not look like an answer of " + k.title + "'s API: check " + base + ", and whether a proxy answers instead."
	case fault.Status >= 500:
		return k.title + " has a fault on its side: try again later."
	case fault.Status == 0 && fault.Err != nil:
		return "Check the network and " + base + ", then try again."
	case fault.Status < 300:
		return "If it speaks of the key, check " + key + "; otherwise clear at " + k.title + " what it objects to."
	default:
		return "Clear at " + k.title + " what it objects to, then try again."
	}
}

// grade says how much a finding weighs.
type grade int

const (
	note     grade = iota // good to know
	risky                 // may stand in the way: the vendor decides
	blocking              // stands in the way, and a person can clear it
	grave                 // no run can fix it
)

// gradeOf weighs a kind of finding. One that this version does not know may stand in the way.
func gradeOf(kind offboard.Kind) grade {
	switch kind {
	case offboard.OwnUser:
		return grave
	case offboard.Balance, offboard.RunningLab, offboard.BusyLab, offboard.ForeignLab:
		return blocking
	case offboard.CanceledLab, offboard.RefusalNotKnowable, offboard.NothingThere, offboard.CheckNotPermitted, offboard.CheckSkipped,
		offboard.ExistenceUnprovable, offboard.FileTransfers:
		return note
	default:
		return risky
	}
}

// stopped tells whether a closing is refused as things are.
func stopped(findings []offboard.Finding) bool {
	return slices.ContainsFunc(findings, func(f offboard.Finding) bool { return gradeOf(f.Kind) == blocking })
}

// sentence words a finding.
func sentence(k userKind, f offboard.Finding) string {
	switch f.Kind {
	case offboard.OwnUser:
		return fmt.Sprintf("it is the user %q to whom the provider's own key belongs; closing it would kill the key. Use the key of another user", f.Subject)
	case offboard.Balance:
		return "it holds " + f.Subject
	case offboard.OpenOrder:
		return "it has an open order: " + f.Subject
	case offboard.PendingTransaction:
		return "it has a pending transaction: " + f.Subject
	case offboard.AttachedClient:
		return fmt.Sprintf("it is the advisor of the client %q", f.Subject)
	case offboard.RunningLab:
		return "the lab " + f.Subject + " is running"
	case offboard.CanceledLab:
		return "the running lab " + f.Subject + " is cancelled first"
	case offboard.ForeignLab:
		return "nothing shows that the running lab " + f.Subject + " belongs to this user, so it is not canceled"
	case offboard.BusyLab:
		return "the lab " + f.Subject + " is being saved or graded"
	case offboard.RefusalNotKnowable:
		return k.title + " may refuse to block a user who is the expert of a course, and cannot be asked beforehand"
	case offboard.FileTransfers:
		return "file transfers may run with this sign-in, and " + k.title + " cannot be asked for them"
	case offboard.CheckNotPermitted:
		return fmt.Sprintf("the key may not look at %s, so that was not checked", f.Subject)
	case offboard.CheckSkipped:
		return fmt.Sprintf("the check of %s was skipped: %s", f.Subject, cmp.Or(f.Reason, "the rate limit of "+k.title+" left no time for it"))
	case offboard.ExistenceUnprovable:
		return k.title + " shows no trace of this id, so nothing but its letters says who is closed"
	default:
		return strings.TrimSpace(string(f.Kind) + " " + f.Subject)
	}
}

// remedies say how a person clears what stands in the way.
func remedies(findings []offboard.Finding) string {
	var steps []string
	seen := map[string]bool{}
	for _, f := range findings {
		if step := remedy(f.Kind); step != "" && !seen[step] {
			seen[step] = true
			steps = append(steps, step)
		}
	}
	return strings.Join(steps, " ")
}

func remedy(kind offboard.Kind) string {
	switch kind {
	case offboard.Balance:
		return "Have every currency withdrawn or transferred down to exactly zero; the user confirms that by the code they are mailed."
	case offboard.OpenOrder, offboard.PendingTransaction:
		return "Cancel the order, or wait until it and every transaction are done."
	case offboard.AttachedClient:
		return "Move the clients to another advisor, or close them first."
	case offboard.RunningLab:
		return "Have the lab ended, or set cancel_running_labs = true and apply that before the user is removed."
	case offboard.ForeignLab:
		return "Wait until the lab has ended, or have its owner end it."
	case offboard.BusyLab:
		return "Wait until the lab is saved or graded."
	default:
		return ""
	}
}
