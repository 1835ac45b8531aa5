//go:build race

package provider

// The race detector makes everything many times slower. It finds no more with more users.
const loadUsers = 1500
