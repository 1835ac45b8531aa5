package declared

import "github.com/hashicorp/hcl/v2"

// publicIn returns the values in credentials that are no secrets: those of attributes that use neither
// the key nor a sensitive setting. The name of an organization that is masked would hide the addresses
// of its people.
func (d *Definition) publicIn(of *expression, values map[string][]string) (public []string) {
	if of == nil {
		return nil
	}
	pairs, diags := hcl.ExprMap(of.expr)
	if diags.HasErrors() {
		return nil
	}
	for _, pair := range pairs {
		name, diags := pair.Key.Value(nil)
		if said, ok := textOf(name); ok && !diags.HasErrors() && !d.holdsSecret(pair.Value) {
			public = append(public, values[said]...)
		}
	}
	return public
}

// holdsSecret reports whether an expression uses the key or a sensitive setting.
func (d *Definition) holdsSecret(e hcl.Expression) bool {
	for _, used := range e.Variables() {
		if used.RootName() != varSetting || d.isSensitive(nameIn(used)) {
			return true
		}
	}
	return false
}

// isSensitive reports whether a setting is a credential.
func (d *Definition) isSensitive(name string) bool {
	for i := range d.settings {
		if d.settings[i].Name == name {
			return d.settings[i].Sensitive
		}
	}
	return true
}
