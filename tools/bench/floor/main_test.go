package main

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	offboard "github.com/offboard/terraform-provider-offboard/internal/provider"
)

func TestIdle_hasTheSchemaOfTheProvider(t *testing.T) {
	t.Parallel()
	described := func(p provider.Provider) *tfprotov6.GetProviderSchemaResponse {
		s, err := providerserver.NewProtocol6(p)().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if got, want := described(newIdle()), described(offboard.New("test")()); !reflect.DeepEqual(got, want) {
		t.Errorf("got another schema than the provider's:\n%+v\nwant\n%+v", got, want)
	}
}

func TestIdle_importsAndPlans(t *testing.T) {
	t.Parallel()
	for _, build := range newIdle().Resources(t.Context()) {
		r := build()
		if _, ok := r.(resource.ResourceWithImportState); !ok {
			t.Errorf("got no import for %T", r)
		}
		if _, ok := r.(resource.ResourceWithModifyPlan); !ok {
			t.Errorf("got no plan for %T", r)
		}
	}
}

func TestFill_setsWhatIsComputedAndNotSet(t *testing.T) {
	t.Parallel()
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"id": tftypes.String, "email": tftypes.String, "person": tftypes.String, "count": tftypes.Number,
	}}
	value := func(id, email, person, count any) tftypes.Value {
		return tftypes.NewValue(object, map[string]tftypes.Value{
			"id": tftypes.NewValue(tftypes.String, id), "email": tftypes.NewValue(tftypes.String, email),
			"person": tftypes.NewValue(tftypes.String, person), "count": tftypes.NewValue(tftypes.Number, count),
		})
	}
	state := tfsdk.State{
		Raw: value("7", nil, nil, nil),
		Schema: schema.Schema{Attributes: map[string]schema.Attribute{
			"id":     schema.StringAttribute{Required: true},
			"email":  schema.StringAttribute{Optional: true, Computed: true},
			"person": schema.StringAttribute{Optional: true},
			"count":  schema.NumberAttribute{Computed: true},
		}},
	}
	if err := fill(&state, "u7@acme.test"); err != nil {
		t.Fatal(err)
	}
	if want := value("7", "u7@acme.test", nil, 12); !state.Raw.Equal(want) {
		t.Errorf("got %s, want %s", state.Raw, want)
	}
}
