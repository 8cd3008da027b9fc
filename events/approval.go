package events

// ApprovalRequest is what AWS CodePipeline publishes to the SNS topic of a
// manual approval action.
//
// Its token answers the request, and the review link holds it. fmt, log/slog and
// the JSON form leave both out; only Raw has them.
type ApprovalRequest struct {
	Origin

	Region      string `event:"region,id"`
	ConsoleLink string `event:"consoleLink"` // to the pipeline
	Pipeline    string `event:"approval/pipelineName,id"`
	Stage       string `event:"approval/stageName,id"`
	Action      string `event:"approval/actionName,id"`
	// Token is the token for PutApprovalResult.
	Token   Secret    `event:"approval/token,id"`
	Expires Timestamp `event:"approval/expires"` // to the minute
	// ExternalEntityLink and CustomData are the configuration of the action:
	// what to review, and a comment for the reviewer.
	ExternalEntityLink string `event:"approval/externalEntityLink"`
	CustomData         string `event:"approval/customData"`
	ApprovalReviewLink Secret `event:"approval/approvalReviewLink"`
}

// Name is "CodePipeline Approval Request".
func (e *ApprovalRequest) Name() string { return "CodePipeline Approval Request" }

// IdempotencyKey is made from action and a hash of the token: keys go into logs,
// and the token is what answers the request.
func (e *ApprovalRequest) IdempotencyKey() string {
	return joinKey("approval", e.Region, e.Pipeline, e.Stage, e.Action, hexHash([]byte(e.Token.Reveal())))
}

// MarshalJSON encodes the event without token and review link: decoding it gives
// "(secret left out)" for them. See [Event].
func (e ApprovalRequest) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ApprovalRequest) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
