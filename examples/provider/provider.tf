terraform {
  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

# The keys come from the environment: KONSTANTLY_API_KEY, ECGRID_API_KEY, SFOX_API_KEY, SKILLABLE_API_KEY.
# A vendor without a key is no error until one of its users is touched.
provider "offboard" {
  konstantly = {
    site = "acme"
  }

  never_close  = ["svc-offboard@acme.test"]
  max_closures = 10
}
