package contract

import (
	"net/http"
	"slices"
)

// Stop says why a check went no further with a sacrificial user, as the end of a sentence. The first
// reason counts.
func (t *Transcript) Stop(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped == "" {
		t.stopped = why
	}
}

// Answers returns how many answers came.
func (t *Transcript) Answers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// NotTried is the judgment if nothing was asked about a sacrificial user, and why not.
func (t *Transcript) NotTried() Judgment {
	switch ofUser := t.All(func(x *Exchange) bool { return x.User != "" }); {
	case len(ofUser) == 0:
		return Open("not tried: the check had no test user to change")
	case t.stopped != "":
		return Open("not tried: " + t.stopped)
	}
	return NotAsked()
}

// OfUsers returns the judgment that says most of those about the sacrificial users.
func (t *Transcript) OfUsers(all ...Judgment) Judgment {
	if len(all) == 0 {
		return t.NotTried()
	}
	return Worst(all...)
}

// EachOf judges answers about sacrificial users, and returns the judgment that says most.
func (t *Transcript) EachOf(found []*Exchange, judge func(*Exchange) Judgment) Judgment {
	var all []Judgment
	for _, x := range found {
		all = append(all, judge(x))
	}
	return t.OfUsers(all...)
}

// Each judges the last answer with a label about each sacrificial user, and returns the judgment that
// says most.
func (t *Transcript) Each(label string, judge func(*Exchange) Judgment) Judgment {
	found := t.All(func(x *Exchange) bool { return x.Label == label })
	last := map[string]*Exchange{}
	for _, x := range found {
		last[x.User] = x
	}
	return t.EachOf(slices.DeleteFunc(found, func(x *Exchange) bool { return last[x.User] != x }), judge)
}

// Busy judges whether the vendor refused a request with HTTP 429.
func Busy(judge func(*Exchange) Judgment) Judge {
	return func(t *Transcript) Judgment {
		found := t.All(func(x *Exchange) bool { return x.Status == http.StatusTooManyRequests })
		if len(found) == 0 {
			return Open("no request was refused with HTTP 429")
		}
		return judge(found[0])
	}
}

// RetryAfter judges whether an HTTP 429 says how long to wait, which a client believes or not.
func RetryAfter(believed bool, setting string) Judge {
	return Busy(func(x *Exchange) Judgment {
		switch has := x.Header.Get("Retry-After") != ""; {
		case has == believed && has:
			return Holds("HTTP 429 has Retry-After")
		case has == believed:
			return Holds("HTTP 429 has no Retry-After")
		case has:
			return IsContrary(setting, "HTTP 429 has Retry-After")
		}
		return IsContrary(setting, "HTTP 429 has no Retry-After")
	})
}
