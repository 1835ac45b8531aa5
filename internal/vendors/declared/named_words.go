package declared

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// The words in the name of a fact, and in the names of what it takes of the record, say what it is. The guide
// to the language lists them.
var (
	// idWords end the name of one account.
	idWords = []string{"id", "uuid", "guid", "gid", "sid", "uid", "key", "seat", "membership", "alias", "login"}
	// ownWords are what only one account has, also one in a group. They stand before id, uuid or another
	// such word, or at the end.
	ownWords = []string{"member", "membership", "seat", "user"}
	// groupWords are what others have, too.
	groupWords = []string{
		"account", "app", "application", "billing", "center", "channel", "client", "company", "cost", "customer",
		"department", "directory", "division", "domain", "enterprise", "folder", "group", "instance", "license",
		"office", "org", "organization", "plan", "policy", "profile", "project", "realm", "region", "role",
		"school", "site", "space", "status", "store", "subscription", "team", "tenant", "unit", "workspace",
	}
	// otherWords are of another person, or of what was before.
	otherWords = []string{
		"admin", "approver", "by", "created", "creator", "invitation", "invited", "inviter", "last", "lead", "manager",
		"owner", "parent", "report", "sponsor", "supervisor",
	}
)

// word is one word in a name, such as two in user_id and userId.
var word = regexp.MustCompile(`\p{Lu}?\p{Ll}+|\p{Lu}+`)

// american spells words as the lists do.
var american = strings.NewReplacer("isation", "ization", "cence", "cense", "ntre", "nter")

// wordsOf returns the words in names, in small letters.
func wordsOf(names ...string) (all []string) {
	for _, name := range names {
		for _, found := range word.FindAllString(name, -1) {
			found = american.Replace(strings.ToLower(found))
			if own, ok := strings.CutSuffix(found, "id"); ok && isOneOf(ownWords, own) {
				all, found = append(all, own), "id"
			}
			all = append(all, found)
		}
	}
	return all
}

// wordsAlong returns the words in the names of a traversal.
func wordsAlong(path hcl.Traversal) []string {
	var names []string
	for _, step := range path[min(1, len(path)):] {
		names = append(names, stepName(step))
	}
	return wordsOf(names...)
}

// isOneOf reports whether a word is one of these, also if there are several.
func isOneOf(words []string, word string) bool {
	return slices.Contains(words, word) || slices.Contains(words, strings.TrimSuffix(word, "s"))
}

// isShared reports whether words are about what other accounts may have, too.
func isShared(words []string) bool {
	isGroup := func(word string) bool { return isOneOf(groupWords, word) }
	isOther := func(word string) bool { return isOneOf(otherWords, word) }
	return slices.ContainsFunc(words, isOther) || slices.ContainsFunc(words, isGroup) && !endsInOwn(words)
}

// endsInOwn reports whether words end in what only one account has, such as an organization_member_id.
func endsInOwn(words []string) bool {
	last := words[len(words)-1]
	return last == "seat" || last == "membership" ||
		len(words) > 1 && isOneOf(ownWords, words[len(words)-2]) && slices.Contains(idWords, last)
}

// isShared reports whether a fact is one that other accounts may have, too. Its own name and those in the record
// say what it is.
func (f fact) isShared() bool { return isShared(wordsOf(f.name)) || isShared(wordsAlong(f.path)) }

// namesOne reports whether a fact names the account.
func (f fact) namesOne() bool {
	isID := func(words []string) bool { return len(words) > 0 && slices.Contains(idWords, words[len(words)-1]) }
	return (isID(wordsOf(f.name)) || isID(wordsAlong(f.path))) && !f.isShared()
}
