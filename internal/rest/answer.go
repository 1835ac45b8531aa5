package rest

import (
	"net/http"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// emptyAnswer is the answer to a request before anything of it came.
func (c *Client) emptyAnswer(req *retryablehttp.Request) Answer {
	return Answer{Method: req.Method, Path: req.URL.EscapedPath(), secrets: c.secrets}
}

// Answer is what a vendor sent back.
type Answer struct {
	Method, Path string
	Status       int
	Header       http.Header
	Body         []byte
	secrets      *secrets
}

// OK tells whether the status is 2xx.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Text makes a text of the vendor (a name, an address, a login, a lab, a currency, a message) safe
// to print: it is offboard.Text, and whatever the client knows of keys and tokens is hidden in it.
func (a Answer) Text(s string) string { return a.secrets.text(s) }

// HoldsSecret reports whether a text of the vendor holds anything of the client's keys and tokens.
// It is for IDs: an ID in which Text hid something would be that of another account.
func (a Answer) HoldsSecret(s string) bool { return a.secrets.text(s) != offboard.Text(s) }
