package declared

// valueKind is what the value of an attribute must be.
type valueKind int

// The kinds of attributes.
const (
	kindExpression valueKind = iota // an expression, evaluated when its variables are known
	kindText                        // a text that is written out
	kindTruth                       // true or false, written out
	kindCount                       // a whole number above zero, written out
)

// attributeSpec is one attribute of a block.
type attributeSpec struct {
	name      string
	kind      valueKind
	required  bool
	variables []string // the variables that its expression may use; nil for none
	about     string   // one sentence for the reference page
}

// blockSpec is one kind of block, or the whole definition.
type blockSpec struct {
	name       string
	labeled    bool // it has a name, which is its label
	required   bool
	repeated   bool // there may be several, each with a name of its own
	attributes []attributeSpec
	blocks     []blockSpec
	about      string // one sentence for the reference page
}

// withoutNeed makes an attribute one that may be missing.
func withoutNeed(name string, all []attributeSpec) []attributeSpec {
	for i := range all {
		if all[i].name == name {
			all[i].required = false
		}
	}
	return all
}
