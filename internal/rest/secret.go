package rest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

const (
	gramSize   = 12      // characters of a secret in a row that are masked, wherever they are
	maxOutside = 8 << 10 // bytes of a text from outside that are searched
	maxUnwraps = 4       // nested encodings that are decoded
	minBase64  = 6       // characters of base64 below which a match says nothing
	mask       = "***"
)

// secrets are the key and every token that a client has held. They are never forgotten, because a
// vendor may repeat the token of one request in the answer to another. The nil value holds none.
type secrets struct {
	public []string // values of headers and parameters that are no secrets

	mu    sync.RWMutex
	known map[string]bool
	short map[string]bool // forms that are masked as a whole
	grams map[gram]bool   // of all longer forms: each run of gramSize characters
}

type gram [gramSize]byte

func newSecrets(key string) *secrets {
	s := &secrets{known: map[string]bool{}, short: map[string]bool{}, grams: map[gram]bool{}}
	s.add(key)
	return s
}

// addHeader adds the credentials of a header: its values, and the part after a scheme such as
// "Bearer".
func (s *secrets) addHeader(header http.Header) {
	for _, values := range header {
		for _, value := range values {
			if slices.Contains(s.public, value) {
				continue
			}
			scheme, credential, ok := strings.Cut(value, " ")
			if !ok {
				credential = value
			}
			s.add(credential)
			if pair, err := base64.StdEncoding.DecodeString(credential); err == nil && strings.EqualFold(scheme, "Basic") {
				_, password, _ := strings.Cut(string(pair), ":")
				s.add(password)
			}
		}
	}
}

// addQuery adds the credentials of a query.
func (s *secrets) addQuery(query url.Values) {
	for _, values := range query {
		for _, value := range values {
			if !slices.Contains(s.public, value) {
				s.add(value)
			}
		}
	}
}

func (s *secrets) add(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret == "" || s.known[secret] {
		return
	}
	s.known[secret] = true
	s.index(rawView(secret).folded, 1)
	s.index(unwrapped(rawView(secret)).folded, 1)
	for shift := range 3 {
		s.index(base64Form(secret, shift), minBase64)
	}
}

// mailAddress is an email address in a credential, such as the name in a pair of HTTP Basic.
var mailAddress = regexp.MustCompile(`(?i)[a-z0-9._%+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}`)

// index adds one form of a secret, if it has at least so many characters. A run of characters that lies in an
// email address is no part of it: masked, it would hide the addresses of the same domain from the guards.
// The secret as a whole is masked all the same.
func (s *secrets) index(form []byte, least int) {
	if len(form) < least {
		return
	}
	addresses := mailAddress.FindAllIndex(form, -1)
	if len(form) < gramSize || len(addresses) > 0 {
		s.short[string(form)] = true
	}
	for i := range len(form) - gramSize + 1 {
		inside := func(a []int) bool { return a[0] <= i && i+gramSize <= a[1] }
		if !slices.ContainsFunc(addresses, inside) {
			s.grams[gram(form[i:])] = true
		}
	}
}

// base64Form returns how a secret looks in base64 if it begins shift bytes after a group of three.
// It leaves out the characters that depend on what is around it.
func base64Form(secret string, shift int) []byte {
	encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
	first := (shift*8 + 5) / 6
	last := (shift + len(secret)) * 8 / 6
	return fold(encoded[first:last])
}

// minKey is the length below which a key may be in an address by chance. No real key is that short.
const minKey = 4

// containedIn reports whether a text holds a whole secret, in any letter case and encoding.
func (s *secrets) containedIn(text string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	raw := rawView(text)
	for _, v := range []view{raw, unwrapped(raw)} {
		for secret := range s.known {
			for _, form := range [][]byte{rawView(secret).folded, unwrapped(rawView(secret)).folded} {
				if len(form) >= minKey && strings.Contains(string(v.folded), string(form)) {
					return true
				}
			}
		}
	}
	return false
}

// text returns a text from outside that is safe to print: without secrets, and as offboard.Text has
// it. It searches for secrets twice, because offboard.Text writes some characters as others and
// several blanks as one. Of a very long text, only the first half of what was searched is shown, so
// that no secret is cut before it is found.
func (s *secrets) text(text string) string {
	bounded := text
	if len(text) > maxOutside {
		bounded = text[:maxOutside]
	}
	hidden := s.hide(bounded, len(text) > maxOutside)
	shown := offboard.Text(hidden)
	if shown == hidden {
		return shown
	}
	return s.hide(shown, false)
}

// hide masks the secrets in a text. With half, it leaves out what begins in the second half of the
// text.
func (s *secrets) hide(text string, half bool) string {
	end := len(text)
	if half {
		end /= 2
	}
	if s == nil {
		return text[:end]
	}
	covered := s.find(text)
	var b strings.Builder
	for i := 0; i < end; i++ {
		switch {
		case !covered[i]:
			b.WriteByte(text[i])
		case i == 0 || !covered[i-1]:
			b.WriteString(mask)
		}
	}
	if half {
		b.WriteString("…")
	}
	return b.String()
}

// find marks the bytes of text that belong to a secret.
func (s *secrets) find(text string) []bool {
	covered := make([]bool, len(text))
	s.mu.RLock()
	defer s.mu.RUnlock()
	raw := rawView(text)
	s.mark(raw, covered)
	for v, n := raw, 0; n < maxUnwraps; n++ {
		next, changed := v.unwrap()
		if !changed {
			break
		}
		s.mark(next, covered)
		v = next
	}
	return covered
}

func (s *secrets) mark(v view, covered []bool) {
	for i := range len(v.folded) - gramSize + 1 {
		if s.grams[gram(v.folded[i:])] {
			v.cover(i, i+gramSize, covered)
		}
	}
	folded := string(v.folded)
	for form := range s.short {
		for from := 0; ; {
			at := strings.Index(folded[from:], form)
			if at < 0 {
				break
			}
			from += at
			v.cover(from, from+len(form), covered)
			from++
		}
	}
}
