package pipelinetest

import (
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
