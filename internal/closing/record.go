package closing

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// RecordVersion is the version of the record. A higher one was written by a newer provider and is
// not guessed at.
const RecordVersion = 2

// Record is what is remembered beside the state of a user, and what every guard compares with.
type Record struct {
	Version  int             `json:"version"`
	Person   offboard.Person `json:"person"`           // who was imported
	Status   offboard.Status `json:"status,omitempty"` // at its import; see NoteClosed
	Facts    Facts           `json:"facts,omitempty"`  // at its import, or when another person was accepted
	Former   []string        `json:"former,omitempty"` // further names of the account since its import; see NoteNames
	Key      string          `json:"key,omitempty"`    // what is known of the key that last saw the account; never the key
	Guards   *GuardSettings  `json:"guards,omitempty"` // those of the provider block at the last refresh or apply
	Review   *Review         `json:"review,omitempty"`
	Progress Progress        `json:"progress"`
	// Log names the evidence log that was read when the account was last seen open; empty for none.
	Log string `json:"log,omitempty"`
	// Used is the last record of that log that uses a plan up. It is the review of a suspension: Terraform
	// gives an update no private data of its plan.
	Used evidence.Mark `json:"used,omitzero"`
	// Definition is a hash of the definition and the settings by which the vendor was asked at the last
	// refresh; empty for a vendor that has none. It is part of the review of a suspension, too.
	Definition string `json:"definition,omitempty"`
	// Look is when the account was last seen open without the log from before, or with another one. The
	// one before it is kept, too: see evidence.Seen.
	Look       time.Time `json:"look,omitzero"`
	LookBefore time.Time `json:"look_before,omitzero"`
	// Unseen is when an apply did not show the account that its plan had shown. It makes the state
	// another one, so that Terraform refuses to apply the plan again.
	Unseen time.Time `json:"unseen,omitzero"`
	// Opened is when the account was imported, or seen open after a closing call: calls from before
	// it explain nothing.
	Opened time.Time `json:"opened,omitzero"`

	Old bool `json:"-"` // read from version 1, which did not remember everything
}

// Facts are the vendor's attributes whose change makes a reviewed closure another one, by name.
type Facts map[string]string

// FillFromVersion1 takes from the state what version 1 did not remember of the person.
func (r *Record) FillFromVersion1(state offboard.User) {
	if p := &r.Person; r.Old && (!p.Known() || p.Name == "" && offboard.Same(p.Email, state.Email)) {
		*p = state.Person()
	}
}

// Of returns a reading of the account with the person who was imported, if anything is known of that person.
func (r *Record) Of(u offboard.User) offboard.User {
	if r.Person.Known() {
		u.Email, u.Name = r.Person.Email, r.Person.Name
	}
	return u
}

// ShowsAnother reports whether a reading of the account shows another person than the imported one.
func (r *Record) ShowsAnother(u offboard.User) bool { return r.Person.Known() && r.Of(u).IsAnother(u) }

// FillMissing takes from a reading of the account what was not known when it was imported. What was
// known stays: it is what later readings are compared with.
func (r *Record) FillMissing(live offboard.User, now Facts) {
	if !r.Person.Known() { // as a whole: an address that comes beside the old name may be the next owner's
		r.Person = live.Person()
	}
	if r.Status == "" {
		r.Status = live.Status
	}
	if r.Facts == nil && len(now) > 0 {
		r.Facts = maps.Clone(now)
	}
}

// Accept remembers another person, of whom the configuration itself says that the account is theirs.
// If the person is the same, nothing is accepted: what else has changed is told as long as it lasts.
// So is a status other than the remembered one.
func (r *Record) Accept(live offboard.User, now Facts) {
	if r.Person.Is(live.Person()) {
		return
	}
	email, name := r.Person.Email, r.Facts[Login]
	r.Person, r.Facts = live.Person(), maps.Clone(now)
	r.NoteNames(email, name)
}

// NoteClosed remembers that the account was closed since its import, if the state or the log tells
// so. Whenever it is open, a person is told.
func (r *Record) NoteClosed(state offboard.Status, logged *evidence.Earlier) {
	proven := logged.Proven && !logged.At.Before(r.Opened) && logged.Person.Is(r.Person)
	if proven || state == offboard.Closed {
		r.Status = offboard.Closed
	}
}

// NoteNames remembers logins and addresses that the account has. never_close holds for each of them
// as long as the account is managed, so that no change at the vendor ends a protection.
func (r *Record) NoteNames(names ...string) {
	for _, name := range names {
		known := append([]string{r.Person.Email, r.Facts[Login]}, r.Former...)
		same := func(had string) bool { return offboard.Same(had, name) }
		if name != "" && !slices.ContainsFunc(known, same) {
			r.Former = append(r.Former, name)
		}
	}
}

// InvalidateCall notes that the account is open after the closing calls of earlier runs, the last
// of them at a time: they did not close the account. The clock of the machine that made it may be
// ahead of this one.
func (r *Record) InvalidateCall(last time.Time) {
	r.Progress.Call, r.Opened = offboard.NotSent, time.Now().UTC()
	if !last.Before(r.Opened) {
		r.Opened = last.Add(time.Nanosecond)
	}
}

// InvalidateCallsUntil notes that the account was open after the calls up to a time, and that a
// later one may explain an absence.
func (r *Record) InvalidateCallsUntil(last time.Time) {
	r.Progress.Call = offboard.NotSent
	if opened := last.Add(time.Nanosecond); opened.After(r.Opened) {
		r.Opened = opened
	}
}

// NoteSuspension notes whether the configuration asks for a suspension, and what the status of the
// account is. What differs from that later is told at each refresh.
func (r *Record) NoteSuspension(asked bool, now offboard.Status) {
	switch {
	case asked && now == offboard.Suspended:
		r.Status = offboard.Suspended
	case asked:
	case r.Status == offboard.Suspended:
		r.Status = offboard.Active
	}
}

// NoteLook notes that the account was seen open at a time, with the log that was read then; empty for
// none.
func (r *Record) NoteLook(at time.Time, log string) { r.LookBefore, r.Look, r.Log = r.Look, at, log }

// ForgetLooks notes that the account was seen open by a run without an evidence log. No closure knows
// that look.
func (r *Record) ForgetLooks() { r.LookBefore, r.Look, r.Log = time.Time{}, time.Time{}, "" }

// NoteReview notes that a plan showed the account open: a call from before it explains no absence.
func (r *Record) NoteReview(s *Review) {
	r.InvalidateCallsUntil(s.LastBefore())
	if s.Log != nil && (s.Log.Log == "" || s.Log.Log != r.Log) {
		r.NoteLook(s.At, s.Log.Log)
	}
}

// AnotherLog reports whether a plan read another log than the last look did, or none where a log was
// kept among the guards.
func (r *Record) AnotherLog(s *Review) bool {
	kept := r.Guards != nil && r.Guards.EvidenceLog
	return s.Log != nil && (s.Log.Log != r.Log || kept && s.Log.Log == "")
}

// NoteUnseen notes that the account is not visible, and that it stays in the state. No reviewer has
// seen how it is if it is ever visible again.
func (r *Record) NoteUnseen() { r.Unseen = time.Now().UTC() }

// ExplainingCall returns how far a closing call came that the log tells of, as far as it can
// explain an absence now. A run that was killed has left an intent without an outcome: its call may
// have left. A call from before the account was last seen open, and one for another person, says
// nothing of this account. Neither does one of a log that was not read when the account was last seen
// open. Only if no log was there at that look, the closure may have come from that very look, or from a
// plan after it, and have begun the log: a look with a log has no time, so that it may come later.
func (r *Record) ExplainingCall(logged *evidence.Earlier) offboard.Call {
	switch {
	case r.isOfAnotherLog(logged), logged.At.Before(r.Opened), !logged.Person.Is(r.Person):
		return offboard.NotSent
	case logged.Sent == evidence.Listed:
		return offboard.Listed
	case logged.Sent == evidence.Accepted:
		return offboard.Accepted
	case logged.Open || logged.Sent == evidence.Lost: // after a proof, if there is one
		return offboard.Lost
	case logged.Proven:
		return offboard.Accepted
	}
	return offboard.NotSent
}

// isOfAnotherLog reports whether a log tells of a closure that does not know the last look without it.
func (r *Record) isOfAnotherLog(logged *evidence.Earlier) bool {
	return logged.Log != "" && logged.Log != r.Log && (r.Log != "" || !logged.Seen.Has(r.Look))
}

// EarlierCall returns how far the closing call came in an earlier run, as the record or the log
// knows it. A log whose last closure is another one knows more: the state of that run was lost.
func (r *Record) EarlierCall(logged *evidence.Earlier) offboard.Call {
	call := r.Progress.Call
	if call == offboard.NotSent {
		return r.ExplainingCall(logged)
	}
	switch {
	case logged.Record == "" || logged.Record == r.Progress.Record: // the log knows no more
	case logged.Open: // it began because the account was open, and was killed
		return offboard.Lost
	case logged.Sent == "" && !logged.Proven: // the account was open after the call
		return offboard.NotSent
	case logged.Sent == evidence.Listed:
		return offboard.Listed
	case logged.Sent == evidence.Lost:
		return offboard.Lost
	}
	return call
}

// Progress is how far a closure came in an earlier run.
type Progress struct {
	Done []string      `json:"done"`           // steps that the vendor has confirmed
	Sent string        `json:"sent,omitempty"` // the step at which it stopped
	Call offboard.Call `json:"call,omitempty"` // how far the last step came
	// Record is the last record of the closure whose call that is; empty for one without a log.
	Record string `json:"record,omitempty"`
}

// After returns the progress after a further closure, which stopped with err, and whose last record has a
// hash. A call that once left stays one.
func (p Progress) After(err error, record string) Progress {
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) {
		return p
	}
	for _, step := range stopped.Done {
		if !slices.Contains(p.Done, step) {
			p.Done = append(p.Done, step)
		}
	}
	call := offboard.CallOf(err)
	if call != offboard.NotSent {
		p.Record = record
	}
	switch {
	case offboard.ListedAfter(err):
		p.Call = offboard.Listed
	case call == offboard.Accepted, call != offboard.NotSent && !p.Call.WasAccepted(), p.Sent != stopped.Step:
		p.Call = call
	}
	p.Sent = stopped.Step
	return p
}
