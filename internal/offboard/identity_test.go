package offboard_test

import (
	"context"
	"slices"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestSame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"letter case":                 {"Boss@ACME.test", "boss@acme.TEST", true},
		"a blank at the end":          {"boss@acme.test", "boss@acme.test ", true},
		"a Unicode space":             {"boss@acme.test", "\u3000boss@acme.test\u00a0", true},
		"a character without width":   {"boss@acme.test", "bo\u200bss@acme.test", true},
		"composed and decomposed":     {"jos\u00e9@acme.test", "jose\u0301@acme.test", true},
		"the dot of the root":         {"boss@acme.test.", "boss@acme.test", true},
		"a domain in Unicode":         {"ines@b\u00fccher.test", "ines@xn--bcher-kva.test", true},
		"a domain in Unicode, upper":  {"ines@B\u00dcCHER.test", "ines@xn--bcher-kva.test", true},
		"a sharp s":                   {"Stra\u00dfe", "STRASSE", true},
		"a plus address is another":   {"ines+a@acme.test", "ines@acme.test", false},
		"another domain":              {"ines@acme.test", "ines@acme.example", false},
		"two empty ones":              {"", "", false},
		"nothing visible":             {"\u200b", " ", false},
		"a blank after the @":         {"ines@ acme.test", "ines@acme.test", true},
		"a domain alone":              {"@ACME.test.", "@acme.test", true},
		"a tab inside":                {"Ines\tVarga", "InesVarga", false},
		"several invalid bytes":       {"ines\xff\xfe", "ines\uFFFD", true},
		"an ID":                       {"U7k2", "u7K2", true},
		"an ID that begins with zero": {"031", "31", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := offboard.Same(c.a, c.b); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
			if got := offboard.Same(c.b, c.a); got != c.want {
				t.Errorf("the other way round: got %t, want %t", got, c.want)
			}
		})
	}
}

func TestPerson_Is(t *testing.T) {
	t.Parallel()
	ines := offboard.Person{Email: "ines@acme.test", Name: "Ines Varga"}
	for name, c := range map[string]struct {
		then, now offboard.Person
		want      bool
	}{
		"the same":                       {ines, ines, true},
		"another name, the same address": {ines, offboard.Person{Email: "INES@acme.test", Name: "Ines Costa"}, true},
		"another address, the same name": {ines, offboard.Person{Email: "ines@other.test", Name: "Ines Varga"}, false},
		"address gone, the same name":    {ines, offboard.Person{Name: "ines varga"}, true},
		"address gone, another name":     {ines, offboard.Person{Name: "Otto Berg"}, false},
		"both gone":                      {ines, offboard.Person{}, false},
		"name gone, the same address":    {ines, offboard.Person{Email: "ines@acme.test"}, true},
		"only an address, and it is gone": {
			offboard.Person{Email: "ines@acme.test"}, offboard.Person{Name: "Ines Varga"}, false,
		},
		"an address joins the same name": {offboard.Person{Name: "Ines Varga"}, ines, true},
		"an address joins another name":  {offboard.Person{Name: "Otto Berg"}, ines, false},
		"a mask for all, the same name": {
			offboard.Person{Email: "***", Name: "Ines Varga"}, offboard.Person{Email: "***", Name: "Ines Varga"}, true,
		},
		"a mask for all, another name": {
			offboard.Person{Email: "***", Name: "Ines Varga"}, offboard.Person{Email: "***", Name: "Otto Berg"}, false,
		},
		"a masked address, another name": {
			offboard.Person{Email: "i***@acme.test", Name: "Ines"}, offboard.Person{Email: "i***@acme.test", Name: "Ida"}, false,
		},
		"an address that is masked now":    {ines, offboard.Person{Email: "i***@acme.test", Name: "Ines Varga"}, true},
		"an address that goes on, cut off": {ines, offboard.Person{Email: "ines@acme.testxxx…", Name: "Ines Varga"}, false},
		"no address, the same word": {
			offboard.Person{Email: "ines", Name: "Ines Varga"}, offboard.Person{Email: "INES", Name: "Ines Varga"}, true,
		},
		"no address, another word": {
			offboard.Person{Email: "ines", Name: "Ines Varga"}, offboard.Person{Email: "ines2", Name: "Ines Varga"}, false,
		},
		"no address, no name, the same word": {
			offboard.Person{Email: "edi-gateway"}, offboard.Person{Email: "EDI-gateway"}, true,
		},
		"no address, no name, another word": {
			offboard.Person{Email: "edi-gateway"}, offboard.Person{Email: "edi-gateway2"}, false,
		},
		"no address, no name, and a name now": {
			offboard.Person{Email: "edi-gateway"}, offboard.Person{Email: "edi-gateway", Name: "Otto Berg"}, false,
		},
		"no address, and the name is gone": {
			offboard.Person{Email: "ines", Name: "Ines Varga"}, offboard.Person{Email: "ines"}, false,
		},
		"an address, and a mask without a name": {
			offboard.Person{Email: "ines@acme.test"}, offboard.Person{Email: "***"}, false,
		},
		"an address that others may not mask": {
			offboard.Person{Email: "maxxx@acme.test", Name: "Max"}, offboard.Person{Email: "otto@acme.test", Name: "Max"}, false,
		},
		"a mask with a domain of its own": {ines, offboard.Person{Email: "***@masked.invalid", Name: "Ines Varga"}, true},
		"the mask of another address": {
			ines, offboard.Person{Email: "o***@acme.test", Name: "Ines Varga"}, false,
		},
		"the mask of another one before": {
			offboard.Person{Email: "o\u25cf\u25cf@acme.test", Name: "Ines Varga"}, ines, false,
		},
		"a mask that shows both ends": {
			ines, offboard.Person{Email: "i\u00b7\u00b7\u00b7s@acme.test", Name: "Ines Varga"}, true,
		},
		"a word instead of it":       {ines, offboard.Person{Email: "[redacted]@acme.test", Name: "Ines Varga"}, true},
		"another one beside a name":  {ines, offboard.Person{Email: "Otto <otto@acme.test>", Name: "Ines Varga"}, false},
		"the same one beside a name": {ines, offboard.Person{Email: "Ines <ines@acme.test>", Name: "Ines Varga"}, true},
		"a sharp s": {
			offboard.Person{Email: "gro\u00df@acme.test"}, offboard.Person{Email: "gross@acme.test"}, false,
		},
		"a ligature in a name": {
			offboard.Person{Name: "Ste\ufb03"}, offboard.Person{Name: "Steffi"}, false,
		},
		"capitals": {
			offboard.Person{Name: "Σοφός"}, offboard.Person{Name: "ΣΟΦΌΣ"}, true,
		},
		"nothing was known":                {offboard.Person{}, ines, true},
		"nothing was known and nothing is": {offboard.Person{}, offboard.Person{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.then.Is(c.now); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

// Two people with the same text in the place of the address are one only if it is an address.
func TestPerson_Is_masks(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]bool{
		"i###@acme.test":           false,
		"i\u25cf\u25cf@acme.test":  false,
		"i\uff0a@acme.test":        false,
		"xxxx@xxxx.xxx":            false,
		"i...@acme.test":           false,
		"i___s@acme.test":          false,
		"[redacted]@acme.test":     false,
		"i..s@acme.test":           false,
		"i##s@acme.test":           false,
		"ines@***.test":            false,
		"ines@site.xxx":            true,
		"ines@xn----7sbabc.test":   true,
		"ines---varga@acme.test":   true,
		"o'neill+x_1--a@acme.test": true,
		"инес@acme.test":           true,
	} {
		if got := (offboard.Person{Email: email, Name: "Ines"}).Is(offboard.Person{Email: email, Name: "Ida"}); got != want {
			t.Errorf("%q: got the same person %t, want %t", email, got, want)
		}
	}
}

func TestUser_Matches(t *testing.T) {
	t.Parallel()
	ines := offboard.User{ID: "u1", Email: "ines@acme.test"}
	for name, c := range map[string]struct {
		user, other offboard.User
		want        bool
	}{
		"the same ID":                       {ines, offboard.User{ID: "u1", Email: "otto@acme.test"}, true},
		"another ID, the same address":      {ines, offboard.User{ID: "u2", Email: "ines@acme.test"}, false},
		"an ID in another letter case":      {ines, offboard.User{ID: "U1"}, false},
		"no ID, the same address":           {offboard.User{Email: "INES@acme.test"}, ines, true},
		"no ID, another address":            {offboard.User{Email: "otto@acme.test"}, ines, false},
		"no ID on either side, no address":  {offboard.User{}, offboard.User{}, false},
		"an ID, and a reading without one":  {ines, offboard.User{Email: "ines@acme.test"}, false},
		"no ID, and a reading with another": {offboard.User{Email: "otto@acme.test"}, ines, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.user.Matches(c.other); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{
		"Boss@ACME.test.", "jose\u0301@b\u00fccher.test", "a@b@c", "@", "\u200b", "Stra\u00dfe", "x@\u3002",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := offboard.Normal(s)
		if again := offboard.Normal(once); again != once {
			t.Errorf("%q: got %q and then %q, want the second time to change nothing", s, once, again)
		}
		if once != "" && !offboard.Same(s, s) {
			t.Errorf("%q is not the same as itself", s)
		}
	})
}

// No text from outside stops what reads addresses in it.
func FuzzNamesIn(f *testing.F) {
	for _, s := range []string{
		"Ines <ines@acme.test>", "%e9@acme.test", "\xff@\xfe", "a&#233;b%40c@d", "i***@acme.test (B\u00fcro)", "@@", "x@y@z…",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = offboard.Text(s) // as all that comes from outside
		all := offboard.NamesIn(s)
		if !slices.Contains(all, s) {
			t.Errorf("got %q of %q, which is not among them", all, s)
		}
		for _, address := range offboard.AddressesIn(s) {
			if !offboard.HasAddress(s, address) {
				t.Errorf("got %q as an address in %q, and HasAddress does not find it", address, s)
			}
		}
		offboard.MasksAddress(s, "ines@acme.test")
		offboard.IsPlain(s)
	})
}

// A vendor may show a name, a second address or a sign beside an address. A mask is none.
func TestHasAddress(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]bool{
		"boss@acme.test":                     true,
		"BOSS@ACME.TEST.":                    true,
		"The Boss <boss@acme.test>":          true,
		"edi@acme.test; boss@acme.test":      true,
		"'boss@acme.test'":                   true,
		"{boss@acme.test}":                   true,
		"`boss@acme.test`":                   true,
		"SMTP=boss@acme.test":                true,
		"boss@acme.test?subject=x":           true,
		"boss@acme.test+other@acme.test":     true,
		"\u201cboss@acme.test\u201d":         true,
		"x@y.test\uff0cboss@acme.test":       true,
		"x@y.test,bo\u200bss@acme.test":      true,
		`"boss"@acme.test`:                   true,
		"boss&#64;acme.test":                 true,
		"boss%40acme.test":                   true,
		"boss\uff20acme.test":                true,
		"x@y.test+boss@acme.test":            true,
		"acme\\boss@acme.test":               true,
		"boss@acme.test@sso.test":            true,
		"*boss@acme.test*":                   true,
		"x@y.test/boss@acme.test":            true,
		"the&#39;boss@acme.test":             false,
		"the***boss@acme.test":               true,
		"***boss@acme.test***":               true,
		"Boss\u00b7boss@acme.test":           true,
		"\U0001f4bc\U0001f4bcboss@acme.test": true,
		"==boss@acme.test==":                 true,
		"hr/boss@acme.test":                  true,
		"x&boss@acme.test":                   true,
		"boss@acme.test_old":                 true,
		"the-boss@acme.test":                 false,
		"boss+lab@acme.test":                 false,
		"boss@acme.test.example":             false,
		"o'boss@acme.test":                   false,
		"bossy@acme.test":                    false,
		"***@acme.test":                      false,
		"boss_acme.test#EXT#@tenant.test":    true,
		"boss_acme.test#ext#@tenant.test":    true,
		"boss@acme.test.invalid":             true,
		"boss(at)acme.test":                  true,
		"boss [at] acme.test":                true,
		"boss@acme.invalid":                  false,
		"":                                   false,
	} {
		if got := offboard.HasAddress(shown, "boss@acme.test"); got != want {
			t.Errorf("%q: got %t, want %t", shown, got, want)
		}
	}
}

// Signs that real addresses have, too, do not keep one from being found beside a name.
func TestHasAddress_likeAMask(t *testing.T) {
	t.Parallel()
	for shown, email := range map[string]string{
		"Max <maxxx@acme.test>":          "maxxx@acme.test",
		"Ops <j___doe@acme.test>":        "j___doe@acme.test",
		"Sales <sales/ops@acme.test>":    "sales/ops@acme.test",
		"O'Neil <o\u2019neil@acme.test>": "o'neil@acme.test",
		"o&#39;neil@acme.test":           "o'neil@acme.test",
		`o\'neil@acme.test`:              "o'neil@acme.test",
	} {
		if !offboard.HasAddress(shown, email) {
			t.Errorf("%q: got false for %s", shown, email)
		}
	}
}

func TestNameKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ines Varga": "ines varga", "Varga, Inés": "ines varga", "ines.varga": "ines varga", "Ines Vargas": "ines vargas",
		"": "", "-": "",
	} {
		if got := offboard.NameKey(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestLocalKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Varga, Inés": "ines varga", "ines.varga@acme.test": "ines varga", "INES+lab@acme.test": "ines",
		`ACME\ines`: "ines", `ACME\ines@corp.local`: "ines", "ines": "ines", "@ines": "ines",
		"acme/ines": "ines", "@": "", "": "",
	} {
		if got := offboard.LocalKey(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// A vendor gives the account of Ines a new ID, and shows the address or the name elsewhere, or in another form.
func TestUser_MayHaveNewID(t *testing.T) {
	t.Parallel()
	ines := offboard.User{ID: "5", Email: "ines@acme.test", Name: "Ines Varga"}
	alone := offboard.User{ID: "5", Name: "Ines Varga"}
	for name, c := range map[string]struct {
		u      offboard.User
		signIn string
		row    offboard.User
		want   bool
	}{
		"the address":          {ines, "", offboard.User{Email: "INES@acme.test", Name: "I. V."}, true},
		"as the name":          {ines, "", offboard.User{Name: "ines@acme.test", Email: "u1@relay.test"}, true},
		"with a tag":           {ines, "", offboard.User{Email: "ines+lab@acme.test"}, true},
		"was the sign-in name": {alone, "ines@acme.test", offboard.User{Email: "ines@acme.test"}, true},
		"the name, no address": {ines, "", offboard.User{Name: "Varga, Inés"}, true},
		"the name, a mask":     {ines, "", offboard.User{Name: "Ines Varga", Email: "i***@acme.test"}, true},
		"another domain":       {ines, "", offboard.User{Name: "Ines Varga", Email: "ines@newco.test"}, true},
		"the name alone":       {alone, "", offboard.User{Name: "Ines Varga"}, true},
		"a namesake":           {ines, "", offboard.User{Name: "Ines Varga", Email: "i.b@acme.test"}, false},
		"a kiosk's namesake":   {alone, "", offboard.User{Name: "Ines Varga", Email: "i.b@acme.test"}, false},
		"somebody else":        {ines, "", offboard.User{Name: "Otto", Email: "otto@acme.test"}, false},
		"closed, too":          {ines, "", offboard.User{Email: "ines@acme.test", Status: offboard.Closed}, false},
	} {
		c.row.ID = "70005"
		may := func(ctx context.Context) error {
			if c.u.MayHaveNewID(ctx, c.row) != c.want {
				t.Errorf("%s: got %t, want %t", name, !c.want, c.want)
			}
			return nil
		}
		_ = offboard.Verifier{CheckAccess: may, SignIn: c.signIn}.Doubted().CheckAccess(t.Context())
		if c.u.MayHaveNewID(t.Context(), c.row) {
			t.Errorf("%s: got true of an absence that a call explains", name)
		}
	}
}

func TestMasksAddress(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]bool{
		"i***@acme.test":                 true,
		"i\u25cf\u25cf\u25cfs@acme.test": true,
		"***":                            true,
		"xxxx@xxxx.xxx":                  true,
		"xxxx@acme.test":                 true,
		"Ida <i***@acme.test>":           true,
		"i***@acme.test (B\u00fcro)":     true,
		"\u2022 o***@acme.test":          false,
		"Ida (i***@acme.test)":           true,
		"[hidden]@acme.test":             true,
		"[hidden]":                       false, // it shows nothing of an address
		"i[...]s@acme.test":              true,
		"i[..]e[..]s@acme.test":          true,
		"i[..]@a[..].test":               true,
		"i[...]a@acme.test":              false,
		`i"""s@acme.test`:                true,
		"ines@[hidden]":                  true,
		"ines@(hidden)":                  true,
		"otto@[hidden]":                  false,
		"ines@acme...":                   true,
		"ines@":                          true,
		"i***%40acme.test":               true,
		"i***&#64;acme.test":             true,
		"*@acme.test":                    true,
		"Ines <o***@acme.test>":          false,
		"o***@acme.test":                 false,
		"i***@other.test":                false,
		"ines@acme.test":                 false, // that is one
		"otto@acme.test":                 false,
		"Ines Varga":                     false,
		"-":                              false,
		"":                               false,
	} {
		if got := offboard.MasksAddress(shown, "ines@acme.test"); got != want {
			t.Errorf("%q: got %t, want %t", shown, got, want)
		}
	}
}

// A mask hides the address, also if it shows the end of one.
func TestUser_HidesAddress(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]bool{
		"i[...]a@acme.test": true, "i<hidden>a@acme.test": true, `i"""a@acme.test`: true, "i[...]a@acme.test (Ines)": true,
		`<a href="mailto:ines@acme.test">ines@acme.test</a>`: false, "[EXT]ines@acme.test": false,
		`"Varga, Ines"ines@acme.test`: false,
		"Ines<ines@acme.test>":        false, "[ines@acme.test]": false, `"ines"@acme.test`: false,
		"": true, "***": true, "i***a@acme.test": true, "ines***varga@acme.test": true, "[hidden]@acme.test": true,
		"ines@acme.test": false, "Ines <ines@acme.test>": false, "ines@acme.test, i***@acme.test": false,
	} {
		if got := (offboard.User{Email: shown}).HidesAddress(); got != want {
			t.Errorf("%q: got %t, want %t", shown, got, want)
		}
	}
}
