package offboard_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestWrapStep(t *testing.T) {
	t.Parallel()
	if err := offboard.WrapStep("delete", nil, "block"); err != nil {
		t.Errorf("got %v for a step without an error, want nil", err)
	}
	if err := offboard.WrapStepBefore("block", nil); err != nil {
		t.Errorf("got %v for an earlier step without an error, want nil", err)
	}
	for before, err := range map[bool]error{
		false: offboard.WrapStep("delete", errRefused, "block"), true: offboard.WrapStepBefore("delete", errRefused, "block"),
	} {
		var step *offboard.StepError
		if !errors.As(err, &step) || step.Step != "delete" || !slices.Equal(step.Done, []string{"block"}) ||
			step.Before != before ||
			!errors.Is(err, errRefused) {
			t.Errorf(
				"got %#v, want a StepError of delete with block done and its cause, before the closing call %t", err, before,
			)
		}
		if got, want := err.Error(), "delete: HTTP 422: not now"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRefusedError(t *testing.T) {
	t.Parallel()
	err := &offboard.RefusedError{Findings: []offboard.Finding{
		{Kind: offboard.Balance, Subject: "0.015 btc"}, {Kind: offboard.Balance, Subject: "3 usd"},
	}}
	if got, want := err.Error(), "refused before any closing call: balance 0.015 btc; balance 3 usd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAmbiguous(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"no error":             {nil, false},
		"an ordinary one":      {errRefused, false},
		"one that says so":     {errLost, true},
		"one that is wrapped":  {fmt.Errorf("block: %w", errLost), true},
		"one that says it not": {fmt.Errorf("%w", sure{errRefused}), false},
		"a declined call":      {fmt.Errorf("delete: %w", errDeclined), false}, // with any HTTP status of the answer
	} {
		if got := offboard.Ambiguous(c.err); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

type sure struct{ error }

func (sure) Ambiguous() bool { return false }

type lasting struct{ error }

func (lasting) Transient() bool { return false }

func TestTransient(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"no error":             {nil, false},
		"an ordinary one":      {errBadKey, false},
		"one that says so":     {errBusy, true},
		"one that is wrapped":  {fmt.Errorf("list: %w", errBusy), true},
		"one that says it not": {fmt.Errorf("%w", lasting{errBadKey}), false},
	} {
		if got := offboard.Transient(c.err); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
