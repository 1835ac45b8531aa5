package mock

import (
	"net/http"
	"time"
)

// caller returns the user that owns the key of a call, or nil if the key is refused. A terminated
// user has no key.
func (e *ECGrid) caller(c *call) *ECGridUser {
	if c.header.Get("X-Api-Key") != e.key {
		return nil
	}
	u, _ := e.openUser(e.Me)
	return u
}

// unauthorized answers a call without a key that counts. The mock makes no sessions, so every token
// has expired.
func (e *ECGrid) unauthorized(c *call) answer {
	if c.header.Get("X-Api-Key") == "" && c.bearer() != "" {
		return ecgridError(http.StatusUnauthorized, "InvalidSession", "The session is invalid or has expired.")
	}
	return ecgridError(http.StatusUnauthorized, "InvalidAPIKey", "The API key is missing, wrong or revoked.")
}

// version is https://api.ecgridos.io/docs/rest-api/auth/version.
func (e *ECGrid) version(*call) answer {
	return e.success(map[string]string{"version": "2.6"})
}

// session is https://api.ecgridos.io/docs/rest-api/auth/session.
func (e *ECGrid) session(c *call) answer {
	u, expires := e.caller(c), c.now.Add(ecgridSession)
	return e.success(map[string]any{
		"userId": u.ID, "login": u.Login, "networkId": u.NetworkID,
		"mailboxId": u.MailboxID, "authLevel": u.AuthLevel, "expiresAt": expires.UTC().Format(time.RFC3339),
	})
}
