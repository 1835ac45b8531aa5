//go:build !race

package provider

const loadUsers = 5000
