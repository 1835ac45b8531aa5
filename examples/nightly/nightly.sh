#!/bin/sh
# Writes the page, and then fails if a person who has left still has an account, or if an account
# belongs to no person in the file.
set -e

terraform apply -input=false -auto-approve
terraform output -raw page >accounts.html
terraform plan -input=false -no-color -var check=true
