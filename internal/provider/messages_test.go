package provider

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// errSampleFault is an answer in the vendor's own words.
var errSampleFault = &rest.Error{
	Method:  "DELETE",
	Path:    "/users/30417",
	Status:  http.StatusUnprocessableEntity,
	Code:    "busy",
	Message: "Not now",
}

// one is the message that a function returns, as a list.
func one(d diag.Diagnostic) diag.Diagnostics { return diag.Diagnostics{d} }

// samples are messages by the name of the function that words them.
type samples map[string]diag.Diagnostics

// What the samples say of things other than the user.
var (
	samplePath   = path.Root("email")
	errSample    = errors.New("it is empty")
	otherPerson  = offboard.Person{Name: ottoName, Email: ottoEmail}
	sampleGuards = closing.EffectiveGuards{GuardSettings: closing.GuardSettings{ReadOnly: true}, Kept: true}
)

// findingsOf are findings of these kinds.
func findingsOf(kinds ...offboard.Kind) (all []offboard.Finding) {
	for _, kind := range kinds {
		all = append(all, offboard.Finding{Kind: kind, Subject: "0.1 btc"})
	}
	return all
}

// as is a user with another status.
func as(u offboard.User, status offboard.Status) offboard.User {
	u.Status = status
	return u
}

// sampleMessages are all messages about a user.
func sampleMessages(k userKind, u offboard.User) samples {
	all := samples{}
	for _, some := range []samples{
		settingsSamples(k, u), importSamples(k, u), refreshSamples(k, u), closingSamples(k, u), destroySamples(k, u),
		guardSamples(k, u), evidenceSamples(k, u), listSamples(k, u), searchSamples(k, u), declaredSamples(k, u),
		suspendSamples(k, u), accountsSamples(k, u), contractSamples(k),
	} {
		maps.Copy(all, some)
	}
	return all
}

func settingsSamples(k userKind, u offboard.User) samples {
	missing := settingProblem{setting: k.name + ".api_key", variable: k.variable("api_key"), reason: errMissing.Error()}
	clash := settingProblem{setting: "konstantly.site", variable: "KONSTANTLY_BASE_URL", reason: "it is set", clash: true}
	return samples{
		"unusableValue":         one(unusableValue(samplePath, "the ID of a user in "+k.title, errSample)),
		"unusableEntry":         one(unusableEntry(samplePath, "x", errSample)),
		"unusableKey":           one(unusableKey(samplePath, "reasons", "x", errSample)),
		"unusableSetting":       one(unusableSetting(k, &rest.SettingError{Setting: "api_key", Err: errSample})),
		"unusableID":            one(unusableID(k, u.ID, errSample)),
		"notConfigured":         {notConfigured(k, u, missing), notConfigured(k, u, clash)},
		"listNotConfigured":     one(listNotConfigured(k, missing)),
		"wrongTenant":           one(wrongTenant(k, u, "a.test/", "b.test/")),
		"unreadablePrivateData": one(unreadablePrivateData("offboard", errSample)),
		"timeoutTooShort":       one(timeoutTooShort(samplePath, "1ms")),
		"diagnostic":            one(diagnostic(diag.SeverityError, "X", "Y.")),
	}
}

func importSamples(k userKind, u offboard.User) samples {
	return samples{
		"noSuchUser":      one(noSuchUser(k, u.ID, "a.test/")),
		"seenNothing":     seenNothing(k, offboard.User{ID: u.ID, Status: offboard.Unknown}),
		"importFirst":     one(importFirst(k, u)),
		"nothingToImport": one(nothingToImport(k, u.ID)),
		"createRefused":   one(createRefused(k, u.ID)),
		"idChanged":       one(idChanged(k, u, "2")),
		"hiddenChange":    one(hiddenChange(k, u)),
		"hiddenSettings":  one(hiddenSettings(k, u, []string{"on_destroy", "person"})),
		"emailMismatch":   one(emailMismatch(k, u, ottoEmail)),
	}
}

func refreshSamples(k userKind, u offboard.User) samples {
	suspended, active := as(u, offboard.Suspended), as(u, offboard.Active)
	return samples{
		"cannotRead": {
			cannotRead(k, u, errSampleFault), cannotRead(k, u, errSample),
			cannotRead(k, u, &rest.Error{Method: "GET", Path: "/", Status: 200, Err: &rest.AgeError{Age: time.Hour}}),
		},
		"closedElsewhere": {
			closedElsewhere(k, u, offboard.Done, false), closedElsewhere(k, u, offboard.Absent, false),
			closedElsewhere(k, u, offboard.Absent, true),
		},
		"notVisibleNow": {
			notVisibleNow(k, u, offboard.ErrListed), notVisibleNow(k, u, offboard.ErrEmptyList),
			notVisibleNow(k, u, offboard.ErrPlaceUnknown), notVisibleNow(k, u, offboard.ErrAbsenceNoEnd),
			notVisibleNow(k, u, offboard.ErrAccessUnproven), notVisibleNow(k, u, errSample),
			notVisibleNow(k, u, offboard.ErrClosedUnproven), notVisibleNow(k, u, offboard.ErrPerhapsListed),
		},
		"drift": slices.Concat(
			drift(
				k,
				closing.Record{Person: otherPerson, Facts: closing.Facts{"role": "author"}},
				u,
				suspended,
				closing.Facts{"role": "boss"},
			),
			drift(k, closing.Record{}, suspended, active, nil),
		),
		"statusDrift": slices.Concat(
			statusDrift(k, offboard.Active, u, suspended), statusDrift(k, offboard.Active, suspended, active),
			statusDrift(k, offboard.Closed, active, active),
		),
		"perhapsAnotherPerson": {perhapsAnotherPerson(k, otherPerson, u), perhapsAnotherPerson(k, offboard.Person{}, u)},
		"anotherKey":           one(anotherKey(k, u)),
		"anotherKeyAccepted":   one(anotherKeyAccepted(k, u)),
		"rightsChanged":        one(rightsChanged(k, u)),
		"anotherKeyRefused":    one(anotherKeyRefused(k, u)),
		"alsoNotRead":          one(alsoNotRead(k, u)),
		"alsoNotClosed":        one(alsoNotClosed(k, u)),
	}
}

func closingSamples(k userKind, u offboard.User) samples {
	var every []offboard.Finding
	for _, kind := range findingKinds {
		every = append(every, findingsOf(kind.kind)...)
	}
	return samples{
		"cannotCheck": one(cannotCheck(k, u, errSampleFault)),
		"protectedUser": {
			protectedUser(k, u, &closing.Refusal{Entry: u.Email}, sampleGuards),
			protectedUser(k, u, &closing.Refusal{Entry: u.Email, Former: true}, sampleGuards),
		},
		"anotherPerson":        one(anotherPerson(k, u, otherPerson)),
		"otherPeople":          one(otherPeople(k, u, otherPerson)),
		"notThePerson":         one(notThePerson(k, &closing.Refusal{Shown: u, Person: otherPerson})),
		"perhapsKeptAndClosed": one(perhapsKeptAndClosed(k)),
		"keptAndClosed":        one(keptAndClosed(k, u)),
		"replaceRefused":       one(replaceRefused(k, u)),
		"tooManyPlanned": {
			tooManyPlanned(k, u, closing.ClosureCount{Limit: 4, Count: 5, First: []string{"a", "b"}}, sampleGuards),
			tooManyPlanned(k, u, closing.ClosureCount{Limit: 1, Count: 4, Again: true}, sampleGuards),
		},
		"obstacles": slices.Concat(obstacles(k, u, every, false), obstacles(k, u, findingsOf(offboard.OpenOrder), true)),
		"willBeClosed": {
			willBeClosed(k, u, nil, closingOutlook{}),
			willBeClosed(
				k,
				u,
				findingsOf(offboard.FileTransfers),
				closingOutlook{reversible: true, readOnly: readOnlyText(sampleGuards)},
			),
			willBeClosed(
				k,
				u,
				nil,
				closingOutlook{unseen: true, reopened: true, reason: "HR-1234", earlier: closing.Progress{Done: []string{"block"}}},
			),
		},
	}
}

func destroySamples(k userKind, u offboard.User) samples {
	failure := func(err error) diag.Diagnostic {
		return notClosed(k, u, offboard.WrapStep("delete", err, "block"), closing.Review{User: u})
	}
	changed := closing.Refusal{Reason: closing.ChangedSinceReview, Changes: sampleClosure}
	return samples{
		"changedSinceReview": one(changedSinceReview(k, u, []closing.Change{{Fact: "role", Was: "author", Is: "boss"}})),
		"nothingWasThere":    nothingWasThere(k, u, findingsOf(offboard.NothingThere)),
		"closureUnproven":    one(closureUnproven(k, u)),
		"keptUnproven":       {keptUnproven(k, u, true, "read_only"), keptUnproven(k, u, false, "strict_plan")},
		"notClosed": {
			failure(offboard.ErrNotVisible), failure(&offboard.UnprovenError{Sent: errSampleFault, Read: errSampleFault}),
			failure(&offboard.UnprovenError{Sent: &offboard.DeclinedError{Err: errSample}, Read: errSample}),
			failure(&offboard.UnprovenError{Sent: errSampleFault, Read: offboard.ErrHidden}),
			failure(&offboard.UnprovenError{Sent: errSampleFault, Read: &offboard.FurtherCallError{Err: errSampleFault}}),
			failure(&offboard.UnprovenError{Sent: errSampleFault, Read: offboard.ErrListed}),
			failure(offboard.ErrStillOpen), failure(errSampleFault), failure(errSample), failure(context.Canceled),
			failure(fmt.Errorf("%w: %w", offboard.ErrStillOpen, context.Canceled)),
		},
		"resultUnknown": {
			failure(&offboard.UnprovenError{Read: errSample, Open: true}),
			failure(&offboard.UnprovenError{Read: &offboard.ObstacleError{Findings: findingsOf(offboard.RunningLab)}}),
			resultUnknown(k, u, &offboard.UnprovenError{Sent: errSampleFault, Read: errSample, Open: true}, ""),
			resultUnknown(k, u, &offboard.UnprovenError{Sent: errSampleFault, Read: offboard.ErrHidden, Open: true}, ""),
		},
		"notAsReviewed": one(notAsReviewed(k, u, &changed)),
		"stillOpen":     one(stillOpen(k, u, offboard.ErrStillOpen)),
		"refusedHere": one(
			refusedHere(k, u, &offboard.RefusedError{Findings: findingsOf(offboard.Balance)}, closing.Review{}),
		),
	}
}

func guardSamples(k userKind, u offboard.User) samples {
	var refusals diag.Diagnostics
	for reason := closing.NotReviewed; reason <= closing.OverBudget; reason++ {
		refusals = append(refusals, refusalMessage(k, u, sampleGuards, &closing.Refusal{
			Reason: reason, Err: errSample, Unknown: "never_close", Entry: "boss@acme.test", Shown: u, Person: otherPerson,
			Budget: errSampleBudget, Early: &sampleEarly,
		}))
	}
	return samples{
		"refusalMessage": refusals,
		"tooEarly": {
			tooEarly(k, u, &sampleEarly), tooEarly(k, u, &closing.Early{NotBefore: "soon"}),
			tooEarly(k, u, &closing.Early{NotBefore: "2026-12-31T18:00:00+01:00", Now: sampleEarly.Now, ByVendor: true}),
		},
		"readOnly":            one(readOnly(k, u, sampleGuards)),
		"keptLifted":          one(keptLifted(k, u)),
		"comparesNoAddress":   one(comparesNoAddress(k, u)),
		"unreadableGuard":     one(unreadableGuard(k, u, errSample)),
		"evidenceLost":        one(evidenceLost(k, u)),
		"guardUnknown":        one(guardUnknown(k, u, "never_close")),
		"notReviewed":         one(notReviewed(k, u)),
		"tooManyClosed":       one(tooManyClosed(k, u, closing.ClosureCount{Limit: 4, Count: 5}, sampleGuards)),
		"vanished":            one(vanished(k, u)),
		"notVisible":          one(notVisible(k, u, offboard.ErrEmptyList)),
		"notVisibleProtected": one(notVisibleProtected(k, u, "read_only")),
		"notVisiblePlanned":   one(notVisiblePlanned(k, u)),
		"budgetWithoutLog":    one(budgetWithoutLog()),
		"overLimit": one(
			overLimit(k, u, sampleGuards, &closing.Refusal{Reason: closing.OverBudget, Budget: errSampleBudget}),
		),
		"overBudget":      one(overBudget(k, u, errSampleBudget, sampleGuards)),
		"budgetUsedUp":    one(budgetUsedUp(k, u, errSampleBudget, sampleGuards)),
		"budgetTooSmall":  one(budgetTooSmall(k, u, closing.ClosureCount{Limit: 1, Count: 4, Again: true}, sampleGuards)),
		"notVisibleLeft":  one(notVisibleLeft(k, u)),
		"unprovenPlanned": one(unprovenPlanned(k, u)),
	}
}

// sampleEarly is a closure on the day before it may be made.
var sampleEarly = closing.Early{NotBefore: "2026-12-31", Now: time.Date(2026, 12, 30, 23, 59, 0, 0, time.UTC)}

// errSampleBudget is the refusal of a budget that two accounts have used up.
var errSampleBudget = &evidence.BudgetError{
	Budget: evidence.Budget{Count: 2, Within: 24 * time.Hour},
	Spent: evidence.Spent{Count: 7, Frees: time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC), Last: []evidence.Used{
		{Account: evidence.Account{Vendor: "ecgrid", ID: "30417"}, Who: inesEmail}, {Account: evidence.Account{Vendor: "x"}},
	}},
}

// sampleClosure is a closure that a plan did not know of.
var sampleClosure = []closing.Change{{Fact: "last closure", Was: "none", Is: "2026-11-03"}}

func listSamples(k userKind, u offboard.User) samples {
	return samples{
		"cannotList":   one(cannotList(k, errSampleFault)),
		"listCut":      one(listCut(k, 100)),
		"rowsNotRead":  one(rowsNotRead(k, diag.SeverityError, []string{"row 1"})),
		"listNotWhole": one(listNotWhole(k, diag.SeverityError, &rest.PartialError{Total: 3, Read: 2})),
		"idsNotUsable": one(idsNotUsable(k, []string{idRefused(u, errSample)})),
		"cannotShow":   one(cannotShow(k, errSample)),
	}
}

func searchSamples(k userKind, u offboard.User) samples {
	return samples{
		"searchNotWhole":    one(searchNotWhole(k, u.Email, errSample)),
		"searchMayMiss":     one(searchMayMiss(k, u.Email, errSample)),
		"foundAnother":      one(foundAnother(k, ottoEmail, u)),
		"absenceUnproven":   one(absenceUnproven(k, u, offboard.ErrAccessUnproven)),
		"cannotFind":        one(cannotFind(k, u.Email, errSampleFault)),
		"noSuchUserOrEmail": one(noSuchUserOrEmail(k, "x@acme.test", "a.test/")),
		"idAndEmail":        {idAndEmail(k, u.ID, u, offboard.User{}), idAndEmail(k, u.ID, u, samplePeople[0])},
		"severalWithEmail":  one(severalWithEmail(k, u.Email, samplePeople)),
	}
}

// Every function of the files with messages has a sample, so that the rules below hold for all
// messages.
func TestMessages_areAllSampled(t *testing.T) {
	t.Parallel()
	all := sampleMessages(ecgridKind, offboard.User{ID: "1"})
	files, err := filepath.Glob("*messages.go")
	if err != nil || len(files) < 8 {
		t.Fatalf("got the files %q, want those with messages: %v", files, err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if !ok || f.Type.Results == nil {
				continue
			}
			returned, ok := f.Type.Results.List[0].Type.(*ast.SelectorExpr)
			if ok && strings.HasPrefix(returned.Sel.Name, "Diagnostic") && len(all[f.Name.Name]) == 0 {
				t.Errorf("%s: got no sample of %s, want one", name, f.Name.Name)
			}
		}
	}
}

// samplePeople are users, some of them without a name or an address.
var samplePeople = []offboard.User{
	{ID: "30417", Name: inesName, Email: inesEmail, Status: offboard.Active},
	{ID: "30417", Email: inesEmail, Status: offboard.Active},
	{ID: "30417", Status: offboard.Active},
	{ID: "30417", Status: offboard.Active, Whose: inesEmail},
	{ID: "30417", Name: inesName, Email: inesEmail, Status: offboard.Active, Whose: "i.varga@acme.test"},
}

// eachMessage calls f with every message about every sample of a user, at every vendor.
func eachMessage(f func(name string, u offboard.User, d diag.Diagnostic)) {
	for _, k := range append(slices.Clone(kinds), parley) {
		for _, u := range samplePeople {
			for name, all := range sampleMessages(k, u) {
				for _, d := range all {
					f(k.name+", "+name, u, d)
				}
			}
		}
	}
}

func TestMessages_haveAShortSummary(t *testing.T) {
	t.Parallel()
	notes := regexp.MustCompile(` \(.*\)$`) // what is particular to an account, for -compact-warnings
	eachMessage(func(name string, u offboard.User, d diag.Diagnostic) {
		bare := notes.ReplaceAllString(strings.NewReplacer(short(u), "", u.ID, "").Replace(d.Summary()), "")
		if n := len(bare); n > 60 {
			t.Errorf("%s: got the summary %q of %d characters without the name, want at most 60", name, d.Summary(), n)
		}
		if d.Summary() == "" || strings.HasSuffix(d.Summary(), ".") {
			t.Errorf("%s: got the summary %q, want one without a period", name, d.Summary())
		}
	})
}

// sentenceEnd is where a sentence of a message ends: an abbreviation, a path and a version have no
// blank after the period.
var sentenceEnd = regexp.MustCompile(`[.:?](?: |$)`)

// sentences are the sentences of a detail. Blocks to paste are not among them.
func sentences(detail string) (all []string) {
	for line := range strings.Lines(detail) {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "  - ") {
			continue
		}
		all = append(all, sentenceEnd.Split(strings.TrimSpace(line), -1)...)
	}
	return all
}

func TestMessages_haveShortSentences(t *testing.T) {
	t.Parallel()
	eachMessage(func(name string, _ offboard.User, d diag.Diagnostic) {
		for _, s := range sentences(d.Detail()) {
			if n := len(strings.Fields(s)); n > 25 {
				t.Errorf("%s: got a sentence of %d words, want at most 25: %s", name, n, s)
			}
		}
	})
}

// unclear are words that no text for a person has: each has a plainer one in CONTRIBUTING.md, or is
// not clear when it is read once.
var unclear = regexp.MustCompile(
	`(?i:\b(take[sn]? over|e-mail|cancelled|nobody|anybody|who[ms]?oever|whom|anew|beforehand|lest|but for|in earnest|` +
		`let go of|out of sight|no trace|not shown|vouch\w*|deed|fate|for good|login|closings|` +
		`(the|a|each|every|this) closing|` +
		`stand(s|ing)? (in|behind|under|for)|is to be|are to be|` +
		`take .* for all)\b)|\bid\b`,
)

// technical are terms and quotes in which such a word stands for what it names.
var technical = regexp.MustCompile("`[^`]*`|closing calls?|id = |OFFBOARD_\\w+")

func TestMessages_haveClearWords(t *testing.T) {
	t.Parallel()
	eachMessage(func(name string, _ offboard.User, d diag.Diagnostic) {
		for _, text := range append(sentences(d.Detail()), d.Summary()) {
			if word := unclear.FindString(technical.ReplaceAllString(text, "")); word != "" {
				t.Errorf("%s: got the word %q in %q, want a plainer one", name, word, text)
			}
			if strings.Contains(text, "The user with ID") &&
				!strings.HasPrefix(strings.TrimLeft(text, "- 0123456789."), "The user with ID") {
				t.Errorf("%s: got %q, want a user without a name at the beginning of a sentence only", name, text)
			}
		}
	})
}

// An error says whether anything was changed, or how the account is left.
func TestMessages_ofErrorsSayWhatWasChanged(t *testing.T) {
	t.Parallel()
	says := regexp.MustCompile(
		`(?i)not changed|nothing was (changed|imported)|no request was made|stays in the state|` +
			`was not created|cannot be read`,
	)
	eachMessage(func(name string, _ offboard.User, d diag.Diagnostic) {
		if d.Severity() == diag.SeverityError && !says.MatchString(d.Detail()) && d.Summary() != "X" &&
			!strings.HasSuffix(name, "listNotWhole") &&
			!strings.HasSuffix(name, "rowsNotRead") {
			t.Errorf("%s: got %q, want it to say whether anything was changed", name, d.Detail())
		}
	})
}

// An account that was hidden and is open at the last read is not called hidden.
func TestMessages_doNotCallAnOpenAccountHidden(t *testing.T) {
	t.Parallel()
	for open, want := range map[bool]string{true: "shows the account open", false: "does not show the account any more"} {
		got := outcome(konstantlyKind, &offboard.UnprovenError{Sent: errSampleFault, Read: offboard.ErrHidden, Open: open})
		if !strings.Contains(got, want) || open && strings.Contains(got, "any more") {
			t.Errorf("open at the last read %t: got %q, want %q alone", open, got, want)
		}
	}
}

func TestMessages_markTheWordsOfTheVendor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  *rest.Error
		want string
	}{
		{"a code and words", errSampleFault, `DELETE /users/30417: HTTP 422. ECGrid says: "busy: Not now". `},
		{
			"words alone", &rest.Error{Method: "GET", Path: "/", Status: 400, Message: "No"},
			`GET /: HTTP 400. ECGrid says: "No". `,
		},
		{"none", &rest.Error{Method: "GET", Path: "/", Status: 400}, "GET /: HTTP 400. Clear"},
		{
			"those of a gateway",
			&rest.Error{Method: "GET", Path: "/", Status: 502, Message: "No", Err: &rest.OriginError{Origin: rest.Gateway}},
			`The answer says: "No". `,
		},
		{
			"none, from a cache", &rest.Error{Method: "GET", Path: "/", Status: 200, Err: &rest.AgeError{Age: time.Hour}},
			"how things are now. Try again when the cache no longer has the answer",
		},
	} {
		if got := cause(ecgridKind, c.err); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
