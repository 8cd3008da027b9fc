package apierror_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

func reply(status int, err error) error {
	return fmt.Errorf("wrapped: %w", &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	}})
}

func api(code string) error { return &smithy.GenericAPIError{Code: code, Message: "told by the test"} }

// credentials is the error of a call whose credentials could not be fetched.
func credentials(err error) error {
	return fmt.Errorf("wrapped: %w", &smithy.OperationError{ServiceID: "CodePipeline", OperationName: "GetPipelineExecution",
		Err: fmt.Errorf("get identity: %w", &smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: err})})
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                          string
		err                           error
		code                          string
		status                        int
		denied, throttled, connection bool
	}{
		{name: "none"},
		{name: "another error", err: errors.New("lost")},
		{name: "denied", err: reply(400, api("AccessDeniedException")), code: "AccessDeniedException", status: 400, denied: true},
		{name: "denied by EC2", err: reply(403, api("UnauthorizedOperation")), code: "UnauthorizedOperation", status: 403, denied: true},
		{name: "denied by the older code", err: api("AccessDenied"), code: "AccessDenied", denied: true},
		{name: "throttled", err: reply(400, api("ThrottlingException")), code: "ThrottlingException", status: 400, throttled: true},
		{name: "throttled by its status", err: reply(429, api("Other")), code: "Other", status: 429, throttled: true},
		{name: "server error", err: reply(500, api("InternalFailure")), code: "InternalFailure", status: 500},
		{name: "not found for the credentials", err: credentials(api("ResourceNotFoundException"))},
		{name: "denied for the credentials", err: credentials(api("AccessDenied")), denied: true},
		{name: "throttled for the credentials", err: credentials(reply(400, api("Throttling"))), status: 400, throttled: true},
		{name: "refused", err: fmt.Errorf("wrapped: %w", &net.OpError{Op: "dial", Err: errors.New("refused")}), connection: true},
		{name: "reset", err: &url.Error{Op: "Post", Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, connection: true},
		{name: "a file that is not there", err: &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}},
	} {
		if got := apierror.Code(test.err); got != test.code {
			t.Errorf("%s: code %q, want %q", test.name, got, test.code)
		}
		if got := apierror.Status(test.err); got != test.status {
			t.Errorf("%s: status %d, want %d", test.name, got, test.status)
		}
		if got := apierror.Denied(test.err); got != test.denied {
			t.Errorf("%s: denied %v, want %v", test.name, got, test.denied)
		}
		if got := apierror.Throttled(test.err); got != test.throttled {
			t.Errorf("%s: throttled %v, want %v", test.name, got, test.throttled)
		}
		if got := apierror.Connection(test.err); got != test.connection {
			t.Errorf("%s: connection %v, want %v", test.name, got, test.connection)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		call apierror.Call
		want string
	}{
		{
			apierror.Call{Package: "codecommit", Service: "codecommit", Operation: "GetFolder", Object: "a\nb", Of: "staging", Err: errors.New("lost")},
			`codecommit: get folder "a\nb" of staging: lost`,
		},
		{
			apierror.Call{Package: "pipeline", Service: "codepipeline", Operation: "ListActionExecutions", Of: "web", Err: api("AccessDeniedException")},
			"pipeline: list action executions of web: access denied, allow the IAM action codepipeline:ListActionExecutions: " +
				"api error AccessDeniedException: told by the test",
		},
		{
			apierror.Call{Package: "pipeline", Service: "codeconnections", Operation: "GetHost", Object: "arn", Err: errors.New("lost")},
			`pipeline: get host "arn": lost`,
		},
		{
			apierror.Call{Package: "pipeline", Service: "codepipeline", Operation: "GetPipelineExecution", Of: "web", Err: credentials(api("AccessDenied"))},
			"pipeline: get pipeline execution of web: wrapped: operation error CodePipeline: GetPipelineExecution, " +
				"get identity: operation error STS: AssumeRole, api error AccessDenied: told by the test",
		},
	} {
		if got := test.call.Text(); got != test.want {
			t.Errorf("text:\n got %s\nwant %s", got, test.want)
		}
	}
}
