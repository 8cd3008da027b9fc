package ec2test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Execution is an execution of a state machine.
type Execution struct {
	ARN, Name, StateMachineARN string
	Status                     string // as the API spells it
	Input, Output              string
	Error, Cause               string
	Started, Stopped           time.Time

	// Context ends when the execution does.
	Context context.Context
	end     context.CancelFunc
}

func (s *Server) getParameter(_ context.Context, in *getParameterInput) (*getParameterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Name == nil {
		return nil, awsjson.Errorf("ValidationException", "Name must not be null")
	}
	value, ok := s.parameters[*in.Name]
	if !ok {
		return nil, awsjson.Errorf("ParameterNotFound", "")
	}
	return &getParameterOutput{parameter{*in.Name, "String", value}}, nil
}

// SetParameter sets a parameter of Systems Manager.
func (s *Server) SetParameter(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parameters[name] = value
}

type startExecutionInput struct {
	StateMachineARN *string `json:"stateMachineArn"`
	Name            *string `json:"name"`
	Input           *string `json:"input"`
}

type startExecutionOutput struct {
	ARN     string  `json:"executionArn"`
	Started float64 `json:"startDate"`
}

var executionNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

func (s *Server) startExecution(_ context.Context, in *startExecutionInput) (*startExecutionOutput, error) {
	switch {
	case in.StateMachineARN == nil || !strings.Contains(*in.StateMachineARN, ":stateMachine:"):
		return nil, awsjson.Errorf("InvalidArn", "Invalid Arn")
	case in.Name == nil || !executionNamePattern.MatchString(*in.Name):
		return nil, awsjson.Errorf("InvalidName", "Invalid Name")
	case in.Input == nil || !json.Valid([]byte(*in.Input)) || len(*in.Input) > 262144:
		return nil, awsjson.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input")
	}
	s.mu.Lock()
	arn := strings.Replace(*in.StateMachineARN, ":stateMachine:", ":execution:", 1) + ":" + *in.Name
	if e := s.execution(arn); e != nil {
		defer s.mu.Unlock()
		if e.Status != "RUNNING" || e.Input != *in.Input {
			return nil, awsjson.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", arn)
		}
		return &startExecutionOutput{arn, unix(e.Started)}, nil
	}
	e := &Execution{ARN: arn, Name: *in.Name, StateMachineARN: *in.StateMachineARN, Status: "RUNNING", Input: *in.Input, Started: s.now()}
	e.Context, e.end = context.WithCancel(context.Background())
	s.executions = append(s.executions, e)
	onStart, view := s.onStart, *e
	s.mu.Unlock()
	s.emit(view)
	if onStart != nil {
		onStart(view)
	}
	return &startExecutionOutput{arn, unix(view.Started)}, nil
}

// execution returns the execution, nil if there is none. s.mu must be held.
func (s *Server) execution(arn string) *Execution {
	for _, e := range s.executions {
		if e.ARN == arn {
			return e
		}
	}
	return nil
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// Execution returns the execution. ok is false if there is none.
func (s *Server) Execution(arn string) (e Execution, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.execution(arn); found != nil {
		return *found, true
	}
	return Execution{}, false
}

// Executions returns all executions in the order of their starts.
func (s *Server) Executions() []Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Execution
	for _, e := range s.executions {
		all = append(all, *e)
	}
	return all
}

// Finish ends an execution that runs with the status, and an output, or an error and
// a cause. It reports false if the execution does not run.
func (s *Server) Finish(arn, status, output, name, cause string) bool {
	s.mu.Lock()
	e := s.execution(arn)
	if e == nil || e.Status != "RUNNING" {
		s.mu.Unlock()
		return false
	}
	e.Status, e.Output, e.Error, e.Cause, e.Stopped = status, output, name, cause, s.now()
	e.end()
	view := *e
	s.mu.Unlock()
	s.emit(view)
	return true
}

// emit tells the event of a status.
func (s *Server) emit(e Execution) {
	s.mu.Lock()
	f := s.onEvent
	s.mu.Unlock()
	if f != nil {
		f(Event(e))
	}
}

// Event returns the event that EventBridge delivers for the status of an execution.
func Event(e Execution) []byte {
	var stopped any
	if !e.Stopped.IsZero() {
		stopped = e.Stopped.UnixMilli()
	}
	return event("aws.states", "Step Functions Execution Status Change", e.ARN+e.Status, []string{e.ARN}, map[string]any{
		"executionArn": e.ARN, "stateMachineArn": e.StateMachineARN, "name": e.Name, "status": e.Status,
		"startDate": e.Started.UnixMilli(), "stopDate": stopped, "input": e.Input, "inputDetails": map[string]any{"included": true},
		"output": nil, "outputDetails": nil,
	})
}

func event(source, detailType, id string, resources []string, detail any) []byte {
	payload, err := json.Marshal(map[string]any{
		"version": "0", "id": awsjson.UUID(source, id), "detail-type": detailType, "source": source, "account": awsjson.AccountID,
		"time": time.Now().UTC().Format(time.RFC3339), "region": awsjson.Region, "resources": resources, "detail": detail,
	})
	if err != nil {
		panic(err)
	}
	return payload
}

type executionInput struct {
	ARN   *string `json:"executionArn"`
	Error *string `json:"error"`
	Cause *string `json:"cause"`
}

type describeExecutionOutput struct {
	ARN             string   `json:"executionArn"`
	StateMachineARN string   `json:"stateMachineArn"`
	Name            string   `json:"name"`
	Status          string   `json:"status"`
	Started         float64  `json:"startDate"`
	Stopped         *float64 `json:"stopDate,omitempty"`
	Input           string   `json:"input"`
	Output          string   `json:"output,omitempty"`
	Error           string   `json:"error,omitempty"`
	Cause           string   `json:"cause,omitempty"`
}

func (s *Server) describeExecution(_ context.Context, in *executionInput) (*describeExecutionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.ARN == nil || !strings.Contains(*in.ARN, ":execution:") {
		return nil, awsjson.Errorf("InvalidArn", "Invalid Arn")
	}
	e := s.execution(*in.ARN)
	if e == nil {
		return nil, awsjson.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", *in.ARN)
	}
	return &describeExecutionOutput{
		e.ARN, e.StateMachineARN, e.Name, e.Status, unix(e.Started), stopDate(e), e.Input, e.Output, e.Error, e.Cause,
	}, nil
}

func stopDate(e *Execution) *float64 {
	if e.Stopped.IsZero() {
		return nil
	}
	t := unix(e.Stopped)
	return &t
}

type stopExecutionOutput struct {
	Stopped float64 `json:"stopDate"`
}

func (s *Server) stopExecution(_ context.Context, in *executionInput) (*stopExecutionOutput, error) {
	if in.Error != nil && len(*in.Error) > 256 || in.Cause != nil && len(*in.Cause) > 32768 {
		return nil, awsjson.Errorf("ValidationException", "error or cause is too long")
	}
	if in.ARN == nil {
		return nil, awsjson.Errorf("InvalidArn", "Invalid Arn")
	}
	e, ok := s.Execution(*in.ARN)
	if !ok {
		return nil, awsjson.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", *in.ARN)
	}
	s.Finish(e.ARN, "ABORTED", "", value(in.Error), value(in.Cause))
	e, _ = s.Execution(e.ARN)
	return &stopExecutionOutput{unix(e.Stopped)}, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

type listExecutionsInput struct {
	StateMachineARN *string `json:"stateMachineArn"`
	StatusFilter    *string `json:"statusFilter"`
	MaxResults      *int    `json:"maxResults"`
	NextToken       *string `json:"nextToken"`
}

type listExecutionsOutput struct {
	Executions []executionItem `json:"executions"`
	NextToken  *string         `json:"nextToken,omitempty"`
}

type executionItem struct {
	ARN             string   `json:"executionArn"`
	StateMachineARN string   `json:"stateMachineArn"`
	Name            string   `json:"name"`
	Status          string   `json:"status"`
	Started         float64  `json:"startDate"`
	Stopped         *float64 `json:"stopDate,omitempty"`
}

func (s *Server) listExecutions(_ context.Context, in *listExecutionsInput) (*listExecutionsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := []executionItem{}
	for _, e := range slices.Backward(s.executions) {
		if e.StateMachineARN == value(in.StateMachineARN) && (in.StatusFilter == nil || *in.StatusFilter == e.Status) {
			items = append(items, executionItem{e.ARN, e.StateMachineARN, e.Name, e.Status, unix(e.Started), stopDate(e)})
		}
	}
	size := 100
	if in.MaxResults != nil {
		size = cmp.Or(*in.MaxResults, 100)
	}
	if size < 1 || size > 1000 {
		return nil, awsjson.Errorf("ValidationException", "maxResults is not between 0 and 1000")
	}
	page, next, err := awsjson.Page(items, in.NextToken, size, "InvalidToken", "ListExecutions", value(in.StatusFilter))
	if err != nil {
		return nil, err
	}
	return &listExecutionsOutput{page, next}, nil
}

// Interrupt tells the event that EC2 takes back a Spot Instance.
func (s *Server) Interrupt(id string) []byte {
	return event("aws.ec2", "EC2 Spot Instance Interruption Warning", id,
		[]string{fmt.Sprintf("arn:aws:ec2:%s:instance/%s", awsjson.Region, id)},
		map[string]any{"instance-id": id, "instance-action": "terminate"})
}
