// Package stub replaces a remote state backend that is not part of the
// Terraform built for the tests.
package stub

import "github.com/hashicorp/terraform/internal/backend"

// New panics: the tests keep their state in local files.
func New() backend.Backend { panic("this build of Terraform has no remote state backends") }
