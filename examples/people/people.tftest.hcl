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

# Each of the other runs has a file with a mistake, as a merge may leave it. It must fail the plan.

run "a_person_who_is_written_twice_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts: { ecgrid: "30417" }
        - email: "Ines.Varga@acme.test"
          accounts: { sfox: "cust-7f31" }
    EOT
  }
}

run "a_name_that_two_people_have_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - name: "Ines Varga"
          email: "ines.varga@acme.test"
        - name: "Ines Varga"
          email: "i.varga@acme.test"
    EOT
  }
}

run "an_alias_that_two_people_have_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
        - email: "otto.ostrander@acme.test"
          other_emails: ["ines.varga@acme.test"]
    EOT
  }
}

run "a_leaver_who_is_still_in_people_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts: { ecgrid: "30417" }
      leavers:
        - email: "ines.varga@acme.test"
          left_on: "2026-11-27"
    EOT
  }
}

run "an_account_that_two_people_have_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts: { skillable: "emp-3107" }
        - email: "otto.ostrander@acme.test"
          accounts: { skillable: "EMP-3107" }
    EOT
  }
}

run "a_vendor_that_is_written_twice_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts: { ecgrid: "30417", "ecgrid": "30418" }
    EOT
  }
}

run "a_list_that_is_written_twice_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
      people:
        - email: "otto.ostrander@acme.test"
    EOT
  }
}

run "a_line_break_that_an_editor_may_not_show_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = "people:\n  - email: \"ines.varga@acme.test\"\n    accounts: { ecgrid: \"30417\" }\n    # Porto\u2028    accounts: {}\u2028    suspended: false\n"
  }
}

run "a_carriage_return_alone_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = "people:\n  - email: \"ines.varga@acme.test\"\n    # remark: \r    suspended: true\n"
  }
}

run "a_name_with_an_apostrophe_hides_no_second_list" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - name: Gerard 't Hooft
          email: "gerard.hooft@acme.test"
        - name: Ines Varga
          email: "ines.varga@acme.test"
          accounts: { ecgrid: "30417" }
      people:
        - name: Gerard 't Hooft
          email: "gerard.hooft@acme.test"
    EOT
  }
}

run "a_list_without_people_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people: []
      leavers:
        - email: "ines.varga@acme.test"
          left_on: "2026-11-27"
    EOT
  }
}

run "a_number_without_quotes_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts: { skillable: 0031 }
    EOT
  }
}

run "an_unknown_vendor_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts: { konstantly: "u7k2m9", ecgird: "30417" }
    EOT
  }
}

run "an_unknown_field_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          acounts: { konstantly: "u7k2m9" }
    EOT
  }
}

run "a_field_of_leavers_at_a_person_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          left_on: "2026-11-27"
    EOT
  }
}

run "a_person_without_an_email_address_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - name: "Ines Varga"
          accounts: { ecgrid: "30417" }
    EOT
  }
}

run "a_malformed_address_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "Ines Varga <ines.varga@acme.test>"
    EOT
  }
}

run "an_account_without_an_id_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts:
            konstantly: "u7k2m9"
            ecgrid:
    EOT
  }
}

run "accounts_that_a_merge_has_lost_are_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          accounts:
    EOT
  }
}

run "a_setting_that_is_a_text_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "ines.varga@acme.test"
          suspended: "true"
    EOT
  }
}

run "a_leaver_without_a_day_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "otto.ostrander@acme.test"
      leavers:
        - email: "ines.varga@acme.test"
          ticket: "HR-1234"
    EOT
  }
}

run "a_day_that_does_not_exist_is_refused" {
  command         = plan
  expect_failures = [terraform_data.people]

  module {
    source = "./accounts"
  }

  variables {
    people = <<-EOT
      people:
        - email: "otto.ostrander@acme.test"
      leavers:
        - email: "ines.varga@acme.test"
          left_on: "2026-11-31"
    EOT
  }
}
