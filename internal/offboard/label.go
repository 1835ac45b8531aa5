package offboard

// Label returns the name and the email address of the user, as far as they are known, and the ID if
// neither is.
func (u User) Label() string {
	switch {
	case u.Name != "" && u.Email != "":
		return u.Name + " <" + u.Email + ">"
	case u.Name+u.Email != "":
		return u.Name + u.Email
	default:
		return u.ID
	}
}
