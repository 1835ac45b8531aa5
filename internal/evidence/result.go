package evidence

// Result is how a closure ended.
type Result string

// The results. Interrupted and Unfinished are never written. They are the results of a Closure
// without an outcome.
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

// Results are all results.
var Results = []Result{
	Closed, Suspended, AlreadyClosed, NotVisible, Refused, RefusedByGuard, Failed, Unproven, Interrupted, Unfinished,
}

// formerly has the names of results in logs of older versions.
var formerly = map[Result]Result{"blocked": Suspended, "nothing there": NotVisible}

var meanings = map[Result]string{
	Closed:         "the vendor shows the account as closed",
	Suspended:      "the vendor shows the account as suspended, and no more was asked for",
	AlreadyClosed:  "the vendor showed the account as closed before this run changed anything",
	NotVisible:     "the vendor shows no such account: it was closed before, never existed, or the API key may not see it",
	Refused:        "an obstacle was found, and the vendor took no closing call",
	RefusedByGuard: "a guard of the configuration refused it, and the vendor took no closing call",
	Failed:         "the account is not closed, as far as the vendor tells",
	Unproven:       "a closing call was sent, and no answer proves that the account is closed",
	Interrupted:    "the run ended before it could write an outcome, and a later run continued the closure",
	Unfinished:     "the run ended before it could write an outcome, or it is still at work",
}

// Meaning returns the result in a few words, or the empty string if this version does not know it.
func (r Result) Meaning() string { return meanings[r] }

// Done reports whether the account was left as the intent wanted.
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
