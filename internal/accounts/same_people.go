package accounts

import (
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// samePeople puts the rows of each person together. Two rows are of one person if they share an
// address, and if their names do not differ. Two people may share an address. One that is the first
// address of no row may be that of a team, so that it needs the same name.
func samePeople(people []Person) [][]*Person {
	sets := newSets(len(people))
	rows := map[string][]int{}
	for i := range people {
		for _, address := range people[i].addresses() {
			rows[address] = append(rows[address], i)
		}
	}
	for address, shared := range rows {
		first, nameless := map[string]int{}, -1
		isTeams := !slices.ContainsFunc(shared, func(i int) bool { return offboard.Normal(people[i].Email) == address })
		for _, i := range shared {
			name := offboard.Normal(people[i].Name)
			if name == "" && isTeams {
				continue
			}
			if name == "" {
				nameless = i
			}
			if known, ok := first[name]; ok {
				sets.join(i, known)
			} else {
				first[name] = i
			}
		}
		for _, i := range first {
			if nameless >= 0 && len(first) <= 2 { // if two share the address, it is of neither
				sets.join(i, nameless)
			}
		}
	}
	var all [][]*Person
	place := map[int]int{}
	for i := range people {
		root := sets.of(i)
		if _, ok := place[root]; !ok {
			place[root] = len(all)
			all = append(all, nil)
		}
		all[place[root]] = append(all[place[root]], &people[i])
	}
	return all
}

// sets are numbers that belong together.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// of returns the number that stands for all that belong together with i.
func (s sets) of(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s sets) join(a, b int) { s[s.of(a)] = s.of(b) }
