// Package skillable reads and closes the users of a Skillable Lab API (Studio, Lab on Demand).
//
// The Lab API has no call that reads a user, so existence cannot be proven: a user is seen through
// labs or not at all. Every call is a GET, even those that cancel and close. A closure deletes
// everything that Skillable knows of the user, and cannot be undone. It may be repeated: a second
// close that touches no rows proves the first. The source of every fact is
// https://docs.skillable.com/docs/making-an-api-request, the command pages beside it and
// https://github.com/LearnOnDemandSystems/ConnectAPI (Skillable-lab-OpenAPI.yaml).
package skillable

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// maxID is the longest ID in characters that is sent. It travels in the query, whose length servers
// limit.
const maxID = 200

// Client reads and closes users. It is safe for use by several goroutines.
type Client struct {
	rest *rest.Client
}

// New returns a client, or a *rest.SettingError. It makes no request. Skillable documents no rate
// limit, but a 429 is obeyed. The timeout is long because a closure deletes many rows.
// https://docs.skillable.com/docs/making-an-api-request
func New(config rest.Config) (*Client, error) {
	client, err := rest.New(config, rest.API{
		BaseURL:     "https://labondemand.com/api/v3",
		Credentials: http.Header{"api_key": {config.APIKey}},
		Timeout:     60 * time.Second,
		Ping:        statsRequest(),
	})
	if err != nil {
		return nil, err
	}
	return &Client{rest: client}, nil
}

// Tenant returns the host and the base path of the API.
func (c *Client) Tenant() string { return c.rest.Tenant() }

// Consumer returns a hash that differs between the keys of different API consumers, and does not
// reveal the key. Users, labs and reports belong to the consumer that made them, and two consumers
// on one host may both know the same ID.
// https://github.com/LearnOnDemandSystems/docs (lod/api-consumer.md)
func (c *Client) Consumer(id string) string { return c.rest.KeyHash(id) }

// CheckID returns an error for an ID that is empty, has a blank at either end or control
// characters, or is longer than 200 characters. Skillable takes any other string, because its
// customer chose the ID. What it does with an empty one is not known.
// https://docs.skillable.com/apidocs/close-a-user-account-1
func CheckID(id string) error {
	if strings.TrimSpace(id) != id {
		return errors.New("it begins or ends with a space")
	}
	if utf8.RuneCountInString(id) > maxID {
		return fmt.Errorf("it is longer than %d characters", maxID)
	}
	return rest.CheckSegment(id)
}

// command returns a call of the Lab API. All of them are a GET.
func command(name []string, query map[string]string) rest.Request {
	values := url.Values{}
	for key, value := range query {
		values.Set(key, value)
	}
	return rest.Request{Method: http.MethodGet, Path: name, Query: values}
}

// answerStatus is the status in every answer. Success is 1 here, unlike in Skillable's other API.
// Status is a pointer, because a missing one must not count as 0.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
type answerStatus struct {
	Status *int
	Error  string // null or empty on success
}

// refusalError is a fault that Skillable itself reports, always with HTTP 200.
type refusalError struct{ fault *rest.Error }

func (e *refusalError) Error() string { return e.fault.Error() }

// Unwrap returns the fault.
func (e *refusalError) Unwrap() error { return e.fault }

// Ambiguous returns false: the answer says that nothing was done.
func (e *refusalError) Ambiguous() bool { return false }

func refused(err error) bool {
	var refusal *refusalError
	return errors.As(err, &refusal)
}

// check returns nil for status 1 without an error text. A documented failure has status 1 and a
// text. An answer with status 1 that says no in a field of another name proves neither.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func (v answerStatus) check(a rest.Answer) error {
	switch {
	case v.Status == nil:
		return a.Malformed("the answer has no Status")
	case *v.Status != 1 || v.Error != "":
		return &refusalError{a.Fault(fmt.Sprintf("Status %d", *v.Status), v.Error)}
	case a.SaysNo("Status", "Error"):
		return a.Malformed("the answer has Status 1, and says in another field that nothing was done")
	}
	return nil
}

// decode decodes a 2xx answer into v. Any other answer is a fault.
func decode(a rest.Answer, v any) error {
	if a.OK() {
		return a.JSON(v)
	}
	var status answerStatus
	if a.JSON(&status) != nil {
		return a.Fault("", "")
	}
	return a.Fault("", status.Error)
}
