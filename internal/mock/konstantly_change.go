package mock

import "net/http"

// konstantlyFields is the body of an update. The mock has no groups, courses and attributes for the
// other documented fields.
type konstantlyFields struct {
	Name       *string `json:"name"`
	Email      *string `json:"email"`
	RoleAlias  *string `json:"roleAlias"`
	Occupation *string `json:"occupation"`
	Location   *string `json:"location"`
	Timezone   *string `json:"timezone"`
	FromAPI    *bool   `json:"fromApi"`
}

// update is https://docs.konstantly.com/api-reference/users/update-user.
func (k *Konstantly) update(c *call) answer {
	u, ok := k.openForChange(c.params["id"])
	if !ok {
		return konstantlyError(http.StatusNotFound, "Not found")
	}
	var f konstantlyFields
	if err := c.decode(&f); err != nil {
		return konstantlyInvalid("body", err.Error())
	}
	if f.Email == nil || *f.Email == "" {
		return konstantlyInvalid("email", "is required")
	}
	if other, taken := k.openByEmail(*f.Email); taken && other.ID != u.ID {
		return konstantlyInvalid("email", "is taken")
	}
	setIfGiven(&u.Name, f.Name)
	setIfGiven(&u.Email, f.Email)
	setIfGiven(&u.Role, f.RoleAlias)
	setIfGiven(&u.Occupation, f.Occupation)
	setIfGiven(&u.Location, f.Location)
	setIfGiven(&u.Timezone, f.Timezone)
	setIfGiven(&u.FromAPI, f.FromAPI)
	return jsonAnswer(http.StatusOK, k.encodeFull(u))
}

// block is https://docs.konstantly.com/api-reference/users/block-user.
func (k *Konstantly) block(c *call) answer {
	var body struct {
		ID *string `json:"id"`
	}
	if err := c.decode(&body); err != nil || body.ID == nil {
		return konstantlyInvalid("id", "is required")
	}
	u, ok := k.openForChange(*body.ID)
	switch {
	case !ok:
		return konstantlyError(http.StatusNotFound, "Not found")
	case u.Blocked && k.BlockOnce:
		return konstantlyError(http.StatusUnprocessableEntity, "User is already banned")
	case u.Expert && !u.Blocked:
		return konstantlyError(http.StatusUnprocessableEntity, "User cannot be banned")
	}
	u.Blocked = true
	return jsonAnswer(http.StatusOK, k.encode(u))
}

// unblock is https://docs.konstantly.com/api-reference/users/unblock-user.
func (k *Konstantly) unblock(c *call) answer {
	u, ok := k.openForChange(c.params["id"])
	switch {
	case !ok:
		return konstantlyError(http.StatusNotFound, "Not found")
	case u.Blocked && k.NoSeats:
		return konstantlyError(http.StatusPaymentRequired, "License limit reached")
	}
	u.Blocked = false
	return jsonAnswer(http.StatusOK, struct{}{})
}

// remove is https://docs.konstantly.com/api-reference/users/delete-user.
func (k *Konstantly) remove(c *call) answer {
	u, ok := k.openForChange(c.params["id"])
	switch {
	case !ok:
		return konstantlyError(http.StatusNotFound, "Not found")
	case !u.Blocked:
		return konstantlyError(http.StatusUnprocessableEntity, "User must be blocked before deletion")
	}
	k.close(u.ID, k.SlowDelete)
	if k.EmptyDelete {
		return emptyAnswer(http.StatusOK)
	}
	return jsonAnswer(http.StatusOK, struct{}{})
}
