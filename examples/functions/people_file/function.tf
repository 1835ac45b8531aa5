# Without a table of people, write people = [].
data "offboard_accounts" "all" {
  people = csvdecode(file("people.csv"))
}

# terraform output -raw people > people.yaml
output "people" {
  value     = provider::offboard::people_file(data.offboard_accounts.all)
  sensitive = true # apply does not print the file
}
