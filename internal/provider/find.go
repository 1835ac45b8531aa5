package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// reachable tells whether the vendor can be asked about its users; the diagnostics say why not.
func (r *userResource) reachable(diags *diag.Diagnostics) bool {
	if problem := r.clients.problems[r.kind.name]; problem != nil {
		diags.Append(listNotConfigured(r.kind, *problem))
		return false
	}
	return true
}

// resolve finds the id for what an import was given. That is the id itself, unless an e-mail address may be given, it is one, and the vendor knows no such id: then the one
// user with that address is meant. Whether any other id exists is left to the read that follows.
func (r *userResource) resolve(ctx context.Context, given string, orEmail bool) (string, diag.Diagnostic) {
	notAnID := r.kind.checkID(given)
	if !orEmail || r.kind.findByEmail == nil || !likeEmail(given) {
		if notAnID != nil {
			return "", unusableID(r.kind, given, notAnID)
		}
		return given, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if notAnID == nil {
		state := r.kind.newState()
		state.common().ID = types.StringValue(given)
		_, err := state.read(ctx, r.clients)
		switch {
		case err == nil:
			return given, nil
		case !errors.Is(err, offboard.ErrNotFound):
			return "", r.cannotRead(offboard.User{ID: given}, err)
		}
	}
	id, problem := r.find(ctx, given)
	if problem == nil && id == "" {
		problem = noSuchUserOrEmail(r.kind, given, r.kind.tenant(r.clients))
	}
	return id, problem
}

// find returns the id of the one user with an e-mail address; empty when there is none.
func (r *userResource) find(ctx context.Context, email string) (string, diag.Diagnostic) {
	found, err := r.kind.findByEmail(ctx, r.clients, email)
	switch {
	case err != nil:
		return "", cannotFind(r.kind, email, err)
	case len(found) > 1:
		return "", severalWithEmail(r.kind, email, found)
	case len(found) == 0:
		return "", nil
	}
	return found[0].ID, nil
}

// likeEmail tells whether a text can be meant as an e-mail address.
func likeEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s, " \t") && rest.CheckSegment(s) == nil
}
