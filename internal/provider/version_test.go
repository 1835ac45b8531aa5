package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// TestNew_versionIsInEveryRequest tells a vendor who asks for help which release made its requests,
// and on which CLI.
func TestNew_versionIsInEveryRequest(t *testing.T) {
	t.Parallel()
	s := mock.New(mockKey)
	requests := 0
	noting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		const want = "terraform-provider-offboard/1.2.3 (Terraform 1.16.3)"
		if got := strings.Join(r.Header["User-Agent"], ", "); got != want {
			t.Errorf("%s %s: got the User-Agent %q, want %q", r.Method, r.URL.Path, got, want)
		}
		s.ServeHTTP(w, r)
	})
	p := &offboardProvider{version: "1.2.3", transport: mock.Transport{Handler: noting}}
	d := driverOf(t, p, "http://127.0.0.1:1", nil)
	for _, v := range vendorCases {
		v.add(s)
		d.mustImport(v.kind, v.id)
	}
	if requests == 0 {
		t.Error("got no request, want some")
	}
}
