package s3store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// codeOf returns the server's code of an error; empty if the server has sent none.
func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// storeError is an error of a request, in words for people. What stands behind it is not shown.
type storeError struct {
	text string
	err  error
}

func (e *storeError) Error() string { return e.text }

// Unwrap returns what is behind it.
func (e *storeError) Unwrap() error { return e.err }

// explain returns an error of the client, in words for people and without credentials.
func (s *Store) explain(ctx context.Context, what string, err error) error {
	switch cause := context.Cause(ctx); {
	case cause != nil:
		err = errors.Join(cause, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		err = errors.New(err.Error()) // a time of the library was up, for example in its search for credentials
	}
	var secrets []string
	if s.secrets != nil {
		secrets = s.secrets(ctx)
	}
	secrets = append(secrets, os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"))
	text := fmt.Sprintf("cannot %s %s: %s", what, s.Name(), rest.Masked(reason(err), secrets...))
	if advice := adviceFor(err); advice != "" {
		text += "; " + advice
	}
	return &storeError{text, err}
}

// reason returns what went wrong, as far as possible in the words of who refused it.
func reason(err error) string {
	var api smithy.APIError
	var sent *url.Error
	switch code := status(err); {
	case errors.Is(err, context.Canceled):
		return "the run was interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return "the time was up"
	case errors.As(err, &api):
		return fmt.Sprintf("HTTP %d, %s: %q", code, api.ErrorCode(), api.ErrorMessage())
	case code != 0:
		return fmt.Sprintf("HTTP %d, in an answer that is not one of S3", code)
	case errors.As(err, &sent):
		return sent.Err.Error()
	}
	return err.Error()
}

// adviceFor says what to do about an error; empty if there is nothing to say.
func adviceFor(err error) string {
	code := codeOf(err)
	switch {
	case code == "AccessDenied":
		return "the key needs s3:GetObject, s3:PutObject, s3:ListBucket and s3:ListBucketVersions"
	case slices.Contains([]string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}, code):
		return "check the credentials of AWS in the environment"
	case code == "NoSuchBucket":
		return "create the bucket first"
	case status(err) >= http.StatusMultipleChoices && status(err) < http.StatusBadRequest:
		return "the bucket is in another region or at another address, so check AWS_REGION and AWS_ENDPOINT_URL_S3"
	}
	return ""
}

// secretsOf returns what no message may show of the credentials that are in use.
func secretsOf(ctx context.Context, from aws.CredentialsProvider) []string {
	if from == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // they are kept in memory
	defer cancel()
	got, err := from.Retrieve(ctx)
	if err != nil {
		return nil
	}
	return []string{got.AccessKeyID, got.SecretAccessKey, got.SessionToken}
}
