package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func accountsSamples(k userKind, u offboard.User) samples {
	day := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	account := accounts.Account{User: u, Vendor: k.name}
	return samples{
		"unusablePeople": one(unusablePeople([]*rowError{{0, errSample}, {7, errSample}})),
		"noVendor":       one(noVendor()),
		"nobodyListed":   one(nobodyListed()),
		"nobodyCanLeave": one(nobodyCanLeave(fields{"email": {}, "Last day": {}})),
		"failingAccounts": one(failingAccounts([]accounts.Judged{
			{Account: account, Verdict: accounts.Leaver, LeftOn: day},
			{Account: account, Verdict: accounts.Leaver, LeftOn: day.AddDate(0, 0, -1)},
			{Account: account, Verdict: accounts.Rehired, LeftOn: day.AddDate(0, -1, 0)},
			{Account: account, Verdict: accounts.Ambiguous, Candidates: []string{inesEmail, ottoEmail}},
			{Account: account, Verdict: accounts.Leaver, Candidates: []string{inesEmail, ottoEmail}, LeftOn: day},
		}, day)),
		"explanations": {
			diagnostic(diag.SeverityWarning, "X", whyNotListed(k)),
			diagnostic(diag.SeverityWarning, "X", whyNotListed(userKind{title: k.title, noList: true})),
			diagnostic(diag.SeverityWarning, "X", keyNotSet(k, settingProblem{setting: "x", variable: "X"})),
			diagnostic(diag.SeverityWarning, "X", vendorNotKnown("ecgird")),
			diagnostic(diag.SeverityWarning, "X", nothingShown(k)),
			diagnostic(diag.SeverityWarning, "X", nobodyShown(k, false)),
			diagnostic(diag.SeverityWarning, "X", nobodyShown(k, true)),
			diagnostic(diag.SeverityWarning, "X", partShown(k)),
		},
		"addressesHidden": one(addressesHidden(k, addressesNotShown(k))),
		"listsNobody":     one(listsNobody(k, nobodyShown(k, true))),
		"notAsked":        one(notAsked(k, keyNotSet(k, settingProblem{setting: "x", variable: "X"}))),
		"unclearAccounts": one(unclearAccounts(k, map[string]string{u.ID: badID(u.ID, errSample), "2": errSample.Error()})),
	}
}
