// Package s3store keeps an evidence log in a bucket of Amazon S3, or of another server that speaks
// its API. The server must keep a promise: a request to create an object that exists is refused.
package s3store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

const (
	scheme = "s3://"
	suffix = ".jsonl"

	window      = 64              // objects that are read at the same time
	maxAttempts = 6               // of one request
	maxBackoff  = 2 * time.Second // between two of them
	attemptTime = 20 * time.Second
)

// Store is a log in one bucket, under one prefix. It is configured at its first use, because finding
// credentials can take time.
type Store struct {
	bucket, prefix string
	options        []func(*config.LoadOptions) error

	mu      sync.Mutex
	client  *s3.Client // nil before the first use
	secrets func(context.Context) []string
}

// Is reports whether the value of evidence_log names a store, rather than a file.
func Is(log string) bool { return strings.HasPrefix(log, scheme) }

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	prefixName = regexp.MustCompile(`^[A-Za-z0-9!_'()*-][A-Za-z0-9!_.'()*-]*(/[A-Za-z0-9!_'()*-][A-Za-z0-9!_.'()*-]*)*$`)
)

// maxPrefix leaves room for the number in the 1024 bytes of a key.
const maxPrefix = 900

// New returns the store with an address such as s3://BUCKET/PREFIX. It asks nothing of the server.
// The options are for tests.
func New(address string, options ...func(*config.LoadOptions) error) (*Store, error) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(address, scheme), "/")
	prefix = strings.TrimSuffix(prefix, "/")
	switch {
	case !Is(address):
		return nil, errors.New("it does not begin with " + scheme)
	case !bucketName.MatchString(bucket):
		return nil, errors.New("it does not name a bucket after " + scheme)
	case !prefixName.MatchString(prefix) || len(prefix) > maxPrefix:
		return nil, errors.New("it does not name a prefix after the bucket, of letters, digits, slashes and !_.'()*-")
	}
	return &Store{bucket: bucket, prefix: prefix, options: options}, nil
}

// Name implements evidence.Store.
func (s *Store) Name() string { return scheme + s.bucket + "/" + s.prefix }

// file returns the last part of the key of an object.
func file(n int) string { return fmt.Sprintf("%020d", n) + suffix }

func (s *Store) key(n int) *string { return aws.String(s.prefix + "/" + file(n)) }

// number returns the number of the object with a key, and whether it is one of the log.
func (s *Store) number(key string) (int, bool) {
	name, _ := strings.CutPrefix(key, s.prefix+"/")
	n, err := strconv.Atoi(strings.TrimSuffix(name, suffix))
	return n, err == nil && n > 0 && *s.key(n) == key
}

// open returns the client, which it makes at the first use. After an error the next use tries again.
func (s *Store) open(ctx context.Context) (*s3.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		return s.client, nil
	}
	options := append([]func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(harden)),
		config.WithRetryer(newRetryer),
		config.WithLogger(logging.Nop{}),
	}, s.options...)
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, s.explain(ctx, "configure", err)
	}
	s.secrets = func(ctx context.Context) []string { return secretsOf(ctx, loaded.Credentials) }
	var problem error
	client := s3.NewFromConfig(loaded, func(o *s3.Options) { problem = adapt(o, loaded.HTTPClient) })
	if problem != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(), problem)
	}
	s.client = client
	return client, nil
}

// harden prepares the transport. It has HTTP/1.1 alone, which GODEBUG cannot make print headers.
func harden(t *http.Transport) {
	t.MaxIdleConnsPerHost = window
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.ResponseHeaderTimeout = attemptTime
}

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = maxAttempts, maxBackoff })
}

// adapt sets what a server other than AWS needs, and keeps requests from following a redirect: what
// they carry is for this server alone.
func adapt(o *s3.Options, client aws.HTTPClient) error {
	if buildable, ok := client.(*awshttp.BuildableClient); ok {
		o.HTTPClient = &http.Client{
			Transport:     buildable.GetTransport(),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	if o.BaseEndpoint == nil {
		if o.Region == "" {
			return errors.New("the region of the bucket is not known; set AWS_REGION")
		}
		return nil
	}
	if _, err := rest.ParseBaseURL(*o.BaseEndpoint); err != nil {
		return fmt.Errorf("AWS_ENDPOINT_URL_S3 cannot be used: %w", err)
	}
	o.UsePathStyle = true
	if o.Region == "" {
		o.Region = "us-east-1" // which such a server asks for to check the signature
	}
	return nil
}
