package provider

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// cause says what a vendor or the way to it answered, and the next step. What keeps one request
// from leaving is what came of another one.
func cause(k userKind, err error) string {
	if setup, ok := errors.AsType[*declared.SetupError](err); ok {
		return beforeFirstUse(k, setup)
	}
	var fault *rest.Error
	intro := "The request and its answer: "
	if open, ok := errors.AsType[*rest.BreakerError](err); ok {
		err, intro = open.Err, "The request was not sent, because of another one and its answer: "
	}
	if _, ok := errors.AsType[*declared.NoRequestError](err); ok {
		intro = "The call was not sent, because of another request and its answer: "
	}
	if row, ok := errors.AsType[*rest.RowError](err); ok {
		// The rest of the list is the vendor's, so the address is right.
		return fmt.Sprintf("The reason: in the list of users of %s, %v. Have %s correct that user.", k.title, row, k.title)
	}
	if log, ok := errors.AsType[*closing.LogError](err); ok {
		return fmt.Sprintf("The reason: %v.", log)
	}
	switch {
	case errors.Is(err, offboard.ErrHidden):
		return fmt.Sprintf(
			"%[1]s does not show the account any more. The account was suspended before the call, which explains that, too. "+
				"Check at %[1]s whether the account is closed.",
			k.title,
		)
	case errors.As(err, &fault):
	case errors.Is(err, offboard.ErrUnclearPerson):
		return fmt.Sprintf("The reason: %v. Have %s correct that, or stop managing the account.", err, k.title)
	case errors.Is(err, context.DeadlineExceeded):
		return "The time was up. " + moreTime
	case errors.Is(err, context.Canceled):
		return "The run was interrupted."
	default:
		return fmt.Sprintf("The reason: %v.", err)
	}
	return intro + answerText(k, fault) + " " + nextStep(k, fault)
}

// moreTime is what to do if the time was up.
const moreTime = "Give the operation more time with timeouts. To replace an old timeout in the state, apply with " +
	"-refresh=false."

// answerText tells a request and its answer. What the vendor itself says is in quotes.
func answerText(k userKind, fault *rest.Error) string {
	said := fault.Code
	if fault.Message != "" {
		said = strings.TrimPrefix(said+": "+fault.Message, ": ")
	}
	bare := *fault
	bare.Code, bare.Message = "", ""
	text := strings.TrimRight(bare.Error(), ".") + "."
	if said == "" {
		return text
	}
	who := k.title
	if fault.Origin() != rest.Vendor {
		who = "The answer"
	}
	return fmt.Sprintf("%s %s says: %q.", text, who, said)
}

// nextStep names the setting or the person that can help.
func nextStep(k userKind, fault *rest.Error) string {
	return cmp.Or(accessStep(k, fault), timeStep(k, fault), answerStep(k, fault))
}

// keySetting is where the API key is set.
func keySetting(k userKind) string {
	return fmt.Sprintf("%s.api_key in the provider block, or %s", k.block(), k.variable("api_key"))
}

// baseURLSetting is where the address of the vendor is set.
func baseURLSetting(k userKind) string {
	return fmt.Sprintf("%s.base_url in the provider block, or %s", k.block(), k.variable("base_url"))
}

// accessStep is the next step after a request that did not get to the vendor, or whose key was
// refused; empty after any other.
func accessStep(k userKind, fault *rest.Error) string {
	var variable *rest.VariableError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(fault, &variable):
		return "Correct the environment variable " + variable.Variable + ", or unset it."
	case errors.As(fault, &certificate):
		return "If your network uses a certificate authority of its own, name its file in the environment variable " +
			"SSL_CERT_FILE."
	case fault.Origin() == rest.Proxy || fault.Origin() == rest.Network:
		return "The request did not reach " + k.title + ": check the proxy and the network, and the environment " +
			"variables HTTPS_PROXY and NO_PROXY."
	case fault.Origin() == rest.Gateway && fault.Status == http.StatusForbidden:
		return "A gateway before " + k.title + " refused the request, not its API: check " + baseURLSetting(k) +
			", and whether this machine may reach it."
	case fault.Status == http.StatusUnauthorized:
		return "The API key is wrong, expired or revoked: check " + keySetting(k) + "."
	case fault.Status == http.StatusForbidden:
		return "The API key may not do this. Give it the permission at " + k.title + ", or use another one: " +
			keySetting(k) + "."
	}
	return ""
}

// timeStep is the next step after a request that was interrupted or had no time left, or whose
// answer was too old; empty after any other.
func timeStep(k userKind, fault *rest.Error) string {
	var budget *rest.BudgetError
	var old *rest.AgeError
	switch {
	case errors.As(fault, &old):
		return "Try again when the cache no longer has the answer, or have it keep no answers of " + k.title + "."
	case errors.Is(fault, context.Canceled):
		return "The run was interrupted."
	case errors.Is(fault, context.DeadlineExceeded) && (!errors.As(fault, &budget) || budget.Wait <= 0):
		return "Check the network and " + baseURLSetting(k) + ". " + moreTime
	case fault.Status == http.StatusTooManyRequests || errors.As(fault, &budget):
		return "Wait for the vendor's rate limit, lower " + k.block() + ".requests_per_second, or give the operation more " +
			"time with timeouts."
	}
	return ""
}

// answerStep is the next step after any other answer.
func answerStep(k userKind, fault *rest.Error) string {
	var line *declared.EvaluationError
	switch {
	case errors.As(fault, &line):
		return "If this is an answer of " + k.title + ", correct that line of the definition. Otherwise check " +
			baseURLSetting(k) + "."
	case fault.Status == http.StatusNotFound, fault.Err != nil && fault.Status != 0:
		return "This does not look like an answer of " + k.title + "'s API: check " + baseURLSetting(k) +
			", and whether a proxy answers instead."
	case fault.Status >= 500:
		return k.title + " has a fault on its side. Try again later."
	case fault.Status == 0 && fault.Err != nil:
		return "Check the network and " + baseURLSetting(k) + ", then try again."
	case fault.Status < 300:
		return "If the answer is about the API key, check " + keySetting(k) + ". Otherwise clear the problem at " +
			k.title + "."
	default:
		return "Clear the problem at " + k.title + ", then try again."
	}
}
