package mock

// Total is what a list says about the number of its rows.
type Total int

// The totals.
const (
	TotalTrue   Total = iota
	TotalHigher       // seven more than there are
	TotalLower        // seven fewer, at least 0
	TotalOfPage       // only the rows of this page
)

// Listing is a list that is not complete, or that has a wrong total.
type Listing struct {
	Empty bool  // no rows, and a total of 0
	Page  int   // at most so many rows on a page, whatever was asked for; the others are on the next pages
	Short int   // so many rows are missing at the end of each page
	Total Total // what the total says; Konstantly and Skillable's search have one
}

func (l Listing) apply(x *exchange) answer {
	x.call.lists = l
	return x.handle()
}

// size returns the number of rows on a page if the request asks for so many.
func (l Listing) size(requested int) int {
	if l.Page > 0 {
		return min(l.Page, requested)
	}
	return requested
}

// window returns where a page of a list of n rows begins and ends, and the total in the answer.
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
