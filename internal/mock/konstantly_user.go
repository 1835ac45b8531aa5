package mock

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// konstantlyJSON is a user as the API writes it.
type konstantlyJSON struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Language   string `json:"language"`
	Occupation any    `json:"occupation,omitempty"`
	Location   any    `json:"location,omitempty"`
	Timezone   string `json:"timezone"`
	Email      string `json:"email"`
	IsBanned   bool   `json:"isBanned"`
	Role       any    `json:"role"`
	FromAPI    bool   `json:"fromApi"`
	Image      any    `json:"image,omitempty"`
	Attributes any    `json:"attributes,omitempty"`
}

// encode returns a user as the API writes it, without the attributes that the answer to a block
// lacks.
func (k *Konstantly) encode(u *KonstantlyUser) konstantlyJSON {
	j := konstantlyJSON{
		ID: u.ID, Name: u.Name, Language: u.Language, Timezone: u.Timezone, Email: u.Email,
		IsBanned: u.Blocked, Role: map[string]string{"alias": u.Role}, FromAPI: u.FromAPI,
	}
	if k.RoleString {
		j.Role = u.Role
	}
	j.Occupation, j.Location, j.Image = k.optional(u.Occupation), k.optional(u.Location), k.optional("")
	return j
}

// optional returns a text that may be missing. With nil the field is left out.
func (k *Konstantly) optional(text string) any {
	switch {
	case text == "" && k.Optional == OptionalAbsent:
		return nil
	case text == "" && k.Optional == OptionalNull:
		return json.RawMessage("null")
	}
	return text
}

// encodeFull returns a user as all answers except that to a block write it.
func (k *Konstantly) encodeFull(u *KonstantlyUser) konstantlyJSON {
	j := k.encode(u)
	if j.Attributes = map[string]any{}; k.AttributesList {
		j.Attributes = []any{}
	}
	return j
}

// listUsers is https://docs.konstantly.com/api-reference/users/get-users.
func (k *Konstantly) listUsers(c *call) answer {
	offset := 0
	if text := c.query.Get("offset"); text != "" {
		var err error
		if offset, err = strconv.Atoi(text); err != nil || offset < 0 {
			return konstantlyInvalid("offset", "must be a whole number, zero or more")
		}
	}
	wanted := strings.ToLower(c.query.Get("query"))
	users := k.list(func(rec *record[KonstantlyUser]) bool {
		u := &rec.user
		return !rec.closed && (!u.Blocked || !k.HideBlocked) && (k.finds(u.Email, wanted) || k.finds(u.Name, wanted))
	})
	start, end, total := c.lists.window(len(users), offset, c.lists.size(cmp.Or(k.PageCap, konstantlyPage)))
	rows := []konstantlyJSON{}
	for i := start; i < end; i++ {
		rows = append(rows, k.encodeFull(&users[i]))
	}
	return jsonAnswer(http.StatusOK, map[string]any{"users": rows, "totalCount": total})
}

// finds reports whether a query, in lower case, finds a text.
func (k *Konstantly) finds(text, query string) bool {
	text = strings.ToLower(text)
	if k.QueryExact && query != "" {
		return text == query
	}
	return strings.Contains(text, query)
}

// one is https://docs.konstantly.com/api-reference/users/get-user-by-id.
func (k *Konstantly) one(c *call) answer {
	u, open := k.read(c.params["id"])
	if !open || u.Blocked && k.BlockedNotFound {
		return konstantlyError(http.StatusNotFound, "Not found")
	}
	return jsonAnswer(http.StatusOK, k.encodeFull(u))
}

// byEmail is https://docs.konstantly.com/api-reference/users/get-user.
func (k *Konstantly) byEmail(c *call) answer {
	email := c.params["email"]
	if !strings.Contains(email, "@") {
		return konstantlyInvalid("email", "is not a valid e-mail")
	}
	u, ok := k.openByEmail(email)
	if !ok {
		return konstantlyError(http.StatusNotFound, "Not found")
	}
	return jsonAnswer(http.StatusOK, k.encodeFull(&u))
}

// openByEmail returns the open user with this email address, in any letter case.
func (k *Konstantly) openByEmail(email string) (KonstantlyUser, bool) {
	users := k.list(func(rec *record[KonstantlyUser]) bool {
		return !rec.closed && (rec.user.Email == email || !k.EmailExact && strings.EqualFold(rec.user.Email, email))
	})
	if len(users) == 0 {
		return KonstantlyUser{}, false
	}
	return users[0], true
}
