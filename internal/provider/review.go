package provider

import (
	"context"
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The keys of the private data that Terraform keeps beside the state of a user.
const (
	personKey   = "person"   // who was taken over
	reviewKey   = "review"   // what the reviewer of a plan was shown
	progressKey = "progress" // the steps of a closing that are done
)

// privateData is what Terraform gives back of the private data.
type privateData interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// person says who was taken over. An id can come to stand for somebody else; the e-mail address tells.
type person struct {
	Email string `json:"email"`
}

func newPerson(u offboard.User) person { return person{Email: u.Email} }

func (p person) json() []byte { return encode(p) }

// is tells whether u is this person, as far as both e-mail addresses are known.
func (p person) is(u offboard.User) bool {
	return p.Email == "" || u.Email == "" || strings.EqualFold(p.Email, u.Email)
}

// readPerson is the person who was taken over. Where that is not known, because no e-mail address was shown then, it is the one that the state shows.
func readPerson(ctx context.Context, private privateData, state offboard.User, diags *diag.Diagnostics) person {
	var p person
	decode(ctx, private, personKey, &p, diags)
	if p.Email == "" {
		return newPerson(state)
	}
	return p
}

// review is what the reviewer of a destroy plan was shown. It travels to Delete in private data, through a saved plan too.
type review struct {
	User     offboard.User      `json:"user"`
	Facts    map[string]string  `json:"facts"`
	Findings []offboard.Finding `json:"findings,omitempty"`
}

// change is one fact that is not as it was.
type change struct{ fact, was, is string }

// changes are the facts that matter and differ between the review and the account now: the e-mail address, or the name where there is none to compare, the vendor's own
// facts, and an account that was closed, or of which nothing was to be seen, and that is open now: nobody has looked at the person behind it. What is not
// known on one side is not compared.
func (r review) changes(u offboard.User, facts map[string]string) []change {
	var all []change
	add := func(fact, was, is string) {
		if was != "" && is != "" && !strings.EqualFold(was, is) {
			all = append(all, change{fact, was, is})
		}
	}
	add("e-mail", r.User.Email, u.Email)
	if r.User.Email == "" || u.Email == "" {
		add("name", r.User.Name, u.Name)
	}
	for fact, was := range r.Facts {
		add(fact, was, facts[fact])
	}
	if r.User.Status == offboard.Closed || r.User.Status == offboard.Unknown {
		add("status", string(r.User.Status), string(u.Status))
	}
	sort.Slice(all, func(i, j int) bool { return all[i].fact < all[j].fact })
	return all
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

// progress is how far a closing came in an earlier run. It is a convenience for messages: every step is found out from the vendor again.
type progress struct {
	Done []string `json:"done"`           // steps that the vendor has confirmed
	Sent string   `json:"sent,omitempty"` // the step at which it stopped, which may have taken effect
}

// and is the progress after a further run that stopped.
func (p progress) and(stopped *offboard.StepError) progress {
	for _, step := range stopped.Done {
		if !slices.Contains(p.Done, step) {
			p.Done = append(p.Done, step)
		}
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

// decode reads a key of the private data into v, and tells whether the key is there. If not, v stays as it is.
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
