// Package apierror reads the errors of the AWS SDK, and words them, for the
// packages that call a service.
package apierror

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// ErrNoReply is an API that returns neither a reply nor an error. No client of
// the SDK does so.
var ErrNoReply = errors.New("the API returned neither a reply nor an error")

// Code returns the service's error code, such as "AccessDeniedException". It
// returns "" if err did not come from the called service. An error of the
// credentials provider, such as STS, does not count.
func Code(err error) string {
	if ofCredentials(err) {
		return ""
	}
	return AnyCode(err)
}

// AnyCode returns the error code of whichever service the error is of, or "".
func AnyCode(err error) string {
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) {
		return apiErr.ErrorCode()
	}
	return ""
}

// ofCredentials reports whether the failed call is another operation, such as
// AssumeRole, that the SDK's client makes for its credentials.
func ofCredentials(err error) bool {
	var call, other *smithy.OperationError
	return errors.As(err, &call) && errors.As(call.Err, &other)
}

// Status returns the HTTP status of an error reply, or 0 if there was none.
func Status(err error) int {
	var respErr *awshttp.ResponseError
	if errors.As(err, &respErr) {
		return respErr.HTTPStatusCode()
	}
	return 0
}

// Denied reports whether a permission is missing, for the call or for its
// credentials.
func Denied(err error) bool {
	code := AnyCode(err)
	return code == "AccessDeniedException" || code == "AccessDenied" || code == "UnauthorizedOperation" // of EC2
}

// Throttled reports whether a service refused the call for its rate: the called
// one, or the one of the credentials.
func Throttled(err error) bool {
	if err == nil {
		return false
	}
	if Status(err) == http.StatusTooManyRequests {
		return true
	}
	_, ok := retry.DefaultThrottleErrorCodes[AnyCode(err)]
	return ok
}

// Connection reports whether the service could not be reached or the
// connection broke.
func Connection(err error) bool {
	var netErr net.Error
	if errors.As(err, &netErr) {
		_, file := netErr.(syscall.Errno) // an Errno alone comes from a file
		return !file
	}
	return (retry.RetryableConnectionError{}).IsErrorRetryable(err) == aws.TrueTernary
}

// Call is a failed call, for its text.
type Call struct {
	Package   string // that made the call
	Service   string // that IAM actions start with
	Operation string // such as "GetFolder"
	Object    string // of the call; may be empty
	Of        string // the owner of the object; may be empty
	Err       error
}

// Text returns the call's operation and object, the missing IAM action if that is
// the cause, and the error. An action that the credentials lack stands in the
// error alone.
//
//	codecommit: get folder "docs" of staging: access denied, allow the IAM action codecommit:GetFolder: ...
func (c Call) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", c.Package, Words(c.Operation))
	if c.Object != "" {
		fmt.Fprintf(&b, " %q", c.Object)
	}
	if c.Of != "" {
		fmt.Fprintf(&b, " of %s", c.Of)
	}
	if Denied(c.Err) && !ofCredentials(c.Err) {
		fmt.Fprintf(&b, ": access denied, allow the IAM action %s:%s", c.Service, c.Operation)
	}
	fmt.Fprintf(&b, ": %v", c.Err)
	return b.String()
}

// Words turns the operation "GetFolder" into "get folder".
func Words(operation string) string {
	var b strings.Builder
	for i, c := range operation {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// CodePipelineText returns the text of a failed call of CodePipeline: the
// package that made it, the operation, its object, "" for none, the missing IAM
// action if the call was denied, and the SDK's error.
func CodePipelineText(pkg, operation, object string, denied bool, err error) string {
	text := pkg + ": " + Words(operation)
	if object != "" {
		text += " " + object
	}
	if denied {
		text += ": access denied, allow the IAM action codepipeline:" + operation
	}
	return fmt.Sprintf("%s: %v", text, err)
}
