// Command terraform-provider-offboard serves the provider to Terraform and OpenTofu.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/offboard/terraform-provider-offboard/internal/provider"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve to a debugger such as delve")
	flag.Parse()
	if !*debug {
		if err := silence(); err != nil {
			log.Fatal(err)
		}
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         "registry.terraform.io/offboard/offboard",
		Debug:           *debug,
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// silence switches the log off where nobody can see it. Terraform has every provider log everything and throws away what it was not asked
// for; with a thousand users, writing and reading those lines is a good third of the work of a plan.
func silence() error {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return nil
	}
	return errors.Join(os.Setenv("TF_LOG_SDK", "off"), os.Setenv("TF_LOG_PROVIDER_OFFBOARD", "off"))
}
