package s3store_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store/s3test"
)

// guidePolicy is the policy that the guide prints, for a user of the test server. That one does not
// know the condition of Amazon S3.
func guidePolicy(t *testing.T, user string) string {
	t.Helper()
	page, err := os.ReadFile("../../../templates/guides/bucket.md.tmpl")
	must(t, err)
	found := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(page)
	if found == nil {
		t.Fatal("the guide has no policy")
	}
	var policy struct {
		Version   string
		Statement []map[string]any
	}
	must(t, json.Unmarshal(found[1], &policy))
	kept := policy.Statement[:0]
	for _, statement := range policy.Statement {
		if _, conditional := statement["Condition"]; !conditional {
			statement["Principal"] = map[string]any{"AWS": []string{user}}
			kept = append(kept, statement)
		}
	}
	if len(kept) != 3 || len(policy.Statement) != 4 {
		t.Fatalf("got %d statements of %d, want one alone left out", len(kept), len(policy.Statement))
	}
	policy.Statement = kept
	text, err := json.Marshal(policy)
	must(t, err)
	return string(text)
}

// With the policy of the guide a run can read and add, and nothing else.
func TestGuide_thePolicyLetsARunReadAndAdd(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	server.Bucket(t, "acme-evidence", true)
	server.User(t, "offboarding")
	policy := guidePolicy(t, "offboarding")
	_, err := server.Client(t).PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
		Bucket: aws.String("acme-evidence"), Policy: &policy,
	})
	must(t, err)
	options := s3test.OptionsOf(server.URL, "offboarding")
	store := func(address string) *s3store.Store {
		store, err := s3store.New(address, options...)
		must(t, err)
		return store
	}
	must(t, closeOnce(t, evidence.NewInStore(store("s3://acme-evidence/offboarding")), "u1"))
	must(t, closeOnce(t, evidence.NewInStore(store("s3://acme-evidence/offboarding")), "u2"))
	err = closeOnce(t, evidence.NewInStore(store("s3://acme-evidence/another")), "u3")
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("another prefix: got %v, want it denied", err)
	}
	loaded, err := config.LoadDefaultConfig(t.Context(), options...)
	must(t, err)
	client := s3.NewFromConfig(loaded, func(o *s3.Options) { o.UsePathStyle = true })
	key := aws.String("offboarding/00000000000000000001.jsonl")
	versions, err := client.ListObjectVersions(
		t.Context(),
		&s3.ListObjectVersionsInput{Bucket: aws.String("acme-evidence")},
	)
	must(t, err)
	for _, version := range []*string{nil, versions.Versions[0].VersionId} {
		_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{
			Bucket: aws.String("acme-evidence"), Key: key, VersionId: version,
		})
		if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("deleting the version %q: got %v, want it denied", aws.ToString(version), err)
		}
	}
	_, err = client.PutBucketPolicy(
		t.Context(),
		&s3.PutBucketPolicyInput{Bucket: aws.String("acme-evidence"), Policy: &policy},
	)
	if err == nil {
		t.Error("the run can change the policy, want it denied")
	}
}
