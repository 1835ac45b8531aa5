package closing

import "github.com/offboard/terraform-provider-offboard/internal/offboard"

// VendorTraits is what the policy must know of the way in which a vendor shows its accounts.
type VendorTraits struct {
	// Indirect vendors show people through something else only. A person who is not shown has not
	// changed.
	Indirect bool
	// KeyOwner is whose accounts a key sees, if two of them may have accounts with the same ID; empty
	// if no two have.
	KeyOwner string
	// KeyTells is whether what the vendor tells of the key must be as at the review: with other rights, a
	// key may see the accounts of another organization.
	KeyTells bool
}

// Unseen reports whether a reading shows nothing of the person at a vendor where that is no change.
func (m VendorTraits) Unseen(u offboard.User) bool { return m.Indirect && !u.Person().Known() }

// ShowsOpen reports whether a reading shows that the account is open, or at least that it is there
// and not closed.
func (m VendorTraits) ShowsOpen(u offboard.User) bool {
	return u.Status == offboard.Active || u.Status == offboard.Suspended || u.Status == offboard.Unknown && !m.Indirect
}
