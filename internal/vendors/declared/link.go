package declared

import (
	"errors"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// linkNextFunction returns the address of the next page in the header Link of an answer, or null.
var linkNextFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "answer", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		headers, ok := attributeOf(args[0], "headers")
		link, has := attributeOf(headers, "link")
		if !ok || !has || link.Type() != cty.String || link.IsNull() {
			return cty.NullVal(cty.String), nil
		}
		address, err := nextLink(link.AsString())
		if address == "" {
			return cty.NullVal(cty.String), err
		}
		return cty.StringVal(address), nil
	},
})

// errNoLink is why a header cannot be read. The next page may be in the part that is left.
var errNoLink = errors.New("the header Link is none of RFC 8288")

// linkSpace is what may be between the parts of a link.
const linkSpace = " \t"

// nextLink returns the address of the first link in a header Link that has the relation "next"; empty if
// there is none.
// https://www.rfc-editor.org/rfc/rfc8288#appendix-B.2
func nextLink(header string) (string, error) {
	for {
		header = strings.TrimLeft(header, linkSpace+",")
		if header == "" {
			return "", nil
		}
		address, rest, ok := strings.Cut(header, ">")
		if !ok || len(address) < len("<a") || address[0] != '<' {
			return "", errNoLink
		}
		relations, rest, err := relationsOf(rest)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(relations, func(r string) bool { return strings.EqualFold(r, "next") }) {
			return address[1:], nil
		}
		header = rest
	}
}

// relationsOf reads the parameters of a link, and returns its relations and what is behind them. Only the
// first parameter rel counts. A link with results="false" leads nowhere, so it has none: Sentry has one to
// a next page in any answer.
// https://docs.sentry.io/api/pagination/
func relationsOf(s string) (relations []string, rest string, err error) {
	for has, empty := false, false; ; {
		s = strings.TrimLeft(s, linkSpace)
		if s == "" || s[0] == ',' {
			if empty {
				relations = nil
			}
			return relations, s, nil
		}
		if s[0] != ';' {
			return nil, "", errNoLink
		}
		var name, value string
		if name, value, s, err = linkParameter(strings.TrimLeft(s[1:], linkSpace)); err != nil {
			return nil, "", err
		}
		empty = empty || strings.EqualFold(name, "results") && value == "false"
		if strings.EqualFold(name, "rel") && !has {
			has, relations = true, strings.Fields(value)
		}
	}
}

// linkParameter reads the parameter at the beginning of a text.
func linkParameter(s string) (name, value, rest string, err error) {
	end := endOf(s, "=;,")
	name, rest = strings.TrimRight(s[:end], linkSpace), s[end:]
	if rest == "" || rest[0] != '=' {
		return name, "", rest, nil
	}
	rest = strings.TrimLeft(rest[1:], linkSpace)
	if !strings.HasPrefix(rest, `"`) {
		end = endOf(rest, ";,")
		return name, rest[:end], rest[end:], nil
	}
	value, rest, err = quoted(rest[1:])
	return name, value, rest, err
}

// endOf returns where one of some characters is, or the end of the text.
func endOf(s, characters string) int {
	if at := strings.IndexAny(s, characters); at >= 0 {
		return at
	}
	return len(s)
}

// quoted reads a text up to the quote at its end. A backslash takes the next character as it is.
func quoted(s string) (value, rest string, err error) {
	var text strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return text.String(), s[i+1:], nil
		case '\\':
			if i++; i == len(s) {
				return "", "", errNoLink
			}
		}
		text.WriteByte(s[i])
	}
	return "", "", errNoLink
}
