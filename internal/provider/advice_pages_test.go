package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pageBlock is a block of HCL, of commands or of something else on a page.
type pageBlock struct {
	page, language, text string
	reason               string // why it is not run; empty for one that is
}

// notRun stands on the line before a block that no test can run.
var notRun = regexp.MustCompile(`^<!-- not run: (.+) -->$`)

// pageBlocks are the blocks between fences on all pages that people read.
func pageBlocks(t *testing.T) []pageBlock {
	t.Helper()
	root := filepath.Join("..", "..")
	pages := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("got no pages %s, want some: %v", pattern, err)
		}
		for _, page := range found {
			pages = append(pages, strings.TrimPrefix(page, root+string(filepath.Separator)))
		}
	}
	var all []pageBlock
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, blocksOf(filepath.ToSlash(page), string(text))...)
	}
	return all
}

// blocksOf are the blocks of one page.
func blocksOf(page, text string) []pageBlock {
	var all []pageBlock
	var block *pageBlock
	var indent, before string
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		fence := strings.HasPrefix(bare, "```")
		switch {
		case fence && block != nil:
			all, block = append(all, *block), nil
		case fence:
			block = &pageBlock{page: page, language: strings.TrimPrefix(bare, "```")}
			indent, _, _ = strings.Cut(line, "```")
			if reason := notRun.FindStringSubmatch(before); reason != nil {
				block.reason = reason[1]
			}
		case block != nil:
			block.text += strings.TrimPrefix(line, indent)
		}
		before = bare
	}
	return all
}

func (b pageBlock) isHCL() bool { return b.language == "terraform" || b.language == "hcl" }

// What no test runs is counted, so that nothing comes to that by accident.
func TestPages_sayWhatIsNotRun(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, b := range pageBlocks(t) {
		switch {
		case b.reason != "":
			got[b.page+": "+b.reason]++
		case b.isHCL(), b.language == "shell": // the other tests run these
		case b.language == "json" && b.page == "docs/guides/bucket.md": // a test of s3store runs the policy
		case b.language == "json" && b.page == "docs/guides/mock.md": // a test of the mock reads the seed
		case b.language == "text",
			b.language == "yaml" && b.page == "docs/guides/leavers.md": // a session; the example's file of people
		default:
			t.Errorf("%s: got a block of the language %q, want one that a test runs, or a reason why not:\n%s",
				b.page, b.language, b.text)
		}
	}
	want := map[string]int{
		"docs/guides/bucket.md: GitHub runs this":                                1,
		"docs/guides/bucket.md: it needs the AWS CLI":                            3,
		"docs/guides/ci.md: Atlantis runs this":                                  1,
		"docs/guides/ci.md: GitHub runs this, and a test runs its steps":         1,
		"docs/guides/ci.md: GitLab runs this, and a test runs its scripts":       1,
		"docs/guides/credentials.md: it needs a Vault":                           1,
		"docs/guides/install.md: it needs GitHub":                                1,
		"docs/guides/install.md: it needs a registry":                            1,
		"docs/guides/install.md: it needs the tag, and builds for all platforms": 1,
		"docs/guides/many-users.md: it needs Terraform 1.17":                     1,
		"docs/guides/mock.md: it runs until it is interrupted":                   1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got the blocks that are not run %v, want %v", got, want)
	}
}

func TestPages_configurationIsValid(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	seen := map[string]bool{}
	for _, b := range pageBlocks(t) {
		minor := minorOf(b.text)
		if !b.isHCL() || b.reason != "" || seen[b.text] || cliUnderTest(t).isTofu() && minor == listMinor {
			continue
		}
		seen[b.text] = true
		t.Run(b.page, func(t *testing.T) {
			t.Parallel()
			c, command := emptyCLI(t, w), []string{"validate"}
			c.needs(minor)
			switch {
			case b.ofPeople():
				c.copyPeople()
				c.writePeople(b)
			case isQuery(b.text):
				c.write("main.tf", completed(b.text))
				c.write("page.tfquery.hcl", b.text)
				command = append(command, "-query")
			default:
				c.write("page.tf", b.text)
				c.write("completed.tf", completed(b.text))
				c.write("offboarding.jsonl")
				c.write("people.csv", "email,name,left_on\n")
				c.copyExamples("people/people.yaml", "resources/offboard_user/parley.vendor.hcl")
			}
			if said := c.run(command...); said.code != 0 {
				t.Errorf("got %s\nwant this to be valid:\n%s", said.raw, b.text)
			}
		})
	}
	if len(seen) < 30 {
		t.Errorf("got %d blocks, want at least 30", len(seen))
	}
}

// listMinor is the version of Terraform that brought list blocks and actions, which OpenTofu does not
// have.
const listMinor = 14

// isQuery reports whether a block of a page has a list block.
func isQuery(text string) bool {
	return strings.HasPrefix(text, "list \"") || strings.Contains(text, "\nlist \"")
}

// minorOf is the version that brought the language of a block, as the number after "1.".
func minorOf(text string) int {
	switch {
	case isQuery(text) || strings.Contains(text, "action \"offboard_contract\""):
		return listMinor
	case strings.Contains(text, "identity = {"):
		return 12
	default:
		return 0
	}
}

var (
	leaving   = regexp.MustCompile(`(?ms)^(moved|removed) \{.*?^\}$`)
	reference = regexp.MustCompile(`\b(offboard_(?:\w+_)?user)\.(\w+)(\[| :)?`)
)

// completed is what a block of a page takes for granted: where the provider comes from, and the
// users of whom it speaks.
func completed(text string) string {
	var more string
	if !strings.Contains(text, "required_providers") {
		more = required("offboard/offboard")
	}
	seen := map[string]bool{}
	for _, r := range reference.FindAllStringSubmatch(leaving.ReplaceAllString(text, ""), -1) {
		kind, name := r[1], r[2]
		if strings.Contains(text, "data."+r[0]) || strings.Contains(text, fmt.Sprintf("resource %q %q", kind, name)) ||
			seen[kind+name] {
			continue
		}
		seen[kind+name] = true
		id := "each.value"
		if r[3] == "" {
			id = "\"30417\""
		}
		more += fmt.Sprintf("resource %q %q {\n  id = %s\n", kind, name, id)
		if r[3] != "" {
			more += "  for_each = { ines = \"30417\" }\n"
		}
		if kind == declaredKind.typeName() {
			more += "  vendor = \"parley\"\n"
		}
		more += "}\n"
	}
	return more
}

// What pages print for importing, moving and letting go of a user is applied, on users in the
// layout of which it speaks.
func TestPages_adviceOnUsersCanBeFollowed(t *testing.T) {
	t.Parallel()
	var followed []string
	for _, b := range pageBlocks(t) {
		kind, layout := advice(b)
		if kind == "" || slices.Contains(followed, b.text) {
			continue
		}
		followed = append(followed, b.text)
		t.Run(b.page+" "+kind, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			ecgridCase.add(w.mock)
			c, both := emptyCLI(t, w), layout("ines", "otto")
			if kind != "import" {
				c.manage(both)
			}
			var stay []string
			switch kind {
			case "import":
				stay = []string{"offboard_ecgrid_user.ines"}
				c.write("completed.tf", completed(b.text))
			case "moved":
				stay = []string{`offboard_ecgrid_user.people["ines_varga"]`, `offboard_ecgrid_user.people["otto"]`}
				c.write("users.tf", completed("resource"), strings.Replace(both, "ines =", "ines_varga =", 1))
			case "removed":
				stay = []string{"offboard_ecgrid_user.otto"}
				if strings.Contains(both, "for_each") {
					stay = []string{`offboard_ecgrid_user.people["otto"]`}
				}
				c.write("users.tf", completed("resource"), layout("otto"))
			}
			c.write("page.tf", b.text)
			c.settles(w, stay)
		})
	}
	if len(followed) < 5 {
		t.Errorf("got %d blocks, want at least 5", len(followed))
	}
}

// advice is what a block of a page advises about users, and the layout of resources of which it
// speaks.
func advice(b pageBlock) (kind string, layout func(people ...string) string) {
	if !b.isHCL() || b.reason != "" || !strings.Contains(b.text, "offboard_ecgrid_user.") ||
		strings.HasPrefix(b.page, "docs/resources/") || b.ofPeople() || b.page == emergencyPage {
		return "", nil
	}
	layout = single
	if strings.Contains(b.text, ".people[\"") {
		layout = forEach
	}
	for _, kind := range []string{"removed", "moved", "import"} {
		if regexp.MustCompile(`(?m)^`+kind+` \{`).MatchString(b.text) && !strings.Contains(b.text, "each.key") {
			return kind, layout
		}
	}
	return "", nil
}

var ecgridIDs = map[string]string{"ines": ecgridCase.id, "otto": ecgridCase.other}

// single are users with a resource block each.
func single(people ...string) string {
	var all string
	for _, name := range people {
		all += fmt.Sprintf("resource \"offboard_ecgrid_user\" %q {\n  id = %q\n}\n", name, ecgridIDs[name])
	}
	return all
}

// forEach are users in one resource block, as the guides advise.
func forEach(people ...string) string {
	var all string
	for _, name := range people {
		all += fmt.Sprintf("    %s = %q\n", name, ecgridIDs[name])
	}
	return "resource \"offboard_ecgrid_user\" \"people\" {\n  for_each = {\n" + all + "  }\n\n  id = each.value\n}\n"
}

// manage imports the users of a layout, and leaves them in users.tf.
func (c *cli) manage(users string) {
	c.t.Helper()
	imports := "import {\n  to = offboard_ecgrid_user.ines\n  id = \"30417\"\n}\n" +
		"import {\n  to = offboard_ecgrid_user.otto\n  id = \"30418\"\n}\n"
	if strings.Contains(users, "for_each") {
		imports = strings.NewReplacer("user.ines", `user.people["ines"]`, "user.otto", `user.people["otto"]`).Replace(imports)
	}
	c.write("users.tf", completed("resource"), users, imports)
	c.run("apply", "-auto-approve").want(0)
}

// settles applies a directory and checks that exactly these addresses are managed then, that
// nothing was changed at the vendor, and that nothing is left to do.
func (c *cli) settles(w *testEnv, want []string) {
	c.t.Helper()
	c.run("apply", "-auto-approve").want(0)
	got := strings.Fields(c.run("state", "list").want(0).raw)
	if !slices.Equal(got, want) {
		c.t.Errorf("got %q in the state, want %q", got, want)
	}
	c.run("plan", "-detailed-exitcode").want(0)
	if changes := w.changes(); len(changes) > 0 {
		c.t.Errorf("got the changes %v at the vendor, want none", changes)
	}
}

// A message on the page of refusals is looked for by people who have it before them, so it must be
// what the provider says.
func TestPages_refusalsQuoteWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*messages.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("got no files with messages, want some: %v", err)
	}
	var said []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, strings.Split(string(text), "\n")...)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "refusals.md"))
	if err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`…|Konstantly|ECGrid|sFOX|Skillable`)
	quotes := regexp.MustCompile("`([^`]+)`")
	found := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, quote := range quotes.FindAllStringSubmatch(cells[0], -1) {
			found++
			var parts []string
			for _, part := range variable.Split(quote[1], -1) {
				parts = append(parts, regexp.QuoteMeta(strings.TrimSpace(part)))
			}
			message := regexp.MustCompile(strings.Join(parts, ".*"))
			if !slices.ContainsFunc(said, message.MatchString) {
				t.Errorf("the page says %q, want a message of the provider", quote[1])
			}
		}
	}
	if found < 25 {
		t.Errorf("got %d messages on the page, want at least 25", found)
	}
}
