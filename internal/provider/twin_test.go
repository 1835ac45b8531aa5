package provider

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A twin is a vendor that the provider knows, described by a definition of examples/vendors. It passes
// every test of the vendor itself.

// konstantlyTwin is Konstantly by its definition. Before the first use it is asked for its list, and
// for an ID that no user has.
var konstantlyTwin = twinOf(
	konstantlyCase, "offboard-no-such-user", `{"status":404,"message":"Not found"}`,
	[]string{"GET /users", "GET /users/{id}"},
)

// ecgridTwin is ECGrid by its definition. The user who owns the key is read in the check before the
// first use, also by the ID.
var ecgridTwin = twinOf(
	ecgridCase, "999999999999999999", `{"success":false,"errorCode":"ObjectNotFound"}`,
	[]string{"GET /users/me", "GET /users/{id}", "GET /users/{id}"},
)

// twinOf is the case of a vendor that a definition describes. unknown is its unknown_id, absent what
// the vendor answers to that, and setup are the requests of the check before the first use.
func twinOf(v vendorCase, unknown, absent string, setup []string) vendorCase {
	original := v
	v.twin, v.version1, v.setup = v.kind.name, false, setup
	d, problems := parseDefinition(v.twin+"_twin", definitionOf(v.twin))
	if d == nil {
		panic(problems)
	}
	values := types.MapNull(types.StringType)
	if v.twin == konstantlyKind.name {
		values = types.MapValueMust(types.StringType, map[string]attr.Value{"site": types.StringValue("acme")})
	}
	v.kind = kindDefined(d, types.ObjectValueMust(
		map[string]attr.Type{"settings": values.Type(context.Background())}, map[string]attr.Value{"settings": values},
	))
	v.asked = slices.Concat(setup, slices.DeleteFunc(slices.Clone(v.asked), func(route string) bool {
		return slices.Contains(setup, route) && route != "GET /users/{id}" && original.holder != ""
	}))
	v.lists.filters = slices.DeleteFunc(slices.Clone(v.lists.filters), func(f listFilter) bool {
		return slices.ContainsFunc(slices.Collect(maps.Keys(f.config)), func(name string) bool {
			return !slices.Contains([]string{"email_suffix", "status", "exclude_ids"}, name) // those of every vendor
		})
	})
	v.lists.limits = slices.Clone(v.lists.limits)
	for i := range v.lists.limits {
		v.lists.limits[i].requests += len(setup)
		if v.twin == konstantlyKind.name && v.lists.limits[i].found >= 100 {
			v.lists.limits[i].requests-- // no page is asked for one row early
		}
		if v.holder != "" {
			v.lists.limits[i].requests-- // the user who owns the key, whom the vendor's own list reads, too
		}
	}
	v.hall = func(h *manyUsers, r *http.Request) string {
		if strings.HasSuffix(r.URL.Path, unknown) {
			return absent
		}
		return original.hall(h, r)
	}
	return v
}

// builtIn reports whether the provider knows the vendor itself.
func (v vendorCase) builtIn() bool { return v.twin == "" }

// exceptOneTwin leaves a twin out of a test that takes long on a CLI. What both bring is the same
// there, and they have every request and every lie of a vendor in tests without a CLI. The one that
// stays is closed in two steps, and proven by an absence.
func (v vendorCase) exceptOneTwin() bool { return v.twin != ecgridKind.name }

// allAtOnce are all vendors, for one configuration. A twin has accounts of its own there, because no
// account may have two users.
func allAtOnce() []vendorCase {
	all := slices.Clone(vendorCases)
	for i, v := range all {
		if !v.builtIn() {
			all[i].id, all[i].other = v.numbered(1), v.numbered(2)
		}
	}
	return all
}

// twins are the cases of vendors that a definition describes.
func twins() []vendorCase { return []vendorCase{konstantlyTwin, ecgridTwin} }

// twinSettings is the setting vendors of a provider block, with all twins and other vendors.
func twinSettings(of func(v vendorCase) attributes, others ...vendorCase) attributes {
	all := attributes{}
	for _, v := range append(twins(), others...) {
		all[v.kind.name] = v.entry(of(v))
	}
	return all
}

// entry adds to the settings of a twin what its definition needs.
func (v vendorCase) entry(settings attributes) attributes {
	all := attributes{"definition": definitionOf(v.twin)}
	if v.twin == konstantlyKind.name {
		all["settings"] = attributes{"site": "acme"}
	}
	maps.Copy(all, settings)
	return all
}

// settings is a provider block with these settings of the vendor, nil for none, and others.
func (v vendorCase) settings(own, others attributes) attributes {
	block := attributes{}
	switch {
	case v.twin != "":
		block["vendors"] = attributes{v.kind.name: v.entry(own)}
	case own == nil:
		block[v.kind.name] = nil
	default:
		block[v.kind.name] = own
	}
	maps.Copy(block, others)
	return block
}

// configOf adds to a configuration what names a declared vendor.
func (k userKind) configOf(config attributes) attributes {
	if !k.declared {
		return config
	}
	return managed{vendor: k.name}.configOf(config)
}

// configOf adds to a configuration what names the declared vendor of the user, unless it does already.
func (m managed) configOf(config attributes) attributes {
	if m.vendor == "" {
		return config
	}
	all := attributes{vendorAttribute: m.vendor}
	maps.Copy(all, config)
	return all
}

// vendorName is the name of a declared vendor; empty for one that the provider knows itself.
func (v vendorCase) vendorName() string {
	if v.twin == "" {
		return ""
	}
	return v.kind.name
}

// unmanaged is a user of the vendor who is in no state.
func (v vendorCase) unmanaged() managed {
	return managed{typeName: v.kind.typeName(), vendor: v.vendorName()}
}

// mockName is the name of the vendor in the mock.
func (v vendorCase) mockName() string { return cmp.Or(v.twin, v.kind.name) }

// prefix is the path under which the mock stands in for the vendor.
func (v vendorCase) prefix() string { return mockPrefixes[v.mockName()] }

// definitionOf is the text of a definition of examples/vendors.
var definitionOf = memo(func(name string) string {
	source, err := os.ReadFile(filepath.Join("..", "..", "examples", "vendors", name+".vendor.hcl"))
	if err != nil {
		panic(err)
	}
	return string(source)
})
