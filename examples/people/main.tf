terraform {
  required_version = ">= 1.7"

  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

provider "offboard" {
  max_closures = 10 # enough for two people at four vendors; if more leave, raise it in the same pull request
  evidence_log = "offboarding.jsonl"
  reasons      = module.people.reasons
  left_on      = module.people.left_on
}

module "people" {
  source = "./accounts"
  people = file("${path.module}/people.yaml")
}
