package evidence

import "slices"

// try calls do, which may add records. If do returns an error, the chain is as it was before.
func (c *chain) try(do func() error) error {
	was, from := c.position, len(c.undo)
	c.tries++
	err := do()
	c.tries--
	if err != nil {
		for _, undo := range slices.Backward(c.undo[from:]) {
			undo()
		}
		c.position, c.undo = was, c.undo[:from]
	}
	if c.tries == 0 {
		c.undo = nil
	}
	return err
}

// keep notes what is known of an account, so that try can take back what the next record says of it.
// A record changes what is known of no other account.
func (c *chain) keep(a Account) {
	if c.tries == 0 {
		return
	}
	state, opened := c.accounts[a], map[string]openIntent{}
	var was accountState
	if state != nil {
		was = *state
		was.pending, was.begun = slices.Clone(state.pending), slices.Clone(state.begun)
		for _, hash := range was.begun {
			opened[hash] = *c.open[hash]
		}
	}
	c.undo = append(c.undo, func() {
		for _, hash := range c.accounts[a].begun {
			delete(c.open, hash)
		}
		for hash, i := range opened {
			c.open[hash] = &i
		}
		if state == nil {
			delete(c.accounts, a)
			return
		}
		*state = was
	})
}
