# terraform output -raw page > page.html
output "page" {
  value     = provider::offboard::evidence_page("offboarding.jsonl")
  sensitive = true # apply does not print the page
}
