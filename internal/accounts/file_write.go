package accounts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// section writes the people, or the leavers. Entries in doubt are comments at its end.
func (f *file) section(b *strings.Builder, name string, all []entry) {
	sure := slices.DeleteFunc(slices.Clone(all), func(e entry) bool { return e.doubt != "" })
	if len(sure) == 0 {
		fmt.Fprintf(b, "%s: []\n", name)
	} else {
		fmt.Fprintf(b, "%s:\n", name)
	}
	for i := range sure {
		for _, line := range f.lines(&sure[i]) {
			fmt.Fprintf(b, "  %s\n", line)
		}
	}
	for i := range all {
		if all[i].doubt == "" {
			continue
		}
		fmt.Fprintf(b, "  # CHECK: %s. If the entry is right, remove the signs before it.\n", all[i].doubt)
		for _, line := range f.lines(&all[i]) {
			fmt.Fprintf(b, "  # %s\n", line)
		}
	}
}

// lines are the lines of an entry.
func (f *file) lines(e *entry) (lines []string) {
	add := func(format string, values ...any) { lines = append(lines, fmt.Sprintf(format, values...)) }
	switch name := strings.ToLower(e.name); {
	case offboard.Normal(e.name) == "":
		add("- email: %s", quoted(e.email))
	case f.names[name]:
		add("- email: %s", quoted(e.email))
		add("  # name: %s # CHECK: another person has this name, too", quoted(e.name))
	default:
		add("- name: %s", quoted(e.name))
		add("  email: %s", quoted(e.email))
		f.names[name] = true
	}
	if len(e.others) > 0 {
		var all []string
		for _, address := range e.others {
			all = append(all, quoted(address))
		}
		add("  other_emails: [%s]", strings.Join(all, ", "))
	}
	if e.leftOn != "" {
		add("  left_on: %s", quoted(e.leftOn))
	}
	for _, note := range e.notes {
		add("  # %s", note)
	}
	return append(lines, e.accountLines()...)
}

// accountLines are the lines of the accounts of an entry. A second account at one vendor is for a
// person to choose, unless the list names one of them.
func (e *entry) accountLines() (lines []string) {
	options := map[string][]string{} // by vendor
	for _, a := range e.accounts {
		if named := e.named[a.Vendor]; named != "" && named != a.ID {
			e.gone = append(e.gone, plainKey(a.Vendor)+": "+refText(a.ID, a.Email, e.email)+" # CHECK: a second account")
			continue
		}
		options[a.Vendor] = append(options[a.Vendor], refText(a.ID, a.Email, e.email))
	}
	for vendor, refs := range e.refs {
		for _, ref := range refs {
			if ref.Email == "" {
				ref.Email = e.email
			}
			options[vendor] = append(options[vendor], refText(ref.ID, ref.Email, e.email))
		}
	}
	for _, vendor := range slices.Sorted(maps.Keys(options)) {
		if len(options[vendor]) == 1 {
			lines = append(lines, "    "+plainKey(vendor)+": "+options[vendor][0])
			continue
		}
		lines = append(lines, "    # CHECK: several accounts at "+plainKey(vendor)+". Keep one:")
		for _, option := range options[vendor] {
			lines = append(lines, "    # "+plainKey(vendor)+": "+option)
		}
	}
	for _, gone := range e.gone {
		lines = append(lines, "    # "+gone)
	}
	switch {
	case len(lines) == 0:
		return []string{"  accounts: {}"}
	case !slices.ContainsFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "    #") }):
		return append([]string{"  # accounts:"}, lines...) // YAML would read a key without a value as null
	}
	return append([]string{"  accounts:"}, lines...)
}

// refText is an account of a person: its ID, and its address if that is not the person's.
func refText(id, email, person string) string {
	switch {
	case offboard.Same(email, person):
		return quoted(id)
	case email == "":
		email = noAddress
	}
	return fmt.Sprintf("{ id: %s, email: %s }", quoted(id), quoted(email))
}

// remarks writes the accounts that belong to no entry.
func (f *file) remarks(b *strings.Builder) {
	if len(f.left) == 0 {
		return
	}
	b.WriteString("\n# These accounts are in no entry. Write each at its person.\n")
	for _, a := range f.left {
		why := "CHECK: the vendor shows no email address"
		switch {
		case a.OwnKey:
			why = "it holds the API key"
		case len(a.Candidates) > 0:
			why = "CHECK: it matches " + quoted(strings.Join(a.Candidates, " or "))
		}
		fmt.Fprintf(b, "# %s: %s, name %s: %s\n", plainKey(a.Vendor), quoted(a.ID), quoted(a.Name), why)
	}
}
