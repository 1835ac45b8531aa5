package provider

import (
	"context"
	"net/http"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The guide about leavers says of Terraform that an after_destroy action runs even if a closing
// failed, and that none runs if the whole block is removed. Were that not so any more, its warning
// would be wrong.
func TestAfterDestroy_isNoProofOfAClosing(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := v.env(t)
	told := &messenger{}
	messenger := "provider \"messenger\" {}\naction \"messenger_tell\" \"hr\" {}\n"
	trigger := `
  lifecycle {
    action_trigger {
      events  = [after_destroy]
      actions = [action.messenger_tell.hr]
    }
  }`
	block := func(count string) string {
		return v.block(v.id, "  count = "+count+trigger)
	}
	imported := v.importsTo(v.address(v.id)+"[0]", v.id)
	providers := factories()
	providers["messenger"] = providerserver.NewProtocol6WithError(told)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{
			tfversion.SkipBelow(version.Must(version.NewVersion("1.16.0"))),
		},
		Steps: []resource.TestStep{
			{Config: w.provider("", messenger, imported, block("1"))},
			{
				PreConfig: func() {
					w.mock.Fail(mock.Fault{Route: v.closing, Status: http.StatusForbidden, Body: `{"message":"no"}`})
				},
				Config:      w.provider("", messenger, block("0")),
				ExpectError: regexp.MustCompile(`HTTP\s+403`),
			},
			{
				PreConfig: func() {
					w.mock.Heal()
					if n := told.times.Load(); n != 1 || !v.has(w.mock, v.id) {
						t.Errorf("the action ran %d times, account open %v, want once and an open account", n, v.has(w.mock, v.id))
					}
				},
				Config: w.provider("", "provider \"messenger\" {}\n"),
			},
		},
	})
	if n := told.times.Load(); n != 1 || v.has(w.mock, v.id) {
		t.Errorf("the action ran %d times, account open %v, want no second time and a closed account", n, v.has(w.mock, v.id))
	}
}

// messenger is a provider with one action, which counts how often it runs.
type messenger struct{ times atomic.Int64 }

var _ provider.ProviderWithActions = (*messenger)(nil)

func (m *messenger) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "messenger"
}

func (m *messenger) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (m *messenger) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (m *messenger) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (m *messenger) Resources(context.Context) []func() frameworkresource.Resource { return nil }

func (m *messenger) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return tell{m} }}
}

// tell is the action.
type tell struct{ *messenger }

func (tell) Schema(context.Context, action.SchemaRequest, *action.SchemaResponse) {}

func (tell) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "messenger_tell"
}

func (t tell) Invoke(context.Context, action.InvokeRequest, *action.InvokeResponse) { t.times.Add(1) }
