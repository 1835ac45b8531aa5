// An empty backend. It replaces the backends that Terraform has as local modules,
// which a module proxy does not have. The tests use only local state, so no test
// uses a backend.
module stub

go 1.26.0
