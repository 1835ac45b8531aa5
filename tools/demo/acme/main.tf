terraform {
  required_providers {
    offboard = {
      source = "registry.terraform.io/offboard/offboard"
    }
  }
}

provider "offboard" {
  max_closures = 4 # one person at four vendors; the keys come from the environment
}
