package pipelinetest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// credentials are artifact credentials that were handed out.
type credentials struct {
	job     *jobRecord
	expires time.Time
}

// issue hands out credentials for the artifacts of the job.
func (j *jobRecord) issue() *credentialsJSON {
	t := j.table
	number := strconv.Itoa(len(t.issued))
	c := &credentialsJSON{
		AccessKeyID:     "ASIA" + strings.ToUpper(awsjson.Hex(16, "access key", number)),
		SecretAccessKey: awsjson.Hex(40, "secret key", number),
		SessionToken:    "session-token-" + awsjson.Hex(64, "session", number),
	}
	t.issued[c.AccessKeyID] = credentials{j, t.server.clock().Add(t.options.CredentialsLifetime)}
	return c
}

// CredentialsValid reports whether artifact credentials with the access key ID are
// good for the object now: they have not expired, and the object is an artifact of
// the job that they were handed out for. The server's own S3 asks it; a test with
// another S3 server lets that ask. Each poll, each call for details and each
// invocation hands out credentials of its own. They outlive the job, as session
// credentials do.
func (s *Server) CredentialsValid(accessKeyID, bucket, key string) bool {
	code, issued := s.artifactAccess(accessKeyID, bucket, key)
	return issued && code == ""
}

// refusal returns the error code of S3 for a request about an object. Credentials
// that were not handed out for a job are those of the test, and may do anything.
func (s *Server) refusal(accessKeyID, bucket, key string) string {
	code, _ := s.artifactAccess(accessKeyID, bucket, key)
	return code
}

// artifactAccess returns the error code of S3, and whether the credentials were
// handed out for a job.
func (s *Server) artifactAccess(accessKeyID, bucket, key string) (code string, issued bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, issued := s.jobs.issued[accessKeyID]
	isIt := func(a Artifact) bool { return a.Bucket == bucket && a.Key == key }
	switch {
	case !issued:
		return "", false
	case !s.clock().Before(c.expires):
		return "ExpiredToken", true
	case !slices.ContainsFunc(c.job.Inputs, isIt) && !slices.ContainsFunc(c.job.Outputs, isIt):
		return "AccessDenied", true
	}
	return "", true
}
