# terraform test: what must be true of people.yaml before anybody applies it. Needs Terraform 1.7 or OpenTofu 1.7.
#
# At its end a test destroys what it has applied, and here destroying closes accounts. So the run is a plan, and the
# provider of the test cannot close anybody.

provider "offboard" {
  read_only = true
}

run "everybody_in_the_file_is_there" {
  command = plan # fails for an id that the vendor does not know, or that has another e-mail address

  assert {
    condition = alltrue([
      for person in local.people : length(setsubtract(keys(person), concat(["email"], keys(local.accounts)))) == 0
    ])
    error_message = "people.yaml speaks of a vendor that is not known: an account that is not taken over, or no longer."
  }

  assert {
    condition     = alltrue([for ids in local.accounts : length(distinct(values(ids))) == length(ids)])
    error_message = "Two people in people.yaml have the same account."
  }
}
