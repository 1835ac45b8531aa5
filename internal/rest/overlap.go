package rest

// Overlapping lets Pages notice a row that slips from one page to the one before it, where a place counts
// rows: each further page is asked for one row early, and must begin with the last row of the page before.
// Else the list moved, or the vendor ignores the place, and the error is a *PartialError. The function id
// is that of Pages.
func Overlapping[T any](id func(T) string, page func(Place) (Page[T], error)) func(Place) (Page[T], error) {
	last := ""
	return func(at Place) (Page[T], error) {
		before := last
		if at.Rows < 2 { // a vendor that ignores the place would repeat a single row
			p, err := page(at)
			last = p.rowKey(p.Rows(), id)
			return p, err
		}
		early := at
		early.Rows--
		p, err := page(early)
		if err != nil {
			return p, err
		}
		if p.rowKey(1, id) != before {
			return Page[T]{}, &PartialError{Read: at.Rows, Reason: "the list moved while it was read, or has no further pages"}
		}
		if p.Rows() > 1 {
			last = p.rowKey(p.Rows(), id)
		}
		return p.withoutFirst(), nil
	}
}

// rowKey returns what tells a row from others, which counts from 1; empty for none.
func (p Page[T]) rowKey(row int, id func(T) string) string {
	for _, bad := range p.Bad {
		if bad.Row == row {
			return "unreadable " + bad.ID + bad.Err.Error()
		}
	}
	for i, item := range p.Items {
		if p.rowOf(i) == row {
			return "of " + id(item)
		}
	}
	return ""
}

// withoutFirst returns the page without its first row.
func (p Page[T]) withoutFirst() Page[T] {
	if len(p.Bad) == 0 || p.Bad[0].Row != 1 {
		p.Items = p.Items[1:]
	} else {
		p.Bad = p.Bad[1:]
	}
	for _, bad := range p.Bad {
		bad.Row--
	}
	return p
}
