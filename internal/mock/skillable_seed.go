package mock

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// SkillableUser is a user of a Skillable API consumer, as in the seed file.
type SkillableUser struct {
	ID      string `json:"id"`
	Name    string `json:"name"` // the first word is the first name
	Email   string `json:"email"`
	Running Labs   `json:"running_labs"`
	Saved   Labs   `json:"saved_labs"`
	History int    `json:"history"` // past lab instances that a search shows
}

// Labs has the labs of a user. The seed file has their number, and the mock makes that many.
type Labs []Lab

// UnmarshalJSON makes as many labs as the number says.
func (l *Labs) UnmarshalJSON(text []byte) error {
	var n uint16
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	*l = make(Labs, n)
	return nil
}

// checkSkillableUser returns what is wrong with a user of a seed file.
func checkSkillableUser(u *SkillableUser) error {
	return cmp.Or(required("id", u.ID), required("name", u.Name), notNegative("history", u.History))
}

// invent implements vendor.
func (s *Skillable) invent(i int, name, email string) {
	u := SkillableUser{ID: fmt.Sprintf("emp-%04d", 3101+i), Name: name, Email: email, History: i % 3}
	if i%4 == 3 {
		u.Running = make(Labs, 1)
	}
	if i%6 == 1 {
		u.Saved = make(Labs, 1)
	}
	s.addUnlessTaken(&u)
}
