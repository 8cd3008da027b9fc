package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type acknowledgeJobInput struct {
	JobID *string `json:"jobId"`
	Nonce *string `json:"nonce"`
}

type acknowledgeJobOutput struct {
	Status JobStatus `json:"status"`
}

func (t *jobTable) acknowledgeJob(caller Caller, in *acknowledgeJobInput) (*acknowledgeJobOutput, error) {
	var v validation
	v.UUID("jobId", in.JobID, true)
	v.Text("nonce", in.Nonce, true, 1, 50, nil)
	if err := v.Err(); err != nil {
		return nil, err
	}
	j, err := t.find(in.JobID, false)
	if err != nil {
		return nil, err
	}
	return j.acknowledge(caller, *in.Nonce, nil)
}

// acknowledge makes the job the caller's, unless the call is refused already,
// and tells its status.
func (j *jobRecord) acknowledge(caller Caller, nonce string, refused error) (*acknowledgeJobOutput, error) {
	if refused == nil && !j.accept(nonce) {
		refused = awsjson.Errorf("InvalidNonceException", "The nonce of job '%s' is invalid", j.ID)
	}
	j.note(JobEvent{Type: JobEventAcknowledged, Caller: caller, Nonce: nonce, Code: codeOf(refused)})
	if refused != nil {
		return nil, refused
	}
	return &acknowledgeJobOutput{j.told()}, nil
}

func (j *jobRecord) accept(nonce string) bool {
	if j.accepted != "" {
		// Any worker may read the nonce of a third-party job.
		return nonce == j.accepted && !j.table.options.AcknowledgeOnce && !j.isThirdParty()
	}
	if j.Nonce == "" || nonce != j.Nonce {
		return false
	}
	j.accepted = nonce
	if !j.Status.Ended() {
		j.Status = JobStatusInProgress
		j.ticket = 0
	}
	return true
}
