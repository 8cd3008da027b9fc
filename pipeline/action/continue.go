package action

import (
	"encoding/json"
	"fmt"
)

// Continue returns a result that makes the action go on: its continuation
// token is state as JSON, which [Job.DecodeContinuationToken] of the next job
// decodes. It is an error if that is over [MaxContinuationToken] characters.
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
