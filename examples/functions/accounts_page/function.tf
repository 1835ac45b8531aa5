data "offboard_accounts" "all" {
  people = csvdecode(file("people.csv"))
}

# terraform output -raw page > page.html
output "page" {
  value     = provider::offboard::accounts_page(data.offboard_accounts.all)
  sensitive = true # apply does not print the page
}
