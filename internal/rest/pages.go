package rest

import "iter"

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Of    int // how many pages the list has; 0 when the vendor does not tell
}

// Pages reads a list page after page, the first being 1, and no further than its reader asks. It yields each item once, though a
// list that moves while it is read may show an item on two pages; id tells items apart. The list ends at its last page when the vendor tells how many there are, and
// in any case at a page with nothing new: a short page alone proves nothing, because a server may cap the size. An error comes with the zero item and ends the list.
func Pages[T any](id func(T) string, page func(n int) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[string]bool{}
		for n := 1; ; n++ {
			p, err := page(n)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			before := len(seen)
			for _, item := range p.Items {
				if seen[id(item)] {
					continue
				}
				seen[id(item)] = true
				if !yield(item, nil) {
					return
				}
			}
			if len(seen) == before || n == p.Of {
				return
			}
		}
	}
}
