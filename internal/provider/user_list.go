package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	fwlist "github.com/hashicorp/terraform-plugin-framework/list"
	lschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// userList lists the users of one vendor for `terraform query`.
type userList struct{ userResource }

// ListResourceConfigSchema implements list.ListResource.
func (l *userList) ListResourceConfigSchema(_ context.Context, _ fwlist.ListResourceSchemaRequest, resp *fwlist.ListResourceSchemaResponse) {
	resp.Schema = lschema.Schema{
		MarkdownDescription: "The users of " + l.kind.title + ", to be taken over: `terraform query -generate-config-out=FILE` writes a resource and an import block for " +
			"each. Terraform stops at 100 users unless `limit` says otherwise; a warning tells when there may be more.",
		Attributes: l.kind.listFilters(),
	}
}

// List implements list.ListResource. It reads no further than the limit.
func (l *userList) List(ctx context.Context, req fwlist.ListRequest, stream *fwlist.ListResultsStream) {
	var diags diag.Diagnostics
	c := l.kind.chosen(ctx, req.Config, &diags)
	if diags.HasError() || !l.reachable(&diags) {
		stream.Results = fwlist.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(fwlist.ListResult) bool) { l.push(ctx, req, c, push) }
}

// push pushes a result for each user who passes the filters. Each is held back until it is known whether another follows, because Terraform stops
// listening at the limit: the warning that the list was cut short has to come with the last result.
func (l *userList) push(ctx context.Context, req fwlist.ListRequest, c chosen, push func(fwlist.ListResult) bool) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var held []fwlist.ListResult // none or one
	read, found, cut := 0, int64(0), false
	for state, err := range l.kind.list(reading, l.clients, c) {
		full := req.Limit > 0 && found == req.Limit
		if err != nil && full {
			cut = true // the next page, which is not asked for any more
			break
		}
		if err != nil {
			push(fwlist.ListResult{Diagnostics: diag.Diagnostics{cannotList(l.kind, err)}})
			return
		}
		read++
		if !c.fits(state.common().user()) {
			continue
		}
		if full {
			cut = true
			break
		}
		for _, result := range held {
			if !push(result) {
				return
			}
		}
		held = []fwlist.ListResult{l.result(ctx, req, state)}
		if found++; found == req.Limit {
			stop()
		}
	}
	saidRead(ctx, l.kind, read, int(found))
	for _, result := range held {
		if cut {
			result.Diagnostics.Append(listCut(l.kind, req.Limit))
		}
		push(result)
	}
}

// result is what the list says of one user. The resource in it is that which an import and a read would put into the state.
func (l *userList) result(ctx context.Context, req fwlist.ListRequest, state userState) fwlist.ListResult {
	result := req.NewListResult(ctx)
	user := state.common()
	result.DisplayName = displayName(user.user())
	user.Tenant = types.StringValue(l.kind.tenant(l.clients))
	result.Diagnostics.Append(result.Identity.Set(ctx, userIdentity{ID: user.ID, Tenant: user.Tenant})...)
	if !req.IncludeResource {
		return result
	}
	result.Diagnostics.Append(result.Resource.Set(ctx, state)...)
	for name, value := range l.kind.defaults {
		result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root(name), value)...)
	}
	return result
}

// saidRead tells in the log how long a list was.
func saidRead(ctx context.Context, k userKind, read, found int) {
	tflog.Info(ctx, "read the list of users", map[string]any{"vendor": k.name, "users_read": read, "users_found": found})
}

// states are listed accounts as states; show makes the state of an account and fills the vendor's own attributes.
func states[U any](accounts iter.Seq2[U, error], show func(U) (userState, offboard.User)) iter.Seq2[userState, error] {
	return func(yield func(userState, error) bool) {
		for account, err := range accounts {
			if err != nil {
				yield(nil, err)
				return
			}
			state, user := show(account)
			m := state.common()
			m.ID, m.Timeouts = types.StringValue(user.ID), noTimeouts()
			m.setFrom(userKind{}, user)
			if !yield(state, nil) {
				return
			}
		}
	}
}

// common is that part of found accounts which all vendors have.
func common[U any](found []U, of func(U) offboard.User) []offboard.User {
	var users []offboard.User
	for _, u := range found {
		users = append(users, of(u))
	}
	return users
}
