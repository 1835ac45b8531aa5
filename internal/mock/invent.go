package mock

import (
	"fmt"
	"strings"
)

// The names of the invented people.
var (
	firstNames = []string{
		"Ines", "Mina", "Dana", "Ola", "Tomas", "Yuki", "Samir", "Greta", "Paulo", "Amara",
		"Jonas", "Leila", "Viktor", "Noor", "Rosa", "Henrik",
	}
	lastNames = []string{
		"Varga", "Okafor", "Reyes", "Berg", "Novak", "Tanaka", "Haddad", "Lindqvist", "Moreira",
		"Diallo", "Keller", "Rahimi", "Petrov", "Siddiqui", "Marin", "Aalto", "Costa",
	}
)

// Invent adds n invented people at each vendor, the same ones every time. A person has the same
// name and email address at all of them. Most can be closed as they are. Some are blocked,
// suspended or an expert, or have funds or a running lab. A user whose ID is taken is not added.
func (s *Server) Invent(n int) {
	s.clock.Lock()
	defer s.clock.Unlock()
	for i := range n {
		name := firstNames[i%len(firstNames)] + " " + lastNames[i%len(lastNames)]
		if round := i / (len(firstNames) * len(lastNames)); round > 0 {
			name += fmt.Sprintf(" %d", round+1)
		}
		email := strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@acme.test"
		for _, v := range s.vendors {
			v.invent(i, name, email)
		}
	}
}

// pickFrom returns value number i. After the last value it begins again.
func pickFrom(i int, values ...string) string {
	return values[i%len(values)]
}
