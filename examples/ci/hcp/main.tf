# The workspace in HCP Terraform, as code. It is a configuration of its own, which the people who own
# the guards apply. Write the keys into the workspace by hand, as sensitive environment variables. Then
# no state holds them.
terraform {
  required_providers {
    tfe = {
      source = "hashicorp/tfe"
    }
  }
}

variable "guards" {
  description = "What a pull request cannot loosen."
  type        = map(string)

  default = {
    OFFBOARD_MAX_CLOSURES = "4"
    OFFBOARD_NEVER_CLOSE  = "svc-offboard@acme.test"
  }
}

variable "github_app_installation" {
  description = "The ID of the installation of the GitHub app."
  type        = string
}

resource "tfe_workspace" "offboarding" {
  organization        = "acme"
  name                = "offboarding"
  terraform_version   = "1.16.3"
  auto_apply          = false # a person reads the warnings of the plan, and confirms it
  speculative_enabled = true  # a pull request gets a plan that cannot be applied
  queue_all_runs      = false
  allow_destroy_plan  = false

  vcs_repo {
    identifier                 = "acme/offboarding"
    branch                     = "main"
    github_app_installation_id = var.github_app_installation
  }
}

resource "tfe_variable" "guard" {
  for_each = var.guards

  workspace_id = tfe_workspace.offboarding.id
  category     = "env"
  key          = each.key
  value        = each.value
}

resource "tfe_variable" "evidence_log" {
  workspace_id = tfe_workspace.offboarding.id
  category     = "terraform"
  key          = "evidence_log"
  value        = "s3://acme-evidence/offboarding"
}
