package accounts

import (
	"cmp"
	"fmt"
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
	options, second := e.options()
	for _, vendor := range sortedKeys(options) {
		if len(options[vendor]) == 1 {
			lines = append(lines, "    "+plainKey(vendor)+": "+options[vendor][0].text)
			continue
		}
		lines = append(lines, "    # CHECK: several accounts at "+plainKey(vendor)+". Keep one:")
		for _, option := range options[vendor] {
			lines = append(lines, "    # "+plainKey(vendor)+": "+option.text+option.about)
		}
	}
	for _, gone := range slices.Concat(e.gone, second) {
		lines = append(lines, "    # "+gone)
	}
	switch {
	case len(lines) == 0:
		return []string{"  accounts: {}"}
	case !slices.ContainsFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "    #") }):
		head := "  # accounts:" // YAML would read a key without a value as null
		if slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "# CHECK: ") }) {
			head += " # CHECK: remove the sign here, too, if you keep one of these"
		}
		return append([]string{head}, lines...)
	}
	return append([]string{"  accounts:"}, lines...)
}

// option is an account that may be written for a person.
type option struct {
	text  string
	about string // a comment by which a person can choose; empty if the vendor does not show the account
}

// options are the accounts that may be written for the person, by vendor, and the lines of those beside
// which the list names another one.
func (e *entry) options() (all map[string][]option, second []string) {
	all = map[string][]option{}
	for _, a := range e.accounts {
		text := refText(a.ID, a.Email, e.email)
		if named := e.named[a.Vendor]; named != "" && named != a.ID {
			second = append(second, plainKey(a.Vendor)+": "+text+" # CHECK: a second account")
			continue
		}
		all[a.Vendor] = append(all[a.Vendor], option{text, " # " + shownAs(&a)})
	}
	for vendor, refs := range e.refs {
		for _, ref := range refs {
			all[vendor] = append(all[vendor], option{text: refText(ref.ID, cmp.Or(ref.Email, e.email), e.email)})
		}
	}
	return all, second
}

// shownAs is what a vendor shows of an account beside its ID and its address.
func shownAs(a *Judged) string {
	return fmt.Sprintf("name %s, %s", quoted(a.Name), offboard.Text(string(a.Status)))
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
		if same := f.called[offboard.Normal(a.Name)]; a.Name != "" && len(same) > 0 {
			why += ", and the name is that of " + quoted(strings.Join(same, " and "))
		}
		switch {
		case a.OwnKey:
			why = "it holds the API key"
		case len(a.Candidates) > 0:
			why = "CHECK: it matches " + quoted(strings.Join(a.Candidates, " or "))
		}
		fmt.Fprintf(b, "# %s: %s, name %s: %s\n", plainKey(a.Vendor), quoted(a.ID), quoted(a.Name), why)
	}
}
