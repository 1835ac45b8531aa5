package provider

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
)

// The state of an offboard_accounts is made here by hand, as that of an offboard_evidence is.

// comparison is what came of comparing all accounts with the people.
type comparison struct {
	day       time.Time
	vendors   []string
	accounts  []accounts.Judged
	missing   []accounts.Missing
	partial   []listing // of vendors of which not all accounts are known
	owners    map[string]map[string]string
	unmatched []string
}

// compared judges all accounts.
func compared(list *accounts.List, all []listing) comparison {
	judge, listings := accounts.NewJudge(list), map[string]listing{}
	found := comparison{day: list.Day, owners: ownersIn(list.People)}
	for _, l := range all {
		listings[l.kind.name] = l
		for _, a := range l.accounts {
			found.accounts = append(found.accounts, judge.Verdict(a))
		}
		if l.why == "" {
			found.vendors = append(found.vendors, l.kind.name)
		} else {
			found.partial = append(found.partial, l)
		}
	}
	accounts.Sort(found.accounts)
	found.missing = judge.Missing(found.accounts, func(vendor, id string) bool {
		l := listings[vendor]
		return l.asked && (l.why == "" || l.absent[id])
	})
	return found
}

// ownersIn are the addresses of the people with an account, by vendor and ID.
func ownersIn(people []accounts.Person) map[string]map[string]string {
	all := map[string]map[string]string{}
	for i := range people {
		for vendor, ref := range people[i].Accounts {
			if all[vendor] == nil {
				all[vendor] = map[string]string{}
			}
			all[vendor][ref.ID] = cmp.Or(all[vendor][ref.ID], people[i].Email)
		}
	}
	return all
}

// with are the accounts with one of these verdicts.
func (c *comparison) with(verdicts []string) (all []accounts.Judged) {
	for _, a := range c.accounts {
		if slices.Contains(verdicts, string(a.Verdict)) {
			all = append(all, a)
		}
	}
	return all
}

// listType is the type of an attribute that is a list, and that of its elements.
func listType(of tftypes.Type, name string) tftypes.List {
	return of.(tftypes.Object).AttributeTypes[name].(tftypes.List)
}

// accountsValue is the state of an offboard_accounts with this configuration.
func accountsValue(of tftypes.Type, config fields, found *comparison) tftypes.Value {
	values, list := maps.Clone(config), listType(of, "accounts")
	byVerdict, every := map[accounts.Verdict][]tftypes.Value{}, []tftypes.Value{}
	for i := range found.accounts {
		a := accountValue(list.ElementType, &found.accounts[i])
		every = append(every, a)
		byVerdict[found.accounts[i].Verdict] = append(byVerdict[found.accounts[i].Verdict], a)
	}
	for _, v := range listedVerdicts {
		values[string(v)] = listValue(list, byVerdict[v])
	}
	values["as_of"] = stringValue(found.day.Format(time.DateOnly))
	values["vendors"] = textsValue(found.vendors)
	values["accounts"] = listValue(list, every)
	values["missing"] = found.missingValue(listType(of, "missing"))
	values["cannot_list"] = found.partialValue(listType(of, "cannot_list"), byIDs(found.accounts, every))
	values["never_close_unmatched"] = textsValue(found.unmatched)
	return tftypes.NewValue(of, values)
}

// listValue is a list that is empty for no elements, and not null.
func listValue(of tftypes.List, elements []tftypes.Value) tftypes.Value {
	return tftypes.NewValue(of, append([]tftypes.Value{}, elements...))
}

func textsValue(texts []string) tftypes.Value {
	all := []tftypes.Value{}
	for _, text := range texts {
		all = append(all, stringValue(text))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, all)
}

func accountValue(of tftypes.Type, a *accounts.Judged) tftypes.Value {
	person := ""
	if a.Person != nil {
		person = a.Person.Email
	}
	return tftypes.NewValue(of, fields{
		"vendor":     stringValue(a.Vendor),
		"id":         stringValue(a.ID),
		"email":      stringOrNull(a.Email),
		"name":       stringOrNull(a.Name),
		"status":     stringValue(string(a.Status)),
		"verdict":    stringValue(string(a.Verdict)),
		"person":     stringOrNull(person),
		"left_on":    stringOrNull(dayText(a.LeftOn)),
		"ignored":    boolValue(a.Ignored),
		"own_key":    boolValue(a.OwnKey),
		"candidates": textsValue(a.Candidates),
	})
}

// dayText is a day; empty for none.
func dayText(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

func (c *comparison) missingValue(of tftypes.List) tftypes.Value {
	var all []tftypes.Value
	for _, m := range c.missing {
		all = append(all, tftypes.NewValue(of.ElementType, fields{
			"vendor":  stringValue(m.Vendor),
			"id":      stringValue(m.ID),
			"person":  stringValue(m.Person.Email),
			"name":    stringOrNull(m.Person.Name),
			"left_on": stringOrNull(dayText(m.Person.LeftOn)),
		}))
	}
	return listValue(of, all)
}

// byIDs are the values of accounts, by vendor.
func byIDs(all []accounts.Judged, values []tftypes.Value) map[string][]tftypes.Value {
	ofVendor := map[string][]tftypes.Value{}
	for i, a := range all {
		ofVendor[a.Vendor] = append(ofVendor[a.Vendor], values[i])
	}
	return ofVendor
}

func (c *comparison) partialValue(of tftypes.List, seen map[string][]tftypes.Value) tftypes.Value {
	var all []tftypes.Value
	unseenType := listType(of.ElementType, "unseen")
	for _, l := range c.partial {
		var unseen []tftypes.Value
		for _, id := range slices.Sorted(maps.Keys(l.unseen)) {
			unseen = append(unseen, tftypes.NewValue(unseenType.ElementType, fields{
				"id":     stringValue(id),
				"person": stringOrNull(c.owners[l.kind.name][id]),
				"why":    stringValue(l.unseen[id]),
			}))
		}
		all = append(all, tftypes.NewValue(of.ElementType, fields{
			"vendor": stringValue(l.kind.name),
			"why":    stringValue(l.why),
			"seen":   listValue(listType(of.ElementType, "seen"), seen[l.kind.name]),
			"unseen": listValue(unseenType, unseen),
		}))
	}
	return listValue(of, all)
}
