package rest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestAnswer_JSON_refusesKeysThatAppearTwice(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   rest.ID `json:"id"`
		Name string  `json:"name"`
	}
	type body struct {
		ID     rest.ID            `json:"id"`
		Kind   string             `json:"kind"`
		Rows   []row              `json:"rows"`
		One    *row               `json:"one"`
		ByName map[string]row     `json:"byName"`
		Raw    json.RawMessage    `json:"raw"`
		Any    any                `json:"any"`
		Extra  rest.Optional[row] `json:"extra"`
		Status map[string]float64 `json:"status"`
	}
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"each once": {
			`{"id":1,"rows":[{"id":"a","name":"b"},{"id":"a","name":"b"}],"one":{"id":"a"}}`, true,
		},
		"twice":                                {`{"id":1,"id":1}`, false},
		"in another case":                      {`{"id":1,"ID":2}`, false},
		"in a case beyond ASCII":               {`{"kind":"a","\u212Aind":"b"}`, false},
		"written with an escape":               {`{"id":1,"\u0069d":2}`, false},
		"two that are not decoded":             {`{"id":1,"x":1,"X":2}`, false},
		"in a row":                             {`{"rows":[{"id":1},{"id":1,"Id":2}]}`, false},
		"behind a pointer":                     {`{"one":{"name":"a","NAME":"b"}}`, false},
		"in a value of a map":                  {`{"byName":{"x":{"id":1,"iD":1}}}`, false},
		"in what stays raw":                    {`{"raw":{"a":[{"b":1,"b":2,"B":3}]}}`, true},
		"twice, and stays raw":                 {`{"raw":1,"Raw":2}`, false},
		"the same key of a map":                {`{"status":{"a":1,"a":2}}`, false},
		"keys of a map that differ":            {`{"status":{"a":1,"A":2}}`, true},
		"keys of anything that differ":         {`{"any":{"a":1,"A":{"b":1}}}`, true},
		"twice in anything":                    {`{"any":[{"a":1,"a":2}]}`, false},
		"in an object that is not decoded":     {`{"id":1,"tags":{"a":1,"A":2,"b":{"c":1,"c":1}}}`, true},
		"in an object that nothing depends on": {`{"id":1,"extra":{"id":1,"ID":2}}`, true},
		"after an object that is not decoded":  {`{"x":{"a":[{}],"b":{}},"rows":[{"id":1,"ID":2}]}`, false},
		"a key with more than letters":         {`{"id":1,"x_1":{"y_2":3}}`, true},
		"a number that is too large for Go":    {`{"id":1,"x":1e999,"any":1e999}`, true},
		"a byte order mark":                    {"\ufeff{\"id\":1}", true},
		"two byte order marks":                 {"\ufeff\ufeff{\"id\":1}", false},
		"deep":                                 {`{"[{":` + strings.Repeat("[", 199) + strings.Repeat("]", 199) + `}`, true},
		"too deep":                             {`{"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, false},
		"quotes in a text":                     {`{"x":"` + strings.Repeat(`\"[{`, 200) + `"}`, true},
	} {
		answer := rest.Answer{Method: "GET", Path: "/x", Status: 200, Body: []byte(c.body)}
		var got body
		err := answer.JSON(&got)
		if fault := new(rest.Error); (err == nil) != c.ok || err != nil && !errors.As(err, &fault) {
			t.Errorf("%s: got %v, want it accepted: %t", name, err, c.ok)
		}
	}
}

func TestAnswer_Decode_readsAPart(t *testing.T) {
	t.Parallel()
	answer := rest.Answer{Method: "GET", Path: "/x", Status: 200}
	var row struct {
		ID rest.ID `json:"id"`
	}
	if err := answer.Decode(json.RawMessage(`{"id":7}`), &row); err != nil || row.ID != "7" {
		t.Errorf("got %q and %v, want 7", row.ID, err)
	}
	if err := answer.Decode(json.RawMessage(`{"id":7,"ID":8}`), &row); err == nil ||
		!strings.Contains(err.Error(), `"ID"`) {
		t.Errorf("got %v, want an error that names the keys", err)
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"u1"`: "u1", `"007"`: "007", `""`: "", `null`: "", `0`: "0", `7`: "7", `-7`: "-7",
		`9007199254740993`:               "9007199254740993",
		`123456789012345678901234567890`: "123456789012345678901234567890", `"a\u0062"`: "ab",
	} {
		id := rest.ID("before")
		if err := json.Unmarshal([]byte(text), &id); err != nil || string(id) != want {
			t.Errorf("%s: got %q and %v, want %q", text, id, err, want)
		}
	}
	for _, text := range []string{`1.0`, `1e3`, `-0`, `1.5`, `true`, `{}`, `["u1"]`} {
		id := rest.ID("before")
		if err := json.Unmarshal([]byte(text), &id); err == nil {
			t.Errorf("%s: got %q, want an error", text, id)
		}
	}
}

func TestOptional_isTheZeroValueForAnotherType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`"x"`: "x", `7`: "", `null`: "", `{"a":1}`: "", `["x"]`: "", `true`: ""} {
		var got struct {
			Name rest.Optional[string] `json:"name"`
			ID   rest.ID               `json:"id"`
		}
		if err := (rest.Answer{Body: []byte(`{"name":` + text + `,"id":1}`)}).JSON(
			&got,
		); err != nil || got.Name.Value != want ||
			got.ID != "1" {
			t.Errorf("%s: got %q, %q and %v, want %q and 1", text, got.Name.Value, got.ID, err, want)
		}
	}
}
