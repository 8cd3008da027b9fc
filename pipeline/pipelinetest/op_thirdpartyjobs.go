package pipelinetest

import (
	"fmt"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The ID and the token of the client to which third-party jobs belong that name no
// other, such as those of pipelines.
const (
	DefaultClientID    = "5b2a8c1e-0d4f-4c67-9a3b-7e1f20c4d596"
	DefaultClientToken = "test-client-token"
)

// SetClientToken sets the token of a client, which GetThirdPartyJobDetails and
// the calls after it need for the client's jobs. SetClientToken fails unless the ID is a
// lower-case UUID, and the token has 1 to 256 characters.
func (s *Server) SetClientToken(clientID, token string) error {
	var v validation
	v.UUID("clientId", &clientID, true)
	v.clientToken(&token)
	if err := v.Err(); err != nil {
		return fmt.Errorf("pipelinetest: token of a client: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.clients[clientID] = token
	return nil
}

// The IDs of third-party jobs are the same UUIDs as those of other jobs, but
// the model lets calls name them with other text as well.
func (v *validation) thirdParty(jobID, clientToken *string) {
	v.Text("jobId", jobID, true, 1, 512, nil)
	v.clientToken(clientToken)
}

func (v *validation) clientToken(token *string) {
	v.Text("clientToken", token, true, 1, 256, nil)
}

// checkToken returns the error of a call with another client's token.
func (j *jobRecord) checkToken(token *string) error {
	if j.table.clients[j.ClientID] == *token {
		return nil
	}
	return awsjson.Errorf("InvalidClientTokenException", "The client token is not that of the client of job '%s'", j.ID)
}

type pollForThirdPartyJobsInput struct {
	ActionTypeID *actionTypeInput `json:"actionTypeId"`
	MaxBatchSize *int32           `json:"maxBatchSize"`
}

type pollForThirdPartyJobsOutput struct {
	Jobs []thirdPartyJobJSON `json:"jobs"`
}

type thirdPartyJobJSON struct {
	ClientID string `json:"clientId"`
	JobID    string `json:"jobId"`
}

func (t *jobTable) pollForThirdPartyJobs(caller Caller, in *pollForThirdPartyJobsInput) (*pollForThirdPartyJobsOutput, error) {
	var v validation
	v.actionType("actionTypeId", in.ActionTypeID)
	v.batch(in.MaxBatchSize)
	if err := v.Err(); err != nil {
		return nil, err
	}
	polled, err := t.polled(in.ActionTypeID, "ThirdParty")
	if err != nil {
		return nil, err
	}
	out := &pollForThirdPartyJobsOutput{Jobs: []thirdPartyJobJSON{}}
	for _, j := range t.offer(polled, caller, in.MaxBatchSize, nil) {
		out.Jobs = append(out.Jobs, thirdPartyJobJSON{j.ClientID, j.ID})
	}
	return out, nil
}

type getThirdPartyJobDetailsInput struct {
	JobID       *string `json:"jobId"`
	ClientToken *string `json:"clientToken"`
}

func (t *jobTable) getThirdPartyJobDetails(caller Caller, in *getThirdPartyJobDetailsInput) (*getJobDetailsOutput, error) {
	var v validation
	v.thirdParty(in.JobID, in.ClientToken)
	if err := v.Err(); err != nil {
		return nil, err
	}
	if j := t.byID[*in.JobID]; j != nil && !j.isThirdParty() {
		return nil, awsjson.Errorf("InvalidJobException", "Job '%s' is not one of a third party", j.ID)
	}
	j, err := t.find(in.JobID, true)
	if err != nil {
		return nil, err
	}
	if err := j.read(caller, j.checkToken(in.ClientToken)); err != nil {
		return nil, err
	}
	return &getJobDetailsOutput{jobDetailsJSON{ID: j.ID, Data: j.data(), Nonce: j.Nonce}}, nil
}

type acknowledgeThirdPartyJobInput struct {
	JobID       *string `json:"jobId"`
	Nonce       *string `json:"nonce"`
	ClientToken *string `json:"clientToken"`
}

func (t *jobTable) acknowledgeThirdPartyJob(caller Caller, in *acknowledgeThirdPartyJobInput) (*acknowledgeJobOutput, error) {
	var v validation
	v.thirdParty(in.JobID, in.ClientToken)
	v.Text("nonce", in.Nonce, true, 1, 50, nil)
	if err := v.Err(); err != nil {
		return nil, err
	}
	j, err := t.find(in.JobID, true)
	if err != nil {
		return nil, err
	}
	return j.acknowledge(caller, *in.Nonce, j.checkToken(in.ClientToken))
}

type putThirdPartyJobSuccessResultInput struct {
	JobID             *string                `json:"jobId"`
	ClientToken       *string                `json:"clientToken"`
	CurrentRevision   *currentRevisionInput  `json:"currentRevision"`
	ContinuationToken *string                `json:"continuationToken"`
	ExecutionDetails  *executionDetailsInput `json:"executionDetails"`
}

func (t *jobTable) putThirdPartyJobSuccessResult(caller Caller, in *putThirdPartyJobSuccessResultInput) (nothing, error) {
	put := putJobSuccessResultInput{CurrentRevision: in.CurrentRevision, ContinuationToken: in.ContinuationToken, ExecutionDetails: in.ExecutionDetails}
	var v validation
	v.thirdParty(in.JobID, in.ClientToken)
	put.check(&v)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	j, err := t.find(in.JobID, true)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, j.report(caller, put.result(), j.checkToken(in.ClientToken))
}

type putThirdPartyJobFailureResultInput struct {
	JobID          *string              `json:"jobId"`
	ClientToken    *string              `json:"clientToken"`
	FailureDetails *failureDetailsInput `json:"failureDetails"`
}

func (t *jobTable) putThirdPartyJobFailureResult(caller Caller, in *putThirdPartyJobFailureResultInput) (nothing, error) {
	var v validation
	v.thirdParty(in.JobID, in.ClientToken)
	in.FailureDetails.check(&v)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	j, err := t.find(in.JobID, true)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, j.report(caller, in.FailureDetails.result(), j.checkToken(in.ClientToken))
}
