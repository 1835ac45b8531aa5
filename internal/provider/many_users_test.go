package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
)

// manyUsers is very many users of one vendor, who are made up when they are asked for. Their ids
// are the numbers from 1.
type manyUsers struct {
	v        vendorCase
	n        int
	rows     []string          // the list, if it is not made up
	reads    map[string]string // what a read shows of an ID, if it is not made up
	requests atomic.Int64
}

// ids are the ids of all users, in the order of the list.
func (h *manyUsers) ids() []string {
	var all []string
	for i := range h.n {
		all = append(all, strconv.Itoa(i+1))
	}
	return all
}

// one is a user as the vendor writes it.
func (h *manyUsers) one(id string) string {
	if row, there := h.reads[id]; there {
		return row
	}
	i, _ := strconv.Atoi(id)
	return fmt.Sprintf(h.v.row, i)
}

// list is a part of the list of users, as a JSON array.
func (h *manyUsers) list(from, to int) string {
	var rows []string
	for i := from; i < min(to, h.n); i++ {
		if h.rows != nil {
			rows = append(rows, h.rows[i])
			continue
		}
		rows = append(rows, fmt.Sprintf(h.v.row, i+1))
	}
	return "[" + strings.Join(rows, ",") + "]"
}

// ServeHTTP implements http.Handler.
func (h *manyUsers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.requests.Add(1)
	fmt.Fprint(w, h.v.hall(h, r))
}

// lossyList is a vendor whose lists leave something out.
type lossyList struct {
	next     http.Handler
	list     string // the end of its path
	left, by string // what is left out, and what stands there instead
	used     int    // lists that something was left out of
}

// ServeHTTP implements http.Handler.
func (p *lossyList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	p.next.ServeHTTP(recorder, r)
	body := recorder.Body.String()
	if strings.HasSuffix(r.URL.Path, p.list) {
		rich := body
		body = strings.ReplaceAll(rich, p.left, p.by)
		if body != rich {
			p.used++
		}
	}
	w.WriteHeader(recorder.Code)
	fmt.Fprint(w, body)
}
