package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// matrixFault is one way in which a request can go wrong: at the vendor, or on the way to it.
type matrixFault struct {
	name  string
	fault mock.Fault // what the vendor does
	err   error      // or what the way does instead; the vendor then sees nothing
}

const otherHost = "elsewhere.test"

var matrixFaults = []matrixFault{
	{name: "400", fault: mock.Fault{Status: 400, Body: `{"status":400,"success":false,"error":"bad"}`}},
	{name: "401", fault: mock.Fault{Status: 401, Body: `{"status":401,"success":false,"error":"who are you"}`}},
	{name: "403", fault: mock.Fault{Status: 403, Body: `{"status":403,"success":false,"error":"no"}`}},
	{name: "404 HTML", fault: mock.Fault{Status: 404, Body: "<html>not here</html>"}},
	{name: "404 JSON of somebody else", fault: mock.Fault{Status: 404, Body: `{"code":404,"detail":"no route"}`}},
	{name: "408", fault: mock.Fault{Status: 408}},
	{name: "409", fault: mock.Fault{Status: 409, Body: `{"status":409,"success":false,"error":"busy"}`}},
	{name: "422", fault: mock.Fault{Status: 422, Body: `{"status":422,"success":false,"error":"not now"}`}},
	{name: "429", fault: mock.Fault{Status: 429}},
	{name: "429 Retry-After", fault: mock.Fault{Status: 429, Header: http.Header{"Retry-After": {"3"}}}},
	{name: "500", fault: mock.Fault{Status: 500, Body: "oops"}},
	{name: "500 after the effect", fault: mock.Fault{Status: 500, Effect: true}},
	{name: "502", fault: mock.Fault{Status: 502, Body: "<html>bad gateway</html>"}},
	{name: "503", fault: mock.Fault{Status: 503}},
	{name: "200 empty", fault: mock.Fault{Status: 200}},
	{name: "200 HTML", fault: mock.Fault{Status: 200, Body: "<html>welcome</html>"}},
	{name: "200 truncated", fault: mock.Fault{Status: 200, Body: `{"status":200,"data":{"us`}},
	{
		name: "200 wrong types",
		fault: mock.Fault{
			Status: 200,
			Body:   `{"id":[],"data":7,"success":"yes","Status":"1","RunningLabs":4,"isBanned":"no"}`,
		},
	},
	{
		name: "200 error inside",
		fault: mock.Fault{
			Status: 200,
			Body:   `{"status":500,"success":false,"errorCode":"InternalError","error":"no","Status":0,"Error":"no"}`,
		},
	},
	{name: "10 MB", fault: mock.Fault{Status: 200, Body: strings.Repeat(" ", 10<<20)}},
	{
		name:  "redirect to another host",
		fault: mock.Fault{Status: 302, Header: http.Header{"Location": {"https://" + otherHost + "/"}}},
	},
	{
		name:  "redirect to http",
		fault: mock.Fault{Status: 307, Header: http.Header{"Location": {"http://" + otherHost + "/"}}},
	},
	{name: "reset before the effect", fault: mock.Fault{Drop: true}},
	{name: "reset after the effect", fault: mock.Fault{Drop: true, Effect: true}},
	{name: "stalled", fault: mock.Fault{Status: 200, Delay: time.Hour}},
	{name: "stalled after the effect", fault: mock.Fault{Drop: true, Effect: true, Delay: time.Hour}},
	{name: "yes without effect", fault: mock.Fault{Pretend: true}},
	{name: "connection refused", err: &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}},
	{name: "bad certificate", err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}},
}

// faultyWay is the way to the mock: it can break in one place, and it notes every host that a
// request is sent to.
type faultyWay struct {
	mock.Transport
	err      error
	from, to int // the requests that break, counted from 0; to is exclusive
	seen     int
	hosts    map[string]bool
	told     transcript
}

// RoundTrip implements http.RoundTripper.
func (w *faultyWay) RoundTrip(req *http.Request) (*http.Response, error) {
	w.hosts[req.URL.Host] = true
	at := w.seen
	w.seen++
	if w.err != nil && at >= w.from && at < w.to {
		w.told.end(w.told.begin(req), nil)
		return nil, w.err
	}
	noted := w.told.begin(req)
	resp, err := w.Transport.RoundTrip(req)
	w.told.end(noted, resp)
	return resp, err
}

// matrixOperation is something that a CLI asks of the provider. It returns the state after it and
// what was said.
type matrixOperation struct {
	name string
	run  func(d *driver, v vendorCase, m managed) (managed, diagnostics)
}

var matrixOperations = []matrixOperation{
	{"import", func(d *driver, v vendorCase, _ managed) (managed, diagnostics) { return d.importUser(v.kind, v.id) }},
	{"import by e-mail", func(d *driver, v vendorCase, m managed) (managed, diagnostics) {
		if !v.kind.findsByEmail {
			return m, nil
		}
		return d.importUser(v.kind, inesEmail)
	}},
	{"read", func(d *driver, _ vendorCase, m managed) (managed, diagnostics) { return d.read(m) }},
	{"preflight", func(d *driver, _ vendorCase, m managed) (managed, diagnostics) {
		_, diags := d.planDestroy(m)
		return m, diags
	}},
	{"list", func(d *driver, v vendorCase, m managed) (managed, diagnostics) {
		if v.kind.partial != "" {
			return m, nil // the vendor has no list of its users
		}
		_, diags := d.list(v.kind, 0, nil)
		return m, diags
	}},
	{"look up", func(d *driver, v vendorCase, m managed) (managed, diagnostics) {
		return m, d.lookUp(v, attributes{"id": v.id})
	}},
	{"look up by e-mail", func(d *driver, v vendorCase, m managed) (managed, diagnostics) {
		if !v.kind.findsByEmail {
			return m, nil
		}
		return m, d.lookUp(v, attributes{"email": inesEmail})
	}},
	{"list as data", func(d *driver, v vendorCase, m managed) (managed, diagnostics) {
		shown, diags := d.data(v.kind.typeName()+"s", v.kind.configOf(nil))
		if ids := shown.texts("ids"); v.kind.partial == "" && diags.errors() == "" && !slices.Contains(ids, v.id) {
			d.t.Errorf("%s: the list %v of open users leaves out %s, who is open", v.kind.name, ids, v.id)
		}
		return m, diags
	}},
	{"close", func(d *driver, _ vendorCase, m managed) (managed, diagnostics) {
		return d.apply(d.t.Context(), reviewed(m))
	}},
	suspendOperation,
}

// lookUp reads the data source of an open user. It may fail, and must never say that there is no
// such user.
func (d *driver) lookUp(v vendorCase, by attributes) diagnostics {
	d.t.Helper()
	shown, diags := d.data(v.kind.typeName(), v.kind.configOf(by))
	if diags.errors() == "" && shown.exists() == "false" {
		d.t.Errorf("%s: %v is said not to exist, and is open", v.kind.name, by)
	}
	return diags
}

// maxClosingCalls is how many closing calls one run may send: three that are never confirmed, or
// those that prove where only they can.
func (v vendorCase) maxClosingCalls() int {
	if v.noRead {
		return 10
	}
	return 3
}

// TestMatrix lets every request of every operation fail and be answered untruly in every way, once
// and each time.
func TestMatrix(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			playMatrix(t, v, matrixOperations)
		})
	}
}

// playMatrix plays every fault on every request of some operations at one vendor.
func playMatrix(t *testing.T, v vendorCase, operations []matrixOperation) {
	for _, op := range operations {
		count := matrixRequests(t, v, op)
		for at := range count {
			for _, f := range slices.Concat(matrixFaults, matrixLies()) {
				for _, lasting := range []bool{false, true} {
					name := fmt.Sprintf("%s %s, request %d, %s, lasting %v", v.kind.name, op.name, at, f.name, lasting)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						r := &matrixRun{name: name, v: v, op: op, at: at, fault: f, lasting: lasting}
						r.run(t)
					})
				}
			}
		}
		t.Logf("%s: %d requests × %d ways × 2", op.name, count, len(matrixFaults)+len(matrixLies()))
	}
}

// matrixLies are the answers that are well-formed and not true, and a few that only a way to the
// vendor gives.
func matrixLies() []matrixFault {
	all := []matrixFault{
		{name: "410", fault: mock.Fault{Status: 410}},
		{name: "410 HTML", fault: mock.Fault{Status: 410, Body: "<html>gone</html>"}},
	}
	for _, lie := range mock.Lies() {
		all = append(all, matrixFault{name: lie.Name, fault: lie.Fault})
	}
	return all
}

// matrixSetting is a test environment in which one user is managed. The log is of closings; empty
// for none.
func matrixSetting(t *testing.T, v vendorCase, log string) (*testEnv, *faultyWay, *driver, managed) {
	w := &testEnv{mock: mock.New(mockKey)}
	v.add(w.mock)
	way := &faultyWay{Transport: mock.Transport{Handler: w.mock}, hosts: map[string]bool{}}
	d := matrixDriver(t, v, way, log)
	m := d.mustImport(v.kind, v.id)
	w.mock.ForgetRequests()
	way.seen = 0
	return w, way, d, m
}

// matrixDriver is a process of the provider. What one run learns of a vendor that cannot be asked
// holds for that run.
func matrixDriver(t *testing.T, v vendorCase, way *faultyWay, log string) *driver {
	const url = "http://127.0.0.1:1"
	settings := onlyVendors(url, v)
	if log != "" {
		settings["evidence_log"] = log
	}
	return driverOf(t, &offboardProvider{version: "test", transport: way}, url, settings)
}

// matrixRequests counts the requests of an operation that goes well.
func matrixRequests(t *testing.T, v vendorCase, op matrixOperation) int {
	count := 0
	synctest.Test(t, func(t *testing.T) {
		w, _, d, m := matrixSetting(t, v, "")
		if _, diags := op.run(d, v, m); diags.errors() != "" {
			t.Fatalf("%s %s without a fault: %s", v.kind.name, op.name, diags.errors())
		}
		count = len(w.mock.Requests())
	})
	return count
}

// matrixRun is one case under way.
type matrixRun struct {
	name    string
	v       vendorCase
	op      matrixOperation
	at      int // the request that meets the fault
	fault   matrixFault
	lasting bool

	t   *testing.T
	env *testEnv
	way *faultyWay
	log string // of closings; empty where the operation closes nobody
}

// run does the operation with its fault, checks what came of it, and lets later runs recover.
func (r *matrixRun) run(t *testing.T) {
	if r.changes() {
		r.log = filepath.Join(t.TempDir(), "evidence")
	}
	synctest.Test(t, func(t *testing.T) {
		w, way, d, m := matrixSetting(t, r.v, r.log)
		r.t, r.env, r.way = t, w, way
		if r.fault.err != nil {
			way.err, way.from, way.to = r.fault.err, r.at, r.at+1
			if r.lasting {
				way.to = 1 << 30
			}
		} else {
			fault := r.fault.fault
			fault.After, fault.Times = r.at, 1
			if r.lasting {
				fault.Times = 0
			}
			w.mock.Fail(fault)
		}
		d.t = r.tb()
		after, diags := r.op.run(d, r.v, m)
		r.check(after, diags)
		r.recover(m, after)
	})
}

// recover lets later runs close the user without faults: what failed once goes through later,
// whatever happened before.
func (r *matrixRun) recover(before, after managed) {
	r.env.mock.Heal()
	r.way.err = nil
	if strings.HasPrefix(r.op.name, "import") {
		return
	}
	if after.gone() {
		if !r.v.has(r.env.mock, r.v.id) {
			return
		}
		after = before
	}
	if r.op.name == "suspend" {
		after = r.recoverSuspended(after)
	}
	d := matrixDriver(r.t, r.v, r.way, r.log) // a later run
	var diags diagnostics
	for range 3 {
		if after, diags = d.destroy(after); after.gone() {
			break
		}
	}
	if !after.gone() || r.v.has(r.env.mock, r.v.id) {
		r.t.Errorf(
			"%s: afterwards, without faults: gone %v, open %v, %s",
			r.name,
			after.gone(),
			r.v.has(r.env.mock, r.v.id),
			diags.errors(),
		)
	}
}
