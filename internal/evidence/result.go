package evidence

// Result says what came of a closing.
type Result string

// The results. Interrupted and Unfinished are never written: they are what a Closure without an
// outcome is.
const (
	Closed         Result = "closed"
	Suspended      Result = "suspended" // for Block only
	AlreadyClosed  Result = "already closed"
	NotVisible     Result = "not visible"
	Refused        Result = "refused"
	RefusedByGuard Result = "refused by guard"
	Failed         Result = "failed"
	Unproven       Result = "unproven"
	Interrupted    Result = "interrupted"
	Unfinished     Result = "unfinished"
)

// Results are all of them.
var Results = []Result{
	Closed, Suspended, AlreadyClosed, NotVisible, Refused, RefusedByGuard, Failed, Unproven, Interrupted, Unfinished,
}

// formerly are the names of results in logs of older versions.
var formerly = map[Result]Result{"blocked": Suspended, "nothing there": NotVisible}

var meanings = map[Result]string{
	Closed:         "the vendor shows the account as closed",
	Suspended:      "the vendor shows the account as suspended, which was all that was to be done",
	AlreadyClosed:  "the vendor showed the account as closed before this run changed anything",
	NotVisible:     "the vendor shows no account: it was closed before, never existed, or the key may not see it",
	Refused:        "an obstacle was found, and the vendor took no closing call",
	RefusedByGuard: "a guard of the configuration refused it, and the vendor took no closing call",
	Failed:         "the account is not closed, as far as the vendor tells",
	Unproven:       "a closing call was made, and no answer shows its effect",
	Interrupted:    "the run ended before it could write an outcome, and a later one continued the closing",
	Unfinished:     "the run ended before it could write an outcome, or it is still at work",
}

// Meaning is the result in a few words; empty for one that this version does not know.
func (r Result) Meaning() string { return meanings[r] }

// Done reports whether the account was left as the intent wanted it.
func (r Result) Done() bool { return r == Closed || r == Suspended || r == AlreadyClosed }

// UnmarshalText implements encoding.TextUnmarshaler. It reads the names that older versions wrote,
// too.
func (r *Result) UnmarshalText(text []byte) error {
	*r = Result(text)
	if now, ok := formerly[*r]; ok {
		*r = now
	}
	return nil
}
