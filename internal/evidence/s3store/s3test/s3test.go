// Package s3test runs a real S3 server for tests: versitygw, on loopback, with its files in a
// temporary folder.
package s3test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The credentials of the server, which are made up.
const (
	KeyID  = "AKIDOFFBOARDTESTS"
	Secret = "made-up-secret-of-the-tests"
	Region = "us-east-1"
)

// Server is a server that runs until the end of a test.
type Server struct {
	URL  string
	Root string // the folder of its buckets
}

// builtOnce builds the server at most once in a process.
var builtOnce = sync.OnceValues(build)

// build returns the path of the server's program, which it builds if it is missing. Processes that
// do that at the same time build it one after the other.
func build() (string, error) {
	_, self, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(self), "..", "..", "..", "..")
	program := filepath.Join(root, ".bin", "versitygw")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	made := exec.CommandContext(context.Background(), "make", "--no-print-directory", "-C", root, ".bin/versitygw")
	if out, err := made.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return program, nil
}

// Start starts a server. It skips the test if the program cannot be had on this machine.
func Start(t *testing.T) *Server {
	t.Helper()
	program, err := builtOnce()
	if err != nil {
		t.Skip("this machine has no S3 server:", err)
	}
	root, versions, sidecar, iam := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	var said bytes.Buffer
	for range 5 { // another process may take the port
		address := freeAddress(t)
		said.Reset()
		server := exec.CommandContext(context.WithoutCancel(t.Context()), program,
			"--port", address, "--access", KeyID, "--secret", Secret, "--region", Region,
			"--quiet", "--keep-alive", "--iam-dir", iam, "posix", "--sidecar", sidecar, "--versioning-dir", versions, root)
		server.Stdout, server.Stderr = &said, &said
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			_ = server.Wait()
			close(ended)
		}()
		t.Cleanup(func() {
			_ = server.Process.Kill()
			<-ended
		})
		if answers(t.Context(), "http://"+address, ended) {
			return &Server{URL: "http://" + address, Root: root}
		}
	}
	t.Fatalf("the S3 server does not start: %s", said.String())
	return nil
}

// freeAddress returns an address of loopback that is free now.
func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = free.Close() }()
	return free.Addr().String()
}

// answers waits until a server answers, or has ended.
func answers(ctx context.Context, url string, ended <-chan struct{}) bool {
	for range 600 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}

// User makes a user without rights. The key ID is its name, and the secret that of the server.
func (s *Server) User(t *testing.T, name string) {
	t.Helper()
	program, err := builtOnce()
	if err != nil {
		t.Fatal(err)
	}
	made := exec.CommandContext(t.Context(), program, "admin", "--access", KeyID, "--secret", Secret,
		"--region", Region, "--endpoint-url", s.URL,
		"create-user", "--access", name, "--secret", Secret, "--role", "user")
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// Env is the environment for a program that uses the server at a URL.
func Env(url string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_S3": url, "AWS_REGION": Region, "AWS_ACCESS_KEY_ID": KeyID, "AWS_SECRET_ACCESS_KEY": Secret,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	}
}

// Options are those of a client for the server at a URL.
func Options(url string) []func(*config.LoadOptions) error { return OptionsOf(url, KeyID) }

// OptionsOf are those of a client of a user.
func OptionsOf(url, user string) []func(*config.LoadOptions) error {
	given := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: user, SecretAccessKey: Secret}, nil
	})
	return []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(url), config.WithRegion(Region), config.WithCredentialsProvider(given),
		config.WithSharedConfigFiles([]string{}), config.WithSharedCredentialsFiles([]string{}),
	}
}

// Client returns a client of the server.
func (s *Server) Client(t *testing.T) *s3.Client {
	t.Helper()
	loaded, err := config.LoadDefaultConfig(t.Context(), Options(s.URL)...)
	if err != nil {
		t.Fatal(err)
	}
	return s3.NewFromConfig(loaded, func(o *s3.Options) { o.UsePathStyle = true })
}

// Bucket makes a bucket that keeps versions. With locked, objects in it can be locked.
func (s *Server) Bucket(t *testing.T, name string, locked bool) {
	t.Helper()
	client := s.Client(t)
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: &locked})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil && !locked {
		t.Fatal(err)
	}
}

// Put writes an object, as a person does who may write to the bucket.
func (s *Server) Put(t *testing.T, bucket, key, text string) {
	t.Helper()
	_, err := s.Client(t).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: strings.NewReader(text),
	})
	if err != nil {
		t.Fatal(err)
	}
}
