# terraform test: what must be true of people.yaml before an apply. It needs Terraform 1.7 or OpenTofu 1.7.
#
# At its end, a test destroys what it has applied, and a destroy closes accounts. So each run only
# plans, and the provider of the test is read-only.

provider "offboard" {
  read_only = true
}

run "everybody_in_the_file_is_there" {
  command = plan # fails if the file has a mistake, if a vendor does not know an ID, or if an email address differs
}

# Each of the other runs has a file with a mistake, which must fail the plan.

run "a_person_who_is_written_twice_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        email: ines.varga@acme.test
        ecgrid: "30417"
      ines:
        email: ines.varga@acme.test
        sfox: cust-7f31
    EOT
  }
}

run "a_vendor_that_is_written_twice_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines: {email: ines.varga@acme.test, ecgrid: "30417", "ecgrid": "30418"}
    EOT
  }
}

run "a_number_without_quotes_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        email: ines.varga@acme.test
        skillable: 0031
    EOT
  }
}

run "an_unknown_vendor_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        email: ines.varga@acme.test
        konstantly: u7k2m9
        ecgird: "30417"
    EOT
  }
}

run "an_account_that_two_people_have_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        email: ines.varga@acme.test
        skillable: emp-3107
      varga:
        email: ines.varga@acme.test
        skillable: EMP-3107
    EOT
  }
}

run "a_person_without_an_email_address_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        ecgrid: "30417"
    EOT
  }
}

run "an_account_without_an_id_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        email: ines.varga@acme.test
        konstantly: u7k2m9
        ecgrid:
    EOT
  }
}

run "a_person_without_an_account_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        email: ines.varga@acme.test
    EOT
  }
}

run "a_malformed_address_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  variables {
    people_yaml = <<-EOT
      ines:
        email: Ines Varga <ines.varga@acme.test>
        konstantly: u7k2m9
    EOT
  }
}
