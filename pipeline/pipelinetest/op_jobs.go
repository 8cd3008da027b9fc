package pipelinetest

import (
	"regexp"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

var queryPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

type pollForJobsInput struct {
	ActionTypeID *actionTypeInput  `json:"actionTypeId"`
	MaxBatchSize *int32            `json:"maxBatchSize"`
	QueryParam   map[string]string `json:"queryParam"`
}

type pollForJobsOutput struct {
	Jobs []jobJSON `json:"jobs"`
}

type jobJSON struct {
	ID        string      `json:"id"`
	Data      jobDataJSON `json:"data"`
	Nonce     string      `json:"nonce"`
	AccountID string      `json:"accountId"`
}

func (t *jobTable) pollForJobs(caller Caller, in *pollForJobsInput) (*pollForJobsOutput, error) {
	var v validation
	v.actionType("actionTypeId", in.ActionTypeID)
	v.batch(in.MaxBatchSize)
	if len(in.QueryParam) > 1 {
		v.Fail("queryParam", "Map must have length less than or equal to 1")
	}
	for key, value := range in.QueryParam {
		v.Text("queryParam."+key, &key, true, 1, 50, nil)
		v.Text("queryParam."+key, &value, true, 1, 50, queryPattern)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	polled, err := t.polled(in.ActionTypeID, "Custom")
	if err != nil {
		return nil, err
	}
	var value *string
	for key, wanted := range in.QueryParam {
		if polled.queue.property != key {
			return nil, awsjson.Invalid("The action type %s has no queryable property '%s'", polled.id, key)
		}
		value = &wanted
	}
	out := &pollForJobsOutput{Jobs: []jobJSON{}}
	for _, j := range t.offer(polled, caller, in.MaxBatchSize, value) {
		out.Jobs = append(out.Jobs, jobJSON{j.ID, j.data(), j.Nonce, accountID})
	}
	return out, nil
}

// batch checks the number of jobs that a poll asks for.
func (v *validation) batch(size *int32) {
	if size != nil && *size < 1 {
		v.Fail("maxBatchSize", "Member must have value greater than or equal to 1")
	}
}

// polled returns the action type that a call polls for.
func (t *jobTable) polled(in *actionTypeInput, owner string) (*actionTypeRecord, error) {
	id := in.id()
	if d := t.integration(id); d != nil && owner == "Custom" {
		if d.function() == "" {
			return t.types[id], nil
		}
		return nil, awsjson.Invalid("The jobs of the action type %s are those of a function", id)
	}
	if id.Owner != owner {
		return nil, awsjson.Invalid("Only action types of the owner %s have such jobs, not those of %s", owner, id.Owner)
	}
	if polled := t.known(id); polled != nil && !polled.deleted {
		return polled, nil
	}
	return nil, awsjson.Errorf("ActionTypeNotFoundException", "The action type %s does not exist", id)
}

// offer returns jobs for a poll and notes that they were offered, to be offered
// again unless they are acknowledged.
func (t *jobTable) offer(polled *actionTypeRecord, caller Caller, size *int32, value *string) []*jobRecord {
	limit := 1
	if size != nil {
		limit = int(*size)
	}
	var offered []*jobRecord
	offer := func(j *jobRecord) {
		if j.offers == 0 || !t.options.SameNonce {
			j.Nonce = strconv.Itoa(j.offers + 1)
		}
		j.offers++
		j.note(JobEvent{Type: JobEventOffered, Caller: caller, Nonce: j.Nonce})
		offered = append(offered, j)
		if j.Status == JobStatusDispatched {
			t.timers.add(timer{at: t.server.clock().Add(t.options.ReofferAfter), kind: reoffer, job: j, offer: j.offers})
		}
	}
	again := polled.again
	polled.again = nil
	for _, j := range again {
		switch {
		case j.Status.Ended():
		case len(offered) == limit, value != nil && j.Configuration[polled.queue.property] != *value:
			polled.again = append(polled.again, j)
		default:
			offer(j)
		}
	}
	for len(offered) < limit {
		j := polled.queue.pop(value)
		if j == nil {
			break
		}
		j.Status = JobStatusDispatched
		offer(j)
		if t.options.DuplicateRate > 0 && t.random.Float64() < t.options.DuplicateRate {
			polled.again = append(polled.again, j)
		}
	}
	return offered
}

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
