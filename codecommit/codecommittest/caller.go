package codecommittest

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// DefaultCaller is the ARN of who makes the calls of a client with
// [Server.Config], and the changes of [Server.Commit], [Server.SetRef] and
// [Server.Sync].
const DefaultCaller = "arn:aws:iam::" + awsjson.AccountID + ":user/developer"

// ConfigAs returns a configuration like [Server.Config], whose calls are made by
// the user or role session with the ARN: the author of pull requests and comments,
// who approves and who merges. The access key of its credentials stands for the
// ARN, also in another process that gets the key by its environment.
func (s *Server) ConfigAs(arn string) aws.Config {
	cfg := s.Config()
	key := "AKID" + strings.ToUpper(awsjson.Hex(16, "caller", arn))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callers[key] = arn
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "test", Source: "test server"}, nil
	})
	return cfg
}

// caller returns the ARN of who makes the call. mu is held.
func (s *Server) caller(ctx context.Context) string {
	if arn, ok := s.callers[awsjson.CallerOf(ctx).AccessKeyID]; ok {
		return arn
	}
	return DefaultCaller
}
