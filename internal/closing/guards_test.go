package closing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The environment only tightens. What was kept holds if nothing is said, and only then.
func TestGuards_for(t *testing.T) {
	silent := closing.GuardSettings{Unset: true}
	kept := &closing.GuardSettings{ReadOnly: true, NeverClose: []string{"30400"}, MaxClosures: new(int64(3))}
	for name, c := range map[string]struct {
		env           map[string]string
		block         closing.GuardSettings
		kept          *closing.GuardSettings
		want          closing.GuardSettings
		limit         int64
		isKept        bool
		byEnvironment bool
	}{
		"nothing": {block: silent, limit: closing.DefaultMaxClosures},
		"the block": {
			block: closing.GuardSettings{ReadOnly: true, MaxClosures: new(int64(5))}, kept: kept, limit: 5,
			want: closing.GuardSettings{ReadOnly: true},
		},
		"kept": {
			block: silent, kept: kept, want: *kept, limit: 3, isKept: true,
		},
		"kept, and not read-only": {
			block: silent, kept: &closing.GuardSettings{StrictPlan: true}, isKept: true, limit: closing.DefaultMaxClosures,
			want: closing.GuardSettings{StrictPlan: true},
		},
		"kept, and the environment says something": {
			env: map[string]string{closing.NeverCloseVariable: "7"}, block: silent, kept: kept,
			want: closing.GuardSettings{NeverClose: []string{"7"}}, limit: closing.DefaultMaxClosures,
		},
		"kept, and the environment says false, which is nothing": {
			env: map[string]string{closing.ReadOnlyVariable: "false"}, block: silent, kept: kept, want: *kept, limit: 3,
			isKept: true,
		},
		"kept, and the environment says that there is no limit, which is nothing": {
			env: map[string]string{closing.MaxClosuresVariable: "-1"}, block: silent, kept: kept, want: *kept, limit: 3,
			isKept: true,
		},
		"the environment is read-only": {
			env: map[string]string{closing.ReadOnlyVariable: "true"}, block: closing.GuardSettings{}, kept: kept,
			want: closing.GuardSettings{ReadOnly: true}, limit: closing.DefaultMaxClosures,
			byEnvironment: true,
		},
		"entries of both": {
			env:   map[string]string{closing.NeverCloseVariable: "7, boss@acme.test\n8"},
			block: closing.GuardSettings{NeverClose: []string{"9"}}, limit: closing.DefaultMaxClosures,
			want: closing.GuardSettings{NeverClose: []string{"9", "7", "boss@acme.test", "8"}},
		},
		"the lower limit of the environment": {
			env: map[string]string{closing.MaxClosuresVariable: "2"}, block: closing.GuardSettings{MaxClosures: new(int64(5))},
			limit: 2,
		},
		"the lower limit of the block": {
			env: map[string]string{closing.MaxClosuresVariable: "7"}, block: closing.GuardSettings{MaxClosures: new(int64(5))},
			limit: 5,
		},
		"no limit in the block alone": {
			env: map[string]string{closing.MaxClosuresVariable: "7"}, block: closing.GuardSettings{MaxClosures: new(int64(-1))},
			limit: 7,
		},
		"no limit in the environment alone": {
			env: map[string]string{closing.MaxClosuresVariable: "-1"}, block: closing.GuardSettings{MaxClosures: new(int64(5))},
			limit: 5,
		},
		"no limit at all": {block: closing.GuardSettings{MaxClosures: new(int64(-1))}, limit: closing.Unlimited},
		"none at all":     {block: closing.GuardSettings{MaxClosures: new(int64(0))}, limit: 0},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			f := closing.NewGuards(c.block).For(c.kept)
			if f.Problem != nil {
				t.Fatalf("got %v, want guards that can be read", f.Problem)
			}
			if f.ReadOnly != c.want.ReadOnly || f.StrictPlan != c.want.StrictPlan ||
				!slices.Equal(f.NeverClose, c.want.NeverClose) {
				t.Errorf("got %+v, want %+v", f.GuardSettings, c.want)
			}
			lifted := c.block.Unset && c.kept != nil && !c.isKept
			if f.Lifted != lifted {
				t.Errorf("got lifted %t, want %t", f.Lifted, lifted)
			}
			if f.Limit != c.limit || f.Kept != c.isKept || f.ReadOnlyByEnvironment != c.byEnvironment {
				t.Errorf("got the limit %d, kept %t, by the environment %t, want %d, %t, %t",
					f.Limit, f.Kept, f.ReadOnlyByEnvironment, c.limit, c.isKept, c.byEnvironment)
			}
		})
	}
}

// A guard of the environment that cannot be understood refuses, and what was kept does not hold
// instead of it.
func TestGuards_ofAnEnvironmentThatCannotBeRead(t *testing.T) {
	for _, c := range []struct{ variable, value string }{
		{closing.ReadOnlyVariable, "yes"}, {closing.MaxClosuresVariable, "ten"}, {closing.MaxClosuresVariable, "-2"},
		{closing.ReadOnlyVariable, ""}, {closing.MaxClosuresVariable, ""}, {closing.NeverCloseVariable, ""},
		{closing.NeverCloseVariable, " "}, {closing.NeverCloseVariable, ","},
		{closing.NeverCloseVariable, "a@b.test; c@d.test"},
		{closing.NeverCloseVariable, "7 8"}, {closing.NeverCloseVariable, "7\u00a08"},
		{closing.NeverCloseVariable, "7\u30018"},
		{closing.NeverCloseVariable, "7:8"}, {closing.NeverCloseVariable, `7\n8`}, {closing.NeverCloseVariable, "'7'"},
	} {
		t.Run(c.variable+"="+c.value, func(t *testing.T) {
			t.Setenv(c.variable, c.value)
			f := closing.NewGuards(closing.GuardSettings{Unset: true}).For(&closing.GuardSettings{})
			if f.Problem == nil || !strings.Contains(f.Problem.Error(), c.variable) || f.Kept {
				t.Errorf("got %v and kept %t, want an error that names the variable", f.Problem, f.Kept)
			}
		})
	}
}

func TestManner(t *testing.T) {
	t.Parallel()
	shown := offboard.User{Name: inesName}
	for name, c := range map[string]struct {
		m            closing.VendorTraits
		u            offboard.User
		unseen, open bool
	}{
		"active":                   {closing.VendorTraits{}, offboard.User{Status: offboard.Active}, false, true},
		"suspended":                {closing.VendorTraits{}, offboard.User{Status: offboard.Suspended}, false, true},
		"closed":                   {closing.VendorTraits{}, offboard.User{Status: offboard.Closed}, false, false},
		"a status that is unknown": {closing.VendorTraits{}, offboard.User{Status: offboard.Unknown}, false, true},
		"nothing is shown of it": {
			closing.VendorTraits{Indirect: true}, offboard.User{Status: offboard.Unknown}, true, false,
		},
		"something is shown of it": {closing.VendorTraits{Indirect: true}, shown, false, false},
		"it is shown, and active": {
			closing.VendorTraits{Indirect: true}, offboard.User{Name: inesName, Status: offboard.Active}, false, true,
		},
		"nobody, where that is odd": {closing.VendorTraits{}, offboard.User{Status: offboard.Active}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.m.Unseen(c.u); got != c.unseen {
				t.Errorf("got unseen %t, want %t", got, c.unseen)
			}
			if got := c.m.ShowsOpen(c.u); got != c.open {
				t.Errorf("got open %t, want %t", got, c.open)
			}
		})
	}
}

// What is planned second is told of the clash, whichever that is.
func TestPlannedActions(t *testing.T) {
	t.Parallel()
	u := func(id string) offboard.User { return offboard.User{ID: id} }
	for name, c := range map[string]struct {
		first func(*closing.PlannedActions)
		id    string
		// whether a block that keeps the ID, one with an unknown ID, and a destroy of the ID clash
		keep, keepUnknown, clash, unknown bool
	}{
		"nothing":            {func(*closing.PlannedActions) {}, "7", false, false, false, false},
		"it is closed":       {func(p *closing.PlannedActions) { p.Close("sfox", u("7")) }, "7", true, true, false, false},
		"in another case":    {func(p *closing.PlannedActions) { p.Close("sfox", u("Ab")) }, "aB", true, true, false, false},
		"another is closed":  {func(p *closing.PlannedActions) { p.Close("sfox", u("8")) }, "7", false, true, false, false},
		"elsewhere":          {func(p *closing.PlannedActions) { p.Close("ec", u("7")) }, "7", false, false, false, false},
		"it is kept":         {func(p *closing.PlannedActions) { p.Keep("sfox", u("7")) }, "7", false, false, true, false},
		"another is kept":    {func(p *closing.PlannedActions) { p.Keep("sfox", u("8")) }, "7", false, false, false, false},
		"an unknown is kept": {func(p *closing.PlannedActions) { p.KeepUnknown("sfox") }, "7", false, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			planned := func() *closing.PlannedActions {
				p := closing.NewPlannedActions()
				c.first(p)
				return p
			}
			if got := planned().Keep("sfox", u(c.id)); got != c.keep {
				t.Errorf("got a clash %t of a block, want %t", got, c.keep)
			}
			if got := planned().KeepUnknown("sfox"); got != c.keepUnknown {
				t.Errorf("got a clash %t of a block without a known ID, want %t", got, c.keepUnknown)
			}
			if clash, unknown := planned().Close("sfox", u(c.id)); clash != c.clash || unknown != c.unknown {
				t.Errorf("got %t and %t of a destroy, want %t and %t", clash, unknown, c.clash, c.unknown)
			}
		})
	}
}

// The same ID at one host is one account, at another base path, or with another setting, too, unless two email
// addresses are shown. Two organizations are told apart by the values of a setting.
func TestPlannedActions_atOneHost(t *testing.T) {
	t.Parallel()
	const tenant = "api.acme.test/v1#org=a"
	ines := offboard.User{ID: "5", Email: "ines@acme.test", Name: "Ines"}
	for name, c := range map[string]struct {
		tenant string
		u      offboard.User
		clash  bool
	}{
		"the same tenant":       {tenant, offboard.User{ID: "5", Email: "otto@acme.test"}, true},
		"another base path":     {"api.acme.test/v2#org=a", ines, true},
		"no base path":          {"api.acme.test/#org=a", ines, true},
		"another ID":            {"api.acme.test/v2#org=a", offboard.User{ID: "6", Email: ines.Email}, false},
		"another person":        {"api.acme.test/v2#org=a", offboard.User{ID: "5", Email: "otto@acme.test"}, false},
		"another beside a name": {"api.acme.test/v2#org=a", offboard.User{ID: "5", Email: "Otto <otto@acme.test>"}, false},
		"the name alone":        {"api.acme.test/v2#org=a", offboard.User{ID: "5", Name: "ines"}, true},
		"another name alone":    {"api.acme.test/v2#org=a", offboard.User{ID: "5", Name: "Varga, Ines"}, true},
		"nobody":                {"api.acme.test/v2#org=a", offboard.User{ID: "5"}, true},
		"one more setting":      {"api.acme.test/v1#org=a&role=x", ines, true},
		"no setting":            {"api.acme.test/v1", ines, true},
		"another organization":  {"api.acme.test/v1#org=b", ines, false},
		"another host":          {"api.acme.example/v1#org=a", ines, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := closing.NewPlannedActions()
			p.Keep(tenant, ines)
			if clash, _ := p.Close(c.tenant, c.u); clash != c.clash {
				t.Errorf("got a clash %t of a destroy, want %t", clash, c.clash)
			}
			p = closing.NewPlannedActions()
			p.Close(tenant, ines)
			if clash := p.Keep(c.tenant, c.u); clash != c.clash {
				t.Errorf("got a clash %t of a block, want %t", clash, c.clash)
			}
		})
	}
}

// Unmatched does not ask for the letter case, and looks into an address with a display name.
func TestGuards_unmatchedEntries(t *testing.T) {
	t.Parallel()
	g := closing.NewGuards(
		closing.GuardSettings{NeverClose: []string{"BOSS@acme.test", "u1", "ada@acme.test", "typo@acme.test"}},
	)
	got := g.Unmatched([]string{"boss@acme.test", "U1", "Ada <ada+lab@acme.test>", ""})
	if want := []string{"typo@acme.test"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An address protects itself with a tag, too, and one with a tag protects that one alone.
func TestGuards_protectsAddressesWithATag(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]bool{
		"boss@acme.test": true, "boss+lab@acme.test": true, "The Boss <Boss+lab@acme.test>": true,
		"ada@acme.test": false, "ada+lab@acme.test": true, "boss@acme.test+x@y.test": true, "bos+s@acme.test": false,
	} {
		g := closing.NewGuards(closing.GuardSettings{NeverClose: []string{"boss@acme.test", "ada+lab@acme.test"}})
		guards := g.For(nil)
		if entry, got := guards.Protects(shown); got != want {
			t.Errorf("%s: got %t by %q, want %t", shown, got, entry, want)
		}
	}
}

// A mask of an entry is compared with nothing, whatever sign-in name stands beside it.
func TestGuards_comparesNoMask(t *testing.T) {
	t.Parallel()
	g := closing.NewGuards(closing.GuardSettings{NeverClose: []string{"ceo@acme.test"}}).For(nil)
	for names, want := range map[[2]string]bool{
		{"c***@acme.test", "cdoe@corp.test"}: true, {"b***@acme.test", "bob@corp.test"}: false,
		{"ada@acme.test", "@ceo"}: false, {"ada@acme.test", "{c-1}"}: false,
		{"c***@acme.test", ""}: true, {"", ""}: true, {"bob@acme.test", ""}: false,
	} {
		if got := g.ComparesNoAddress(names[:]...); got != want {
			t.Errorf("%q: got %t, want %t", names, got, want)
		}
	}
}
