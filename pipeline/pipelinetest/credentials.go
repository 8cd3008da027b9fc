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

// CredentialsValid tells a test server of S3 whether artifact credentials with
// the access key ID are good for the object now: they have not expired, and it
// is an artifact of the job that they were handed out for. Each poll, each call
// for details and each invocation hands out credentials of its own. They
// outlive the job, as session credentials do.
func (s *Server) CredentialsValid(accessKeyID, bucket, key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.jobs.issued[accessKeyID]
	if !ok || !s.clock().Before(c.expires) {
		return false
	}
	isIt := func(a Artifact) bool { return a.Bucket == bucket && a.Key == key }
	return slices.ContainsFunc(c.job.Inputs, isIt) || slices.ContainsFunc(c.job.Outputs, isIt)
}
