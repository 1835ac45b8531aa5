package declared

import (
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are the functions of the language: those of Terraform that read no file, no clock and
// no network.
var functions = map[string]function.Function{
	"abs":          stdlib.AbsoluteFunc,
	"base64encode": textFunction(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
	"can":          tryfunc.CanFunc,
	"ceil":         stdlib.CeilFunc,
	"coalesce":     stdlib.CoalesceFunc,
	"concat":       stdlib.ConcatFunc,
	"contains":     containsFunction,
	"endswith":     textTest(strings.HasSuffix),
	"flatten":      stdlib.FlattenFunc,
	"floor":        stdlib.FloorFunc,
	"formatdate":   stdlib.FormatDateFunc,
	"join":         bounded(stdlib.JoinFunc, joinedSize),
	"jsonencode":   bounded(stdlib.JSONEncodeFunc, encodedSize),
	"keys":         stdlib.KeysFunc,
	"length":       stdlib.LengthFunc,
	"link_next":    linkNextFunction,
	"lookup":       stdlib.LookupFunc,
	"lower":        stdlib.LowerFunc,
	"max":          stdlib.MaxFunc,
	"merge":        stdlib.MergeFunc,
	"min":          stdlib.MinFunc,
	"regex":        stdlib.RegexFunc,
	"replace":      bounded(stdlib.ReplaceFunc, replacedSize),
	"split":        stdlib.SplitFunc,
	"startswith":   textTest(strings.HasPrefix),
	"substr":       stdlib.SubstrFunc,
	"tobool":       stdlib.MakeToFunc(cty.Bool),
	"tonumber":     stdlib.MakeToFunc(cty.Number),
	"tostring":     stdlib.MakeToFunc(cty.String),
	"trimprefix":   stdlib.TrimPrefixFunc,
	"trimspace":    stdlib.TrimSpaceFunc,
	"trimsuffix":   stdlib.TrimSuffixFunc,
	"try":          tryfunc.TryFunc,
	"upper":        stdlib.UpperFunc,
	"urldecode":    urlDecodeFunction,
	"urlencode":    textFunction(url.QueryEscape),
	"values":       stdlib.ValuesFunc,
}

// maxText is how long a text may be, in bytes: one in an answer, or one that a function makes.
const maxText = 64 << 10

var errTooLong = errors.New("the text would be too long")

// textFunction is a function from a text to a text.
func textFunction(f func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if len(args[0].AsString()) > maxText {
				return cty.NilVal, errTooLong
			}
			return cty.StringVal(f(args[0].AsString())), nil
		},
	})
}

// urlDecodeFunction decodes a text that is escaped for a query.
var urlDecodeFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "text", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		plain, err := url.QueryUnescape(args[0].AsString())
		return cty.StringVal(plain), err
	},
})

// textTest is a function that tests a text.
func textTest(f func(s, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// bounded is a function that refuses to make a text longer than maxText. An answer could otherwise
// use up all memory.
func bounded(f function.Function, size func(args []cty.Value) int) function.Function {
	return function.New(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type:     f.ReturnTypeForValues,
		Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
			isUnknown := func(arg cty.Value) bool { return !arg.IsWhollyKnown() }
			switch {
			case slices.ContainsFunc(args, isUnknown): // a comparison of different types is in it
				return cty.UnknownVal(result), nil
			case size(args) > maxText:
				return cty.NilVal, errTooLong
			}
			return f.Call(args)
		},
	})
}

// joinedSize returns how long the result of join is at most.
func joinedSize(args []cty.Value) int {
	size := 0
	for _, list := range args[1:] {
		for _, element := range list.Elements() {
			size += len(args[0].AsString())
			if element.Type() == cty.String && !element.IsNull() {
				size += len(element.AsString())
			}
		}
	}
	return size
}

// encodedSize returns how long a value is as JSON at most.
func encodedSize(args []cty.Value) int {
	size := 0
	_ = cty.Walk(args[0], func(path cty.Path, v cty.Value) (bool, error) {
		size += len(":,{}false")
		if len(path) > 0 {
			if name, isField := path[len(path)-1].(cty.GetAttrStep); isField {
				size += quotedSize(name.Name)
			}
		}
		if said, isText := textOf(v); isText && size <= maxText {
			size += quotedSize(said)
		}
		return size <= maxText, nil
	})
	return size
}

// quotedSize returns how long a text is as JSON at most.
func quotedSize(s string) int {
	size := len(`""`)
	for _, r := range s {
		if isPlain := ' ' <= r && r <= '~' && !strings.ContainsRune(`"\<>&`, r); isPlain {
			size++
		} else {
			size += len("\\u0000")
		}
	}
	return size
}

// replacedSize returns how long the result of replace is at most.
func replacedSize(args []cty.Value) int {
	text, old, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
	if strings.HasPrefix(old, "/") { // a regular expression may match between all characters
		return len(text) + (len(text)+1)*len(with)
	}
	return len(text) + strings.Count(text, old)*len(with)
}

// attributeOf returns an attribute of an object, and whether there is one.
func attributeOf(v cty.Value, name string) (cty.Value, bool) {
	if v.IsNull() || !v.IsKnown() || !v.Type().IsObjectType() || !v.Type().HasAttribute(name) {
		return cty.NilVal, false
	}
	return v.GetAttr(name), true
}
