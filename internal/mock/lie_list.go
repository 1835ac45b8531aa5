package mock

// Total is what a list says of the number of its rows.
type Total int

// The totals.
const (
	TotalTrue   Total = iota
	TotalHigher       // seven more than there are
	TotalLower        // seven fewer, at least 0
	TotalOfPage       // only the rows of this page
)

// Listing is a list that is not whole, or says so.
type Listing struct {
	Empty bool  // no rows, and a total of 0
	Page  int   // at most so many rows on a page, whatever was asked for; the rest comes on the next ones
	Short int   // so many rows are left out at the end of each page
	Total Total // what the total says; Konstantly and Skillable's search have one
}

func (l Listing) tell(a *asked) answer {
	a.call.lists = l
	return a.handle()
}

// size is the number of rows on a page that should have so many.
func (l Listing) size(asked int) int {
	if l.Page > 0 {
		return min(l.Page, asked)
	}
	return asked
}

// window returns where a page of a list of n rows begins and ends, and the total that is told.
func (l Listing) window(n, from, size int) (start, end, total int) {
	if l.Empty {
		return 0, 0, 0
	}
	start = min(from, n)
	end = max(start, min(start+size, n)-l.Short)
	switch l.Total {
	case TotalHigher:
		return start, end, n + 7
	case TotalLower:
		return start, end, max(0, n-7)
	case TotalOfPage:
		return start, end, end - start
	case TotalTrue:
	}
	return start, end, n
}
