package rest

// Masked returns a text from outside that is safe to print, as offboard.Text has it, and without
// these secrets in any encoding.
func Masked(text string, hidden ...string) string {
	s := newSecrets("")
	for _, secret := range hidden {
		s.add(secret)
	}
	return s.text(text)
}
