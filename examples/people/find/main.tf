# Finds all accounts, and writes the file of people from HR's list and the vendors' lists. It manages
# no account.

terraform {
  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

provider "offboard" {
  read_only = true
}

variable "hr" {
  description = "The path of HR's list: a CSV file with the columns email, name and left_on."
  type        = string
}

data "offboard_accounts" "all" {
  people = csvdecode(file(var.hr))
}

output "people" {
  value     = provider::offboard::people_file(data.offboard_accounts.all)
  sensitive = true # keeps the file out of the job's log; "output -raw" prints it all the same
}
