package pipelinetest

import (
	"math"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// maxVariables is the size in bytes of all output variables of an action.
const maxVariables = 122880

var failureTypes = []string{"JobFailed", "ConfigurationError", "PermissionError", "RevisionOutOfSync", "RevisionUnavailable", "SystemUnavailable"}

type putJobSuccessResultInput struct {
	JobID             *string                `json:"jobId"`
	CurrentRevision   *currentRevisionInput  `json:"currentRevision"`
	ContinuationToken *string                `json:"continuationToken"`
	ExecutionDetails  *executionDetailsInput `json:"executionDetails"`
	OutputVariables   map[string]string      `json:"outputVariables"`
}

type currentRevisionInput struct {
	Revision *string  `json:"revision"`
	ChangeID *string  `json:"changeIdentifier"`
	Created  *float64 `json:"created"`
	Summary  *string  `json:"revisionSummary"`
}

type executionDetailsInput struct {
	Summary         *string `json:"summary"`
	ExternalID      *string `json:"externalExecutionId"`
	PercentComplete *int32  `json:"percentComplete"`
}

func (in *putJobSuccessResultInput) check(v *validation) {
	v.Text("continuationToken", in.ContinuationToken, false, 1, 2048, nil)
	if r := in.CurrentRevision; r != nil {
		v.Text("currentRevision.revision", r.Revision, true, 1, 1500, nil)
		v.Text("currentRevision.changeIdentifier", r.ChangeID, true, 1, 100, nil)
		v.Text("currentRevision.revisionSummary", r.Summary, false, 1, 2048, nil)
	}
	if d := in.ExecutionDetails; d != nil {
		v.Text("executionDetails.summary", d.Summary, false, 1, 2048, nil)
		v.Text("executionDetails.externalExecutionId", d.ExternalID, false, 1, 1500, nil)
		v.Integer("executionDetails.percentComplete", d.PercentComplete, 0, 100)
	}
	for key := range in.OutputVariables {
		v.Text("outputVariables", &key, true, 1, math.MaxInt, variablePattern)
	}
}

// refusal returns what is wrong with the input for reasons that the model does
// not tell.
func (in *putJobSuccessResultInput) refusal() error {
	if in.ContinuationToken != nil && len(in.OutputVariables) > 0 {
		return awsjson.Invalid("Output variables cannot be set together with a continuation token")
	}
	size := 0
	for key, value := range in.OutputVariables {
		size += len(key) + len(value)
	}
	if size > maxVariables {
		return awsjson.Errorf("OutputVariablesSizeExceededException", "The output variables have %d bytes, more than %d", size, maxVariables)
	}
	return nil
}

func (in *putJobSuccessResultInput) result() JobResult {
	r := JobResult{Succeeded: true, ContinuationToken: aws.ToString(in.ContinuationToken), OutputVariables: in.OutputVariables}
	if c := in.CurrentRevision; c != nil {
		r.CurrentRevision = &CurrentRevision{Revision: aws.ToString(c.Revision), ChangeID: aws.ToString(c.ChangeID), Summary: aws.ToString(c.Summary)}
		if c.Created != nil {
			r.CurrentRevision.Created = time.UnixMilli(int64(math.Round(*c.Created * 1000)))
		}
	}
	if d := in.ExecutionDetails; d != nil {
		r.Summary, r.ExternalExecutionID, r.PercentComplete = aws.ToString(d.Summary), aws.ToString(d.ExternalID), d.PercentComplete
	}
	return r
}

func (t *jobTable) putJobSuccessResult(caller Caller, in *putJobSuccessResultInput) (nothing, error) {
	var v validation
	v.UUID("jobId", in.JobID, true)
	in.check(&v)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	j, err := t.find(in.JobID, false)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, j.report(caller, in.result(), in.refusal())
}

type putJobFailureResultInput struct {
	JobID          *string              `json:"jobId"`
	FailureDetails *failureDetailsInput `json:"failureDetails"`
}

type failureDetailsInput struct {
	Type       *string `json:"type"`
	Message    *string `json:"message"`
	ExternalID *string `json:"externalExecutionId"`
}

func (in *failureDetailsInput) check(v *validation) {
	if in == nil {
		v.Fail("failureDetails", "Member must not be null")
		return
	}
	v.Enum("failureDetails.type", in.Type, failureTypes...)
	v.Text("failureDetails.message", in.Message, true, 1, 5000, nil)
	v.Text("failureDetails.externalExecutionId", in.ExternalID, false, 1, 1500, nil)
}

func (in *failureDetailsInput) result() JobResult {
	return JobResult{FailureType: *in.Type, Message: *in.Message, ExternalExecutionID: aws.ToString(in.ExternalID)}
}

func (t *jobTable) putJobFailureResult(caller Caller, in *putJobFailureResultInput) (nothing, error) {
	var v validation
	v.UUID("jobId", in.JobID, true)
	in.FailureDetails.check(&v)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	j, err := t.find(in.JobID, false)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, j.report(caller, in.FailureDetails.result(), nil)
}

// report ends the job with the result, unless it is refused already or the job
// is in progress no more.
func (j *jobRecord) report(caller Caller, r JobResult, refused error) error {
	if refused == nil && j.Status != JobStatusInProgress {
		refused = awsjson.Errorf("InvalidJobStateException", "Job '%s' has the status %s, and takes no result", j.ID, j.told())
	}
	if refused == nil {
		if r.Succeeded {
			j.end(JobStatusSucceeded)
		} else {
			j.end(JobStatusFailed)
		}
		j.Result = &r
	}
	j.note(JobEvent{Type: JobEventReported, Caller: caller, Code: codeOf(refused), Result: &r})
	if refused != nil {
		return refused
	}
	if r.ContinuationToken != "" {
		j.goOn(r)
		return nil
	}
	j.finishRun(r)
	return nil
}

// goOn makes the job that continues this one.
func (j *jobRecord) goOn(r JobResult) {
	next := &jobRecord{Job: j.Job, run: j.run}
	next.Ended, next.Nonce, next.Result, next.History = time.Time{}, "", nil, nil
	next.Continues, next.ContinuationToken = j.ID, r.ContinuationToken
	j.table.add(next, j.actionStarted)
	j.ContinuedBy = next.ID
	j.note(JobEvent{Type: JobEventContinued})
	if j.run != nil {
		j.run.finish(Outcome{State: StateInProgress, Summary: r.Summary, ExternalID: r.ExternalExecutionID, URL: j.executionURL(r)})
		j.run.progress("", "", r.PercentComplete)
	}
}

// finishRun ends the run of the action with the result.
func (j *jobRecord) finishRun(r JobResult) {
	if j.run == nil {
		return
	}
	o := Outcome{
		Summary:    r.Summary,
		ExternalID: r.ExternalExecutionID,
		URL:        j.executionURL(r),
		Variables:  r.OutputVariables,
	}
	if c := r.CurrentRevision; c != nil {
		o.Revision = &Revision{ID: c.Revision, ChangeID: c.ChangeID, Summary: c.Summary, Created: c.Created}
	}
	if !r.Succeeded {
		o.State, o.ErrorCode, o.ErrorMessage = StateFailed, r.FailureType, r.Message
		o.Summary = cut(r.Message, 2048)
	}
	j.run.progress("", "", r.PercentComplete)
	j.run.finish(o)
}

// cut returns the first characters of the text.
func cut(text string, characters int) string {
	if utf8.RuneCountInString(text) <= characters {
		return text
	}
	return string([]rune(text)[:characters])
}
