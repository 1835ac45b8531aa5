// Package contract compares what a vendor answers with what its client believes of it. It knows no
// vendor and nothing of Terraform. Each vendor has its facts in a table of its own, the questions
// that a check asks beside it, and a function that judges the answers for each fact that they
// decide.
//
// No value of a person leaves this package: a judgment says what form an answer has, and prints only
// words that the vendor's documentation has, and names of fields.
package contract

import (
	"context"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Fact is one thing that a client believes of its vendor.
type Fact struct {
	Name   string // stable, in lower case with hyphens
	Says   string // a sentence
	Source string // the address that says so; empty for what is assumed
	// Switch is the switch of the mock that plays the contrary, so that tests run both answers: a
	// closure is right, or its error is clear. It is empty for none.
	Switch string
	Judge  Judge // decides it; nil if a check cannot
}

// Judge decides a fact by what came.
type Judge func(*Transcript) Judgment

// Verdict is what a check says of a fact.
type Verdict string

// The verdicts.
const (
	Documented Verdict = "documented" // as the documentation says
	Assumed    Verdict = "assumed"    // as the client assumes
	Contrary   Verdict = "contrary"   // otherwise, in a way that the mock plays
	New        Verdict = "new"        // otherwise, in a way that nothing plays
	Undecided  Verdict = "undecided"
)

// Judgment is what the answers say of a fact. Switch is the setting of the mock that plays a
// contrary answer.
type Judgment struct {
	Verdict      Verdict
	Seen, Switch string
}

// holds is the verdict of a judgment until the source of its fact is known.
const holds Verdict = "holds"

// Holds is the judgment that an answer is as the client believes.
func Holds(seen string) Judgment { return Judgment{Verdict: holds, Seen: seen} }

// IsContrary is the judgment that an answer is the one that a setting of the mock plays.
func IsContrary(setting, seen string) Judgment {
	return Judgment{Verdict: Contrary, Seen: seen, Switch: setting}
}

// IsNew is the judgment that an answer is one that no setting of the mock plays.
func IsNew(seen string) Judgment { return Judgment{Verdict: New, Seen: seen} }

// Open is the judgment that the answers do not decide a fact, and why.
func Open(why string) Judgment { return Judgment{Verdict: Undecided, Seen: why} }

// NotAsked is the judgment if no answer came that could decide a fact.
func NotAsked() Judgment { return Open("not tried: the answer that decides this did not come") }

// judge returns the judgment of a fact.
func (f *Fact) judge(t *Transcript) Judgment {
	if f.Judge == nil {
		return Open("not tried: the check makes no request that decides this")
	}
	j := f.Judge(t)
	switch {
	case j.Verdict == holds && f.Source == "":
		j.Verdict = Assumed
	case j.Verdict == holds:
		j.Verdict = Documented
	}
	return j
}

// Stage is how far a sacrificial user is.
type Stage string

// The stages.
const (
	Before    Stage = "before"
	Suspended Stage = "suspended"
	Closed    Stage = "closed"
)

// Vendor is what a check needs of a vendor's client. Its answers go to the transcript of ctx.
type Vendor interface {
	Facts() []Fact
	// Ask asks about the key, lists and users who do not exist. It changes nothing.
	Ask(ctx context.Context)
	// AskOf asks about one user who is at a stage. It changes nothing.
	AskOf(ctx context.Context, at Stage, u offboard.User)
	// Again makes the call that led to a stage once more. The vendor has just shown that its effect is
	// there.
	Again(ctx context.Context, at Stage, id string)
}

// Worst returns the judgment that says most: a contrary or new answer, else one that holds, else an
// open one. Of none, it is the one that nothing was asked.
func Worst(all ...Judgment) Judgment {
	if len(all) == 0 {
		return NotAsked()
	}
	rank := []Verdict{Undecided, holds, New, Contrary}
	return slices.MaxFunc(all, func(a, b Judgment) int {
		return slices.Index(rank, a.Verdict) - slices.Index(rank, b.Verdict)
	})
}

// EachRow judges the rows of a list, and returns the judgment that says most. If there is none, it is an
// open one that says so in the words of empty.
func EachRow(rows []any, empty string, judge func(row any) Judgment) Judgment {
	if len(rows) == 0 {
		return Open(empty)
	}
	var all []Judgment
	for _, row := range rows {
		all = append(all, judge(row))
	}
	return Worst(all...)
}
