package provider

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

type contextKey struct{}

// A context holds what a call read and logged, so none may be kept.
func TestServer_keepsNoContextOfACall(t *testing.T) {
	t.Parallel()
	s := NewServer(New("test")()).(*server)
	calls := map[string]func(ctx context.Context) error{
		"ValidateResourceConfig": func(ctx context.Context) error {
			_, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{})
			return err
		},
		"UpgradeResourceState": func(ctx context.Context) error {
			_, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{})
			return err
		},
		"UpgradeResourceIdentity": func(ctx context.Context) error {
			_, err := s.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{})
			return err
		},
		"ImportResourceState": func(ctx context.Context) error {
			_, err := s.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{})
			return err
		},
		"ReadResource": func(ctx context.Context) error {
			_, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{})
			return err
		},
		"PlanResourceChange": func(ctx context.Context) error {
			_, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{})
			return err
		},
		"ApplyResourceChange": func(ctx context.Context) error {
			_, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{})
			return err
		},
	}
	for name, call := range calls {
		seen, err := callWithAValue(t.Context(), call)
		if err != nil {
			t.Errorf("%s: got the error %v, want diagnostics at the most", name, err)
		}
		runtime.GC()
		if seen.Value() != nil {
			t.Errorf("%s: got a value of its context after the call, want none kept", name)
		}
	}
	runtime.KeepAlive(s)
}

// callWithAValue makes a call whose context has a value, which nothing else holds.
func callWithAValue(ctx context.Context, call func(context.Context) error) (weak.Pointer[[1 << 10]byte], error) {
	value := new([1 << 10]byte)
	ctx, cancel := context.WithCancel(context.WithValue(ctx, contextKey{}, value))
	defer cancel()
	return weak.Make(value), call(ctx)
}

func TestServer_handsTheContextOn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "a value"))
	defer cancel()
	var after context.Context
	_, err := during(ctx, func(ctx context.Context, _ int) (int, error) {
		after = ctx
		derived, stop := context.WithCancel(ctx)
		defer stop()
		if got := derived.Value(contextKey{}); got != "a value" || derived.Err() != nil {
			t.Errorf("got %v and %v during the call, want the value and no error", got, derived.Err())
		}
		cancel()
		return 0, derived.Err()
	}, 0)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that of a canceled context", err)
	}
	if got := after.Value(contextKey{}); got != nil || after.Err() == nil {
		t.Errorf("got %v and %v after the call, want no value and an error", got, after.Err())
	}
}

func TestServer_hasTheMethodsOfTheFramework(t *testing.T) {
	t.Parallel()
	methods := func(s tfprotov6.ProviderServer) (names []string) {
		for m := range reflect.TypeOf(s).Methods() {
			names = append(names, m.Name)
		}
		return names
	}
	got, want := methods(NewServer(New("test")())), methods(providerserver.NewProtocol6(New("test")())())
	if !slices.Equal(got, want) {
		t.Errorf("got the methods %q, want %q", got, want)
	}
}
