package provider

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Read implements resource.Resource. A user who was closed elsewhere stays in the state as closed:
// without a state the next plan would be to create the user, which nothing ever does. An absence
// that nothing confirms changes nothing in the state.
func (r *userResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	user := state.common()
	resp.Diagnostics.Append(r.identify(ctx, req.Identity, resp.Identity, user)...)
	if !r.ready(user.user(), user.Tenant, &resp.Diagnostics) {
		return
	}
	user.Tenant = types.StringValue(r.tenant())
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.refresh(ctx, state, &remembered, user.Status.IsNull())...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.keepGuards(&remembered)
	remembered.Definition = r.definition()
	resp.Diagnostics.Append(writeRecord(ctx, remembered, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// keepGuards remembers the guards of the provider block beside a user. A configuration that says
// nothing leaves those that were kept.
func (r *userResource) keepGuards(remembered *closing.Record) {
	if block := &r.clients.guards.Block; !block.Unset {
		remembered.Guards = block
	}
}

// refresh brings the state up to date, and what is remembered beside it.
func (r *userResource) refresh(
	ctx context.Context,
	state userState,
	remembered *closing.Record,
	imported bool,
) diag.Diagnostics {
	user := state.common()
	before := user.user()
	r.clients.readings.drop(r.kind.name, before.ID)
	told, diags := r.earlierBriefly(ctx, before, remembered) // before the reading
	live, seen, err := r.show(ctx, state, remembered, &told)
	switch {
	case imported && seen != offboard.Open && err == nil:
		diags.Append(noSuchUser(r.kind, before.ID, r.tenant()))
	case seen == offboard.Absent && err != nil && !imported:
		r.noteListed(err, before, remembered, &told)
		diags.Append(notVisibleNow(r.kind, before, err))
	case err != nil:
		diags.Append(r.cannotRead(before, err))
	case seen != offboard.Open:
		user.Status = types.StringValue(string(offboard.Closed))
		sent := remembered.Progress.Call != offboard.NotSent && remembered.EarlierCall(&told) != offboard.NotSent
		diags.Append(closedElsewhere(r.kind, before, seen, sent))
	default:
		r.kind.fill(state, live)
		read := keptReading{live, told}
		r.clients.readings.keep(r.kind.name, read)
		diags.Append(r.watch(ctx, state, read, before, remembered, imported)...)
		remembered.Used = told.Used
	}
	return diags
}

// earlierBriefly returns what the log tells of earlier closures of an account; nothing if it cannot
// be read. It says so if the log is not the one of the last refresh.
func (r *userResource) earlierBriefly(
	ctx context.Context, before offboard.User, remembered *closing.Record,
) (told evidence.Earlier, diags diag.Diagnostics) {
	told, err := r.clients.evidence.EarlierBriefly(ctx, r.account(ctx, before.ID, remembered))
	if err != nil {
		return evidence.Earlier{}, nil
	}
	if r.clients.evidence != nil && remembered.Log != "" && remembered.Log != told.Log {
		diags.Append(logBeginsAgain(r.kind, before, told.Log == ""))
	}
	return told, diags
}

// show is observe for showing how the account is: see vendor.refresh. If the log tells of a call or
// a proof, the account is read alone: the list may have been read before that.
func (r *userResource) show(
	ctx context.Context, state userState, remembered *closing.Record, told *evidence.Earlier,
) (observed, offboard.Observation, error) {
	call := remembered.EarlierCall(told)
	if told.Used.Record != "" {
		return r.observe(ctx, state, remembered, call)
	}
	live, err := r.vendor().refresh(ctx, state.common().ID.ValueString())
	seen, err := r.observation(ctx, state, remembered, live, err)
	if err != nil || seen != offboard.Absent {
		return live, seen, err
	}
	w := r.verifierFor(ctx, state, remembered, call)
	if v, ok := r.vendor().(lister); ok {
		w.CheckAccess = unlessListed(v, state.common().user(), w.CheckAccess)
	}
	return r.confirm(ctx, w, state, remembered)
}

// watch compares an open account with what is remembered, and remembers what is new.
func (r *userResource) watch(
	ctx context.Context,
	state userState,
	read keptReading,
	before offboard.User,
	remembered *closing.Record,
	imported bool,
) (diags diag.Diagnostics) {
	live := named(state, read.user())
	if imported {
		diags.Append(seenNothing(r.kind, live)...)
		*remembered = closing.Record{}
		remembered.InvalidateCall(read.told.At)
		if r.clients.evidence != nil {
			remembered.NoteLook(time.Now().UTC(), read.told.Log)
		}
	} else {
		remembered.FillFromVersion1(before)
		remembered.Status = cmp.Or(remembered.Status, before.Status)
		was := *remembered
		r.invalidateCalls(live, remembered, &read.told)
		was.NoteClosed(before.Status, &read.told) // by the calls that are invalid now
		remembered.Status = was.Status
	}
	another, keyDiags := r.compareKey(ctx, live, remembered)
	diags.Append(keyDiags...)
	if !imported {
		diags.Append(drift(r.kind, *remembered, before, live, state.facts())...)
	}
	if !another { // what another key shows may be another account
		remembered.FillMissing(live, state.facts())
		remembered.NoteNames(append(r.candidate(state, read, before, remembered).Names(), before.Email)...)
	}
	return diags
}

// compareKey compares the kind of key that sees the account with the remembered one. It reports
// whether it is another one, which may see another account.
func (r *userResource) compareKey(
	ctx context.Context, live offboard.User, remembered *closing.Record,
) (another bool, diags diag.Diagnostics) {
	key, err := r.vendor().key(ctx, live.ID)
	switch {
	case err != nil: // it is asked again, and matters then
	case remembered.Key == "" || remembered.Key == key:
		remembered.Key = key
	case r.kind.KeyOwner == "":
		if !remembered.ShowsAnother(live) {
			remembered.Key = key
		}
		diags.Append(rightsChanged(r.kind, live))
	case live.Person().Known() && remembered.Person.Known() && remembered.Person.Is(live.Person()):
		remembered.Key = key
		diags.Append(anotherKeyAccepted(r.kind, live))
	default:
		another = true
		diags.Append(anotherKey(r.kind, live))
	}
	return another, diags
}

// invalidateCalls notes that an account is open after a call of an earlier run: it did not close
// the account, and explains no later absence. logged is what the log tells. If another log was read
// before, or none, a call of which this log does not tell may have come before, too. A look of a run
// without evidence_log gets no time, so that it does not change the state each time.
func (r *userResource) invalidateCalls(live offboard.User, remembered *closing.Record, logged *evidence.Earlier) {
	if !r.kind.ShowsOpen(live) {
		return
	}
	kept := r.clients.evidence != nil || remembered.Guards != nil && remembered.Guards.EvidenceLog
	another := logged.Log != remembered.Log || kept && logged.Log == ""
	if another || remembered.Progress.Call != offboard.NotSent || remembered.EarlierCall(logged) != offboard.NotSent {
		remembered.InvalidateCall(logged.At)
	}
	switch {
	case !kept && logged.Log == "":
		remembered.ForgetLooks()
	case another:
		remembered.NoteLook(r.clients.readings.lookTime(r.kind.name, live.ID), logged.Log)
	}
}

// noteListed notes that an account is open that a list shows, if the error of an absence says so: the
// row beats the absence. A row that shows somebody else, or that cannot be read, may be one of a call that
// is still under way.
func (r *userResource) noteListed(
	absence error, before offboard.User, remembered *closing.Record, logged *evidence.Earlier,
) {
	if errors.Is(absence, offboard.ErrListed) {
		remembered.NoteClosed(before.Status, logged) // by the calls that are invalid now
		r.invalidateCalls(offboard.User{ID: before.ID, Status: offboard.Active}, remembered, logged)
	} else if errors.Is(absence, offboard.ErrInList) && remembered.EarlierCall(logged) == offboard.Accepted {
		p := &remembered.Progress
		p.Call, p.Record = offboard.Listed, cmp.Or(logged.Record, p.Record)
	}
}

// observe reads the account, and confirms an absence, which the call of an earlier run may explain. The
// error says why nothing can be concluded; with offboard.Absent it is why an absence says nothing.
func (r *userResource) observe(
	ctx context.Context,
	state userState,
	remembered *closing.Record,
	call offboard.Call,
) (account, offboard.Observation, error) {
	return r.observeWith(ctx, state, remembered, func() offboard.Verifier {
		return r.verifierFor(ctx, state, remembered, call)
	})
}

// observeWith is observe with the verifier of an absence.
func (r *userResource) observeWith(
	ctx context.Context, state userState, remembered *closing.Record, verifier func() offboard.Verifier,
) (account, offboard.Observation, error) {
	live, err := r.vendor().read(ctx, state.common().ID.ValueString())
	seen, err := r.observation(ctx, state, remembered, live, err)
	if err != nil || seen != offboard.Absent {
		return live, seen, err
	}
	return r.confirm(ctx, verifier(), state, remembered)
}

// observation is observationOf for the key at hand. If another key last saw the account, a closed one that shows
// nobody may be an account of another organization, and says no more than an absence.
func (r *userResource) observation(
	ctx context.Context, state userState, remembered *closing.Record, live snapshot, err error,
) (offboard.Observation, error) {
	seen, err := observationOf(state, remembered, live, err)
	if err != nil || seen != offboard.Done || live.user().Person().Known() || remembered.Key == "" {
		return seen, err
	}
	switch now, err := r.vendor().key(ctx, state.common().ID.ValueString()); {
	case err != nil:
		return offboard.Absent, err
	case now != remembered.Key:
		return offboard.Absent, offboard.ErrAccessUnproven
	}
	return seen, nil
}

// observationOf is what a read shows of the account in the state, and the error of a read that shows
// nothing of it. A closed account of another person says nothing of this one: it has to be that of the
// person who was imported, whatever a later reading has shown.
func observationOf(
	state userState, remembered *closing.Record, live snapshot, err error,
) (offboard.Observation, error) {
	seen, err := offboard.ObservationOf(err)
	if seen == offboard.Done && remembered.Of(state.common().user()).IsAnother(live.user()) {
		return offboard.Absent, offboard.ErrAnotherPerson
	}
	return seen, err
}

// identify keeps the identity that a user has, and gives one to a user without: an old one names
// the host alone.
func (r *userResource) identify(
	ctx context.Context,
	have, set *tfsdk.ResourceIdentity,
	user *userModel,
) diag.Diagnostics {
	identity := userIdentity{ID: user.ID, Tenant: user.Tenant}
	if have != nil && !have.Raw.IsNull() {
		var unreadable diag.Diagnostics
		old := identityIn(ctx, have, &unreadable)
		if !unreadable.HasError() && old.ID.Equal(user.ID) && !old.Tenant.IsNull() {
			identity = old
		}
	}
	return r.kind.setIdentity(ctx, set, identity)
}
