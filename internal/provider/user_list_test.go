package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// forEachList runs a test for every vendor that lists its users.
func forEachList(t *testing.T, f func(t *testing.T, v vendorCase, w *testEnv)) {
	forEachWhere(t, vendorCase.hasList, f)
}

// listCases are what is tested of the list of a vendor.
type listCases struct {
	add     func(s *mock.Server) // adds the users for the filters
	filters []listFilter
	limits  []listLimit
}

// listFilter is a configuration of a list, and the IDs that it shows.
type listFilter struct {
	name   string
	config attributes
	want   []string
}

// listLimit is a limit of a list of 120 invented users.
type listLimit struct {
	name     string
	limit    int64
	found    int
	requests int
	cut      bool
}

// listed is one result of a list.
type listed struct {
	name, id string
	resource *tfprotov6.DynamicValue
}

// list asks for the users of a kind, as `terraform query` does: it stops listening at the limit.
func (d *driver) list(k userKind, limit int64, config attributes) ([]listed, diagnostics) {
	d.t.Helper()
	schema := d.schema.ListResourceSchemas[k.typeName()]
	server, ok := d.server.(interface {
		ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error)
	})
	if !ok {
		d.t.Fatal("the provider lists nothing")
	}
	stream, err := server.ListResource(d.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName:        k.typeName(),
		Config:          d.dynamic(object(schema.ValueType(), k.configOf(config))),
		IncludeResource: true,
		Limit:           limit,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	var all []listed
	var diags diagnostics
	for result := range stream.Results {
		diags = append(diags, result.Diagnostics...)
		if result.Identity == nil || result.Identity.IdentityData == nil {
			continue
		}
		identity, err := result.Identity.IdentityData.Unmarshal(k.identitySchema().Type().TerraformType(d.t.Context()))
		if err != nil {
			d.t.Fatal(err)
		}
		if result.Resource != nil {
			d.shown = append(d.shown, result.DisplayName, string(result.Resource.MsgPack))
		}
		all = append(all, listed{result.DisplayName, managed{state: identity}.text("id"), result.Resource})
		if limit > 0 && int64(len(all)) == limit {
			break
		}
	}
	return all, diags
}

func ids(results []listed) []string {
	var all []string
	for _, r := range results {
		all = append(all, r.id)
	}
	return all
}

// A list shows which account must not be managed with this key.
func TestList_marksWhoHoldsTheKey(t *testing.T) {
	t.Parallel()
	forEachWhere(t, func(v vendorCase) bool { return v.hasList() && v.hasOwnUser() }, func(
		t *testing.T, v vendorCase, w *testEnv,
	) {
		found, diags := newDriver(t, w, nil).list(v.kind, 0, nil)
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		for _, one := range found {
			if got := strings.HasSuffix(one.name, " (holds the API key)"); got != (one.id == v.holder) {
				t.Errorf("got the name %q of %s, want the mark at %s alone", one.name, one.id, v.holder)
			}
		}
		if !slices.Contains(ids(found), v.holder) {
			t.Errorf("got the IDs %q, want %s among them", ids(found), v.holder)
		}
	})
}

func TestList_findsWhomNobodyManages(t *testing.T) {
	t.Parallel()
	if cliUnderTest(t).isTofu() { // whatever version it calls itself, it has no query
		return
	}
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		all := v.query(
			"unmanaged", "  include_resource = true",
			fmt.Sprintf("    email_suffix = \"@ACME.test\"\n    exclude_ids = [%s.id]", v.address(v.id)),
		)
		address := v.kind.typeName() + ".unmanaged"
		identity := func(id string) map[string]knownvalue.Check {
			all := map[string]knownvalue.Check{}
			for name, value := range v.identified(w, id) {
				all[name] = knownvalue.StringExact(value.(string))
			}
			return all
		}
		otto := queryfilter.ByResourceIdentity(identity(v.other))
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: factories(),
			TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
			Steps: []resource.TestStep{
				{Config: w.provider("", v.imports(v.id), v.block(v.id, ""))},
				{Query: true, Config: all, QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectIdentity(address, identity(v.other)),
					querycheck.ExpectNoIdentity(address, identity(v.id)),
					querycheck.ExpectResourceDisplayName(address, otto, knownvalue.StringExact(ottoName+" <"+ottoEmail+">")),
					querycheck.ExpectResourceKnownValues(address, otto, []querycheck.KnownValueCheck{
						{Path: tfjsonpath.New("name"), KnownValue: knownvalue.StringExact(ottoName)},
						{Path: tfjsonpath.New("email"), KnownValue: knownvalue.StringExact(ottoEmail)},
						{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("active")},
						{Path: tfjsonpath.New("timeouts"), KnownValue: knownvalue.Null()},
					}),
				}},
			},
		})
	})
}

// What the query writes applies as it stands, and nothing is left to do.
func TestList_writesConfigurationThatAppliesUnchanged(t *testing.T) {
	t.Parallel()
	if cliUnderTest(t).isTofu() {
		return
	}
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.needs(listMinor)
		w.mock.Invent(40)
		c.write("all.tfquery.hcl", v.query("all", "  limit = 1000", ""))
		c.run("query", "-generate-config-out=users.tf").want(0)
		c.run("apply", "-auto-approve").want(0)
		c.run("plan", "-detailed-exitcode").want(0)
		managed := strings.Fields(c.run("state", "list").want(0).raw)
		all, _ := newDriver(t, w, nil).list(v.kind, 0, nil)
		if len(managed) != len(all) || len(managed) < 40 {
			t.Errorf("got %d managed users of %d listed, want all, at least 40", len(managed), len(all))
		}
		if changes := w.changes(); len(changes) > 0 {
			t.Errorf("got the changes %v at the vendor, want none", changes)
		}
	})
}

// A listed resource is what an import and a read would have put into the state.
func TestList_showsWhatAnImportWould(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		w.mock.Invent(30)
		d := newDriver(t, w, nil)
		all, diags := d.list(v.kind, 0, nil)
		if diags != nil || len(all) < 30 {
			t.Fatalf("got %d users, %s, want all", len(all), diags.errors()+diags.warnings())
		}
		for _, one := range all {
			imported := newDriver(t, w, nil).mustImport(v.kind, one.id)
			if got := d.value(v.kind.typeName(), one.resource); !got.Equal(imported.state) {
				t.Errorf("%s: got %s, want %s", one.id, got, imported.state)
			}
		}
	})
}

func TestList_filters(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		w := newTestEnv(t)
		v.lists.add(w.mock)
		for _, c := range v.lists.filters {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				d := newDriver(t, w, nil)
				all, diags := d.list(v.kind, 0, c.config)
				if !slices.Equal(ids(all), c.want) || diags != nil {
					t.Errorf("list: got %v, %s, want %v", ids(all), diags.errors(), c.want)
				}
				data, diags := d.data(v.kind.typeName()+"s", v.kind.configOf(c.config))
				if got := data.texts("ids"); !slices.Equal(got, c.want) || diags != nil {
					t.Errorf("data source: got %v, %s, want %v", got, diags.errors(), c.want)
				}
			})
		}
	})
}

// A limit stops the reading, and says so if it may have cut something off.
func TestList_stopsAtTheLimit(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for _, c := range v.lists.limits {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				w := newTestEnv(t)
				w.mock.Invent(120)
				all, diags := newDriver(t, w, nil).list(v.kind, c.limit, nil)
				if got := len(w.mock.Requests()); len(all) != c.found || got != c.requests {
					t.Errorf("got %d users from %d requests, want %d from %d", len(all), got, c.found, c.requests)
				}
				want := fmt.Sprintf("stops at its limit of %d", c.limit)
				if strings.Contains(diags.warnings(), want) != c.cut || diags.errors() != "" {
					t.Errorf("got warnings %q and errors %q, want a warning %v and no error", diags.warnings(), diags.errors(), c.cut)
				}
			})
		}
	})
}

func TestList_saysWhyItCannotBeRead(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		unconfigured := newDriver(t, w, v.settings(nil, nil))
		if all, diags := unconfigured.list(v.kind, 0, nil); !strings.Contains(diags.errors(), v.kind.variable("api_key")) ||
			len(all) > 0 {
			t.Errorf("unconfigured: got %v, %q, want the setting that is missing", ids(all), diags.errors())
		}
		_, diags := unconfigured.data(v.kind.typeName()+"s", v.kind.configOf(nil))
		if !strings.Contains(diags.errors(), v.kind.variable("api_key")) {
			t.Errorf("unconfigured data source: got %q, want the setting that is missing", diags.errors())
		}
		w.mock.Invent(60)
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), After: 1, Status: 403})
		d := newDriver(t, w, nil)
		if v.pages(60) == 1 {
			d.list(v.kind, 0, nil)
		}
		if _, diags := d.list(v.kind, 0, nil); !strings.Contains(diags.errors(), "Cannot list the users of "+v.kind.title) {
			t.Errorf("a list that breaks off: got %q, want an error", diags.errors())
		}
		data, diags := d.data(v.kind.typeName()+"s", v.kind.configOf(nil))
		if !strings.Contains(diags.errors(), "Cannot list the users of "+v.kind.title) || data.texts("ids") != nil {
			t.Errorf("a data source that breaks off: got %q, want an error and nobody", diags.errors())
		}
	})
}
