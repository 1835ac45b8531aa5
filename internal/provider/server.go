package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns the server of a provider. The framework's server keeps the context of every
// call until Terraform stops the provider, and with it what the call read and logged. With 10,000
// users this was more than a gigabyte. So calls that come once for each user get a context that
// lets go of everything when the call has returned.
func NewServer(p provider.Provider) tfprotov6.ProviderServer {
	return &server{providerserver.NewProtocol6(p)().(frameworkServer)}
}

// frameworkServer has the methods of the framework's server. Which optional ones there are decides
// what Terraform can use.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

type server struct{ frameworkServer }

// ValidateResourceConfig implements tfprotov6.ProviderServer.
func (s *server) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return during(ctx, s.frameworkServer.ValidateResourceConfig, req)
}

// UpgradeResourceState implements tfprotov6.ProviderServer.
func (s *server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return during(ctx, s.frameworkServer.UpgradeResourceState, req)
}

// UpgradeResourceIdentity implements tfprotov6.ProviderServer.
func (s *server) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return during(ctx, s.frameworkServer.UpgradeResourceIdentity, req)
}

// ImportResourceState implements tfprotov6.ProviderServer.
func (s *server) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return during(ctx, s.frameworkServer.ImportResourceState, req)
}

// ReadResource implements tfprotov6.ProviderServer.
func (s *server) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return during(ctx, s.frameworkServer.ReadResource, req)
}

// PlanResourceChange implements tfprotov6.ProviderServer.
func (s *server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return during(ctx, s.frameworkServer.PlanResourceChange, req)
}

// ApplyResourceChange implements tfprotov6.ProviderServer.
func (s *server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return during(ctx, s.frameworkServer.ApplyResourceChange, req)
}

// during makes a call with a context that ends with it.
func during[Q, R any](ctx context.Context, call func(context.Context, Q) (R, error), req Q) (R, error) {
	ctx, end := newCallContext(ctx)
	defer end()
	return call(ctx, req)
}

// callContext is the context of a call until the call has returned. Then it is canceled and has no
// values.
type callContext struct {
	current atomic.Pointer[context.Context] // nil after the end
}

func newCallContext(ctx context.Context) (called context.Context, end func()) {
	c := &callContext{}
	c.current.Store(&ctx)
	return c, func() { c.current.Store(nil) }
}

// closed is what Done returns after the end.
var closed = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Deadline implements context.Context.
func (c *callContext) Deadline() (time.Time, bool) {
	if ctx := c.current.Load(); ctx != nil {
		return (*ctx).Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} {
	if ctx := c.current.Load(); ctx != nil {
		return (*ctx).Done()
	}
	return closed
}

// Err implements context.Context.
func (c *callContext) Err() error {
	if ctx := c.current.Load(); ctx != nil {
		return (*ctx).Err()
	}
	return context.Canceled
}

// Value implements context.Context.
func (c *callContext) Value(key any) any {
	if ctx := c.current.Load(); ctx != nil {
		return (*ctx).Value(key)
	}
	return nil
}
