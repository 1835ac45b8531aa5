package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store/s3test"
)

// Two runners, which share no directory, write one log in a bucket. A third one reads it. What a
// person changes in the bucket is found, and the object named.
func TestCLI_evidenceInABucket(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	b := newBucket(t)
	runner := func(settings string) *cli {
		c := newCLI(t, w, fmt.Sprintf("evidence_log = %q\n%s", logInBucket, settings))
		for name, value := range s3test.Env(b.URL) {
			c.env = append(c.env, name+"="+value)
		}
		return c
	}
	var head string
	for _, v := range vendorCases[:2] {
		v.add(w.mock)
		c := runner(head)
		c.write("users.tf", v.imports(v.id), v.block(v.id, ""))
		c.run("apply", "-auto-approve").want(0)
		c.write("users.tf")
		c.run("apply", "-auto-approve").want(0, "1 destroyed")
		head = fmt.Sprintf("evidence_head = %q", b.history(t).Head)
	}
	if h := b.history(t); h.Broken != nil || len(h.Closures) != 2 {
		t.Fatalf("got %v and %d closures, want two in one log", h.Broken, len(h.Closures))
	}
	reader := runner(head)
	reader.write("read.tf", fmt.Sprintf(`
data "offboard_evidence" "log" {
  file = %q
}
output "evidence" {
  value = [for log in [data.offboard_evidence.log] :
    "intact ${log.intact}, ${length(log.closures)} closures, ${log.head}"
  ]
}
`, logInBucket))
	reader.run("apply", "-auto-approve").want(0, "intact true, 2 closures, "+b.history(t).Head)
	v := vendorCases[2]
	v.add(w.mock)
	c := runner(fmt.Sprintf("evidence_head = %q", strings.Repeat("a", 64)))
	c.write("users.tf", v.imports(v.id), v.block(v.id, ""))
	c.run("apply", "-auto-approve").want(0)
	c.write("users.tf")
	c.run("apply", "-auto-approve").want(1, "evidence_head not found")
	b.Put(t, "evidence", "acme/00000000000000000002.jsonl", "{}\n")
	c.write("provider.tf", w.provider(fmt.Sprintf("evidence_log = %q", logInBucket)))
	c.run("apply", "-auto-approve").want(1, "00000000000000000002.jsonl, it was replaced")
	if !v.has(w.mock, v.id) {
		t.Error("the account was closed without a record")
	}
}
