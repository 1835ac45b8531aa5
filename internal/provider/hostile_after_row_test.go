package provider

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// konstantlyRow is a row of the list of Konstantly.
func konstantlyRow(id, name, email, banned string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"email":%q,"isBanned":%s,"role":{"alias":"learner"}}`, id, name, email, banned)
}

// movingRow plays a site that takes the deletion into a queue and hides who is blocked from a read. The row
// of the user is the last one of the first page, and on the second one after moved.
func movingRow(f *liar, v vendorCase, row string, moved func() bool) {
	deleted := false
	f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
		switch {
		case r.Method == http.MethodDelete:
			deleted = true
			return say(w, http.StatusOK, `{}`)
		case deleted && at == "/users/"+v.id:
			return say(w, http.StatusNotFound, `{"status":404,"message":"Not found"}`)
		case !deleted || at != "/users":
			return false
		}
		var rows []string
		before := 19
		if moved() {
			before = 20
		}
		for i := range before {
			rows = append(rows, konstantlyRow(fmt.Sprintf("a%d", i), "Aaron", fmt.Sprintf("a%d@acme.test", i), "false"))
		}
		rows = append(rows, row)
		total := len(rows)
		first, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		rows = rows[min(first, total):min(first+20, total)]
		return say(w, http.StatusOK, fmt.Sprintf(`{"users":[%s],"totalCount":%d}`, strings.Join(rows, ","), total))
	}
}

// Another user comes before the row while the closing call waits in a queue, or before the next run. The site
// may have emptied the row by then, or renamed it.
func TestHostile_aRowThatMovesToTheNextPageStaysOpen(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	for name, row := range map[string]string{
		"as it was":  konstantlyRow(v.id, inesName, inesEmail, "true"),
		"empty":      konstantlyRow(v.id, "", "", "true"),
		"renamed":    konstantlyRow(v.id, "Deleted user", "deleted-1@acme.test", "true"),
		"unreadable": konstantlyRow(v.id, inesName, inesEmail, "null"),
	} {
		for _, later := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in the next run %t", name, later), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					d := f.process(t)
					p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
					lists, next := 0, false
					movingRow(f, v, row, func() bool { lists++; return next || !later && lists > 1 })
					after, _ := f.apply(t, d, p)
					f.wantOpen(t, v, after)
					next = true
					d = f.process(t)
					again, _ := d.read(after)
					if p, diags := d.planDestroy(again); diags.errors() == "" {
						after, _ = f.apply(t, d, p)
						f.wantOpen(t, v, after)
					}
				})
			})
		}
	}
}

// A row showed the account after the accepted deletion, and is on the next page later. The state is not saved
// then, or only the last look of the run shows the row, or the refresh after it, or empty lists follow it.
func TestHostile_aRowIsRememberedWhereverItWasSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		unsaved  bool
		refresh  bool // it moves after the refresh only
		row      string
		settings attributes
		instead  func(w http.ResponseWriter, r *http.Request, deleted time.Duration, lists int) bool
	}{
		"the state is not saved": {unsaved: true},
		"in the refresh": {
			refresh: true,
			row:     konstantlyRow(konstantlyCase.id, "", "", "true"),
			instead: func(w http.ResponseWriter, r *http.Request, deleted time.Duration, _ int) bool {
				return r.Method == http.MethodGet && deleted < time.Hour && say(w, http.StatusServiceUnavailable, "down")
			},
		},
		"in the last look": {instead: func(w http.ResponseWriter, r *http.Request, deleted time.Duration, _ int) bool {
			return r.Method == http.MethodGet && deleted < 3*time.Minute && say(w, http.StatusServiceUnavailable, "down")
		}},
		"before empty lists": {
			settings: attributes{"strict_plan": true},
			instead: func(w http.ResponseWriter, r *http.Request, deleted time.Duration, lists int) bool {
				return strings.HasSuffix(r.URL.Path, "/users") && lists > 0 && deleted < time.Hour &&
					say(w, http.StatusOK, `{"users":[],"totalCount":0}`)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				process := func() *driver {
					settings := attributes{"evidence_log": f.log}
					maps.Copy(settings, c.settings)
					return virtualDriver(t, f, settings)
				}
				d := process()
				before := d.setTimeout(d.mustImport(v.kind, v.id), "3m")
				p := d.mustPlanDestroy(before)
				var deleted time.Time
				lists, moved := 0, false
				movingRow(
					f,
					v,
					cmp.Or(c.row, konstantlyRow(v.id, inesName, inesEmail, "true")),
					func() bool { lists++; return moved },
				)
				row := f.answer
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					if r.Method == http.MethodDelete {
						deleted = time.Now()
					}
					instead := c.instead != nil && !deleted.IsZero() && c.instead(w, r, time.Since(deleted), lists)
					return instead || row(w, r, at)
				}
				after, _ := f.apply(t, d, p)
				f.wantOpen(t, v, after)
				if c.unsaved {
					after = before
				}
				moved = !c.refresh
				time.Sleep(2 * time.Hour)
				d = process()
				again, _ := d.read(after)
				moved = true
				if p, diags := d.planDestroy(again); diags.errors() == "" {
					after, _ = f.apply(t, d, p)
					f.wantOpen(t, v, after)
				}
			})
		})
	}
}

// The site is down after the accepted deletion. A later run sees the row of somebody renamed or emptied, and
// the next look finds it on the second page, or an empty list first.
func TestHostile_aRowIsRememberedFromOneLookToTheNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row     string
		unsaved bool     // the state of the first run is not saved, so that only the log knows of the call
		looks   []string // of the runs after it, each with the page of the row
	}{
		"in a refresh, beside a log alone": {
			row: konstantlyRow(konstantlyCase.id, "", "", "true"), unsaved: true, looks: []string{"refresh 1", "apply 2"},
		},
		"in the first look of an apply": {
			row:   konstantlyRow(konstantlyCase.id, "Deleted user", "deleted-1@acme.test", "true"),
			looks: []string{"apply 1", "refresh 2", "apply 2"},
		},
		"before an empty list": {
			row:   konstantlyRow(konstantlyCase.id, "Deleted user", "deleted-1@acme.test", "true"),
			looks: []string{"refresh 1", "apply empty"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				d := f.process(t)
				before := d.setTimeout(d.mustImport(v.kind, v.id), "3m")
				p := d.mustPlanDestroy(before)
				page, down := "1", false
				movingRow(f, v, c.row, func() bool { return page == "2" })
				row := f.answer
				deleted := false
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch {
					case r.Method == http.MethodDelete:
						deleted = true
					case deleted && down:
						return say(w, http.StatusServiceUnavailable, "down")
					case page == "empty" && at == "/users":
						page = "2"
						return say(w, http.StatusOK, `{"users":[],"totalCount":0}`)
					}
					return row(w, r, at)
				}
				down = true
				after, _ := f.apply(t, d, p)
				f.wantOpen(t, v, after)
				down = false
				if c.unsaved {
					after = before
				}
				for _, look := range c.looks {
					time.Sleep(2 * time.Hour)
					d = f.process(t)
					var what string
					what, page, _ = strings.Cut(look, " ")
					if what == "refresh" {
						after, _ = d.read(after)
						continue
					}
					asked := page
					page = "2"
					p, diags := d.planDestroy(after)
					if page = asked; diags.errors() == "" {
						after, _ = f.apply(t, d, p)
						f.wantOpen(t, v, after)
					}
				}
			})
		})
	}
}

// The same account is in the state twice. The second closure of the run knows of the row that the first one
// saw, with and without a log.
func TestHostile_aRowIsRememberedForTheOtherAddress(t *testing.T) {
	t.Parallel()
	for _, logs := range []bool{true, false} {
		t.Run(fmt.Sprintf("with a log %t", logs), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				d := f.process(t)
				if !logs {
					d = virtualDriver(t, f, attributes{})
				}
				first := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				second := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				moved := false
				movingRow(f, v, konstantlyRow(v.id, inesName, inesEmail, "true"), func() bool { return moved })
				time.Sleep(time.Minute) // a look of the plan says nothing of what comes later
				for _, p := range []planned{first, second} {
					after, diags := d.apply(t.Context(), p)
					if after.gone() {
						t.Errorf("got it gone with %q, want an account that stays", diags.warnings())
					}
					moved = true
				}
			})
		})
	}
}

// The last user of a site, or of a role, is closed, and the list is late by one look. The run ends before the
// list has been empty for a minute. A later one lets the user leave the state as unproven.
func TestHostile_theLastUserWithALateRowIsNotStuck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vendorCase
		at, accepted, late, empty string
	}{
		{
			konstantlyCase, "/users", `{}`,
			`{"users":[` + konstantlyRow(konstantlyCase.id, inesName, inesEmail, "true") + `],"totalCount":1}`,
			`{"users":[],"totalCount":0}`,
		},
		{
			sfoxCase, "/enterprise/users", ``,
			`{"data":[{"user_id":"` + sfoxCase.id + `","email":"` + inesEmail + `","first_name":"Ines","last_name":"Varga",` +
				`"account_type":"individual","account_role":"client","status":"VERIFIED"}],"total":1}`,
			`{"data":[],"total":0}`,
		},
	} {
		t.Run(c.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, c.vendorCase)
				c.drop(f.mock, c.other)
				d := f.process(t)
				p := d.mustPlanDestroy(d.setTimeout(d.mustImport(c.kind, c.id), "45s"))
				deleted, lists := false, 0
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch {
					case r.Method == http.MethodDelete:
						deleted = true
						c.drop(f.mock, c.id)
						return say(w, http.StatusOK, c.accepted)
					case !deleted || at != c.at:
						return false
					}
					if lists++; lists == 1 {
						return say(w, http.StatusOK, c.late)
					}
					return say(w, http.StatusOK, c.empty)
				}
				before, _ := f.apply(t, d, p)
				d = f.process(t)
				again, _ := d.read(before)
				after, diags := f.apply(t, d, d.mustPlanDestroy(again))
				if o := f.outcome(t); before.gone() || !after.gone() || o.Result != evidence.Unproven {
					t.Errorf("got gone %t, %q and %q, want it to leave as unproven", after.gone(), o.Result, diags.errors())
				}
			})
		})
	}
}

// The list was late once, and cannot be read to its end: it says that there is more, and no further page
// is documented. So the closing is proven once the row has been gone for a while.
func TestHostile_aLateRowOfAnEndlessListHoldsNoProofBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := sfoxCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		row := func(id, email, first, last string) string {
			return fmt.Sprintf(`{"user_id":%q,"email":%q,"first_name":%q,"last_name":%q,"account_type":"individual",`+
				`"account_role":"client","status":"VERIFIED"}`, id, email, first, last)
		}
		deleted, lists := false, 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodDelete:
				deleted = true
				v.drop(f.mock, v.id)
				w.WriteHeader(http.StatusNoContent)
				return true
			case !deleted || at != "/enterprise/users":
				return false
			}
			rows := []string{row("z-1", "zoe@other.test", "Zoe", "Z")}
			if lists++; lists == 1 {
				rows = append(rows, row(v.id, inesEmail, "Ines", "Varga"))
			}
			return say(w, http.StatusOK, `{"data":[`+strings.Join(rows, ",")+`],"has_more":true}`)
		}
		began := time.Now()
		m, _ := f.apply(t, d, p)
		o := f.outcome(t)
		if !slices.ContainsFunc(o.Requests, func(r evidence.Request) bool { return r.Proof }) {
			t.Errorf("got no request that proves it among %d, want some", len(o.Requests))
		}
		if !m.gone() || o.Result != evidence.Closed || time.Since(began) > 2*time.Minute {
			t.Errorf("got %q after %s, want a closure within two minutes", o.Result, time.Since(began))
		}
	})
}

// Two servers have different clocks, so that a part of the read before the call is made twice. An exam
// starts after the other part.
func TestHostile_aReadThatIsRepeatedMakesNoOtherOneFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := skillableCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		searches := 0
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			ahead := 7 * time.Second
			if at == "/labinstance/search" {
				ahead = 0
				searches++
			}
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			if searches == 3 && ahead == 0 { // in the apply, after the lists
				f.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 41, Name: "Exam"}} })
			}
			return ahead == 0 && searches >= 3 &&
				say(w, http.StatusOK, noLabFound)
		}
		after, _ := d.apply(t.Context(), p)
		if after.gone() || !v.has(f.mock, v.id) {
			t.Errorf("got gone %t, open %t, want an account that stays", after.gone(), v.has(f.mock, v.id))
		}
	})
}

// The lists are refused for an ID that is not known, and the check of the key is busy for a while.
func TestHostile_aBusyCheckIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := skillableCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		var closed time.Time
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch {
			case at == "/CloseUserAccount" && closed.IsZero():
				closed = time.Now()
			case closed.IsZero():
			case at == "/userrunningandsavedlabs":
				return say(w, http.StatusOK, `{"Status":0,"Error":"No such user."}`)
			case at == "/labinstance/search":
				return say(w, http.StatusOK, noLabFound)
			case at == "/stats" && time.Since(closed) < 10*time.Second:
				return say(w, http.StatusServiceUnavailable, "busy")
			}
			return false
		}
		if after, diags := f.apply(t, d, p); !after.gone() || v.has(f.mock, v.id) {
			t.Errorf("got gone %t and %q, want a closure", after.gone(), diags.errors())
		}
	})
}

// The key's own user is in another network. The key loses sight of the user's network when the termination
// is lost, so that its list is empty, as it would be after the termination of the last user there.
func TestHostile_anEmptyListOfANetworkSettlesNoLostCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		f.mock.ECGrid.Update(30417, func(u *mock.ECGridUser) { u.NetworkID = 15 })
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		called := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodDelete:
				called = true
				return say(w, http.StatusBadGateway, "bad gateway")
			case called && at == "/users/list":
				return say(w, http.StatusOK, ecgridRows())
			}
			return called && at == "/users/"+v.id && say(w, http.StatusNotFound, ecgridNone)
		}
		after, _ := f.apply(t, d, p)
		f.wantOpen(t, v, after)
	})
}
