package provider

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
)

// The state of an offboard_accounts is made here by hand, as that of an offboard_evidence is.

// compared judges all accounts.
func compared(list *accounts.List, all []listing) *accounts.Report {
	judge, listings, owners := accounts.NewJudge(list), map[string]listing{}, ownersIn(list.People)
	found := &accounts.Report{Day: list.Day, People: list.People}
	for _, l := range all {
		listings[l.kind.name] = l
		for _, a := range l.accounts {
			found.Accounts = append(found.Accounts, judge.Verdict(a))
		}
		why := l.doubt(found.Accounts)
		if why == "" {
			found.Vendors = append(found.Vendors, l.kind.name)
			continue
		}
		partial := accounts.Partial{Vendor: l.kind.name, Why: why}
		for _, id := range slices.Sorted(maps.Keys(l.unseen)) {
			partial.Unseen = append(partial.Unseen, accounts.Unseen{
				ID: id, Email: owners[l.kind.name][id].Email, Why: l.unseen[id],
			})
		}
		found.Partial = append(found.Partial, partial)
	}
	accounts.Sort(found.Accounts)
	found.Missing = judge.Missing(found.Accounts, func(vendor, id string) bool {
		l := listings[vendor]
		return l.asked && (l.why == "" || l.absent[id])
	})
	return found
}

// ownersIn are the first rows that name an account, by vendor and ID.
func ownersIn(people []accounts.Person) map[string]map[string]*accounts.Person {
	all := map[string]map[string]*accounts.Person{}
	for i := range people {
		for vendor, ref := range people[i].Accounts {
			if all[vendor] == nil {
				all[vendor] = map[string]*accounts.Person{}
			}
			all[vendor][ref.ID] = cmp.Or(all[vendor][ref.ID], &people[i])
		}
	}
	return all
}

// listType is the type of an attribute that is a list, and that of its elements.
func listType(of tftypes.Type, name string) tftypes.List {
	return of.(tftypes.Object).AttributeTypes[name].(tftypes.List)
}

// accountsValue is the state of an offboard_accounts with this configuration.
func accountsValue(of tftypes.Type, config fields, found *accounts.Report) tftypes.Value {
	values, list := maps.Clone(config), listType(of, "accounts")
	byVerdict, byVendor, every := map[accounts.Verdict][]tftypes.Value{}, map[string][]tftypes.Value{}, []tftypes.Value{}
	for i := range found.Accounts {
		a, value := &found.Accounts[i], accountValue(list.ElementType, &found.Accounts[i])
		every, byVerdict[a.Verdict] = append(every, value), append(byVerdict[a.Verdict], value)
		byVendor[a.Vendor] = append(byVendor[a.Vendor], value)
	}
	for _, v := range listedVerdicts {
		values[string(v)] = listValue(list, byVerdict[v])
	}
	values["as_of"] = stringValue(accounts.DayText(found.Day))
	values["vendors"] = textsValue(found.Vendors)
	values["accounts"] = listValue(list, every)
	values["missing"] = missingValue(listType(of, "missing"), found.Missing)
	values["cannot_list"] = partialValue(listType(of, "cannot_list"), found.Partial, byVendor)
	values["never_close_unmatched"] = textsValue(found.Unmatched)
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
		"left_on":    stringOrNull(accounts.DayText(a.LeftOn)),
		"ignored":    boolValue(a.Ignored),
		"own_key":    boolValue(a.OwnKey),
		"candidates": textsValue(a.Candidates),
	})
}

func missingValue(of tftypes.List, missing []accounts.Missing) tftypes.Value {
	var all []tftypes.Value
	for _, m := range missing {
		all = append(all, tftypes.NewValue(of.ElementType, fields{
			"vendor":  stringValue(m.Vendor),
			"id":      stringValue(m.ID),
			"person":  stringValue(m.Person.Email),
			"name":    stringOrNull(m.Person.Name),
			"left_on": stringOrNull(accounts.DayText(m.Person.LeftOn)),
		}))
	}
	return listValue(of, all)
}

func partialValue(of tftypes.List, partial []accounts.Partial, seen map[string][]tftypes.Value) tftypes.Value {
	var all []tftypes.Value
	unseenType := listType(of.ElementType, "unseen")
	for _, p := range partial {
		var unseen []tftypes.Value
		for _, u := range p.Unseen {
			unseen = append(unseen, tftypes.NewValue(unseenType.ElementType, fields{
				"id": stringValue(u.ID), "person": stringOrNull(u.Email), "why": stringValue(u.Why),
			}))
		}
		all = append(all, tftypes.NewValue(of.ElementType, fields{
			"vendor": stringValue(p.Vendor),
			"why":    stringValue(p.Why),
			"seen":   listValue(listType(of.ElementType, "seen"), seen[p.Vendor]),
			"unseen": listValue(unseenType, unseen),
		}))
	}
	return listValue(of, all)
}
