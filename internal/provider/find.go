package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// reachable reports whether the vendor can be asked about its users; the diagnostics say why not.
func (r *userResource) reachable(diags *diag.Diagnostics) bool {
	if problem := r.clients.problems[r.kind.name]; problem != nil {
		diags.Append(listNotConfigured(r.kind, *problem))
		return false
	}
	return true
}

// resolve finds the ID that an import means. That is what it was given, unless an email address may
// be given, it is one, and the vendor knows no such ID: then it is the ID of the one user with that
// address. Whether any other ID exists is left to the read that follows.
func (r *userResource) resolve(ctx context.Context, given string, orEmail bool) (string, diag.Diagnostic) {
	notAnID := r.kind.usable(given)
	if !orEmail || !r.kind.findsByEmail || !likeEmail(given) {
		if notAnID != nil {
			return "", unusableID(r.kind, given, notAnID)
		}
		return given, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var byID offboard.User
	if notAnID == nil {
		live, err := r.vendor().read(ctx, given)
		switch {
		case err == nil && offboard.Same(live.user().Email, given):
			return given, nil
		case err == nil:
			byID = live.user()
		case !errors.Is(err, offboard.ErrNotFound):
			return "", cannotRead(r.kind, offboard.User{ID: given}, err) // an import must end with an error
		}
	}
	return r.resolveEmail(ctx, given, byID)
}

// resolveEmail finds the ID of the one user with an email address. byID is the user whose ID it is,
// if there is one.
func (r *userResource) resolveEmail(
	ctx context.Context, email string, byID offboard.User,
) (string, diag.Diagnostic) {
	f, problem := r.find(ctx, email)
	switch {
	case problem != nil:
		return "", problem
	case byID.ID != "" && f.state == nil && rest.IsOnlyOf(f.gaps, byID.ID):
		return email, nil // it means no other account
	case byID.ID != "":
		return "", idAndEmail(r.kind, email, byID, f.live)
	case f.gaps != nil:
		return "", searchNotWhole(r.kind, email, f.gaps)
	case f.state == nil:
		return "", noSuchUserOrEmail(r.kind, email, r.tenant())
	}
	return f.live.ID, nil
}

// found is what a search by an email address brought.
type found struct {
	state userState     // of the one user with the address; nil for none
	live  offboard.User // the same user
	gaps  error         // why others may have the address too; nil for a search that saw all
}

// find looks for the one user with an email address. It reads the account by its ID, because an
// answer to a search may be older than the account or be about another: what is read must have the
// address.
func (r *userResource) find(ctx context.Context, email string) (found, diag.Diagnostic) {
	users, err := r.vendor().find(ctx, email)
	var f found
	switch {
	case rest.Incomplete(err):
		f.gaps = err
	case err != nil:
		return found{}, cannotFind(r.kind, email, err)
	}
	switch len(users) {
	case 0:
		return f, nil
	case 1:
	default:
		return found{}, severalWithEmail(r.kind, email, users)
	}
	if err := r.kind.usable(users[0].ID); err != nil {
		return found{}, unusableID(r.kind, users[0].ID, err)
	}
	live, err := r.vendor().read(ctx, users[0].ID)
	if err != nil {
		return found{}, cannotRead(r.kind, users[0], err)
	}
	f.live = live.user()
	if !offboard.Same(f.live.Email, email) {
		return found{}, foundAnother(r.kind, email, f.live)
	}
	f.state = r.stateOf(live)
	return f, nil
}

// stateOf is the state that an import and a read would make of an account.
func (r *userResource) stateOf(s snapshot) userState {
	state := r.kind.newState()
	m := state.common()
	m.ID, m.Tenant, m.Timeouts = types.StringValue(s.user().ID), types.StringValue(r.tenant()), noTimeouts()
	r.kind.fill(state, s)
	return state
}

// usable refuses an ID that the vendor does not take, that has something in it that cannot be seen, or that
// Terraform cannot carry unchanged: it brings every string into NFC.
func (k userKind) usable(id string) error {
	if !norm.NFC.IsNormalString(id) {
		return errors.New("it is not in the Unicode normal form NFC, to which Terraform converts every string")
	}
	if err := k.checkID(id); err != nil || !offboard.Invisible(id) {
		return err
	}
	return errors.New("it holds a character that is not visible")
}

// likeEmail reports whether a text can be meant as an email address.
func likeEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s, " \t") && rest.CheckSegment(s) == nil
}
