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
	ownWords = []string{
		"agent", "attendee", "contractor", "employee", "learner", "member", "membership", "organizer", "participant",
		"person", "personnel", "seat", "student", "teammate", "user",
	}
	// groupWords are what others have, too.
	groupWords = []string{
		"account", "app", "application", "area", "billing", "board", "branch", "brand", "building", "business",
		"calendar", "campus", "category", "center", "channel", "city", "class", "client", "cluster",
		"community", "company", "contract", "corp", "corporation", "cost", "country", "course", "customer",
		"department", "dept", "device", "directory", "district", "division", "domain", "enterprise",
		"environment", "facility", "firm", "folder", "franchise", "group", "idp", "instance", "institution",
		"job", "label", "language", "level", "license", "list", "locale", "location", "market", "merchant",
		"network", "office", "org", "organization", "package", "partner", "permission", "plan", "policy",
		"portal", "position", "practice", "product", "profile", "program", "project", "provider", "queue",
		"realm", "region", "role", "room", "schedule", "school", "section", "sector", "segment", "server",
		"service", "shift", "shop", "site", "space", "squad", "stage", "state", "status", "store",
		"subscription", "tag", "tax", "team", "template", "tenant", "territory", "tier", "timezone", "title",
		"type", "unit", "vendor", "version", "warehouse", "workspace", "zone",
	}
	// otherWords are of another person, or of what was before.
	otherWords = []string{
		"admin", "advisor", "approver", "assignee", "assistant", "author", "boss", "buddy", "by", "coach",
		"created", "creator", "delegate", "delegator", "deputy", "editor", "former", "head", "impersonator",
		"invitation", "invited", "inviter", "last", "lead", "manager", "mentor", "modified", "modifier", "old",
		"owner", "parent", "previous", "prior", "proxy", "referred", "referrer", "report", "representative",
		"requester", "reviewer", "sponsor", "spouse", "substitute", "successor", "supervisor", "trainer",
		"updated", "updater",
	}
	// neutralWords do not say what it is. Those of the vendor's name do not, either.
	neutralWords = []string{
		"active", "api", "attribute", "core", "current", "data", "detail", "external", "field", "global",
		"immutable", "info", "internal", "item", "legacy", "local", "login", "meta", "my", "node", "numeric",
		"object", "own", "personal", "primary", "public", "record", "relationship", "resource", "result", "scim", "self",
		"sso", "this", "unique", "value",
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
			all = append(all, split(american.Replace(strings.ToLower(found)))...)
		}
	}
	return all
}

// split returns the words in one that may be written together, such as the two in groupid. It cuts a known one
// off the beginning, and id, key or name off the end.
func split(text string) []string {
	if isListed(text) {
		return []string{text}
	}
	for _, end := range []string{"id", "key", "name"} {
		if rest, ok := strings.CutSuffix(text, end); ok && rest != "" {
			return append(split(rest), end)
		}
	}
	for size := len(text) - 1; size > 2; size-- {
		begin, rest := text[:size], text[size:]
		if isListed(begin) && (isListed(rest) || !isOneOf(ownWords, begin)) {
			return append([]string{begin}, split(rest)...)
		}
	}
	return []string{text}
}

// isListed reports whether a word says what a fact is.
func isListed(word string) bool {
	return isOneOf(slices.Concat(idWords, ownWords, groupWords, otherWords), word)
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

// subject returns the words before the one that makes an ID of them, without those that are neutral; ok is
// false if there is no such word.
func (f fact) subject(words []string) (subject []string, ok bool) {
	if len(words) == 0 || !slices.Contains(idWords, words[len(words)-1]) {
		return nil, false
	}
	isNeutral := func(word string) bool { return isOneOf(neutralWords, word) || slices.Contains(f.vendor, word) }
	return slices.DeleteFunc(slices.Clone(words[:len(words)-1]), isNeutral), true
}

// isSharedBy reports whether words are about what other accounts may have, too, or about another person. A word
// before that for a person makes it another one, such as a backup_user_id, unless it is known not to.
func (f fact) isSharedBy(words []string) bool {
	isGroup := func(word string) bool { return isOneOf(groupWords, word) }
	isOther := func(word string) bool { return isOneOf(otherWords, word) }
	if slices.ContainsFunc(words, isOther) || slices.ContainsFunc(words, isGroup) && !endsInOwn(words) {
		return true
	}
	subject, _ := f.subject(words)
	if len(subject) < 2 || !isOneOf(ownWords, subject[len(subject)-1]) {
		return false
	}
	return !isListed(subject[len(subject)-2])
}

// endsInOwn reports whether words end in what only one account has, such as an organization_member_id.
func endsInOwn(words []string) bool {
	last := words[len(words)-1]
	return last == "seat" || last == "membership" ||
		len(words) > 1 && isOneOf(ownWords, words[len(words)-2]) && slices.Contains(idWords, last)
}

// isShared reports whether a fact is one that other accounts may have, too. Its own name and those in the record
// say what it is.
func (f fact) isShared() bool {
	return f.isSharedBy(wordsOf(f.name)) || f.isSharedBy(wordsAlong(f.path))
}

// namesOne reports whether a fact names the account. An ID in the record is that of what its name says, such as a
// ticket_id: of the account, or of what the fact is called.
func (f fact) namesOne() bool {
	name, path := wordsOf(f.name), wordsAlong(f.path)
	subject, isID := f.subject(path)
	if !isID {
		_, isID = f.subject(name)
		return isID && !f.isShared()
	}
	isOwn := len(subject) == 0
	if !isOwn {
		last, called := subject[len(subject)-1], name[max(0, len(name)-1):] // the fact's name may have no words
		isOwn = isOneOf(slices.Concat(ownWords, idWords), last) || endsInOwn(path) || slices.Contains(called, last)
	}
	return isOwn && !f.isShared()
}
