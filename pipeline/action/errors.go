package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// classify returns the failure type that goes with an error.
func classify(err error) FailureType {
	code, status := apierror.AnyCode(err), apierror.Status(err)
	switch {
	case isSkewed(code):
		return FailureTypeSystemUnavailable
	case code == "InvalidObjectState", code == "PreconditionFailed":
		return FailureTypeRevisionUnavailable
	case isDenied(code), status == http.StatusUnauthorized, status == http.StatusForbidden && !isExpired(err),
		errors.Is(err, fs.ErrPermission):
		return FailureTypePermissionError
	case isMissing(code):
		return FailureTypeRevisionUnavailable
	case isUnavailable(err, status):
		return FailureTypeSystemUnavailable
	}
	return FailureTypeJobFailed
}

func isDenied(code string) bool {
	switch code {
	case "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "UnauthorizedOperation", "NotAuthorized",
		"UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException",
		"KMSAccessDeniedException":
		return true
	}
	return strings.HasPrefix(code, "KMS.") // such as KMS.DisabledException, from S3
}

// isSkewed reports whether a call was refused for the time that it was signed
// at.
func isSkewed(code string) bool {
	switch code {
	case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture":
		return true
	}
	return false
}

func isMissing(code string) bool { return code == "NoSuchKey" || code == "NoSuchVersion" }

func isUnavailable(err error, status int) bool {
	return status >= http.StatusInternalServerError || errors.Is(err, context.DeadlineExceeded) ||
		isExpired(err) || apierror.Throttled(err) || apierror.Connection(err)
}

// isExpired reports whether a call failed because its credentials are too old.
func isExpired(err error) bool {
	switch apierror.AnyCode(err) {
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
		return true
	}
	return false
}

// transferFailure returns the error of an artifact's transfer, with advice
// where one can be given.
func (j *Job) transferFailure(operation string, artifact Artifact, err error) error {
	failureType, advice := classify(err), ""
	switch code := apierror.AnyCode(err); {
	case errors.Is(err, errNoS3):
		failureType = FailureTypeConfigurationError
	case errors.Is(err, errRefresh) && failureType == FailureTypePermissionError:
		advice = "the role of the program, not that of the pipeline, has to allow codepipeline:GetJobDetails or codepipeline:GetThirdPartyJobDetails"
	case errors.Is(err, errRefresh):
	case isSkewed(code):
		advice = "the clock of this machine is wrong by minutes: set it"
	case code == "InvalidObjectState":
		advice = "a lifecycle rule of the bucket has moved the artifact to an archive such as Glacier: restore it, or take the rule away from the artifact store, and run the pipeline again"
	case code == "PreconditionFailed":
		advice = "the artifact was replaced while it was downloaded"
	case strings.HasPrefix(code, "KMS."):
		advice = "the KMS key of the artifact store" + keyName(j.details().EncryptionKey) + " cannot be used: it is disabled, deleted or in another account"
	case failureType == FailureTypePermissionError && isKMS(err):
		advice = "the policy of the KMS key of the artifact store" + keyName(j.details().EncryptionKey) +
			" and the pipeline's role have to allow kms:Decrypt and kms:GenerateDataKey"
	case failureType == FailureTypePermissionError:
		advice = "the pipeline's role, the bucket's policy and, if there is one, the policy of the artifact store's KMS key" +
			keyName(j.details().EncryptionKey) + " have to allow it; S3 also says so of an object that does not exist, unless s3:ListBucket is allowed"
	case errors.Is(err, io.ErrUnexpectedEOF): // of a connection
		failureType = FailureTypeSystemUnavailable
	case failureType == FailureTypeRevisionUnavailable:
		advice = "the artifact was deleted, or the action before has not put it"
	case code == "NoSuchBucket":
		failureType, advice = FailureTypeRevisionUnavailable, "the bucket of the artifact store does not exist"
	case code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed":
		failureType, advice = FailureTypeConfigurationError, "the bucket is in another Region than the client of S3: configure that of the pipeline's action"
	}
	if advice != "" {
		advice = " (" + advice + ")"
	}
	return Failf(failureType, "action: %s artifact %q, s3://%s/%s: %w%s", operation, artifact.Name, artifact.Bucket, artifact.Key, err, advice)
}

func keyName(id string) string {
	if id == "" {
		return ", aws/s3,"
	}
	return fmt.Sprintf(", %s,", id)
}

// isKMS reports whether S3 denied a call because of an encryption key.
func isKMS(err error) bool {
	var apiErr smithy.APIError
	if !errors.As(err, &apiErr) {
		return false
	}
	message := apiErr.ErrorMessage()
	return strings.Contains(message, "kms:") || strings.Contains(message, "KMS") || strings.Contains(message, "customer master key")
}
