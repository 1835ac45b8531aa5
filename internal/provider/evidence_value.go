package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The state of an offboard_evidence is made here by hand: for a log of many thousand closures the
// framework's way by structs takes most of the time.

// fields are the attributes of an object by name.
type fields = map[string]tftypes.Value

// evidenceValue is the state of an offboard_evidence.
func evidenceValue(t tftypes.Type, h evidence.History, file, known types.String) tftypes.Value {
	ok, at, problem := intact(h, file, known)
	head := known.ValueString()
	proves := !known.IsNull() && h.Holds(head)
	var after *int64
	if proves {
		n := int64(h.After(head))
		after = &n
	}
	list := t.(tftypes.Object).AttributeTypes["closures"].(tftypes.List)
	closures := make([]tftypes.Value, 0, len(h.Closures))
	for _, c := range h.Closures {
		isAfter := tftypes.NewValue(tftypes.Bool, nil)
		if proves {
			isAfter = boolValue(h.IsAfter(&c, head))
		}
		closures = append(closures, closureValue(list.ElementType, c, isAfter))
	}
	return tftypes.NewValue(t, fields{
		"file":             tftypes.NewValue(tftypes.String, file.ValueStringPointer()),
		"known_head":       tftypes.NewValue(tftypes.String, known.ValueStringPointer()),
		"intact":           boolValue(ok),
		"head":             stringValue(h.Head),
		"broken_at":        tftypes.NewValue(tftypes.Number, at),
		"problem":          stringOrNull(problem),
		"after_known_head": tftypes.NewValue(tftypes.Number, after),
		"closures":         tftypes.NewValue(list, closures),
	})
}

// closureValue is one closure in it.
func closureValue(t tftypes.Type, c evidence.Closure, isAfter tftypes.Value) tftypes.Value {
	attributes := t.(tftypes.Object).AttributeTypes
	findings := []tftypes.Value{}
	for _, f := range c.Findings {
		findings = append(findings, textValue(string(f.Kind)+" "+f.Subject))
	}
	requests, list := []tftypes.Value{}, attributes["requests"].(tftypes.List)
	for _, r := range c.Outcome.Requests {
		requests = append(requests, requestValue(list.ElementType, r))
	}
	return tftypes.NewValue(t, fields{
		"began":            stringValue(rfc3339(c.Begun)),
		"ended":            stringOrNull(rfc3339(c.Ended)),
		"vendor":           textValue(c.Vendor),
		"tenant":           textValue(c.Tenant),
		"id":               textValue(c.ID),
		"key_hash":         textOrNull(c.KeyHash),
		"email":            textOrNull(c.Email),
		"name":             textOrNull(c.Name),
		"person":           textOrNull(c.Person),
		"action":           textValue(c.Action),
		"facts":            factsValue(attributes["facts"], c.Facts),
		"findings":         tftypes.NewValue(attributes["findings"], findings),
		"reason":           textOrNull(c.Reason),
		"left_on":          textOrNull(c.LeftOn),
		"run":              runValue(attributes["run"], c.Run),
		"provider_version": textValue(c.ProviderVersion),
		"result":           textValue(string(c.Outcome.Result)),
		"guard":            textOrNull(c.Outcome.Guard),
		"sent":             textOrNull(string(c.Outcome.Sent)),
		"error":            textOrNull(c.Outcome.Error),
		"proof":            textOrNull(c.Outcome.Proof),
		"requests":         tftypes.NewValue(list, requests),
		"after_known_head": isAfter,
	})
}

// factsValue is what the reviewer was shown of an account; null if nothing was.
func factsValue(t tftypes.Type, facts map[string]string) tftypes.Value {
	if facts == nil {
		return tftypes.NewValue(t, nil)
	}
	all := fields{}
	for name, fact := range facts {
		all[offboard.Text(name)] = textValue(fact)
	}
	return tftypes.NewValue(t, all)
}

// runValue is who made a closure, and where; null if nothing was known.
func runValue(t tftypes.Type, run *evidence.Run) tftypes.Value {
	if run == nil {
		return tftypes.NewValue(t, nil)
	}
	return tftypes.NewValue(t, fields{
		"actor":       textOrNull(run.Actor),
		"url":         textOrNull(run.URL),
		"commit":      textOrNull(run.Commit),
		"request":     textOrNull(run.Request),
		"approved_by": textOrNull(run.ApprovedBy),
	})
}

// requestValue is one request of a closure.
func requestValue(t tftypes.Type, r evidence.Request) tftypes.Value {
	return tftypes.NewValue(t, fields{
		"time":        stringValue(rfc3339(r.Time)),
		"method":      textValue(r.Method),
		"path":        textValue(r.Path),
		"status":      numberValue(int64(r.Status)),
		"request_id":  textOrNull(r.RequestID),
		"duration_ms": numberValue(r.DurationMS),
		"error":       textOrNull(r.Error),
		"change":      boolValue(r.Change),
		"proof":       boolValue(r.Proof),
	})
}

func stringValue(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func stringOrNull(s string) tftypes.Value {
	if s == "" {
		return tftypes.NewValue(tftypes.String, nil)
	}
	return stringValue(s)
}

// textValue is text from outside, which a log of an older version, or of somebody else, may hold
// raw.
func textValue(s string) tftypes.Value { return stringValue(offboard.Text(s)) }

// textOrNull is textValue, or null for no text.
func textOrNull(s string) tftypes.Value { return stringOrNull(offboard.Text(s)) }

func numberValue(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

func boolValue(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }

// rfc3339 is a time in RFC 3339; empty for none.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
