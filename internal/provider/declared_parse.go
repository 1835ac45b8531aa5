package provider

import (
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// parsed is what came of a definition.
type parsed struct {
	definition *declared.Definition
	problems   []declared.Problem
}

// parseDefinition reads a definition. It makes no request, so it takes no context. A process asks for
// the same one when it validates and when it configures, so each is parsed once.
func parseDefinition(name, source string) (*declared.Definition, []declared.Problem) {
	p := parseOnce([2]string{name, source})
	return p.definition, p.problems
}

var parseOnce = memo(func(text [2]string) parsed {
	d, problems := declared.Parse(text[0], text[1])
	return parsed{d, problems}
})

// memo remembers what a function returned.
func memo[K comparable, V any](f func(K) V) func(K) V {
	var known sync.Map
	return func(key K) V {
		if v, ok := known.Load(key); ok {
			return v.(V)
		}
		v := f(key)
		known.Store(key, v)
		return v
	}
}
