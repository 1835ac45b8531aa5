package mock

import (
	"net/http"
	"slices"
	"time"
)

// Named is a fault with a name for tests to print.
type Named struct {
	Name  string
	Fault Fault
}

// Lies returns answers that are well-formed and not true, one of each way, always in the same
// order. None of them sets a vendor, a route or a number of requests. A test ranges over them, or
// draws one.
func Lies() []Named {
	all := slices.Concat(liesAboutState(), liesAboutLists(), liesAboutUsers())
	for _, m := range AllMalformed {
		all = append(all, Named{"text with " + m.String(), Fault{Lie: MalformedText{m}}})
	}
	return append(all, liesInForm()...)
}

// liesAboutState are those that answer with another state than the vendor's.
func liesAboutState() []Named {
	return []Named{
		{"stale: as before the last request", Fault{Lie: Stale{Requests: 1}}},
		{"stale: as five requests ago", Fault{Lie: Stale{Requests: 5}}},
		{"stale: as ten seconds ago", Fault{Lie: Stale{Age: 10 * time.Second}}},
		{"stale: no user is there yet", Fault{Lie: Stale{Requests: 1 << 30}}},
		{"nothing visible to the key: lists stay", Fault{Lie: NotVisible{}}},
		{"nothing visible to the key: lists are empty", Fault{Lie: NotVisible{Lists: true}}},
		{"demoted key", Fault{Lie: NotVisible{Level: "General"}}},
		{"key of another network", Fault{Lie: NotVisible{Network: 99}}},
	}
}

// liesAboutLists are those that answer with an incomplete list, or without a filter.
func liesAboutLists() []Named {
	return []Named{
		{"empty list", Fault{Lie: Listing{Empty: true}}},
		{"page of ten", Fault{Lie: Listing{Page: 10}}},
		{"page of one", Fault{Lie: Listing{Page: 1}}},
		{"last row of each page missing", Fault{Lie: Listing{Short: 1}}},
		{"total too high", Fault{Lie: Listing{Total: TotalHigher}}},
		{"total too low", Fault{Lie: Listing{Total: TotalLower}}},
		{"total of the page", Fault{Lie: Listing{Total: TotalOfPage}}},
		{"always the same page", Fault{Lie: Ignore{Paging}}},
		{"role ignored", Fault{Lie: Ignore{[]string{"accountRole"}}}},
		{"mailbox ignored", Fault{Lie: Ignore{[]string{"mailboxId"}}}},
		{"level and status ignored", Fault{Lie: Ignore{[]string{"authLevel", "status"}}}},
		{"user ignored", Fault{Lie: Ignore{[]string{"userid"}}}},
		{"search ignored", Fault{Lie: Ignore{[]string{"query", "login"}}}},
	}
}

// liesAboutUsers are those about an absence, about an accepted call, and about the person.
func liesAboutUsers() []Named {
	malformed := MalformedControl.Of(MalformedANSI.Of("Not now"))
	return []Named{
		{"redeploy: the vendor's 404", Fault{Lie: Absent{Status: 404}}},
		{"redeploy: a gateway's 404", gateway(`{"message":"no Route matched with those values","request_id":"0f1e"}`)},
		{"redeploy: a framework's 404", gateway(
			`{"timestamp":"2031-02-03T04:05:06.000+00:00","status":404,"error":"Not Found","path":"/"}`)},
		{"queue: never done", Fault{Lie: Queue{}}},
		{"queue: done five requests later", Fault{Lie: Queue{Requests: 5}}},
		{"queue: done a minute later", Fault{Lie: Queue{Wait: time.Minute}}},
		{"accepted without effect", Fault{Pretend: true}},
		{"another person", Fault{Lie: OtherPerson{Name: "Otto Berg", Email: "otto@acme.test"}}},
		{"another name, address gone", Fault{Lie: OtherPerson{Name: "Otto Berg"}}},
		{"name and address gone", Fault{Lie: OtherPerson{}}},
		{"410 in the vendor's form", Fault{Lie: Absent{Status: 410, Text: "Gone"}}},
		{"200 with an error in the vendor's form", Fault{Lie: Absent{Status: 200}}},
		{"404 in the vendor's form about something else", Fault{Lie: Absent{Status: 404, Text: "No such endpoint"}}},
		{"422 with a malformed message", Fault{Lie: Absent{Status: 422, Text: malformed}}},
	}
}

// gateway returns a 404 of a gateway before the vendor.
func gateway(body string) Fault {
	header := http.Header{"Content-Type": {"application/json"}}
	return Fault{Status: http.StatusNotFound, Header: header, Body: body}
}

// liesInForm are those that are only in how an answer is written.
func liesInForm() []Named {
	return []Named{
		{"403 page of a CDN", Fault{
			Status: http.StatusForbidden,
			Header: http.Header{"Content-Type": {"text/html"}, "Server": {"cloudflare"}, "Cf-Ray": {"8f0-TST"}},
			Body:   "<!DOCTYPE html><title>Attention Required!</title><h1>Sorry, you have been blocked</h1>",
		}},
		{"429 for 317 years", Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"9999999999"}}}},
		{"byte order mark", Fault{Lie: WithBOM}},
		{"IDs of other types", Fault{Lie: IDTypes}},
		{"enums as numbers", Fault{Lie: EnumTypes}},
		{"unneeded fields of other types", Fault{Lie: UnneededTypes}},
		{"keys twice", Fault{Lie: SecondKey}},
		{"gzip", Fault{Lie: Gzipped}},
		{"unknown encoding", Fault{Lie: OtherEncoding}},
	}
}
