// An empty backend in the place of those that Terraform keeps beside itself as
// local modules, which a module proxy does not carry. The tests use only local
// state, so nothing ever asks for one of them.
module stub

go 1.26.0
