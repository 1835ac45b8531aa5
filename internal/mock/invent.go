package mock

import (
	"fmt"
	"strings"
)

// The names of the invented people.
var (
	firstNames = []string{"Ines", "Mina", "Dana", "Ola", "Tomas", "Yuki", "Samir", "Greta", "Paulo", "Amara",
		"Jonas", "Leila", "Viktor", "Noor", "Rosa", "Henrik"}
	lastNames = []string{"Varga", "Okafor", "Reyes", "Berg", "Novak", "Tanaka", "Haddad", "Lindqvist", "Moreira",
		"Diallo", "Keller", "Rahimi", "Petrov", "Siddiqui", "Marin", "Aalto", "Costa"}
)

// Invent adds n invented people at each vendor, the same ones every time: a
// person has the same name and e-mail at all of them. Most can be closed as they are;
// some are blocked, suspended or an expert, have funds or a running lab. An id
// that is taken already stays with its holder.
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

// fresh adds a user unless its id is taken.
func (r *Roster[I, U]) fresh(u U) {
	if _, taken := r.records[r.rules.id(u)]; !taken {
		r.add(u)
	}
}

// pickFrom returns the i-th of some values, beginning again after the last.
func pickFrom(i int, values ...string) string {
	return values[i%len(values)]
}

func (k *Konstantly) invent(i int, name, email string) {
	k.fresh(KonstantlyUser{ID: fmt.Sprintf("u%05d", 10101+i*137), Name: name, Email: email,
		Role:     pickFrom(i, "learner", "learner", "learner", "author", "learner", "manager"),
		Language: pickFrom(i, "en", "pt", "de"), Timezone: pickFrom(i, "Europe/Lisbon", "Europe/Berlin", "Asia/Tokyo"),
		Blocked: i%5 == 4, Expert: i%11 == 10, FromAPI: i%2 == 0})
}

func (e *ECGrid) invent(i int, name, email string) {
	first, last, _ := strings.Cut(strings.ToLower(name), " ")
	e.fresh(ECGridUser{ID: int64(30401 + i), Name: name, Email: email, Login: first[:1] + "." + strings.ReplaceAll(last, " ", "."),
		AuthLevel: pickFrom(i, "MailboxUser", "MailboxUser", "NetworkUser", "MailboxAdmin"),
		Status:    pickFrom(i, "Active", "Active", "Active", "Active", "Active", "Suspended"), MailboxID: int64(880 + i%3)})
}

func (s *SFOX) invent(i int, name, email string) {
	funds := map[string]string{"btc": "0", "usd": "0"}
	if i%4 == 2 {
		funds = map[string]string{"btc": "0.015", "usd": "0"}
	}
	u := SFOXUser{ID: fmt.Sprintf("cust-%04x", 0x7f31+i), Name: name, Email: email, Balances: funds,
		Status: pickFrom(i, "VERIFIED", "VERIFIED", "VERIFIED", "PENDING")}
	if i%8 == 7 {
		u.AccountRole = "Advisor"
	}
	s.fresh(u)
}

func (s *Skillable) invent(i int, name, email string) {
	u := SkillableUser{ID: fmt.Sprintf("emp-%04d", 3101+i), Name: name, Email: email, History: i % 3}
	if i%4 == 3 {
		u.Running = make(Labs, 1)
	}
	if i%6 == 1 {
		u.Saved = make(Labs, 1)
	}
	s.fresh(u)
}
