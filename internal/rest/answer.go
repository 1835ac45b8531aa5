package rest

import (
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// emptyAnswer returns the answer to a request before anything of it came.
func (c *Client) emptyAnswer(req *retryablehttp.Request) Answer {
	return Answer{Method: req.Method, Path: req.URL.EscapedPath(), secrets: c.secrets}
}

// Answer is what a vendor sent back.
type Answer struct {
	Method, Path string
	Status       int
	Header       http.Header
	Body         []byte
	left         time.Time // when the last attempt of its request left
	secrets      *secrets
}

// OK reports whether the status is 2xx.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Gone reports whether the status is that of a path at which there is nothing: 404 or 410.
func (a Answer) Gone() bool { return a.Status == http.StatusNotFound || a.Status == http.StatusGone }

// Text returns a text of the vendor (a name, an address, a login, a lab, a currency, a message)
// that is safe to print: as offboard.Text, and with the keys and tokens that the client knows
// masked.
func (a Answer) Text(s string) string { return a.secrets.text(s) }

// HoldsSecret reports whether a text of the vendor holds a part of a key or token that the client
// knows. An ID must not, because Text would turn it into the ID of another account.
func (a Answer) HoldsSecret(s string) bool { return a.secrets.text(s) != offboard.Text(s) }
