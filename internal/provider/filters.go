package provider

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	lschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// filter is an attribute that narrows a list of users down.
type filter struct {
	name        string
	description string
	number      bool     // otherwise text
	values      []string // the only ones of a text; nil for any
}

// excludeIDs is the filter that every list has.
const (
	excludeIDs            = "exclude_ids"
	excludeIDsDescription = "IDs of users to leave out. With the IDs of all managed users, the list shows the " +
		"accounts that no block manages."
)

// commonFilters are those of every vendor that lists all its users with their email addresses and
// states.
var commonFilters = []filter{
	{name: "email_suffix", description: "Only users whose email address ends with this, such as `@example.com`. " +
		"Letter case does not matter, and a display name or a second address may stand beside it."},
	{
		name: "status", description: "Only users in this state: `active` or `suspended`.",
		values: []string{string(offboard.Active), string(offboard.Suspended)},
	},
}

// listFilters are the attributes of the list resource: the filters, and the vendor if it is declared.
func (k userKind) listFilters() map[string]lschema.Attribute {
	ids := lschema.ListAttribute{
		MarkdownDescription: excludeIDsDescription, ElementType: types.StringType, Optional: true,
	}
	vendor := lschema.StringAttribute{MarkdownDescription: vendorDescription, Required: true}
	return filterAttributes[lschema.Attribute](k, ids, vendor, func(f filter) lschema.Attribute {
		if f.number {
			return lschema.Int64Attribute{MarkdownDescription: f.description, Optional: true}
		}
		return lschema.StringAttribute{MarkdownDescription: f.description, Optional: true, Validators: f.validators()}
	})
}

// dataFilters are the same attributes for the data source.
func (k userKind) dataFilters() map[string]dschema.Attribute {
	ids := dschema.ListAttribute{
		MarkdownDescription: excludeIDsDescription, ElementType: types.StringType, Optional: true,
	}
	vendor := dschema.StringAttribute{MarkdownDescription: vendorDescription, Required: true}
	return filterAttributes[dschema.Attribute](k, ids, vendor, func(f filter) dschema.Attribute {
		if f.number {
			return dschema.Int64Attribute{MarkdownDescription: f.description, Optional: true}
		}
		return dschema.StringAttribute{MarkdownDescription: f.description, Optional: true, Validators: f.validators()}
	})
}

// filterAttributes are the attributes of all filters of a kind, in the type of one schema package.
func filterAttributes[A any](k userKind, ids, vendor A, of func(filter) A) map[string]A {
	attributes := map[string]A{excludeIDs: ids}
	if k.declared {
		attributes[vendorAttribute] = vendor
	}
	for _, f := range k.filters {
		attributes[f.name] = of(f)
	}
	return attributes
}

func (f filter) validators() []validator.String {
	if f.values == nil {
		return []validator.String{check("a filter", notBlank)}
	}
	return []validator.String{stringvalidator.OneOf(f.values...)}
}

// notBlank refuses what compares like nothing at all: a filter by it would pass every user.
func notBlank(s string) error {
	if offboard.Normal(s) == "" {
		return errors.New("it holds no visible character")
	}
	return nil
}

// chosen is what a configuration filters by.
type chosen struct {
	texts   map[string]string // by the name of the filter; missing when it is not set
	numbers map[string]*int64
	exclude map[string]bool // ids
	closed  bool            // also those whom the vendor shows as closed
}

func (k userKind) chosen(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) chosen {
	c := chosen{texts: map[string]string{}, numbers: map[string]*int64{}, exclude: map[string]bool{}}
	for _, f := range k.filters {
		if f.number {
			var number types.Int64
			diags.Append(config.GetAttribute(ctx, path.Root(f.name), &number)...)
			c.numbers[f.name] = number.ValueInt64Pointer()
			continue
		}
		var text types.String
		diags.Append(config.GetAttribute(ctx, path.Root(f.name), &text)...)
		c.texts[f.name] = text.ValueString()
	}
	var ids []string
	diags.Append(config.GetAttribute(ctx, path.Root(excludeIDs), &ids)...)
	for _, id := range ids {
		c.exclude[id] = true
	}
	return c
}

// matches reports whether a user passes the filters that are the same for all vendors. The vendor's
// own are compared where its list is read.
func (c chosen) matches(u offboard.User) bool {
	status := c.texts["status"]
	return !c.exclude[u.ID] && endsLike(u.Email, c.texts["email_suffix"]) && (status == "" || status == string(u.Status))
}

// endsLike reports whether one of the email addresses in what a vendor shows as one ends in a suffix, both
// in the form in which addresses are compared. A suffix without an at sign is the end of a domain, too.
func endsLike(shown, suffix string) bool {
	if suffix == "" {
		return true
	}
	asDomain := strings.TrimPrefix(offboard.Normal("@"+suffix), "@")
	return slices.ContainsFunc(append(offboard.AddressesIn(shown), shown), func(email string) bool {
		email = offboard.Normal(email)
		return strings.HasSuffix(email, offboard.Normal(suffix)) ||
			!strings.Contains(suffix, "@") && strings.HasSuffix(email, asDomain)
	})
}
