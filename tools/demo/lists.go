package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// key is the credential of all mock vendors.
const key = "demo-key"

// account is a person's account at one vendor, in the vendor's own words.
type account struct {
	vendor, name, email string
	text                string // its ID, and what the vendor says about it
	open                bool
}

// list is how the demo reads the accounts of one vendor.
type list struct {
	title      string // of the vendor's column
	width      int    // of that column
	method     string
	path       string // without the vendor's prefix
	header     string // of the credential
	credential string
	decode     func(answer []byte) ([]account, error)
}

// listOf has a list for each vendor of the mock.
var listOf = map[string]list{
	"konstantly": {"Konstantly", 16, http.MethodGet, "/users", "X-API-KEY", key, konstantly},
	"ecgrid":     {"ECGrid", 17, http.MethodPost, "/users/list", "X-API-Key", key, ecgrid},
	"sfox":       {"sFOX", 10, http.MethodGet, "/enterprise/users", "Authorization", "Bearer " + key, sfox},
	// Skillable has no list of users, so the demo reads the labs of Ines.
	"skillable": {"Skillable", 0, http.MethodGet, "/labinstance/search?mode=5&userId=emp-3107", "api_key", key, skillable},
}

// lists reads who has an account at the vendors, over HTTP and without any code of the provider.
type lists struct {
	address string
	vendors []mock.Vendor
}

// newLists returns the lists of the vendors at which the demo has users.
func newLists(address string, s *mock.Server) *lists {
	without := func(v mock.Vendor) bool { return v.Name == "skillable_tms" }
	return &lists{address, slices.DeleteFunc(s.Vendors(), without)}
}

// all returns every account that the vendors show.
func (l *lists) all(ctx context.Context) ([]account, error) {
	var all []account
	for _, v := range l.vendors {
		accounts, err := l.read(ctx, v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Name, err)
		}
		all = append(all, accounts...)
	}
	return all, nil
}

// read makes the request of a vendor's list. POST sends an empty object.
func (l *lists) read(ctx context.Context, v mock.Vendor) ([]account, error) {
	how, ok := listOf[v.Name]
	if !ok {
		return nil, errors.New("the demo has no list of this vendor")
	}
	req, err := http.NewRequestWithContext(ctx, how.method, l.address+v.Prefix+how.path, strings.NewReader("{}"))
	if err != nil {
		return nil, err
	}
	req.Header.Set(how.header, how.credential)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(resp.Body); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s", how.method, how.path, resp.Status)
	}
	accounts, err := how.decode(answer.Bytes())
	for i := range accounts {
		accounts[i].vendor = how.title
	}
	return accounts, err
}

// konstantly decodes https://docs.konstantly.com/api-reference/users/get-users.
func konstantly(text []byte) ([]account, error) {
	var answer struct {
		Users []struct {
			ID, Name, Email string
			IsBanned        bool
		}
	}
	err := json.Unmarshal(text, &answer)
	var accounts []account
	for _, u := range answer.Users {
		word := map[bool]string{false: "active", true: "blocked"}[u.IsBanned]
		accounts = append(accounts, account{name: u.Name, email: u.Email, text: u.ID + " " + word, open: true})
	}
	return accounts, err
}

// ecgrid decodes https://api.ecgridos.io/docs/rest-api/users/list-users. The list also shows
// terminated users.
func ecgrid(text []byte) ([]account, error) {
	var answer struct {
		Data []struct {
			UserID                             int64
			FirstName, LastName, Email, Status string
		}
	}
	err := json.Unmarshal(text, &answer)
	var accounts []account
	for _, u := range answer.Data {
		accounts = append(accounts, account{
			name: u.FirstName + " " + u.LastName, email: u.Email,
			text: fmt.Sprintf("%d %s", u.UserID, u.Status), open: u.Status != "Terminated",
		})
	}
	return accounts, err
}

// sfox decodes https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users.
func sfox(text []byte) ([]account, error) {
	var answer struct {
		Data []struct {
			UserID    string `json:"user_id"`
			FirstName string `json:"first_name"`
			LastName  string `json:"last_name"`
			Email     string `json:"email"`
		}
	}
	err := json.Unmarshal(text, &answer)
	var accounts []account
	for _, u := range answer.Data {
		accounts = append(accounts, account{name: u.FirstName + " " + u.LastName, email: u.Email, text: u.UserID, open: true})
	}
	return accounts, err
}

// skillable decodes
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results for one
// user.
func skillable(text []byte) ([]account, error) {
	var answer struct {
		Results []struct{ UserID, UserFirstName, UserLastName, UserEmail string }
	}
	err := json.Unmarshal(text, &answer)
	if err != nil || len(answer.Results) == 0 {
		return nil, err
	}
	u := answer.Results[0]
	return []account{{
		name: u.UserFirstName + " " + u.UserLastName, email: u.UserEmail,
		text: fmt.Sprintf("%s %d labs", u.UserID, len(answer.Results)), open: true,
	}}, nil
}

// table returns a line for each person and a column for each vendor.
func (l *lists) table(accounts []account) string {
	var emails []string
	names, cells := map[string]string{}, map[[2]string]string{}
	for _, a := range accounts {
		if !slices.Contains(emails, a.email) {
			emails = append(emails, a.email)
		}
		names[a.email], cells[[2]string{a.email, a.vendor}] = a.name, a.text
	}
	slices.SortFunc(emails, func(a, b string) int { return strings.Compare(names[a], names[b]) })
	line := func(name string, cell func(how list) string) string {
		var text strings.Builder
		fmt.Fprintf(&text, "%-17s", name)
		for _, v := range l.vendors {
			how := listOf[v.Name]
			fmt.Fprintf(&text, " %-*s ", how.width, cell(how))
		}
		return strings.TrimRight(text.String(), " ")
	}
	lines := []string{line("", func(how list) string { return how.title })}
	for _, email := range emails {
		lines = append(lines, line(names[email], func(how list) string {
			if text := cells[[2]string{email, how.title}]; text != "" {
				return text
			}
			return "-"
		}))
	}
	return indent(strings.Join(lines, "\n"))
}
