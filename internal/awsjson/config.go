package awsjson

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"

	"github.com/codesuite-go/codesuite/internal/sdkhttp"
)

// Where the test servers are, and whose they are.
const (
	Region    = "us-east-1"
	AccountID = "111122223333"
)

// Config returns a configuration for clients of the server at the URL: the
// SDK's standard retryer, but with a backoff of 1 to 20 milliseconds, and
// requests that do not cut off the replies of a server as near as that.
func Config(url string) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(url),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "test", Source: "test server"}, nil
		}),
		APIOptions: []func(*middleware.Stack) error{sdkhttp.APIOption},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
					return min(time.Millisecond<<min(attempt, 10), 20*time.Millisecond), nil
				})
			})
		},
	}
}
