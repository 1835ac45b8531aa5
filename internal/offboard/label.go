package offboard

import "cmp"

// Label returns the name and the email address of the person, or the one that is known, safe to
// print; empty if neither is.
func (p Person) Label() string {
	name, email := Text(p.Name), Text(p.Email)
	if name != "" && email != "" {
		return name + " <" + email + ">"
	}
	return name + email
}

// Label returns the label of the person, or the ID if nothing is known of the person.
func (u User) Label() string { return cmp.Or(u.Person().Label(), Text(u.ID)) }
