package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// severity says how much a finding of the preflight matters.
type severity int

const (
	severityInfo     severity = iota // good to know
	severityMayBlock                 // may block the closure: the vendor decides
	severityBlocks                   // blocks the closure, and a person can clear it
	severityFatal                    // no run can fix it
)

// String returns the severity as a person reads it.
func (s severity) String() string { return [...]string{"info", "may block", "blocks", "fatal"}[s] }

// findingKind says of a kind of finding what a person reads of it.
type findingKind struct {
	kind     offboard.Kind
	severity severity
	text     string // the sentence, to fill in: see sentence
	remedy   string // how a person clears it; empty for what cannot be cleared
	general  bool   // it is true of every user of the vendor
}

// findingKinds are all kinds of findings.
var findingKinds = []findingKind{
	{
		kind: offboard.OwnUser, severity: severityFatal,
		text:   "it is the user {quoted}, who owns the provider's own API key, and the API key would end too",
		remedy: "Use the API key of another user.",
	},
	{
		kind: offboard.Balance, severity: severityBlocks, text: "it holds {subject}",
		remedy: "Ask the person to withdraw or transfer every currency until each balance is exactly zero. " +
			"The person confirms each withdrawal with a code from an email.",
	},
	{
		kind: offboard.OpenOrder, severity: severityMayBlock, text: "it has an open order: {subject}",
		remedy: "Cancel the order, or wait until it and every transaction are done.",
	},
	{
		kind: offboard.PendingTransaction, severity: severityMayBlock, text: "it has a pending transaction: {subject}",
		remedy: "Cancel the order, or wait until it and every transaction are done.",
	},
	{
		kind: offboard.AttachedClient, severity: severityMayBlock, text: "it is the advisor of the client {quoted}",
		remedy: "Move the clients to another advisor, or close them first.",
	},
	{
		kind: offboard.RunningLab, severity: severityBlocks, text: "the lab {subject} is running",
		remedy: "Have the lab ended, or set cancel_running_labs = true and apply that before you remove the block.",
	},
	{
		kind: offboard.ForeignLab, severity: severityBlocks,
		text:   "nothing shows that the running lab {subject} belongs to this user, so it is not canceled",
		remedy: "Wait until the lab has ended, or have its owner end it.",
	},
	{
		kind: offboard.BusyLab, severity: severityBlocks, text: "the lab {subject} is being saved or graded",
		remedy: "Wait until the lab is saved or graded.",
	},
	{kind: offboard.CanceledLab, text: "the running lab {subject} is canceled first"},
	{
		kind: offboard.RefusalNotKnowable, general: true,
		text: "{vendor} may refuse to block a user who is the expert of a course, and does not say so before the closure",
	},
	{
		kind: offboard.FileTransfers, general: true,
		text: "file transfers may run with this sign-in, and {vendor} does not list them",
	},
	{kind: offboard.CheckNotPermitted, text: "the API key may not read {subject}, so that was not checked"},
	{kind: offboard.CheckSkipped, text: "the check of {subject} was skipped: {reason}"},
	{kind: offboard.ExistenceUnprovable, text: "this ID is not visible in {vendor}, so check it letter by letter"},
	{kind: offboard.OtherPeople, text: "other labs under this ID show {subject}"},
	{kind: offboard.Obstacle, severity: severityBlocks, text: "{subject}", remedy: "{reason}"},
	{kind: offboard.Warning, text: "{subject}{advice}"},
	{kind: offboard.NothingThere, text: "{vendor} had no record to close"},
}

// findingOf returns what is known of a kind of finding. One that this version does not know may
// block.
func findingOf(kind offboard.Kind) findingKind {
	i := slices.IndexFunc(findingKinds, func(known findingKind) bool { return known.kind == kind })
	if i < 0 {
		return findingKind{kind: kind, severity: severityMayBlock, text: strings.TrimSpace(string(kind) + " {subject}")}
	}
	return findingKinds[i]
}

// sentence words a finding of this kind.
func (kind findingKind) sentence(k userKind, f offboard.Finding) string {
	reason := cmp.Or(f.Reason, "the rate limit of "+k.title+" left no time for it")
	advice := ""
	if f.Reason != "" {
		advice = " (" + strings.TrimRight(f.Reason, ".") + ")"
	}
	fill := strings.NewReplacer(
		"{advice}", advice,
		"{vendor}", k.title, "{subject}", f.Subject, "{quoted}", strconv.Quote(f.Subject), "{reason}", reason)
	return strings.TrimSpace(fill.Replace(kind.text))
}

// sentence words a finding.
func sentence(k userKind, f offboard.Finding) string { return findingOf(f.Kind).sentence(k, f) }

// findingLines words findings with their severities, the most severe first.
func findingLines(k userKind, findings []offboard.Finding) []string {
	sorted := slices.SortedStableFunc(slices.Values(findings), func(a, b offboard.Finding) int {
		return cmp.Compare(findingOf(b.Kind).severity, findingOf(a.Kind).severity)
	})
	var lines []string
	for _, f := range sorted {
		lines = append(lines, fmt.Sprintf("%s: %s", findingOf(f.Kind).severity, sentence(k, f)))
	}
	return lines
}

// stopped reports whether a finding blocks the closure as things are.
func stopped(findings []offboard.Finding) bool {
	return slices.ContainsFunc(findings, func(f offboard.Finding) bool {
		return findingOf(f.Kind).severity == severityBlocks
	})
}

// remedies say how a person clears findings, each remedy once.
func remedies(findings []offboard.Finding) string {
	var all []string
	for _, f := range findings {
		remedy := strings.ReplaceAll(findingOf(f.Kind).remedy, "{reason}", f.Reason)
		if remedy != "" && !slices.Contains(all, remedy) {
			all = append(all, remedy)
		}
	}
	if len(all) > 1 {
		return steps(all...)
	}
	return strings.Join(all, "")
}
