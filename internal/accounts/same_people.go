package accounts

import "github.com/offboard/terraform-provider-offboard/internal/offboard"

// samePeople puts the rows of each person together. Two rows are of one person if they share an address and have the
// same name, or if one has no name and both have the address as the first one. A further address can be that of a team,
// and two people may share a first one, which then is of neither.
func samePeople(people []Person) [][]*Person {
	sets := newSets(len(people))
	rows := map[string][]int{}
	for i := range people {
		for _, address := range people[i].addresses() {
			rows[address] = append(rows[address], i)
		}
	}
	for address, shared := range rows {
		joinRows(people, sets, address, shared)
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

// joinRows puts rows together that share an address.
func joinRows(people []Person, sets sets, address string, shared []int) {
	first, owners := map[string]int{}, map[string]int{} // a row of each name
	for _, i := range shared {
		name, isOwner := offboard.Normal(people[i].Name), offboard.Normal(people[i].Email) == address
		if name == "" && !isOwner {
			continue
		}
		if known, ok := first[name]; ok {
			sets.join(i, known)
		} else {
			first[name] = i
		}
		if isOwner {
			owners[name] = i
		}
	}
	if nameless, ok := owners[""]; ok && len(owners) == 2 {
		for _, i := range owners {
			sets.join(i, nameless)
		}
	}
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
