package command

import (
	"errors"
	"net"

	"github.com/aws/smithy-go"
)

// Advice says what to check after an error of AWS, or nothing. It names the service
// and the command whose manual has the permissions.
func Advice(err error, service, name string) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "check the name of the Region, that " + service + " is in it, and the network"
	}
	var apiErr smithy.APIError
	if !errors.As(err, &apiErr) {
		return ""
	}
	switch apiErr.ErrorCode() {
	case "RepositoryDoesNotExistException", "PipelineNotFoundException":
		return "check the name, the Region and the account"
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId":
		return "AWS does not know the access key: check the credentials, with their session token if they are temporary, and that the Region is enabled for the account"
	case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature":
		return "check the secret access key and the clock of this machine"
	case "ExpiredTokenException", "ExpiredToken", "RequestExpired":
		return "the credentials have expired: sign in anew, such as with aws sso login"
	case "RequestTimeTooSkewed":
		return "the clock of this machine is wrong"
	case "AccessDeniedException", "AccessDenied", "UnauthorizedOperation":
		return "see PERMISSIONS in " + name + " -h for the IAM actions that the user or role needs"
	}
	return ""
}
