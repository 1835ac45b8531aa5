# Renders the evidence log. It manages nothing, so its state need not be kept.
terraform {
  required_version = ">= 1.8"

  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

variable "evidence_log" {
  description = "The log, as in the provider block that closes: an absolute path, or s3://BUCKET/PREFIX."
  type        = string

  validation {
    condition     = startswith(var.evidence_log, "/") || startswith(var.evidence_log, "s3://")
    error_message = "Write evidence_log as an absolute path, or as s3://BUCKET/PREFIX. Each directory would have another relative one."
  }
}

data "offboard_evidence" "log" {
  file = var.evidence_log
}

locals {
  # Before the first closure there is no log, and a page cannot be made of it. The head is all zeros then.
  is_empty = data.offboard_evidence.log.intact && can(regex("^0+$", data.offboard_evidence.log.head))
}

output "head" {
  value = data.offboard_evidence.log.head
}

output "page" {
  value     = local.is_empty ? "No closure is recorded yet." : provider::offboard::evidence_page(var.evidence_log)
  sensitive = true # apply does not print the page
}
