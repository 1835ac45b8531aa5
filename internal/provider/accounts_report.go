package provider

import (
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

var errNoReport = errors.New("it is not what data.offboard_accounts shows: give the data source itself")

// reportIn reads the state of an offboard_accounts.
func reportIn(v tftypes.Value) (*accounts.Report, error) {
	state := shownObject(attributesOf(v))
	r := &accounts.Report{Day: state.day("as_of"), Vendors: state.texts("vendors")}
	if r.Day.IsZero() {
		return nil, errNoReport
	}
	var problems []*rowError
	if r.People, problems = listedPeople(state["people"]); len(problems) > 0 {
		return nil, problems[0]
	}
	judge, owners := accounts.NewJudge(&accounts.List{People: r.People, Day: r.Day}), ownersIn(r.People)
	for _, a := range state.objects("accounts") {
		r.Accounts = append(r.Accounts, a.account(judge))
	}
	for _, m := range state.objects("missing") {
		vendor, id := m.text("vendor"), m.text("id")
		if p := owners[vendor][id]; p != nil {
			r.Missing = append(r.Missing, accounts.Missing{Person: p, Vendor: vendor, ID: id})
		}
	}
	for _, p := range state.objects("cannot_list") {
		r.Partial = append(r.Partial, p.partial())
	}
	r.Unmatched = state.texts("never_close_unmatched")
	return r, nil
}

// shownObject is an object in the state of an offboard_accounts. A field that is not there is empty.
type shownObject map[string]tftypes.Value

func (o shownObject) text(name string) string {
	text, _ := textIn(o, name) // the schema says that it is text
	return text
}

func (o shownObject) day(name string) time.Time {
	day, _ := time.Parse(time.DateOnly, o.text(name)) // zero for none
	return day
}

func (o shownObject) is(name string) (is bool) {
	return o[name].As(&is) == nil && is
}

func (o shownObject) texts(name string) (all []string) {
	elements, _ := elementsOf(o[name])
	for _, element := range elements {
		all = append(all, shownObject{name: element}.text(name))
	}
	return all
}

func (o shownObject) objects(name string) (all []shownObject) {
	elements, _ := elementsOf(o[name])
	for _, element := range elements {
		all = append(all, attributesOf(element))
	}
	return all
}

// account reads an account. Two people can have the address in the field person, so the list says again
// whose account it is. The verdict stays, because more than the list decides it.
func (o shownObject) account(judge *accounts.Judge) accounts.Judged {
	shown := accounts.Account{
		User: offboard.User{
			ID: o.text("id"), Email: o.text("email"), Name: o.text("name"), Status: offboard.Status(o.text("status")),
		},
		Vendor: o.text("vendor"),
		OwnKey: o.is("own_key"),
	}
	a := judge.Verdict(shown)
	switch person := o.text("person"); {
	case person == "": // a sign-in name may be that of another one
		a.Person = nil
	case a.Person == nil: // a sign-in name has found the person
		shown.Logins = []string{person}
		a = judge.Verdict(shown)
		a.Logins = nil
	}
	a.Verdict, a.Ignored, a.Candidates = accounts.Verdict(o.text("verdict")), o.is("ignored"), o.texts("candidates")
	return a
}

func (o shownObject) partial() accounts.Partial {
	p := accounts.Partial{Vendor: o.text("vendor"), Why: o.text("why")}
	for _, u := range o.objects("unseen") {
		p.Unseen = append(p.Unseen, accounts.Unseen{ID: u.text("id"), Email: u.text("person"), Why: u.text("why")})
	}
	return p
}
