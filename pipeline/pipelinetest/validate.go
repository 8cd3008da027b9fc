package pipelinetest

import (
	"regexp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The patterns of the service's model.
var (
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9.@\-_]+$`)
	artifactPattern = regexp.MustCompile(`^[a-zA-Z0-9_\-]+$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z0-9@\-_]+$`)
	tokenPattern    = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)
	reasonPattern   = regexp.MustCompile(`^[a-zA-Z0-9!@ \(\)\.\*\?\-]+$`)
	typePattern     = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)
)

// invalidToken is the error code for a token that no call has returned.
const invalidToken = "InvalidNextTokenException"

// validation is the one of an input, with the constraints that several inputs
// of CodePipeline share.
type validation struct{ awsjson.Validation }

// name checks the required name of a pipeline, a stage or an action.
func (v *validation) name(member string, value *string) {
	v.Text(member, value, true, 1, 100, namePattern)
}

// pageSize returns the number of entries on a page of a call that asks for
// maxResults, nil for most.
func pageSize(maxResults *int32, most int) int {
	if maxResults == nil {
		return most
	}
	return int(*maxResults)
}
