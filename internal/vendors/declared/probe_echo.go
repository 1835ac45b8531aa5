package declared

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// said is a text or a number in the body of an answer.
type said struct {
	field string // as a definition writes it
	value cty.Value
	words bool // for people
}

// probeEcho refuses an absence that says no more than the HTTP status: it holds for an example of which only the
// status in the body is left, and its words. A framework answers so for a wrong path. If the example says
// nothing else, there is nothing to compare.
func (p *problems) probeEcho(b absence, e readExample) {
	echo, others := e.answer.echoed()
	if len(others) == 0 || !b.holds(echo) {
		return
	}
	also := others[max(0, slices.IndexFunc(others, func(s said) bool { return !s.words }))]
	p.add(b.expr.expr.Range(), "%s of the block %s needs only the status of the example %q, which a framework gives for "+
		"a wrong path, too. Compare %s as well, as in %[4]s == %s",
		b.expr.name, b.block, e.name, also.field, jsonText(also.value))
}

// echoed returns an answer in which every value is another one, but the status and its words. Beside it are the
// others that may say something of the user.
func (v answerValue) echoed() (echo answerValue, others []said) {
	fields := v.value.AsValueMap()
	fields["json"], _ = cty.Transform(fields["json"], func(path cty.Path, one cty.Value) (cty.Value, error) {
		switch all, isList := elementsOf(one); {
		case isEcho(one, v.Status), isObject(one), isList && len(all) > 0:
			return one, nil
		case saysOfUser(path, one):
			names := namesOfPath(path)
			others = append(others, said{fieldAt(path), one, len(names) > 0 && isForPeople(names)})
		}
		return otherValue(one), nil
	})
	fields["headers"] = otherValue(fields["headers"])
	echo = v
	echo.value = cty.ObjectVal(fields)
	return echo, others
}

// scimError is in every error of SCIM (RFC 7644, section 3.12).
const scimError = "urn:ietf:params:scim:api:messages:2.0:Error"

// isEcho reports whether a value is an HTTP status, or the words that every framework has for it.
func isEcho(v cty.Value, status int) bool {
	text, _ := textOf(v)
	words, number := strings.ToLower(strings.TrimRight(text, ".")), strconv.Itoa(status)
	words = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(words, "http "), number))
	return text == number || text == scimError || words == strings.ToLower(http.StatusText(status))
}

// ofRequest is what the name of a field has that is about the request, in small letters.
var ofRequest = regexp.MustCompile(`path|ur[il]|href|instance|documentation|time|date|trace|request|correlation|id$`)

// saysOfUser reports whether a value in an answer may say something of a user, and not of the request alone.
func saysOfUser(path cty.Path, v cty.Value) bool {
	text, isText := textOf(v)
	names := namesOfPath(path)
	isPrimitive := isText && text != "" && v.Type() != cty.Bool && !strings.Contains(text, "://")
	return isPrimitive && len(names) > 0 && !ofRequest.MatchString(strings.ToLower(names[len(names)-1]))
}

// namesOfPath returns the names of the fields on a path.
func namesOfPath(path cty.Path) (names []string) {
	for _, step := range path {
		if attr, ok := step.(cty.GetAttrStep); ok {
			names = append(names, attr.Name)
		}
	}
	return names
}

// plainKey is a key that a definition may write behind a dot.
var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// fieldAt returns a field of the body as a definition writes it.
func fieldAt(path cty.Path) string {
	steps := []string{varAnswer, ".json"}
	for _, step := range path {
		switch step := step.(type) {
		case cty.GetAttrStep:
			name := "." + step.Name
			if !plainKey.MatchString(step.Name) {
				name = "[" + strconv.Quote(step.Name) + "]"
			}
			steps = append(steps, name)
		case cty.IndexStep:
			index, _ := textOf(step.Key)
			steps = append(steps, "["+index+"]")
		}
	}
	return strings.Join(steps, "")
}
