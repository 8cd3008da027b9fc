package action

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// Continue returns a result that makes the action go on. Its continuation token
// is state as JSON, which [Job.DecodeContinuationToken] of the next job decodes.
// It is an error if the token is over 2,048 characters.
//
// How soon CodePipeline offers the next job is not documented. A handler that
// only looks whether other work has ended must therefore wait itself, or it runs
// in a loop without a pause: wait for some seconds before each Continue, but no
// longer than the context allows.
//
//	if !done {
//		select {
//		case <-time.After(30 * time.Second):
//		case <-ctx.Done(): // the function's deadline is near: the next job goes on
//		}
//		return action.Continue(state)
//	}
func Continue(state any) (*Result, error) {
	token, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("action: continuation token: %w", err)
	}
	if err := checkToken(string(token)); err != nil {
		return nil, fmt.Errorf("action: %w", err)
	}
	return &Result{ContinuationToken: string(token)}, nil
}

// ContinuationToken returns what the previous job of the action was answered
// with, "" for the first.
func (j *Job) ContinuationToken() string { return j.details().ContinuationToken }

// DecodeContinuationToken decodes a token that [Continue] made into v. It
// leaves v as it is for the first job, which has none.
func (j *Job) DecodeContinuationToken(v any) error {
	if j.details().ContinuationToken == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(j.details().ContinuationToken), v); err != nil {
		return fmt.Errorf("action: continuation token of job %s: %w", j.details().ID, err)
	}
	return nil
}

func checkToken(token string) error {
	if !utf8.ValidString(token) { // it would come back as another one
		return errors.New("the continuation token is not UTF-8: encode it, as with base64")
	}
	if n := awstext.Len(token); n > maxContinuationToken {
		return fmt.Errorf("the continuation token has %d characters, over the limit of %d: "+
			"keep the state elsewhere, as in S3 or DynamoDB, and let the token name it", n, maxContinuationToken)
	}
	return nil
}
