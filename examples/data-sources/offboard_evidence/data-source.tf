variable "last_head" {
  description = "The head that was printed last, from a place where whoever runs Terraform cannot write."
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

# What came of each closing, by account. A closing that was tried again is there again, the last one at the end.
output "results" {
  value = { for c in data.offboard_evidence.log.closings : "${c.vendor} ${c.id}" => c.result... }
}
