// Package skillable reads and closes the users of a Skillable Lab API (Studio, Lab on Demand).
//
// The Lab API has no call that reads a user, so existence cannot be proven: a user is seen through labs or not at all. Every
// call is a GET, those that cancel and close too. Closing takes everything that Skillable knows of the user, cannot be undone,
// and may be repeated: a second close that touches no rows is the proof of the first.
// The source of every fact is https://docs.skillable.com/docs/making-an-api-request, the command pages beside it and
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

// maxID is the longest id in characters that is sent; it travels in the query, where servers stop reading at some length.
const maxID = 200

// Client reads and closes users. It is safe for use by several goroutines.
type Client struct {
	rest *rest.Client
}

// New returns a client, or a *rest.SettingError. It makes no request. No rate limit is documented; a 429 is obeyed.
// A closing deletes many rows and may take long, hence the long timeout.
// https://docs.skillable.com/docs/making-an-api-request
func New(config rest.Config) (*Client, error) {
	client, err := rest.New(config, rest.API{
		BaseURL:     "https://labondemand.com/api/v3",
		Credentials: http.Header{"api_key": {config.APIKey}},
		Timeout:     60 * time.Second,
		Alive:       stats(),
	})
	if err != nil {
		return nil, err
	}
	return &Client{rest: client}, nil
}

// Tenant is the address of the API: its host and base path.
func (c *Client) Tenant() string { return c.rest.Tenant() }

// Consumer tells keys of different API consumers apart without telling the key: users, labs and reports belong to the consumer that made
// them, and two consumers on one host may both know the same ID.
// https://github.com/LearnOnDemandSystems/docs (lod/api-consumer.md)
func (c *Client) Consumer(id string) string { return c.rest.KeyHash(id) }

// CheckID refuses ids that cannot be meant: empty, blank at either end, with control characters, longer than 200 characters.
// Skillable takes any other string, for the id is the one that its customer chose. What it does with an empty one is not known.
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

// command is a call of the Lab API; a GET, as all of them.
func command(name []string, query map[string]string) rest.Request {
	values := url.Values{}
	for key, value := range query {
		values.Set(key, value)
	}
	return rest.Request{Method: http.MethodGet, Path: name, Query: values}
}

// verdict is what every answer says of itself. Success is 1 here, unlike in Skillable's other API, and a missing status must
// not count as 0, hence the pointer.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
type verdict struct {
	Status *int
	Error  string // null or empty on success
}

// refusalError is a fault that Skillable itself reports with HTTP 200, as it reports all its faults.
type refusalError struct{ fault *rest.Error }

func (e *refusalError) Error() string { return e.fault.Error() }

// Unwrap gives the fault.
func (e *refusalError) Unwrap() error { return e.fault }

// Ambiguous says that nothing was done: the answer came, and it says so.
func (e *refusalError) Ambiguous() bool { return false }

func refused(err error) bool {
	var refusal *refusalError
	return errors.As(err, &refusal)
}

// check is nil for status 1 without an error text. A documented failure has status 1 and a text.
// https://docs.skillable.com/apidocs/cancel-a-lab-instance-1
func (v verdict) check(a rest.Answer) error {
	switch {
	case v.Status == nil:
		return a.Garbled("the answer has no Status")
	case *v.Status != 1 || v.Error != "":
		return &refusalError{a.Fault(fmt.Sprintf("Status %d", *v.Status), v.Error)}
	}
	return nil
}

// decode reads a 2xx answer into v. Any other answer is a fault.
func decode(a rest.Answer, v any) error {
	if a.OK() {
		return a.JSON(v)
	}
	var said verdict
	if a.JSON(&said) != nil {
		return a.Fault("", "")
	}
	return a.Fault("", said.Error)
}
