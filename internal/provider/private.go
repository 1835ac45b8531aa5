package provider

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// recordKey is the key of the private data that Terraform keeps beside the state of a user. It holds one record.
const recordKey = "offboard"

// recordVersion is the version of the record. A higher one in a state was written by a newer provider and is not guessed at.
const recordVersion = 2

// The keys of version 1, which kept three pieces beside each other. They are read for states written before, and removed.
const (
	oldPersonKey   = "person"
	oldReviewKey   = "review"
	oldProgressKey = "progress"
)

// record is what is remembered beside the state of a user, and what every guard compares with.
type record struct {
	Version  int             `json:"version"`
	Person   offboard.Person `json:"person"`           // who was imported
	Status   offboard.Status `json:"status,omitempty"` // of the account when it was imported, or when a change was applied
	Facts    facts           `json:"facts,omitempty"`  // likewise
	Key      string          `json:"key,omitempty"`    // what the vendor told of the key that last saw the account; never the key
	Guards   *guardSettings  `json:"guards,omitempty"` // those written in the provider block at the last refresh or apply
	Review   *review         `json:"review,omitempty"`
	Progress progress        `json:"progress"`
	// Opened is when the account was imported, or seen open after a closing call: calls from before it explain nothing.
	Opened time.Time `json:"opened,omitzero"`

	old bool // read from version 1, which did not remember everything
}

// facts are the vendor's attributes whose change makes a reviewed closing another one, by name.
type facts map[string]string

// privateData is what Terraform gives back of the private data; privateStore takes it.
type (
	privateData interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateStore interface {
		privateData
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

// readRecord reads the private data of a user, and reports whether there is any: a resource that was never imported has none.
func readRecord(ctx context.Context, private privateData, diags *diag.Diagnostics) (r record, there bool) {
	if decode(ctx, private, recordKey, &r, diags) {
		if r.Version != recordVersion {
			diags.Append(unreadablePrivateData(recordKey, errNewerRecord))
		}
		return r, true
	}
	var old struct {
		Email string `json:"email"`
	}
	there = decode(ctx, private, oldPersonKey, &old, diags)
	r = record{Version: recordVersion, old: true, Person: offboard.Person{Email: offboard.Text(old.Email)}}
	var shown review
	if decode(ctx, private, oldReviewKey, &shown, diags) {
		r.Review, there = &shown, true
	}
	return r, decode(ctx, private, oldProgressKey, &r.Progress, diags) || there
}

var errNewerRecord = errors.New("it has another version")

// write puts the record into the private data, and takes out what version 1 left there.
func (r record) write(ctx context.Context, private privateStore) (diags diag.Diagnostics) {
	r.Version = recordVersion
	diags.Append(private.SetKey(ctx, recordKey, encode(r))...)
	for _, key := range []string{oldPersonKey, oldReviewKey, oldProgressKey} {
		if old, _ := private.GetKey(ctx, key); old != nil {
			diags.Append(private.SetKey(ctx, key, nil)...)
		}
	}
	return diags
}

// complete takes from the state what version 1 did not remember of the person.
func (r *record) complete(state offboard.User) {
	if p := &r.Person; r.old && (!p.Known() || p.Name == "" && offboard.Same(p.Email, state.Email)) {
		*p = state.Person()
	}
}

// learn takes from a reading of the account what was not known when it was imported. What was known stays: it is what later readings
// are compared with.
func (r *record) learn(live offboard.User, now facts) {
	if r.Person.Is(live.Person()) {
		if r.Person.Email == "" {
			r.Person.Email = live.Email
		}
		if r.Person.Name == "" {
			r.Person.Name = live.Name
		}
	}
	if r.Status == "" {
		r.Status = live.Status
	}
	if r.Facts == nil && len(now) > 0 {
		r.Facts = maps.Clone(now)
	}
}

// confirmed takes over the account as it is now: the configuration itself says that it is the right one.
func (r *record) confirmed(live offboard.User, now facts) {
	r.Person, r.Status, r.Facts = live.Person(), live.Status, maps.Clone(now)
}

// review is what the reviewer of a destroy plan was shown. It travels to Delete in private data, through a saved plan too.
type review struct {
	User     offboard.User      `json:"user"`
	Facts    facts              `json:"facts"`
	Findings []offboard.Finding `json:"findings,omitempty"`
	Key      string             `json:"key,omitempty"` // as in record
}

// change is one fact that is not as it was.
type change struct{ fact, was, is string }

// changes are the facts that matter and differ between the review and the account now: the person, the vendor's own facts, and an account
// that was closed, or of which nothing was to be seen, and that is open now, for nobody has looked at the person behind it. An account
// of which nothing is to be seen now is compared by nothing but that.
func (r review) changes(k userKind, u offboard.User, now facts) []change {
	var all []change
	add := func(fact, was, is string, differ bool) {
		if differ {
			all = append(all, change{fact, was, is})
		}
	}
	then, person := r.User.Person(), u.Person()
	switch {
	case k.unseen(u) && (u.Status == offboard.Unknown || r.User.Status != offboard.Unknown):
	case then.Known() && !then.Is(person):
		add("email", then.Email, person.Email, then.Email != "" && !offboard.Same(then.Email, person.Email))
		add("name", then.Name, person.Name, (then.Email == "" || person.Email == "") && !offboard.Same(then.Name, person.Name))
	case !then.Known() && person.Known():
		add("person", "not visible", displayName(u), true)
	case r.User.Status == offboard.Closed || k.indirect && r.User.Status == offboard.Unknown && u.Status != r.User.Status,
		r.User.Status == offboard.Suspended && u.Status == offboard.Active:
		add("status", string(r.User.Status), string(u.Status), true)
	}
	for _, fact := range slices.Sorted(maps.Keys(r.Facts)) {
		add(fact, r.Facts[fact], now[fact], r.Facts[fact]+now[fact] != "" && !offboard.Same(r.Facts[fact], now[fact]))
	}
	return all
}

// refute notes that the account is open after the closing calls of earlier runs, the last of them at a time: they did not close the account.
// The clock of the machine that made it may be ahead of this one.
func (r *record) refute(last time.Time) {
	r.Progress.Call, r.Opened = offboard.NotSent, time.Now().UTC()
	if !last.Before(r.Opened) {
		r.Opened = last.Add(time.Nanosecond)
	}
}

// added are the findings that the reviewer was not shown.
func (r review) added(now []offboard.Finding) []offboard.Finding {
	var fresh []offboard.Finding
	for _, f := range now {
		if !slices.Contains(r.Findings, f) {
			fresh = append(fresh, f)
		}
	}
	return fresh
}

// progress is how far a closing came in an earlier run.
type progress struct {
	Done []string      `json:"done"`           // steps that the vendor has confirmed
	Sent string        `json:"sent,omitempty"` // the step at which it stopped
	Call offboard.Call `json:"call,omitempty"` // how far the last step came
}

// and is the progress after a further run that stopped with err. A call that once left stays one.
func (p progress) and(err error) progress {
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) {
		return p
	}
	for _, step := range stopped.Done {
		if !slices.Contains(p.Done, step) {
			p.Done = append(p.Done, step)
		}
	}
	if call := offboard.CallOf(err); call != offboard.NotSent && p.Call != offboard.Accepted || p.Sent != stopped.Step {
		p.Call = call
	}
	p.Sent = stopped.Step
	return p
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("private data of plain structs always encodes: " + err.Error())
	}
	return data
}

// decode reads a key of the private data into v, and reports whether the key is there. If not, v stays as it is.
func decode(ctx context.Context, private privateData, key string, v any, diags *diag.Diagnostics) (there bool) {
	data, problems := private.GetKey(ctx, key)
	diags.Append(problems...)
	if data == nil {
		return false
	}
	if err := json.Unmarshal(data, v); err != nil {
		diags.Append(unreadablePrivateData(key, err))
	}
	return true
}
