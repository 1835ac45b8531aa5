package mock

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"
	"time"
)

// ecgridLogin is one session: whose it is and how long.
type ecgridLogin struct {
	user    int64
	expires time.Time
}

// caller returns the user that the credentials of a call belong to, nil when
// they are refused. A terminated user has none that count.
func (e *ECGrid) caller(c *call) *ECGridUser {
	id := e.Me
	if key := c.header.Get("X-Api-Key"); key == "" {
		login, ok := e.sessions[c.bearer()]
		if !ok || !c.now.Before(login.expires) {
			return nil
		}
		id = login.user
	} else if key != e.key {
		return nil
	}
	u, _ := e.peek(id)
	return u
}

// version is https://api.ecgridos.io/docs/rest-api/auth/version.
func (e *ECGrid) version(*call) answer {
	return e.success(map[string]string{"version": "2.6"})
}

// login is https://api.ecgridos.io/docs/rest-api/auth/login, with each of the
// names the documentation has for the login. The mock knows no passwords: the key
// stands for every user's.
func (e *ECGrid) login(c *call) answer {
	var body struct{ Login, Email, Username, Password string }
	if err := c.decode(&body); err != nil {
		return ecgridInvalid(err.Error())
	}
	name := cmp.Or(body.Login, body.Email, body.Username)
	for _, u := range e.list(func(rec *record[ECGridUser]) bool { return !rec.closed }) {
		if body.Password == e.key && (strings.EqualFold(u.Login, name) || strings.EqualFold(u.Email, name)) {
			return e.grant(u.ID, c.now)
		}
	}
	return ecgridError(http.StatusUnauthorized, "InvalidSession", "The login or the password is wrong.")
}

// grant begins a session of a user. The documentation shows both one token and a
// pair; here one token does for both.
func (e *ECGrid) grant(user int64, now time.Time) answer {
	token, expires := rand.Text(), now.Add(ecgridSession)
	e.sessions[token] = ecgridLogin{user, expires}
	return e.success(map[string]any{"token": token, "refreshToken": token, "userId": user,
		"expiresAt": expires.UTC().Format(ecgridTime)})
}

// refresh is https://api.ecgridos.io/docs/rest-api/auth/refresh-token: the old token dies.
func (e *ECGrid) refresh(c *call) answer {
	var body struct{ Token, RefreshToken string }
	if err := c.decode(&body); err != nil {
		return ecgridInvalid(err.Error())
	}
	token := cmp.Or(body.Token, body.RefreshToken)
	login, ok := e.sessions[token]
	if _, open := e.peek(login.user); !ok || !open || !c.now.Before(login.expires) {
		return ecgridError(http.StatusUnauthorized, "InvalidSession", "The session is invalid or has expired.")
	}
	delete(e.sessions, token)
	return e.grant(login.user, c.now)
}

// session is https://api.ecgridos.io/docs/rest-api/auth/session.
func (e *ECGrid) session(c *call) answer {
	u, expires := e.caller(c), c.now.Add(ecgridSession)
	if login, ok := e.sessions[c.bearer()]; ok {
		expires = login.expires
	}
	return e.success(map[string]any{"userId": u.ID, "login": u.Login, "networkId": u.NetworkID,
		"mailboxId": u.MailboxID, "authLevel": u.AuthLevel, "expiresAt": expires.UTC().Format(ecgridTime)})
}

// logout ends the session the call came with. Its success has no data, and a message.
func (e *ECGrid) logout(c *call) answer {
	delete(e.sessions, c.bearer())
	return reply(http.StatusOK, map[string]any{"success": true, "data": nil, "errorCode": "", "message": "Logged out."})
}

// password takes a new password of the caller, of which the mock knows none.
func (e *ECGrid) password(c *call) answer {
	var body struct{ NewPassword string }
	if err := c.decode(&body); err != nil || body.NewPassword == "" {
		return ecgridInvalid("newPassword is required.")
	}
	return e.success(true)
}
