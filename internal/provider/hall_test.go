package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
)

// hall is very many users at every vendor, who are made up when they are asked for.
type hall struct {
	n        int
	requests atomic.Int64
}

// ids are the ids of the users of a kind, in the order of the list.
func (h *hall) ids(k userKind) []string {
	var all []string
	for i := range h.n {
		all = append(all, h.id(k.name, i))
	}
	return all
}

func (h *hall) id(vendor string, i int) string {
	if vendor == "ecgrid" {
		return strconv.Itoa(i + 1)
	}
	return fmt.Sprintf("u%d", i+1)
}

// rows are users as a vendor writes them.
func (h *hall) rows(vendor string, from, to int) []string {
	var rows []string
	for i := from; i < min(to, h.n); i++ {
		rows = append(rows, fmt.Sprintf(map[string]string{
			"konstantly": `{"id":%q,"name":"N","email":"n@acme.test","isBanned":false,"role":"learner"}`,
			"ecgrid":     `{"userId":%s,"login":"n","email":"n@acme.test","networkId":12,"authLevel":"MailboxUser","status":"Active"}`,
			"sfox":       `{"user_id":%q,"email":"n@acme.test","account_role":"Client"}`,
		}[vendor], h.id(vendor, i)))
	}
	return rows
}

// ServeHTTP implements http.Handler.
func (h *hall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.requests.Add(1)
	one := func(vendor string) string {
		i, _ := strconv.Atoi(strings.TrimPrefix(path.Base(r.URL.Path), "u"))
		return strings.Join(h.rows(vendor, i-1, i), "")
	}
	list := func(vendor string, from, to int) string {
		return "[" + strings.Join(h.rows(vendor, from, to), ",") + "]"
	}
	_, at, _ := strings.Cut(r.URL.Path, "/users")
	switch vendor := strings.Split(r.URL.Path, "/")[1]; {
	case vendor == "konstantly" && at == "":
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		fmt.Fprintf(w, `{"users":%s,"totalCount":%d}`, list(vendor, offset, offset+20), h.n)
	case vendor == "konstantly":
		fmt.Fprint(w, one(vendor))
	case vendor == "ecgrid" && at == "/list":
		var body struct{ PageNo int }
		_ = json.NewDecoder(r.Body).Decode(&body)
		fmt.Fprintf(w, `{"success":true,"data":%s}`, list(vendor, 25*(body.PageNo-1), 25*body.PageNo))
	case vendor == "ecgrid":
		fmt.Fprintf(w, `{"success":true,"data":%s}`, one(vendor))
	case vendor == "sfox" && at == "":
		fmt.Fprintf(w, `{"data":%s}`, list(vendor, 0, h.n))
	case vendor == "sfox":
		fmt.Fprintf(w, `{"data":%s}`, one(vendor))
	case strings.HasSuffix(r.URL.Path, "/userrunningandsavedlabs"):
		fmt.Fprint(w, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
	default:
		fmt.Fprintf(w, `{"TotalResults":1,"Results":[{"UserId":%q,"UserEmail":"n@acme.test"}],"Status":1,"Error":null}`, r.URL.Query().Get("userId"))
	}
}

// poor is a vendor whose lists leave something out.
type poor struct {
	next     http.Handler
	list     string // the end of its path
	left, by string // what is left out, and what stands there instead
}

// ServeHTTP implements http.Handler.
func (p *poor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	p.next.ServeHTTP(recorder, r)
	body := recorder.Body.String()
	if strings.HasSuffix(r.URL.Path, p.list) {
		body = strings.ReplaceAll(body, p.left, p.by)
	}
	w.WriteHeader(recorder.Code)
	fmt.Fprint(w, body)
}
