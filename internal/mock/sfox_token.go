package mock

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"time"
)

// sfoxToken is one user token.
type sfoxToken struct {
	user    string
	expires time.Time
}

// tokenUser returns the ID of the user whose token a call has. It reports whether there is a token
// that has not expired.
func (s *SFOX) tokenUser(c *call) (id string, ok bool) {
	token, ok := s.tokens[c.bearer()]
	return token.user, ok && c.now.Before(token.expires)
}

// tokenOwner returns the user whose token a call has. A token may last longer than its user. Then
// the user has only an ID.
func (s *SFOX) tokenOwner(c *call) *SFOXUser {
	id, _ := s.tokenUser(c)
	if u, ok := s.openUser(id); ok {
		return u
	}
	return &SFOXUser{ID: id}
}

// sfoxTokenJSON is a user token as the API writes it.
type sfoxTokenJSON struct {
	Token         string `json:"token"`
	PartnerUserID string `json:"partner_user_id"`
	Expires       string `json:"expires"`
}

// newToken returns a token for a user: 64 hexadecimal digits without a meaning.
func (s *SFOX) newToken(id string, now time.Time) sfoxTokenJSON {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails, as its documentation says
	token, expires := hex.EncodeToString(secret), now.Add(cmp.Or(s.TokenLife, sfoxTokenLife))
	s.tokens[token] = sfoxToken{id, expires}
	return sfoxTokenJSON{token, id, expires.UTC().Format(sfoxTime)}
}

// createToken is https://docs.sfox.com/connect/rest-api/end-users/account-management.
func (s *SFOX) createToken(c *call) answer {
	switch u, ok := s.openUser(c.params["id"]); {
	case !ok && s.MintRefused != 0:
		return sfoxError(s.MintRefused, "the user is deactivated")
	case !ok:
		return s.notFound("user not found")
	case s.PendingNoToken && u.Status == sfoxPending:
		return sfoxError(http.StatusUnprocessableEntity, "the user is not verified")
	}
	return sfoxData(http.StatusCreated, s.newToken(c.params["id"], c.now))
}

// createTokens is
// https://docs.sfox.com/connect/rest-api/end-users/create-multiple-user-auth-tokens.
func (s *SFOX) createTokens(c *call) answer {
	var body struct{ Data []string }
	if err := c.decode(&body); err != nil || len(body.Data) == 0 {
		return sfoxError(http.StatusUnprocessableEntity, "data must name at least one user")
	}
	for _, id := range body.Data {
		if _, ok := s.openUser(id); !ok {
			return s.notFound("user not found")
		}
	}
	tokens := []sfoxTokenJSON{}
	for _, id := range body.Data {
		tokens = append(tokens, s.newToken(id, c.now))
	}
	return sfoxData(http.StatusCreated, tokens)
}
