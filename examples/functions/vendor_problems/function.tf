# What is wrong with a definition, one text for each problem. The list is empty if it can be used.
output "problems" {
  value = provider::offboard::vendor_problems(file("${path.module}/parley.vendor.hcl"))
}
