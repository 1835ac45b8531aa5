package ecgrid

import (
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

func judgeTerminate(t *contract.Transcript) contract.Judgment {
	return t.EachOf(terminations(t), func(x *contract.Exchange) contract.Judgment { return judgeTermination(t, x) })
}

// judgeTermination judges the answer to a first termination.
func judgeTermination(t *contract.Transcript, x *contract.Exchange) contract.Judgment {
	data, _ := contract.At(x.Body, "data")
	done := showsTerminated(t, x)
	switch refused := x.OK() && data == false; {
	case x.OK() && data == true && done:
		return contract.Holds(says(x) + "; a later read shows the user as terminated")
	case x.OK() && data == true:
		return contract.Open(says(x) + "; no later read shows the status Terminated")
	case refused && done:
		return contract.IsContrary("Terminate = TerminateFalseDone", says(x)+"; a later read shows Terminated")
	case refused:
		return contract.IsContrary("Terminate = TerminateFalse", says(x)+"; no read shows Terminated")
	case isCode(x, "AccessDenied"):
		return contract.Open(says(x))
	}
	return contract.IsNew(says(x))
}

// showsTerminated reports whether a read after a termination shows the status Terminated, or no user.
func showsTerminated(t *contract.Transcript, x *contract.Exchange) bool {
	return len(t.After(x, func(y *contract.Exchange) bool { return isRead(y, x.User) && showsClosed(y) })) > 0
}

// showsClosed reports whether a read shows the status Terminated, or no user.
func showsClosed(x *contract.Exchange) bool {
	return isNotFound(x) || x.OK() && contract.Text(x.Body, "data", "status") == "Terminated"
}

// afterTermination judges the last answer with a label about each sacrificial user. One who was not
// terminated decides nothing.
func afterTermination(
	t *contract.Transcript, label string, judge func(*contract.Exchange) contract.Judgment,
) contract.Judgment {
	return t.Each(label, func(x *contract.Exchange) contract.Judgment {
		if !wasTerminated(t, x.User) {
			return contract.Open("not tried: the user was not terminated")
		}
		return judge(x)
	})
}

// wasTerminated reports whether a termination of a user was accepted, or its effect was read.
func wasTerminated(t *contract.Transcript, user string) bool {
	return slices.ContainsFunc(terminations(t), func(x *contract.Exchange) bool {
		data, _ := contract.At(x.Body, "data")
		return x.User == user && (x.OK() && data == true || showsTerminated(t, x))
	})
}

func judgeLevel(t *contract.Transcript) contract.Judgment {
	me, ok := own(t)
	first := terminations(t)
	level := contract.Text(me, "authLevel")
	rank := slices.IndexFunc(levels, func(known string) bool { return strings.EqualFold(known, level) })
	switch {
	case len(first) == 0:
		return t.NotTried()
	case !ok || rank < 0:
		return contract.Open("the level of the own user is not known")
	case rank <= slices.Index(levels, "NetworkAdmin"):
		return contract.Open("the own user has the level NetworkAdmin or a higher one")
	case isCode(first[0], "AccessDenied"):
		return contract.Holds("refused with a lower level: " + says(first[0]))
	case first[0].OK():
		return contract.IsContrary("AnyLevel = true", "accepted with a lower level: "+says(first[0]))
	}
	return contract.Open("refused for another reason than the level: " + says(first[0]))
}

func judgeAtOnce(t *contract.Transcript) contract.Judgment {
	return t.EachOf(terminations(t), func(x *contract.Exchange) contract.Judgment { return judgeFirstReads(t, x) })
}

// judgeFirstReads judges the reads of the closure after a termination.
func judgeFirstReads(t *contract.Transcript, x *contract.Exchange) contract.Judgment {
	reads := t.After(x, func(y *contract.Exchange) bool {
		return y.Label == x.Label && isRead(y, x.User) && (y.OK() || isNotFound(y))
	})
	data, _ := contract.At(x.Body, "data")
	switch {
	case (!x.OK() || data != true) && showsTerminated(t, x):
		return contract.Open(
			"not counted: a later read shows the user as terminated, but the termination was not accepted: " + says(x),
		)
	case !x.OK() || data != true:
		return contract.Open("not tried: the termination was not accepted: " + says(x))
	case len(reads) == 0:
		return contract.Open("not tried: no read came after the termination")
	case slices.ContainsFunc(reads, showsOpen):
		return contract.IsContrary("SlowTerminate = 2", "a read after the termination still shows the user as before")
	case showsClosed(reads[0]):
		return contract.Holds("the first read after the termination shows the user as terminated: " + says(reads[0]))
	}
	return contract.Open("the first read after the termination shows no documented status")
}

// showsOpen reports whether an answer shows a documented status other than Terminated.
func showsOpen(x *contract.Exchange) bool {
	return x.OK() && slices.Contains(statuses[:len(statuses)-1], contract.Text(x.Body, "data", "status"))
}

func judgeReadable(t *contract.Transcript) contract.Judgment {
	return afterTermination(t, askClosed, func(x *contract.Exchange) contract.Judgment {
		switch {
		case isNotFound(x):
			return contract.IsContrary("TerminatedNotFound = true", says(x))
		case x.OK() && x.Has("data", "userId"):
			return contract.Holds("HTTP 200 with the user")
		}
		return contract.IsNew(says(x))
	})
}

func judgeDropped(t *contract.Transcript) contract.Judgment {
	me, _ := own(t)
	_, usual := contract.At(me, "status")
	return afterTermination(t, askClosed, func(x *contract.Exchange) contract.Judgment {
		status, has := contract.At(x.Body, "data", "status")
		switch {
		case !x.OK() || !x.Has("data", "userId"):
			return contract.Open("the user cannot be read")
		case !usual:
			return contract.Open("no user has a status")
		case !has:
			return contract.IsContrary("StatusDropped = true", "the user has no status any more")
		case contract.Kind(status) == "a number":
			return contract.Open("the status is a number")
		case strings.EqualFold(contract.Text(status), "Terminated"):
			return contract.Holds(`the status is "Terminated"`)
		}
		return contract.IsNew("the status is " + contract.Word(status, statuses))
	})
}

func judgeAgain(t *contract.Transcript) contract.Judgment {
	return t.Each(askAgain, func(x *contract.Exchange) contract.Judgment {
		data, _ := contract.At(x.Body, "data")
		switch {
		case isNotFound(x):
			return contract.Holds(says(x))
		case isCode(x, "InvalidParameter"):
			return contract.IsContrary("Again = AgainInvalid", says(x))
		case x.OK() && data == false:
			return contract.IsContrary("Again = AgainFalse", says(x))
		case x.OK() && data == true:
			return contract.IsContrary("Again = AgainTrue", says(x))
		}
		return contract.IsNew(says(x))
	})
}
