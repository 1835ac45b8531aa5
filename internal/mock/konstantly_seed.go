package mock

import (
	"cmp"
	"fmt"
)

// KonstantlyUser is a user of the Konstantly site, as in the seed file.
type KonstantlyUser struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Role       string `json:"role"`     // the alias of the role; "learner" when unset
	Language   string `json:"language"` // "en" when unset
	Timezone   string `json:"timezone"` // "Europe/Lisbon" when unset
	Occupation string `json:"occupation"`
	Location   string `json:"location"`
	Blocked    bool   `json:"blocked"`
	Expert     bool   `json:"expert"` // expert of a course: blocking is refused
	FromAPI    bool   `json:"from_api"`
}

// checkKonstantlyUser returns what is wrong with a user of a seed file.
func checkKonstantlyUser(u *KonstantlyUser) error {
	return cmp.Or(required("id", u.ID), required("name", u.Name))
}

// invent implements vendor.
func (k *Konstantly) invent(i int, name, email string) {
	k.addUnlessTaken(&KonstantlyUser{
		ID: fmt.Sprintf("u%05d", 10101+i*137), Name: name, Email: email,
		Role:     pickFrom(i, "learner", "learner", "learner", "author", "learner", "manager"),
		Language: pickFrom(i, "en", "pt", "de"),
		Timezone: pickFrom(i, "Europe/Lisbon", "Europe/Berlin", "Asia/Tokyo"),
		Blocked:  i%5 == 4, Expert: i%11 == 10, FromAPI: i%2 == 0,
	})
}
