package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// checkStatus expects the check block named evidence to have this status.
type checkStatus string

// CheckState implements statecheck.StateCheck.
func (want checkStatus) CheckState(
	_ context.Context,
	req statecheck.CheckStateRequest,
	resp *statecheck.CheckStateResponse,
) {
	for _, c := range req.State.Checks {
		if c.Address.Name == "evidence" && string(c.Status) == string(want) {
			return
		}
	}
	resp.Error = fmt.Errorf("got the checks %+v, want evidence: %s", req.State.Checks, string(want))
}

func TestEvidence_onTheCLI(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	path := filepath.Join(t.TempDir(), "offboarding.jsonl")
	var adopt []string
	vendors := allAtOnce()
	for _, v := range vendors {
		v.add(w.mock)
		adopt = append(adopt, v.block(v.id, ""), v.imports(v.id))
	}
	settings := fmt.Sprintf("  evidence_log = %q\n  reason = \"HR-1234\"\n", path)
	check := fmt.Sprintf(`
check "evidence" {
  data "offboard_evidence" "log" {
    file = %q
  }
  assert {
    condition = data.offboard_evidence.log.intact && alltrue([
      for c in data.offboard_evidence.log.closures : c.result == "closed"
    ])
    error_message = "Somebody is not proven to be closed."
  }
}
`, path)
	read := fmt.Sprintf(`
data "offboard_evidence" "all" {
  file = %q
}
output "evidence" {
  value = data.offboard_evidence.all
}
output "report" {
  value = provider::offboard::evidence_report(%q)
}
terraform {
  required_providers {
    offboard = {
      source = "hashicorp/offboard"
    }
  }
}
`, path, path)
	closing := func(i int, attribute string) tfjsonpath.Path {
		return tfjsonpath.New("closures").AtSliceIndex(i).AtMapKey(attribute)
	}
	acceptance(t,
		resource.TestStep{
			Config:      w.provider(settings, read),
			ExpectError: regexp.MustCompile(`(?s)cannot\s+be\s+read`),
		},
		resource.TestStep{Config: w.provider(settings, adopt...)},
		resource.TestStep{Config: w.provider(settings, check), ExpectNonEmptyPlan: true}, // a check is part of every plan
		resource.TestStep{
			Config: w.provider(settings, check, read), ExpectNonEmptyPlan: true,
			ConfigStateChecks: []statecheck.StateCheck{
				checkStatus("pass"),
				statecheck.ExpectKnownOutputValueAtPath("evidence", tfjsonpath.New("intact"), knownvalue.Bool(true)),
				statecheck.ExpectKnownOutputValueAtPath("evidence", tfjsonpath.New("broken_at"), knownvalue.Null()),
				statecheck.ExpectKnownOutputValueAtPath(
					"evidence",
					tfjsonpath.New("closures"),
					knownvalue.ListSizeExact(len(vendors)),
				),
				statecheck.ExpectKnownOutputValueAtPath("evidence", closing(0, "name"), knownvalue.StringExact(inesName)),
				statecheck.ExpectKnownOutputValueAtPath("evidence", closing(0, "reason"), knownvalue.StringExact("HR-1234")),
				statecheck.ExpectKnownOutputValueAtPath("evidence", closing(0, "error"), knownvalue.Null()),
				statecheck.ExpectKnownOutputValue(
					"report",
					knownvalue.StringRegexp(
						regexp.MustCompile(fmt.Sprintf(`(?s)Closures: %d closed.*Ines Varga.*, proof\n`, len(vendors))),
					),
				),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				data, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path, []byte(strings.Replace(string(data), inesName, ottoName, 1)), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: w.provider(settings, check, read), ExpectNonEmptyPlan: true,
			ConfigStateChecks: []statecheck.StateCheck{
				checkStatus("fail"),
				statecheck.ExpectKnownOutputValueAtPath("evidence", tfjsonpath.New("intact"), knownvalue.Bool(false)),
				statecheck.ExpectKnownOutputValueAtPath("evidence", tfjsonpath.New("broken_at"), knownvalue.NotNull()),
				statecheck.ExpectKnownOutputValue("report", knownvalue.StringRegexp(regexp.MustCompile(`\*\*broken\*\*`))),
			},
		},
	)
}
