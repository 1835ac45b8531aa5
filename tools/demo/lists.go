package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// key is the credential of all mock vendors.
const key = "demo-key"

// account is a person's account at one vendor, in the vendor's own words.
type account struct {
	vendor, name, email string
	text                string // its id and what the vendor says of it
	open                bool
}

// columns are the vendors, in the order of the table.
var columns = []string{"Konstantly", "ECGrid", "sFOX", "Skillable"}

// lists asks the vendors who has an account, over HTTP and without a line of the provider.
type lists struct{ address string }

// all is every account that the vendors show.
func (l *lists) all(ctx context.Context) ([]account, error) {
	var all []account
	for _, list := range []func(context.Context) ([]account, error){l.konstantly, l.ecgrid, l.sfox, l.skillable} {
		accounts, err := list(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, accounts...)
	}
	return all, nil
}

// konstantly asks https://docs.konstantly.com/api-reference/users/get-users.
func (l *lists) konstantly(ctx context.Context) ([]account, error) {
	var answer struct {
		Users []struct {
			ID, Name, Email string
			IsBanned        bool
		}
	}
	err := l.ask(ctx, http.MethodGet, "/konstantly/openapi/v1/users", "X-API-KEY", key, &answer)
	var accounts []account
	for _, u := range answer.Users {
		word := map[bool]string{false: "active", true: "blocked"}[u.IsBanned]
		accounts = append(accounts, account{"Konstantly", u.Name, u.Email, u.ID + " " + word, true})
	}
	return accounts, err
}

// ecgrid asks https://api.ecgridos.io/docs/rest-api/users/list-users. The list goes on showing who is terminated.
func (l *lists) ecgrid(ctx context.Context) ([]account, error) {
	var answer struct {
		Data []struct {
			UserID                             int64
			FirstName, LastName, Email, Status string
		}
	}
	err := l.ask(ctx, http.MethodPost, "/ecgrid/v2/users/list", "X-API-Key", key, &answer)
	var accounts []account
	for _, u := range answer.Data {
		text := fmt.Sprintf("%d %s", u.UserID, u.Status)
		accounts = append(accounts, account{"ECGrid", u.FirstName + " " + u.LastName, u.Email, text, u.Status != "Terminated"})
	}
	return accounts, err
}

// sfox asks https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users.
func (l *lists) sfox(ctx context.Context) ([]account, error) {
	var answer struct {
		Data []struct {
			UserID    string `json:"user_id"`
			FirstName string `json:"first_name"`
			LastName  string `json:"last_name"`
			Email     string `json:"email"`
		}
	}
	err := l.ask(ctx, http.MethodGet, "/sfox/v1/enterprise/users", "Authorization", "Bearer "+key, &answer)
	var accounts []account
	for _, u := range answer.Data {
		accounts = append(accounts, account{"sFOX", u.FirstName + " " + u.LastName, u.Email, u.UserID, true})
	}
	return accounts, err
}

// skillable asks for the labs of Ines, because it has no list of users:
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (l *lists) skillable(ctx context.Context) ([]account, error) {
	var answer struct {
		Results []struct{ UserID, UserFirstName, UserLastName, UserEmail string }
	}
	err := l.ask(ctx, http.MethodGet, "/skillable/api/v3/labinstance/search?mode=5&userId=emp-3107", "api_key", key, &answer)
	var accounts []account
	if len(answer.Results) > 0 {
		u := answer.Results[0]
		text := fmt.Sprintf("%s %d labs", u.UserID, len(answer.Results))
		accounts = append(accounts, account{"Skillable", u.UserFirstName + " " + u.UserLastName, u.UserEmail, text, true})
	}
	return accounts, err
}

// ask makes one request and decodes its answer. POST sends an empty object.
func (l *lists) ask(ctx context.Context, method, path, header, credential string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, l.address+path, bytes.NewReader([]byte("{}")))
	if err != nil {
		return err
	}
	req.Header.Set(header, credential)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}

// table shows a line a person and a column a vendor.
func table(accounts []account) string {
	var emails []string
	names, cells := map[string]string{}, map[[2]string]string{}
	for _, a := range accounts {
		if !slices.Contains(emails, a.email) {
			emails = append(emails, a.email)
		}
		names[a.email], cells[[2]string{a.email, a.vendor}] = a.name, a.text
	}
	slices.SortFunc(emails, func(a, b string) int { return strings.Compare(names[a], names[b]) })
	lines := []string{fmt.Sprintf("%-17s %-16s  %-17s  %-10s  %s", "", columns[0], columns[1], columns[2], columns[3])}
	for _, email := range emails {
		line := fmt.Sprintf("%-17s", names[email])
		for i, vendor := range columns {
			text := cells[[2]string{email, vendor}]
			if text == "" {
				text = "-"
			}
			line += fmt.Sprintf(" %-*s ", []int{16, 17, 10, 0}[i], text)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return indent(strings.Join(lines, "\n"))
}
