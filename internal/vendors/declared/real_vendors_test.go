package declared_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// scripted is a vendor that answers as its documentation shows, for one user, Ines.
type scripted struct {
	state string // "active" at first
	sent  []string
	// answer answers one request, given as method, path and query. An answer without a status is HTTP 200.
	answer func(s *scripted, what string, r *http.Request) (status int, body string)
}

// ServeHTTP implements http.Handler.
func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what := r.Method + " " + r.URL.Path
	if r.Method != http.MethodGet {
		body, _ := io.ReadAll(r.Body)
		s.sent = append(s.sent, strings.TrimSpace(what+"?"+r.URL.Query().Get("deletionType")+" "+string(body)))
	}
	status, body := s.answer(s, what, r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(max(status, http.StatusOK))
	fmt.Fprint(w, body)
}

// realVendor is a vendor of the folder of examples, with what the tests need to know.
type realVendor struct {
	name, id, key string
	settings      map[string]string
	answer        func(s *scripted, what string, r *http.Request) (int, string)
	sent          []string             // the calls of a closure
	proof         offboard.Observation // of the closure
	then          string               // the rights of the key
	facts         map[string]string
	findings      []string
}

var realVendors = []realVendor{
	{
		name: "harvest", id: "4400117", settings: map[string]string{"account_id": "77"}, answer: harvest,
		sent: []string{"DELETE /v2/users/4400117?"}, proof: offboard.Absent, then: "administrator",
		facts: map[string]string{"access_roles": "member", "is_contractor": "false"},
	},
	{
		name: "alchemer", id: "123456", settings: map[string]string{"api_secret": "secret-4711"}, answer: alchemer,
		sent: []string{"DELETE /v5/accountuser/123456?"}, proof: offboard.Done, then: "77001",
		facts:    map[string]string{"admin": "1", "license": ""},
		findings: []string{"the user is an administrator of the account"},
	},
	{
		name: "stripe_connect", id: "acct_9TestVarga000001", key: "sk_live_4711", answer: stripe,
		sent: []string{"DELETE /v1/accounts/acct_9TestVarga000001?"}, proof: offboard.Absent, then: "acct_9TestPlatform001",
		facts: map[string]string{"type": "express", "country": "PT"},
	},
	{
		name: "connecteam", id: "123456", answer: connecteam,
		sent: []string{"DELETE /users/v1/users/123456?archive"}, proof: offboard.Done, then: "77001",
		facts: map[string]string{"type": "user"},
	},
}

// connect returns a client of the vendor.
func (v *realVendor) connect(t *testing.T, s http.Handler) *declared.Client {
	t.Helper()
	d, key := definition(t, v.name), vendortest.Key
	if v.key != "" {
		key = v.key
	}
	base, err := d.BaseURL(map[string]string{"host": "vendor.test"})
	if err != nil {
		t.Fatal(err)
	}
	return vendortest.NewClient(t, func(config rest.Config) (*declared.Client, error) {
		return declared.New(d, declared.Config{Config: config, Settings: v.settings})
	}, base, key, mock.Transport{Handler: s})
}

// run runs a test on the vendor and a fresh reading of Ines.
func (v *realVendor) run(t *testing.T, test func(context.Context, *scripted, *declared.Client, declared.User)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{state: "active", answer: v.answer}
		c := v.connect(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		u, err := c.User(ctx, v.id)
		if err != nil || u.Email != "ines@acme.test" || u.Status != offboard.Active || !maps.Equal(u.Facts, v.facts) {
			t.Fatalf("got %+v and %v, want Ines", u, err)
		}
		test(ctx, s, c, u)
	})
}

func forEachRealVendor(t *testing.T, test func(t *testing.T, v *realVendor)) {
	t.Helper()
	for i := range realVendors {
		t.Run(realVendors[i].name, func(t *testing.T) {
			t.Parallel()
			test(t, &realVendors[i])
		})
	}
}

func TestRealVendors_areClosedAsDocumented(t *testing.T) {
	t.Parallel()
	forEachRealVendor(t, func(t *testing.T, v *realVendor) {
		v.run(t, func(ctx context.Context, s *scripted, c *declared.Client, u declared.User) {
			then, err := c.Rights(ctx)
			if err != nil || then != v.then {
				t.Errorf("got the rights %q and %v, want %q", then, err, v.then)
			}
			findings, err := c.Preflight(ctx, u)
			var got []string
			for _, f := range findings {
				got = append(got, f.Subject)
			}
			if err != nil || !slices.Equal(got, v.findings) {
				t.Errorf("got the findings %q and %v, want %q", got, err, v.findings)
			}
			proof, err := c.Close(ctx, u, then, offboard.NotSent)
			if err != nil || proof != v.proof || !slices.Equal(s.sent, v.sent) {
				t.Errorf("got %v and %v by %q, want %v by %q", proof, err, s.sent, v.proof, v.sent)
			}
		})
	})
}

// A closing call that is accepted and does nothing is no closure.
func TestRealVendors_areNotClosedWithoutAnEffect(t *testing.T) {
	t.Parallel()
	forEachRealVendor(t, func(t *testing.T, v *realVendor) {
		v.run(t, func(ctx context.Context, s *scripted, c *declared.Client, u declared.User) {
			s.answer = func(s *scripted, what string, r *http.Request) (int, string) {
				before := s.state
				status, body := v.answer(s, what, r)
				if r.Method == http.MethodDelete {
					s.state = before
				}
				return status, body
			}
			if proof, err := c.Close(ctx, u, v.then, offboard.NotSent); err == nil {
				t.Errorf("got %v and no error, want an error", proof)
			}
		})
	})
}

// Each is listed once.
func TestRealVendors_areListed(t *testing.T) {
	t.Parallel()
	forEachRealVendor(t, func(t *testing.T, v *realVendor) {
		v.run(t, func(ctx context.Context, _ *scripted, c *declared.Client, _ declared.User) {
			users, bad, err := vendortest.ReadList(c.Users(ctx))
			found := slices.ContainsFunc(users, func(u declared.User) bool { return u.ID == v.id })
			if err != nil || len(bad) > 0 || !found || len(users) != 2 {
				t.Errorf("got %+v, %q and %v, want Ines and another one", users, bad, err)
			}
		})
	})
}

// Harvest refuses to delete a user with time. That blocks a closure, and a suspension archives.
func TestHarvest_archivesWhoHasTime(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"/v2/time_entries", "/v2/expenses"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			wantArchived(t, kind)
		})
	}
}

func wantArchived(t *testing.T, kind string) {
	t.Helper()
	v := &realVendors[0]
	v.run(t, func(ctx context.Context, s *scripted, c *declared.Client, u declared.User) {
		s.answer = func(s *scripted, what string, r *http.Request) (int, string) {
			switch {
			case r.URL.Path == kind:
				return 200, `{"time_entries":[{"id":880017}],"expenses":[{"id":880018}]}`
			case r.Method == http.MethodDelete:
				return 422, `{"message":"not deleted"}`
			}
			return harvest(s, what, r)
		}
		if proof, err := c.Close(ctx, u, v.then, offboard.NotSent); err == nil || len(s.sent) > 0 {
			t.Errorf("got %v and %v by %q, want a refusal without a call", proof, err, s.sent)
		}
		proof, err := c.Suspend(ctx, u)
		want := []string{`PATCH /v2/users/4400117? {"is_active":false}`}
		if err != nil || proof != offboard.Done || s.state != "archived" || !slices.Equal(s.sent, want) {
			t.Errorf("got %v, %v and Ines %s by %q, want her archived by %q", proof, err, s.state, s.sent, want)
		}
	})
}

// With the other end, Connecteam deletes active users and no archived ones.
func TestConnecteam_deletesIfThatIsTheEnd(t *testing.T) {
	t.Parallel()
	v := realVendors[3]
	v.settings = map[string]string{"end": "delete"}
	v.run(t, func(ctx context.Context, s *scripted, c *declared.Client, u declared.User) {
		proof, err := c.Close(ctx, u, v.then, offboard.NotSent)
		if want := []string{"DELETE /users/v1/users/123456?delete"}; err != nil || proof != offboard.Absent ||
			!slices.Equal(s.sent, want) {
			t.Errorf("got %v and %v by %q, want her deleted by %q", proof, err, s.sent, want)
		}
	})
	v.run(t, func(ctx context.Context, s *scripted, c *declared.Client, u declared.User) {
		if proof, err := c.Suspend(ctx, u); err != nil || proof != offboard.Done || s.state != "archived" {
			t.Fatalf("got %v, %v and Ines %s, want her archived", proof, err, s.state)
		}
		u, err := c.User(ctx, v.id)
		if err != nil || u.Status != offboard.Suspended {
			t.Fatalf("got %+v and %v, want Ines suspended", u, err)
		}
		s.sent = nil
		if proof, err := c.Close(ctx, u, v.then, offboard.NotSent); err == nil || len(s.sent) > 0 {
			t.Errorf("got %v and %v by %q, want a refusal without a call", proof, err, s.sent)
		}
	})
}

func TestConnecteam_findsByEmailAndKeepsOwners(t *testing.T) {
	t.Parallel()
	v := &realVendors[3]
	v.run(t, func(ctx context.Context, s *scripted, c *declared.Client, _ declared.User) {
		found, err := c.FindByEmail(ctx, "ines@acme.test")
		if err != nil || len(found) != 1 || found[0].ID != v.id {
			t.Errorf("got %+v and %v, want Ines", found, err)
		}
		s.answer = func(s *scripted, what string, r *http.Request) (int, string) {
			status, body := connecteam(s, what, r)
			return status, strings.Replace(body, `"userType":"user"`, `"userType":"owner"`, 1)
		}
		u, err := c.User(ctx, v.id)
		if err != nil {
			t.Fatal(err)
		}
		if proof, err := c.Close(ctx, u, v.then, offboard.NotSent); err == nil || len(s.sent) > 0 {
			t.Errorf("got %v and %v by %q, want a refusal without a call", proof, err, s.sent)
		}
	})
}

func TestAlchemer_hidesItsSecondSecret(t *testing.T) {
	t.Parallel()
	for _, s := range definition(t, "alchemer").Settings() {
		if want := s.Name == "api_secret"; s.Sensitive != want {
			t.Errorf("%s: got sensitive %t, want %t", s.Name, s.Sensitive, want)
		}
	}
}

// Stripe deletes no account with a balance.
func TestStripe_refusesAnAccountWithABalance(t *testing.T) {
	t.Parallel()
	v := &realVendors[2]
	v.run(t, func(ctx context.Context, s *scripted, c *declared.Client, u declared.User) {
		s.answer = func(s *scripted, what string, r *http.Request) (int, string) {
			if r.URL.Path == "/v1/balance" {
				return 200, `{"object":"balance","available":[],"pending":[{"amount":-120,"currency":"usd"}]}`
			}
			return stripe(s, what, r)
		}
		proof, err := c.Close(ctx, u, v.then, offboard.NotSent)
		if err == nil || len(s.sent) > 0 || !strings.Contains(fmt.Sprint(err), "-120 USD") {
			t.Errorf("got %v and %v by %q, want a refusal without a call", proof, err, s.sent)
		}
	})
}

func TestStripe_refusesAKeyOfTheOtherMode(t *testing.T) {
	t.Parallel()
	d := definition(t, "stripe_connect")
	for key, mode := range map[string]string{"sk_test_4711": "live", "rk_live_4711": "test", "pk_live_4711": "live"} {
		config := declared.Config{
			Config: rest.Config{APIKey: key, BaseURL: "https://vendor.test"}, Settings: map[string]string{"mode": mode},
		}
		if _, err := declared.New(d, config); err == nil || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s in mode %s: got %v, want an error without the key", key, mode, err)
		}
	}
}

// rows returns records as a JSON list.
func rows(all ...string) string { return "[" + strings.Join(all, ",") + "]" }

// harvest has the users on two pages. Ines is on the second one.
func harvest(s *scripted, what string, r *http.Request) (int, string) {
	const user = `{"id":%d,"first_name":"%s","last_name":"Varga","email":"%s@acme.test","is_contractor":false,` +
		`"is_active":%t,"access_roles":["member"]}`
	ines := fmt.Sprintf(user, 4400117, "Ines", "ines", s.state == "active")
	mina := fmt.Sprintf(user, 4400901, "Mina", "mina", true) // she owns the key
	query := r.URL.Query()
	if r.Header.Get("Authorization") != "Bearer "+vendortest.Key || r.Header.Get("Harvest-Account-Id") != "77" {
		return 401, `{"error":"invalid_token"}`
	}
	switch what {
	case "GET /v2/users/me":
		return 200, `{"id":4400901,"access_roles":["administrator"]}`
	case "GET /v2/time_entries":
		return 200, `{"time_entries":` + ofAnother(query) + `}`
	case "GET /v2/expenses":
		return 200, `{"expenses":` + ofAnother(query) + `}`
	case "GET /v2/users":
		return harvestList(query, s.state, ines, mina)
	}
	switch {
	case r.URL.Path == "/v2/users/4400901":
		return 200, mina
	case r.URL.Path != "/v2/users/4400117" || s.state == "deleted":
		return 404, `{"status":404,"error":"Not Found"}`
	case r.Method == http.MethodPatch:
		s.state = "archived"
	case r.Method == http.MethodDelete:
		s.state = "deleted"
		return 200, ""
	}
	return 200, ines
}

// ofAnother is the time or the expenses of all users. Ines has none.
func ofAnother(query url.Values) string {
	if query.Get("user_id") == "4400117" {
		return "[]"
	}
	return `[{"id":880017}]`
}

// harvestList is a page of the list of users.
func harvestList(query url.Values, state, ines, mina string) (int, string) {
	next, all := `"https://api.harvestapp.com/v2/users?cursor=e30%3D&per_page=2000&ref=next_cursor"`, []string{mina}
	switch {
	case query.Get("per_page") != "2000":
		return 422, `{"message":"too few"}`
	case query.Get("cursor") == "e30=":
		next, all = "null", nil
		if state != "deleted" {
			all = []string{ines}
		}
	}
	return 200, fmt.Sprintf(`{"users":%s,"total_entries":2,"links":{"next":%s}}`, rows(all...), next)
}

// alchemer has the answer of before for reads within 60 seconds.
func alchemer(s *scripted, what string, r *http.Request) (int, string) {
	const user = `{"id":"%s","username":"%s Varga","email":"%s@acme.test","admin":1,"license":"","status":"%s",` +
		`"api_key":null}`
	status := "Active"
	if deleted, ok := strings.CutPrefix(s.state, "deleted "); ok {
		if at, err := time.Parse(time.RFC3339, deleted); err == nil && time.Since(at) > time.Minute {
			status = "Disabled"
		}
	}
	ines := fmt.Sprintf(user, "123456", "Ines", "ines", status)
	query := r.URL.Query()
	if query.Get("api_token") != vendortest.Key || query.Get("api_token_secret") != "secret-4711" {
		return 401, `{"result_ok":false,"code":401,"message":"wrong token"}`
	}
	switch what {
	case "GET /v5/account":
		return 200, `{"result_ok":true,"data":{"id":77001}}`
	case "GET /v5/accountuser":
		if query.Get("filter[field][]")+query.Get("filter[value][]") != "statusall" {
			return 400, `{"result_ok":false,"code":400}`
		}
		all := map[string]string{"1": ines, "2": fmt.Sprintf(user, "123457", "Mina", "mina", "Active")}
		return 200, `{"result_ok":true,"total_count":2,"total_pages":2,"data":` + rows(all[query.Get("page")]) + `}`
	case "DELETE /v5/accountuser/123456":
		s.state = "deleted " + time.Now().Format(time.RFC3339)
		ines = fmt.Sprintf(user, "123456", "Ines", "ines", "Disabled")
	case "GET /v5/accountuser/123456":
	default:
		return 404, `{"result_ok":false,"code":404}`
	}
	return 200, `{"result_ok":true,"data":` + ines + `}`
}

func stripe(s *scripted, what string, r *http.Request) (int, string) {
	const account = `{"id":"%s","object":"account","email":"%s@acme.test","type":"express","country":"PT"}`
	ines := fmt.Sprintf(account, "acct_9TestVarga000001", "ines")
	if r.Header.Get("Authorization") != "Bearer sk_live_4711" {
		return 401, `{"error":{"type":"invalid_request_error"}}`
	}
	switch what {
	case "GET /v1/account":
		return 200, fmt.Sprintf(account, "acct_9TestPlatform001", "owner")
	case "GET /v1/balance":
		if r.Header.Get("Stripe-Account") != "acct_9TestVarga000001" {
			return 200, `{"object":"balance","available":[{"amount":1,"currency":"usd"}],"pending":[]}` // the platform's own
		}
		return 200, `{"object":"balance","available":[{"amount":0,"currency":"usd"}],"pending":[]}`
	case "GET /v1/accounts":
		all := map[string][]string{
			"":                      {ines},
			"acct_9TestVarga000001": {fmt.Sprintf(account, "acct_9TestBerg0000001", "otto")},
		}
		if s.state == "deleted" {
			all[""] = all["acct_9TestVarga000001"]
		}
		after := r.URL.Query().Get("starting_after")
		more, _ := json.Marshal(after == "")
		return 200, `{"object":"list","has_more":` + string(more) + `,"data":` + rows(all[after]...) + `}`
	}
	switch {
	case r.URL.Path == "/v1/accounts/acct_9TestPlatform001":
		return 200, fmt.Sprintf(account, "acct_9TestPlatform001", "owner")
	case r.URL.Path != "/v1/accounts/acct_9TestVarga000001" || s.state == "deleted":
		return 403, `{"error":{"type":"invalid_request_error","code":"account_invalid"}}`
	case r.Method == http.MethodDelete:
		s.state = "deleted"
		return 200, `{"id":"acct_9TestVarga000001","object":"account","deleted":true}`
	}
	return 200, ines
}

func connecteam(s *scripted, what string, r *http.Request) (int, string) {
	const user = `{"userId":%s,"firstName":"%s","lastName":"Varga","phoneNumber":"+3515550100","email":"%s@acme.test",` +
		`"userType":"user","isArchived":%t}`
	ines := fmt.Sprintf(user, "123456", "Ines", "ines", s.state == "archived")
	mina := fmt.Sprintf(user, "123457", "Mina", "mina", false)
	query := r.URL.Query()
	switch what {
	case "GET /me":
		return 200, `{"data":{"companyName":"Acme","companyId":"77001"}}`
	case "DELETE /users/v1/users/123456":
		if s.state == "archived" {
			return 400, `{"error":"archived before"}`
		}
		s.state = query.Get("deletionType") + "d" // archived or deleted
		return 200, `{"data":{"success":true}}`
	case "GET /users/v1/users":
		found := []string{}
		switch {
		case query.Get("userStatus") != "all":
		case query.Get("userIds") == "123456", query.Get("emailAddresses") == "ines@acme.test":
			found = []string{ines}
		case !query.Has("userIds") && !query.Has("emailAddresses") && query.Get("offset") == "0":
			found = []string{ines, mina}
		}
		if s.state == "deleted" {
			found = slices.DeleteFunc(found, func(row string) bool { return row == ines })
		}
		return 200, `{"data":{"users":` + rows(found...) + `},"paging":{"offset":0}}`
	}
	return 404, `{"error":"no such user"}`
}
