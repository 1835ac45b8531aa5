package rest_test

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// odd is a key that every encoding changes.
const odd = `ab/cd+ef"gh<ij&kl%2Fmn\op`

// answered is an answer to a client with that key.
func answered(tb testing.TB, secret string) rest.Answer {
	tb.Helper()
	config := rest.Config{APIKey: secret, BaseURL: "https://vendor.test/api", Transport: always(200)}
	c, err := rest.New(config, rest.API{Credentials: http.Header{"X-API-KEY": {secret}}, Timeout: 1 << 40})
	if err != nil {
		tb.Fatal(err)
	}
	answer, err := c.Read(tb.Context(), get)
	if err != nil {
		tb.Fatal(err)
	}
	return answer
}

// each encodes every character of s.
func each(s, format string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

// encodings are the ways in which a vendor may repeat a secret.
var encodings = map[string]func(string) string{
	"as it is":                 func(s string) string { return s },
	"in upper case":            strings.ToUpper,
	"in lower case":            strings.ToLower,
	"for a query":              url.QueryEscape,
	"for a path":               url.PathEscape,
	"percent, every character": func(s string) string { return each(s, "%%%02X") },
	"percent, twice":           func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"percent, in lower case":   func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
	"HTML":                     html.EscapeString,
	"HTML, decimal":            func(s string) string { return each(s, "&#%d;") },
	"HTML, decimal with zeros": func(s string) string { return each(s, "&#%06d;") },
	"HTML, hex":                func(s string) string { return each(s, "&#x%x;") },
	"HTML, hex in upper case":  func(s string) string { return each(s, "&#X%X;") },
	"HTML, named": func(s string) string {
		return strings.NewReplacer("/", "&sol;", "+", "&plus;", `"`, "&quot;", "%", "&percnt;").Replace(s)
	},
	"JSON, every character": func(s string) string { return each(s, `\u%04x`) },
	"JSON, slashes": func(s string) string {
		return strings.NewReplacer(`\`, `\\`, "/", `\/`, `"`, `\"`).Replace(s)
	},
	"JSON in HTML":            func(s string) string { return html.EscapeString(each(s, `\u%04X`)) },
	"Go":                      func(s string) string { return each(s, `\x%02x`) },
	"base64":                  func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs, no pad": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64, one before": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz"))
	},
	"base64, user and key": func(s string) string { return base64.URLEncoding.EncodeToString([]byte("user:" + s)) },
	"base64 in a URL": func(s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("me:" + s)))
	},
	"with invisible characters":  func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") },
	"with colors of a terminal":  func(s string) string { return s[:5] + "\x1b[31m" + s[5:] },
	"after a very long text":     func(s string) string { return strings.Repeat(" ", 4096-8) + s },
	"cut where reading ends":     func(s string) string { return strings.Repeat(" ", 8192-20) + s },
	"after very many characters": func(s string) string { return strings.Repeat("a ", 140) + s },
}

func TestAnswer_Text_hidesSecretsHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{odd, key, "Xy9/+z"} {
		answer := answered(t, secret)
		for name, encode := range encodings {
			text := encode(secret)
			got := answer.Text("say " + text + " end")
			if leaks(got, secret) {
				t.Errorf("%s of %q: got %q, want nothing of it", name, secret, got)
			}
			if !strings.HasPrefix(got, "say ") && !strings.HasPrefix(got, "say") {
				t.Errorf("%s of %q: got %q, want the words around it", name, secret, got)
			}
		}
	}
}

// leaks reports whether a text shows a run of characters of a secret that is too long, after all
// that people can undo.
func leaks(text, secret string) bool {
	window := min(12, len(secret))
	seen := []string{text}
	for range 4 {
		last := seen[len(seen)-1]
		next := html.UnescapeString(last)
		if plain, err := url.PathUnescape(next); err == nil {
			next = plain
		}
		seen = append(seen, next, strings.ReplaceAll(next, `\/`, "/"))
	}
	for _, s := range seen {
		seen = append(seen, base64Runs(s)...)
	}
	for _, s := range seen {
		for i := range len(secret) - window + 1 {
			if strings.Contains(strings.ToLower(s), strings.ToLower(secret[i:i+window])) {
				return true
			}
		}
	}
	return false
}

// base64Runs decodes what looks like base64 in a text, from each of its characters on.
func base64Runs(text string) (all []string) {
	for run := range strings.FieldsFuncSeq(strings.NewReplacer("-", "+", "_", "/").Replace(text), func(r rune) bool {
		return r >= utf8.RuneSelf ||
			r != '+' && r != '/' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		for from := range min(4, len(run)) {
			part := run[from:]
			if plain, err := base64.RawStdEncoding.DecodeString(part[:len(part)/4*4]); err == nil {
				all = append(all, string(plain))
			}
		}
	}
	return all
}

func TestAnswer_Text_hidesRunsOfTwelveCharacters(t *testing.T) {
	t.Parallel()
	answer := answered(t, "0123456789abcdefghij")
	for name, c := range map[string]struct{ text, want string }{
		"the beginning":             {"key 0123456789ab… is wrong", "key ***… is wrong"},
		"the end, in upper case":    {"…89ABCDEFGHIJ", "…***"},
		"more than twelve":          {"(3456789abcdefghi)", "(***)"},
		"eleven":                    {"0123456789a and bcdefghij", "0123456789a and bcdefghij"},
		"two runs side by side":     {"0123456789ab89abcdefghij", "***"},
		"percent within a run":      {"01%323456789ab", "***"},
		"parts beside a run":        {"01234\u200b56789abcdefg\u200bhij", "***"},
		"parts, and escapes":        {"01234&shy;56789abcdefg%E2%80%8Bhij", "***"},
		"parts, and colors":         {"01234\x1b[31m56789abcdefg\u009bmhij", "***"},
		"nothing of it":             {"Ines Varga <ines@acme.test>", "Ines Varga <ines@acme.test>"},
		"escapes that hide nothing": {"R&amp;D, 100%25, \\u0041", "R&amp;D, 100%25, \\u0041"},
	} {
		if got := answer.Text(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAnswer_Text_hidesTokensOfEarlierRequests(t *testing.T) {
	t.Parallel()
	c := client(t, always(422), nil)
	for _, credential := range []string{
		"Bearer " + token, "Basic " + base64.StdEncoding.EncodeToString([]byte("me:pass-9f8e7d6c")), "plain-1a2b3c4d5e",
	} {
		if _, err := c.Read(
			t.Context(),
			rest.Request{Method: http.MethodGet, Path: []string{"me"}, Header: http.Header{"Authorization": {credential}}},
		); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := c.Read(t.Context(), get)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{token, "pass-9f8e7d6c", "plain-1a2b3c4d5e", key} {
		if got := answer.Text("Ines " + secret); got != "Ines ***" {
			t.Errorf("got %q, want the secret of an earlier request hidden", got)
		}
		if got := answer.Fault(secret, secret).Error(); strings.Contains(got, secret) {
			t.Errorf("got %q, want it hidden in a fault too", got)
		}
	}
}

// What this program says itself stays readable, though it holds characters of a key.
func TestError_keepsItsOwnWords(t *testing.T) {
	t.Parallel()
	const secret = "enterprise-users-and-their-accounts"
	config := rest.Config{APIKey: secret, BaseURL: "https://vendor.test", Transport: always(404)}
	c, err := rest.New(config, rest.API{Timeout: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Read(t.Context(), rest.Request{Method: http.MethodGet, Path: []string{"enterprise-users"}})
	if err != nil {
		t.Fatal(err)
	}
	got := answer.Malformed("enterprise-users and %q", secret).Error()
	if want := `GET /enterprise-users: HTTP 404: enterprise-users and "***"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnswer_Text_ofAnAnswerWithoutAClient(t *testing.T) {
	t.Parallel()
	if got, want := (rest.Answer{}).Text(" a\x1b[2Jb\n"), "ab"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever a vendor writes around a secret and however it encodes it, nothing of it is shown, and
// the rest is as offboard.Text has it.
func FuzzAnswer_Text(f *testing.F) {
	f.Add("before ", " after", uint8(0))
	f.Add("%", "25", uint8(1))
	f.Add("&#", "\\u00", uint8(2))
	f.Add("\u200b", "\xff", uint8(3))
	f.Add(strings.Repeat("a", 290), "é", uint8(4))
	secret := "Ab1/cd2+ef3=gh4-ij5"
	answer := answered(f, secret)
	ways := []func(string) string{
		encodings["as it is"],
		encodings["in upper case"],
		encodings["for a query"],
		encodings["HTML, hex"],
		encodings["JSON, every character"],
		encodings["base64"],
	}
	f.Fuzz(func(t *testing.T, before, after string, way uint8) {
		got := answer.Text(before + " " + ways[int(way)%len(ways)](secret) + " " + after)
		if leaks(got, secret) && !leaks(offboard.Text(before+" "+after), secret) {
			t.Errorf("got %q, want nothing of the secret in it", got)
		}
		if again := offboard.Text(got); again != got {
			t.Errorf("got %q, want the text safe to print (%q)", got, again)
		}
		if plain := answer.Text(before); !strings.Contains(plain, "***") && plain != offboard.Text(bounded(before)) {
			t.Errorf("got %q, want %q, because it holds no secret", plain, offboard.Text(bounded(before)))
		}
	})
}

// bounded is what is read of a text.
func bounded(s string) string {
	if len(s) > 8<<10 {
		return s[:4<<10] + "…"
	}
	return s
}

func TestAnswer_Text_showsNoHalfOfAShortSecret(t *testing.T) {
	t.Parallel()
	if got := answered(t, "Xy9/+z").Text(strings.Repeat(" ", 8192-3) + "Xy9/+z"); strings.Contains(got, "Xy9") {
		t.Errorf("got %q, want nothing of a secret that is cut where reading ends", got)
	}
}

func TestAnswer_Text_hidesWhatAFormMakesOfASecret(t *testing.T) {
	t.Parallel()
	if got := answered(t, "ab+cd+ef+gh+ij+kl").Text("key ab cd ef gh ij kl."); got != "key ***." {
		t.Errorf("got %q, want blanks in the place of plus signs seen through", got)
	}
}

func TestAnswer_Text_hidesTheCredentialsOfTheAPI(t *testing.T) {
	t.Parallel()
	c := client(t, always(200), func(_ *rest.Config, api *rest.API) {
		api.Credentials = http.Header{
			"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("me:pass-9f8e7d6c"))},
		}
	})
	answer, err := c.Read(t.Context(), get)
	if got := answer.Text("pass-9f8e7d6c"); err != nil || got != "***" {
		t.Errorf("got %q and %v, want the password hidden", got, err)
	}
}

// A credential in an answer is hidden from then on, in every answer. One that is too short to be
// one would hide words.
func TestClient_AddSecret(t *testing.T) {
	t.Parallel()
	for secret, shown := range map[string]string{
		"": "a tok-123 and tok-1234", "tok-123": "a tok-123 and tok-1234", "tok-1234": "a tok-123 and ***",
		"tok-123 and tok-1234": "a ***",
	} {
		c := client(t, always(200), nil)
		before, err := c.Read(t.Context(), get)
		if err != nil {
			t.Fatal(err)
		}
		c.AddSecret(secret)
		const text = "a tok-123 and tok-1234"
		if got := c.Text(text); got != shown {
			t.Errorf("learned %q: got %q, want %q", secret, got, shown)
		}
		if got := before.Text(text); got != shown {
			t.Errorf("learned %q: got %q of an earlier answer, want %q", secret, got, shown)
		}
	}
}

// The address in a credential is that of an account. Other addresses of its domain are none of its parts:
// masked, they would be hidden from never_close. The credential is masked as a whole, and so is what is
// beside the address.
func TestAnswer_Text_showsTheAddressesOfADomain(t *testing.T) {
	t.Parallel()
	const name, password = "svc@example-company.com", "0123456789abcdef"
	for _, secret := range []string{
		name + ":" + password, password + ":" + name, "token=" + password + ",email=" + name, name,
	} {
		answer := answered(t, secret)
		for _, said := range []string{"boss@example-company.com", "BOSS@Example-Company.com"} {
			if got := answer.Text(said); got != said || answer.HoldsSecret(said) {
				t.Errorf("%q: got %q, want %q", secret, got, said)
			}
		}
		for _, said := range []string{secret, "say " + secret + " end", url.QueryEscape(secret)} {
			if got := answer.Text(said); strings.Contains(got, secret) || strings.Contains(got, password) {
				t.Errorf("%q: got %q, want nothing of it", secret, got)
			}
		}
		if got := answer.Text("say " + password); secret != name && leaks(got, password) {
			t.Errorf("%q: got %q, want no password in it", secret, got)
		}
	}
}

// What has an "@" in it need not be an address.
func TestAnswer_Text_hidesKeysThatLookLikeAddresses(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"S3cr3t@Key12345", "p@ssw0rd-2026-long", "aB3$@x9Kq2!mZ7", "bot@acme.test:p@ssw0rd-2026-long",
	} {
		answer := answered(t, secret)
		_, password, _ := strings.Cut(":"+secret, ":")
		password = password[strings.LastIndexByte(password, ':')+1:]
		for _, said := range []string{secret, password, "the key " + secret + " is not active", password[1:]} {
			if got := answer.Text(said); leaks(got, password) {
				t.Errorf("%q: got %q, want nothing of it", secret, got)
			}
		}
	}
}

// An ID in which a secret would be hidden may be the same as another one, so it is found.
func TestAnswer_Holds(t *testing.T) {
	t.Parallel()
	answer, err := client(t, always(200), nil).Read(t.Context(), get)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"u1": false, "": false, key: true, "u1-" + key: true, " \u200b": false} {
		if got := answer.HoldsSecret(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}
