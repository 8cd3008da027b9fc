package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type getJobDetailsInput struct {
	JobID *string `json:"jobId"`
}

type getJobDetailsOutput struct {
	JobDetails jobDetailsJSON `json:"jobDetails"`
}

type jobDetailsJSON struct {
	ID        string      `json:"id"`
	Data      jobDataJSON `json:"data"`
	AccountID string      `json:"accountId,omitempty"`
	Nonce     string      `json:"nonce,omitempty"` // of a third-party job
}

func (t *jobTable) getJobDetails(caller Caller, in *getJobDetailsInput) (*getJobDetailsOutput, error) {
	var v validation
	v.UUID("jobId", in.JobID, true)
	if err := v.Err(); err != nil {
		return nil, err
	}
	j, err := t.find(in.JobID, false)
	if err != nil {
		return nil, err
	}
	if err := j.read(caller, nil); err != nil {
		return nil, err
	}
	return &getJobDetailsOutput{jobDetailsJSON{ID: j.ID, Data: j.data(), AccountID: accountID}}, nil
}

// read notes that the caller has asked for details, and returns the error if
// there is one or the job is forgotten.
func (j *jobRecord) read(caller Caller, refused error) error {
	if refused == nil && j.Status.Ended() && j.table.options.ForgetEnded {
		refused = awsjson.Errorf("JobNotFoundException", "Job with ID '%s' not found", j.ID)
	}
	j.note(JobEvent{Type: JobEventDetailsRead, Caller: caller, Code: codeOf(refused)})
	return refused
}
