package rest

// Overlapping lets Pages notice a row that slips from one page to the one before it, where a place counts
// rows: each further page is asked for one row early, and must begin with the last row of the page before.
// Else the list moved. It is read on, and ends with a *PartialError. The function id is that of Pages.
func Overlapping[T any](id func(T) string, page func(Place) (Page[T], error)) func(Place) (Page[T], error) {
	var o *overlap[T]
	return func(at Place) (Page[T], error) {
		if at.Pages == 0 {
			o = &overlap[T]{id: id, page: page}
		}
		at.Rows = o.rows
		p, err := o.read(&at)
		if err == nil && o.moved && p.Ends() {
			err = &PartialError{Read: o.rows, Reason: movedReason}
		}
		if p.Rows() > 0 {
			o.rows, o.last = at.Rows+p.Rows(), p.rowKey(p.Rows(), id)
		}
		return p, err
	}
}

// overlap is one reading of a list by Overlapping.
type overlap[T any] struct {
	id    func(T) string
	page  func(Place) (Page[T], error)
	rows  int    // rows so far, each counted once
	last  string // what tells the last of them from others
	moved bool
}

// read reads the page at a place, and says where its rows begin.
func (o *overlap[T]) read(at *Place) (Page[T], error) {
	if at.Rows < 2 { // a vendor that ignores the place repeats a single row
		return o.page(*at)
	}
	at.Rows--
	p, err := o.page(*at)
	switch {
	case err != nil:
		return p, err
	case p.rowKey(1, o.id) != o.last:
		o.moved = true
		return p, nil
	}
	at.Rows++
	if p = p.withoutFirst(); p.Rows() == 0 && p.Total != o.rows { // the end, or a page of one row
		return o.page(*at)
	}
	return p, nil
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
