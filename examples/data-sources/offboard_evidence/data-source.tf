variable "last_head" {
  description = "The head that was printed last, from a place where the person who runs Terraform cannot write."
  type        = string
  default     = null
}

data "offboard_evidence" "log" {
  file       = "offboarding.jsonl"
  known_head = var.last_head
}

check "evidence" {
  assert {
    condition     = data.offboard_evidence.log.intact
    error_message = coalesce(data.offboard_evidence.log.problem, "The evidence log is not intact.")
  }
}

output "head" {
  value = data.offboard_evidence.log.head
}

# The result of each closure, by account. A closure that was tried again has several results, the
# last one at the end.
output "results" {
  value = { for c in data.offboard_evidence.log.closures : "${c.vendor} ${c.tenant} ${c.id} ${coalesce(c.key_hash, "-")}" => c.result... }
}
