package declared

import (
	"strconv"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// The time to parse a definition must not grow with every combination of its fields.
func TestCombinations_areFew(t *testing.T) {
	t.Parallel()
	for fields := range 40 {
		var all [][]gap
		for i := range fields {
			all = append(all, gapsOf([]string{strconv.Itoa(i)}, cty.StringVal("v")))
		}
		if got, most := len(combinations(all)), max(100, 3*fields+3); got > most {
			t.Errorf("%d fields: got %d combinations, want %d at most", fields, got, most)
		}
	}
}

// A last_name is no time of a change, and a last_login is.
func TestIsChangeTime_looksAtTheName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"updated_at": true, "lastModifiedDateTime": true, "ETag": true, "last_login": true, "lastLogin": true,
		"lastSeen": true, "last_activity": true, "last_sign_in_at": true, "last_used": true, "last_at": true,
		"last_password_change": true, "last_name": false, "lastName": false, "last_initial": false, "last": false,
		"deactivated_at": false, "last_working_day": false, "last_username": false,
	} {
		if got := isChangeTime(name); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
}
