# terraform output -raw report > report.md
output "report" {
  value = provider::offboard::evidence_report("offboarding.jsonl")
}
