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
	SpareTypes                   // fields that nobody needs have other types: booleans are strings, texts are lists
	SecondKey                    // each key comes a second time, in other letter case and with an untrue value
	Gzipped                      // compressed with gzip, asked for or not
	OtherEncoding                // in an encoding that nobody knows
)

// The fields of all vendors that hold an ID, an enum, and what no client needs.
var (
	idFields   = []string{"id", "userId", "user_id", "LabInstanceId", "Id", "networkId", "mailboxId", "LabProfileId"}
	enumFields = []string{"authLevel", "status", "account_role", "account_type", "State", "CompletionStatus", "language"}
	spare      = []string{"fromApi", "image", "timezone", "language", "attributes", "created", "lockoutStatus", "requirements",
		"phone_number", "IsExam", "Start", "Expires", "Saved", "Url", "LabProfileNumber", "MinutesRemaining"}
)

func (l Rewrite) tell(a *asked) answer {
	given := a.handle()
	switch l {
	case WithBOM:
		given.body = append([]byte("\ufeff"), given.body...)
	case Gzipped:
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(given.body) // neither fails on a buffer
		_ = w.Close()
		given.body = packed.Bytes()
		given.header.Set("Content-Encoding", "gzip")
	case OtherEncoding:
		given.header.Set("Content-Encoding", "zzz")
	case IDTypes, EnumTypes, SpareTypes, SecondKey:
		given.body = l.rewrite(given.body)
	}
	return given
}

// rewrite writes a JSON text in another way; a text that is not JSON stays.
func (l Rewrite) rewrite(text []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return text
	}
	return l.value(v)
}

// value is a decoded JSON value, written anew.
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
	return encode(v)
}

// object is a decoded JSON object, written anew, with its keys in order.
func (l Rewrite) object(fields map[string]any) []byte {
	var rows [][]byte
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := l.value(fields[name])
		switch {
		case l == IDTypes && slices.Contains(idFields, name):
			v = otherID(v)
		case l == EnumTypes && slices.Contains(enumFields, name) && bytes.HasPrefix(v, []byte(`"`)):
			v = strconv.AppendInt(nil, int64(len(v)), 10)
		case l == SpareTypes && slices.Contains(spare, name):
			v = otherType(v)
		}
		rows = append(rows, slices.Concat(encode(name), []byte(":"), v))
		if l == SecondKey {
			other := strings.ToUpper(name)
			if other == name {
				other = strings.ToLower(name)
			}
			rows = append(rows, slices.Concat(encode(other), []byte(":"), untrue(fields[name])))
		}
	}
	return slices.Concat([]byte("{"), bytes.Join(rows, []byte(",")), []byte("}"))
}

// untrue is another value of the same type, or null.
func untrue(v any) []byte {
	switch v := v.(type) {
	case bool:
		return encode(!v)
	case string:
		return encode(v + "x")
	case json.Number:
		return []byte("-1")
	}
	return []byte("null")
}

// otherID is an ID as a string instead of a number, or a number instead of a string.
func otherID(v []byte) []byte {
	text := strings.Trim(string(v), `"`)
	switch _, err := strconv.ParseUint(text, 10, 53); {
	case err != nil:
		return v
	case text == string(v):
		return encode(text)
	case text[0] == '0':
		return v // a number has no leading zero
	}
	return []byte(text)
}

// otherType is a value as another type.
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

func encode(v any) []byte { return reply(0, v).body }
