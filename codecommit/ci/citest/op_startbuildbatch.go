package citest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type batchOutput struct {
	Batch batchJSON `json:"buildBatch"`
}

func (s *Server) startBuildBatch(in *startInput) (*batchOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	p, err := s.projectNamed(*in.Project)
	if err != nil {
		return nil, err
	}
	request := in.fingerprint()
	id, err := s.used("StartBuildBatch", in.Token, request)
	if err != nil {
		return nil, err
	}
	if id != "" {
		return &batchOutput{s.batchID[id].json()}, nil
	}
	if len(p.Groups) == 0 {
		return nil, invalid("The project %s has no batch configuration", p.Name)
	}
	c, err := in.config(p)
	if err != nil {
		return nil, err
	}
	b := s.newBatch(p, c)
	set(&b.token, in.Token)
	s.use("StartBuildBatch", in.Token, request, b.id)
	return &batchOutput{b.json()}, nil
}

func (s *Server) stopBuildBatch(in *idInput) (*batchOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	b := s.findBatch(*in.ID)
	if b == nil {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Build batch does not exist: %s", *in.ID)
	}
	b.stop()
	return &batchOutput{b.json()}, nil
}

// findBatch returns the batch with the ID or the ARN, or nil.
func (s *Server) findBatch(id string) *batch { return s.batchID[bare(id, "build-batch")] }

type batchGetBuildBatchesOutput struct {
	Batches  []batchJSON `json:"buildBatches"`
	NotFound []string    `json:"buildBatchesNotFound,omitempty"`
}

func (s *Server) batchGetBuildBatches(in *idsInput) (*batchGetBuildBatchesOutput, error) {
	if err := validateList("ids", in.IDs, 0); err != nil {
		return nil, err
	}
	out := &batchGetBuildBatchesOutput{Batches: []batchJSON{}}
	for _, id := range in.IDs {
		if b := s.findBatch(id); b != nil {
			out.Batches = append(out.Batches, b.json())
		} else {
			out.NotFound = append(out.NotFound, id)
		}
	}
	return out, nil
}

type listBatchesInput struct {
	Project *string `json:"projectName"`
	Filter  *struct {
		Status *string `json:"status"`
	} `json:"filter"`
	MaxResults *int32  `json:"maxResults"`
	SortOrder  *string `json:"sortOrder"`
	NextToken  *string `json:"nextToken"`
}

var statuses = []string{"SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "IN_PROGRESS", "STOPPED"}

func (s *Server) listBuildBatchesForProject(in *listBatchesInput) (*listOutput, error) {
	var v awsjson.Validation
	v.Text("projectName", in.Project, true, 1, noLimit, nil)
	optionalEnum(&v, "sortOrder", in.SortOrder, sortOrders)
	v.Integer("maxResults", in.MaxResults, 1, 100)
	status := ""
	if in.Filter != nil && in.Filter.Status != nil {
		status = *in.Filter.Status
		v.Enum("filter.status", in.Filter.Status, statuses...)
	}
	if err := v.Err(); err != nil {
		return nil, as("InvalidInputException", err)
	}
	p, err := s.projectNamed(*in.Project)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, b := range s.batches {
		if b.project == p && (status == "" || string(b.status) == status) {
			ids = append(ids, b.id)
		}
	}
	size := listPage
	if in.MaxResults != nil {
		size = int(*in.MaxResults)
	}
	return listed(ids, in.SortOrder, in.NextToken, size, "batches", p.Name, status)
}
