package provider

import (
	"context"
	"errors"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	fwlist "github.com/hashicorp/terraform-plugin-framework/list"
	lschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// userList lists the users of one vendor for `terraform query`.
type userList struct{ userResource }

// ListResourceConfigSchema implements list.ListResource.
func (l *userList) ListResourceConfigSchema(
	_ context.Context,
	_ fwlist.ListResourceSchemaRequest,
	resp *fwlist.ListResourceSchemaResponse,
) {
	resp.Schema = lschema.Schema{
		MarkdownDescription: "The users of " + l.kind.title + ", for import. " +
			"`terraform query -generate-config-out=FILE` writes a resource and an import block for each. " +
			"Without `limit`, Terraform stops at 100 users. A warning says if there may be more.",
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

// push pushes a result for each user who passes the filters. Each is held back until it is known
// whether another follows, because Terraform stops listening at the limit: the warnings that
// something is missing have to come with the last result.
func (l *userList) push(ctx context.Context, req fwlist.ListRequest, c chosen, push func(fwlist.ListResult) bool) {
	reading, stop := context.WithTimeout(ctx, readTimeout)
	defer stop()
	q := queryResults{push: push, limit: req.Limit}
	read, owner := 0, sync.OnceValue(func() ownership { return l.keyOwner(reading) })
	missing := gaps{kind: l.kind}
	for row, err := range l.vendor().list(reading, c) {
		passes := err == nil && missing.passes(row.user(), c) // once: it notes who cannot be used
		// At the limit an error is that of a page that is not asked for any more.
		if q.full() && (err != nil || passes) {
			q.held.Diagnostics.Append(listCut(l.kind, req.Limit))
			break
		}
		switch {
		case err == nil:
			read++
		case !missing.add(err):
			if q.release() {
				push(fwlist.ListResult{Diagnostics: diag.Diagnostics{cannotList(l.kind, err)}})
			}
			return
		}
		if !passes {
			continue
		}
		if !q.release() {
			return
		}
		q.held = l.result(ctx, req, row, owner)
		if q.found++; q.full() {
			stop()
		}
	}
	logRead(ctx, l.kind, read, int(q.found))
	q.held.Diagnostics.Append(missing.diagnostics(diag.SeverityWarning)...)
	q.end()
}

// keyOwner tells who holds the key. The mark is a help, and a list without it is as good.
func (l *userList) keyOwner(ctx context.Context) ownership {
	owner, err := keyOwnerOf(ctx, l.vendor())
	if err != nil {
		return noOwner
	}
	return owner
}

// queryResults are the results of a query. The last one is held back.
type queryResults struct {
	push  func(fwlist.ListResult) bool
	limit int64 // zero for none
	found int64
	held  fwlist.ListResult
}

// full reports whether the limit is reached.
func (q *queryResults) full() bool { return q.limit > 0 && q.found == q.limit }

// release pushes the result that is held back, if there is one. It reports whether Terraform takes
// further ones.
func (q *queryResults) release() bool { return q.found == 0 || q.push(q.held) }

// end pushes the last result, or the warnings if there is none.
func (q *queryResults) end() {
	if q.found > 0 || len(q.held.Diagnostics) > 0 {
		q.push(q.held)
	}
}

// result is what the list says of one user. The resource in it is that which an import and a read
// would put into the state. The function owner returns who holds the key.
func (l *userList) result(
	ctx context.Context, req fwlist.ListRequest, row snapshot, owner func() ownership,
) fwlist.ListResult {
	result := req.NewListResult(ctx)
	state := l.stateOf(row)
	user := state.common()
	result.DisplayName = row.user().Label()
	if owns, _ := owner()(row); owns {
		result.DisplayName += " (holds the API key)"
	}
	result.Diagnostics.Append(l.kind.setIdentity(
		ctx, result.Identity, userIdentity{ID: user.ID, Tenant: user.Tenant})...)
	if !req.IncludeResource {
		return result
	}
	result.Diagnostics.Append(result.Resource.Set(ctx, state)...)
	for name, value := range l.kind.defaults {
		result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root(name), value)...)
	}
	return result
}

// logRead writes to the log how long a list was.
func logRead(ctx context.Context, k userKind, read, found int) {
	tflog.Info(ctx, "read the list of users", map[string]any{"vendor": k.name, "users_read": read, "users_found": found})
}

// gaps are what a list could not show.
type gaps struct {
	kind    userKind
	rows    []string // the rows that cannot be read
	ids     []string // the users whose IDs cannot be used
	partial error    // why the list is not whole
}

// add notes an error, if it is one of a list that was read and lacks something.
func (g *gaps) add(err error) bool {
	var row *rest.RowError
	var partial *rest.PartialError
	switch {
	case errors.As(err, &row):
		g.rows = append(g.rows, offboard.Text(err.Error()))
	case errors.As(err, &partial):
		g.partial = partial
	default:
		return false
	}
	return true
}

// passes reports whether a listed user passes the filters and has an ID that can be used; one that
// cannot is noted.
func (g *gaps) passes(u offboard.User, c chosen) bool {
	if !c.matches(u) {
		return false
	}
	err := g.kind.usable(u.ID)
	if err != nil {
		g.ids = append(g.ids, idRefused(u, err))
	}
	return err == nil
}

// diagnostics tell what is missing. A user whose ID cannot be used is always a warning: no block
// could manage that account.
func (g *gaps) diagnostics(missing diag.Severity) (diags diag.Diagnostics) {
	if len(g.rows) > 0 {
		diags.Append(rowsNotRead(g.kind, missing, g.rows))
	}
	if g.partial != nil {
		diags.Append(listNotWhole(g.kind, missing, g.partial))
	}
	if len(g.ids) > 0 {
		diags.Append(idsNotUsable(g.kind, g.ids))
	}
	return diags
}
