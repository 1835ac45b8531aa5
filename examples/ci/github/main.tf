# The guards, and where state and evidence are. The people are in people.yaml.
terraform {
  required_version = ">= 1.10"

  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }

  backend "s3" {
    bucket       = "acme-terraform"
    key          = "offboarding/terraform.tfstate"
    region       = "eu-central-1"
    use_lockfile = true
  }
}

variable "evidence_log" {
  description = "Where each closure is recorded, such as s3://acme-evidence/offboarding."
  type        = string

  validation {
    condition     = startswith(var.evidence_log, "/") || startswith(var.evidence_log, "s3://")
    error_message = "Write evidence_log as an absolute path, or as s3://BUCKET/PREFIX. Each directory would have another relative one."
  }
}

provider "offboard" {
  max_closures   = 4
  closure_budget = { count = 20, within = "24h" }
  never_close    = ["svc-offboard@acme.test"]
  evidence_log   = var.evidence_log
  reasons        = module.people.reasons
  left_on        = module.people.left_on
}

# Copy the folder accounts from examples/people.
module "people" {
  source = "./accounts"
  people = file("${path.module}/people.yaml")
}
