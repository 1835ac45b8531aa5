package mock

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Rewrite is a way of writing a true answer that few clients expect.
type Rewrite int

// The ways of writing an answer.
const (
	WithBOM       Rewrite = iota // a byte order mark comes before the JSON
	IDTypes                      // IDs are strings where they are numbers, and numbers where they are strings of digits
	EnumTypes                    // enums are numbers
	UnneededTypes                // fields that no client needs have other types: booleans are strings, texts are lists
	SecondKey                    // each key comes a second time, in other letter case and with an untrue value
	Gzipped                      // compressed with gzip, requested or not
	OtherEncoding                // in an unknown encoding
)

// The fields of all vendors that have an ID or an enum, and those that no client needs.
var (
	idFields   = []string{"id", "userId", "user_id", "LabInstanceId", "Id", "networkId", "mailboxId", "LabProfileId"}
	enumFields = []string{
		"authLevel", "status", "account_role", "account_type", "State", "CompletionStatus", "language",
	}
	unneededFields = []string{
		"fromApi", "image", "timezone", "language", "attributes", "created", "lockoutStatus", "requirements",
		"phone_number", "IsExam", "Start", "Expires", "Saved", "Url", "LabProfileNumber", "MinutesRemaining",
	}
)

func (l Rewrite) apply(x *exchange) answer {
	a := x.handle()
	switch l {
	case WithBOM:
		a.body = append([]byte("\ufeff"), a.body...)
	case Gzipped:
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(a.body) // neither fails on a buffer
		_ = w.Close()
		a.body = packed.Bytes()
		a.header.Set("Content-Encoding", "gzip")
	case OtherEncoding:
		a.header.Set("Content-Encoding", "zzz")
	case IDTypes, EnumTypes, UnneededTypes, SecondKey:
		a.body = l.rewrite(a.body)
	}
	return a
}

// rewrite returns a JSON text, written in another way. A text that is not JSON stays.
func (l Rewrite) rewrite(text []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return text
	}
	return l.value(v)
}

// value returns a decoded JSON value as text.
func (l Rewrite) value(v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		return l.object(v)
	case []any:
		var rows [][]byte
		for _, row := range v {
			rows = append(rows, l.value(row))
		}
		return slices.Concat([]byte("["), bytes.Join(rows, []byte(",")), []byte("]"))
	}
	return marshal(v)
}

// object returns a decoded JSON object as text, with its keys in order.
func (l Rewrite) object(fields map[string]any) []byte {
	var rows [][]byte
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := l.value(fields[name])
		switch {
		case l == IDTypes && slices.Contains(idFields, name):
			v = otherID(v)
		case l == EnumTypes && slices.Contains(enumFields, name) && bytes.HasPrefix(v, []byte(`"`)):
			v = strconv.AppendInt(nil, int64(len(v)), 10)
		case l == UnneededTypes && slices.Contains(unneededFields, name):
			v = otherType(v)
		}
		rows = append(rows, slices.Concat(marshal(name), []byte(":"), v))
		if l == SecondKey {
			other := strings.ToUpper(name)
			if other == name {
				other = strings.ToLower(name)
			}
			rows = append(rows, slices.Concat(marshal(other), []byte(":"), untrueValue(fields[name])))
		}
	}
	return slices.Concat([]byte("{"), bytes.Join(rows, []byte(",")), []byte("}"))
}

// untrueValue returns another value of the same type, or null.
func untrueValue(v any) []byte {
	switch v := v.(type) {
	case bool:
		return marshal(!v)
	case string:
		return marshal(v + "x")
	case json.Number:
		return []byte("-1")
	}
	return []byte("null")
}

// otherID returns an ID as a string instead of a number, or a number instead of a string.
func otherID(v []byte) []byte {
	text := strings.Trim(string(v), `"`)
	switch _, err := strconv.ParseUint(text, 10, 53); {
	case err != nil:
		return v
	case text == string(v):
		return marshal(text)
	case text[0] == '0':
		return v // a number has no leading zero
	}
	return []byte(text)
}

// otherType returns a value as another type.
func otherType(v []byte) []byte {
	switch string(v) {
	case "true":
		return []byte(`"yes"`)
	case "false":
		return []byte(`"no"`)
	case "null":
		return []byte(`0`)
	}
	return slices.Concat([]byte("["), v, []byte("]"))
}
