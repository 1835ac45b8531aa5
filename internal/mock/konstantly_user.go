package mock

import (
	"cmp"
	"encoding/json"
	"fmt"
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

// show is a user as the API writes it, without the attributes that the answer to a block lacks.
func (k *Konstantly) show(u *KonstantlyUser) konstantlyJSON {
	j := konstantlyJSON{ID: u.ID, Name: u.Name, Language: u.Language, Timezone: u.Timezone, Email: u.Email,
		IsBanned: u.Blocked, Role: map[string]string{"alias": u.Role}, FromAPI: u.FromAPI}
	if k.RoleString {
		j.Role = u.Role
	}
	j.Occupation, j.Location, j.Image = k.optional(u.Occupation), k.optional(u.Location), k.optional("")
	return j
}

// optional is a text that may be missing; nil leaves the field out.
func (k *Konstantly) optional(text string) any {
	switch {
	case text == "" && k.Optional == OptionalAbsent:
		return nil
	case text == "" && k.Optional == OptionalNull:
		return json.RawMessage("null")
	}
	return text
}

// full is a user as every answer but that to a block writes it.
func (k *Konstantly) full(u *KonstantlyUser) konstantlyJSON {
	j := k.show(u)
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
			return konstantlyInvalid(map[string][]string{"offset": {"must be a whole number, zero or more"}})
		}
	}
	wanted := strings.ToLower(c.query.Get("query"))
	finds := strings.Contains
	if k.QueryExact && wanted != "" {
		finds = func(text, wanted string) bool { return text == wanted }
	}
	users := k.list(func(rec *record[KonstantlyUser]) bool {
		u := rec.user
		return !rec.closed && (!u.Blocked || !k.HideBlocked) &&
			(finds(strings.ToLower(u.Email), wanted) || finds(strings.ToLower(u.Name), wanted))
	})
	start, end, total := c.lists.window(len(users), offset, c.lists.size(cmp.Or(k.PageCap, konstantlyPage)))
	rows := []konstantlyJSON{}
	for _, u := range users[start:end] {
		rows = append(rows, k.full(&u))
	}
	return reply(http.StatusOK, map[string]any{"users": rows, "totalCount": total})
}

// one is https://docs.konstantly.com/api-reference/users/get-user-by-id.
func (k *Konstantly) one(c *call) answer {
	u, open := k.read(c.params["id"])
	if !open || u.Blocked && k.BlockedNotFound {
		return konstantlyError(http.StatusNotFound, "Not found")
	}
	return reply(http.StatusOK, k.full(u))
}

// byEmail is https://docs.konstantly.com/api-reference/users/get-user.
func (k *Konstantly) byEmail(c *call) answer {
	email := c.params["email"]
	if !strings.Contains(email, "@") {
		return konstantlyInvalid(map[string][]string{"email": {"is not a valid e-mail"}})
	}
	u, ok := k.holder(email)
	if !ok {
		return konstantlyError(http.StatusNotFound, "Not found")
	}
	return reply(http.StatusOK, k.full(&u))
}

// holder returns the open user with this e-mail, letter case aside.
func (k *Konstantly) holder(email string) (KonstantlyUser, bool) {
	users := k.list(func(rec *record[KonstantlyUser]) bool {
		return !rec.closed && (rec.user.Email == email || !k.EmailExact && strings.EqualFold(rec.user.Email, email))
	})
	if len(users) == 0 {
		return KonstantlyUser{}, false
	}
	return users[0], true
}

// assignments is https://docs.konstantly.com/api-reference/users/get-user-assignments.
// The mock has no courses.
func (k *Konstantly) assignments(c *call) answer {
	if _, ok := k.peek(c.params["id"]); !ok {
		return konstantlyError(http.StatusNotFound, "Not found")
	}
	return reply(http.StatusOK, map[string]any{"assignments": []any{}})
}

// konstantlyFields is the body of create and update. The mock has no groups,
// courses and attributes to put the rest of the documented fields into.
type konstantlyFields struct {
	ID         *string `json:"id"`
	Name       *string `json:"name"`
	Email      *string `json:"email"`
	Password   *string `json:"password"`
	RoleAlias  *string `json:"roleAlias"`
	Occupation *string `json:"occupation"`
	Location   *string `json:"location"`
	Timezone   *string `json:"timezone"`
	FromAPI    *bool   `json:"fromApi"`
}

// missing names the required fields that the body lacks.
func missing(fields map[string]*string) map[string][]string {
	problems := map[string][]string{}
	for name, value := range fields {
		if value == nil || *value == "" {
			problems[name] = []string{"is required"}
		}
	}
	return problems
}

// apply writes the fields that the body has into u.
func (f konstantlyFields) apply(u *KonstantlyUser) {
	for _, set := range []struct{ to, from *string }{
		{&u.Name, f.Name}, {&u.Email, f.Email}, {&u.Role, f.RoleAlias},
		{&u.Occupation, f.Occupation}, {&u.Location, f.Location}, {&u.Timezone, f.Timezone},
	} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	if f.FromAPI != nil {
		u.FromAPI = *f.FromAPI
	}
}

// create is https://docs.konstantly.com/api-reference/users/create-user.
func (k *Konstantly) create(c *call) answer {
	var f konstantlyFields
	if err := c.decode(&f); err != nil {
		return konstantlyInvalid(map[string][]string{"body": {err.Error()}})
	}
	problems := missing(map[string]*string{"name": f.Name, "email": f.Email, "password": f.Password, "roleAlias": f.RoleAlias})
	u := KonstantlyUser{ID: fmt.Sprintf("u%06d", len(k.records)+1), FromAPI: true}
	if f.ID != nil {
		u.ID = *f.ID
	}
	f.apply(&u)
	if _, taken := k.open(u.ID); taken {
		problems["id"] = append(problems["id"], "is taken")
	}
	if _, taken := k.holder(u.Email); taken {
		problems["email"] = append(problems["email"], "is taken")
	}
	if len(problems) > 0 {
		return konstantlyInvalid(problems)
	}
	k.add(u)
	created, _ := k.open(u.ID)
	return reply(http.StatusOK, k.full(created))
}

// patch is https://docs.konstantly.com/api-reference/users/update-user.
func (k *Konstantly) patch(c *call) answer {
	u, ok := k.open(c.params["id"])
	if !ok {
		return konstantlyError(http.StatusNotFound, "Not found")
	}
	var f konstantlyFields
	if err := c.decode(&f); err != nil {
		return konstantlyInvalid(map[string][]string{"body": {err.Error()}})
	}
	problems := missing(map[string]*string{"email": f.Email})
	if len(problems) == 0 {
		if other, taken := k.holder(*f.Email); taken && other.ID != u.ID {
			problems["email"] = []string{"is taken"}
		}
	}
	if len(problems) > 0 {
		return konstantlyInvalid(problems)
	}
	f.apply(u)
	return reply(http.StatusOK, k.full(u))
}

// block is https://docs.konstantly.com/api-reference/users/block-user.
func (k *Konstantly) block(c *call) answer {
	var body struct {
		ID *string `json:"id"`
	}
	if err := c.decode(&body); err != nil || body.ID == nil {
		return konstantlyInvalid(map[string][]string{"id": {"is required"}})
	}
	u, ok := k.open(*body.ID)
	switch {
	case !ok:
		return konstantlyError(http.StatusNotFound, "Not found")
	case u.Blocked && k.BlockOnce:
		return konstantlyError(http.StatusUnprocessableEntity, "User is already banned")
	case u.Expert && !u.Blocked:
		return konstantlyError(http.StatusUnprocessableEntity, "User cannot be banned")
	}
	u.Blocked = true
	return reply(http.StatusOK, k.show(u))
}

// unblock is https://docs.konstantly.com/api-reference/users/unblock-user.
func (k *Konstantly) unblock(c *call) answer {
	u, ok := k.open(c.params["id"])
	switch {
	case !ok:
		return konstantlyError(http.StatusNotFound, "Not found")
	case u.Blocked && k.NoSeats:
		return konstantlyError(http.StatusPaymentRequired, "License limit reached")
	}
	u.Blocked = false
	return reply(http.StatusOK, struct{}{})
}

// remove is https://docs.konstantly.com/api-reference/users/delete-user.
func (k *Konstantly) remove(c *call) answer {
	u, ok := k.open(c.params["id"])
	switch {
	case !ok:
		return konstantlyError(http.StatusNotFound, "Not found")
	case !u.Blocked:
		return konstantlyError(http.StatusUnprocessableEntity, "User must be blocked before deletion")
	}
	k.shut(u.ID, k.SlowDelete)
	if k.EmptyDelete {
		return empty(http.StatusOK)
	}
	return reply(http.StatusOK, struct{}{})
}
