package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
)

// ID is an identifier in an answer, which vendors write as a string or as a number. A number is kept exactly, in canonical decimal; null
// and a missing one are empty. Anything else is an error.
type ID string

// UnmarshalJSON implements json.Unmarshaler.
func (id *ID) UnmarshalJSON(raw []byte) error {
	raw = bytes.TrimSpace(raw)
	switch {
	case bytes.Equal(raw, []byte("null")):
		*id = ""
		return nil
	case bytes.HasPrefix(raw, []byte(`"`)):
		return json.Unmarshal(raw, (*string)(id))
	}
	n, ok := new(big.Int).SetString(string(raw), 10)
	if !ok {
		return errors.New("an ID is neither a string nor a whole number")
	}
	*id = ID(n.String())
	return nil
}

// Maybe is a field that decorates an answer: a value of another type than expected is as good as none.
type Maybe[T any] struct{ Value T }

// UnmarshalJSON implements json.Unmarshaler and never fails.
func (m *Maybe[T]) UnmarshalJSON(raw []byte) error {
	var value T
	if json.Unmarshal(raw, &value) == nil {
		m.Value = value
	}
	return nil
}

// OpenError says that a request was not sent, or given up, because the vendor cannot be asked in this run.
type OpenError struct{ Err error }

func (e *OpenError) Error() string { return e.Err.Error() }

// Unwrap gives why it cannot be asked.
func (e *OpenError) Unwrap() error { return e.Err }
