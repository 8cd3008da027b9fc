package pipelinetest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Pipeline describes a pipeline. [NewServer], [Start] and [Server.Update] check it by
// the rules of the service: two stages at least, the first with source actions only and
// no source action elsewhere, each input artifact the output of an earlier action.
type Pipeline struct {
	Name          string
	Type          string     // "V1" or "V2"; default V2
	ExecutionMode string     // "SUPERSEDED", "QUEUED" or "PARALLEL"; default SUPERSEDED
	Version       int        // of the structure; default 1
	Variables     []Variable // up to 50, of type V2
	Stages        []Stage
	Triggers      []SourceTrigger // of type V2; at most one for each source action

	// ArtifactBucket is the name of the S3 bucket for artifacts; the default is
	// codepipeline-us-east-1-111122223333.
	ArtifactBucket string
	// EncryptionKey is the ID or ARN of the KMS key for artifacts; "" is the
	// default key aws/s3, which neither jobs nor GetPipeline show.
	EncryptionKey string

	declared declaredPipeline
}

// Variable is a variable of a pipeline, which an execution is started with.
// One without a default must be given to StartPipelineExecution.
type Variable struct {
	Name, DefaultValue, Description string
}

// Stage is one stage of a pipeline.
type Stage struct {
	Name    string
	Actions []Action

	BeforeEntry *Condition // before the first action; nil for none
	OnSuccess   *Condition // after the last action; nil for none
	OnFailure   *OnFailure // after an action that failed; nil for none

	declared declaredStage
}

// user is who calls the API.
const user = "arn:aws:iam::" + accountID + ":user/test"

// maxConcurrent is the number of executions in progress that a pipeline in
// QUEUED or PARALLEL mode has at most.
const maxConcurrent = 50

// pipelineRecord is a pipeline of the server. Server.mu guards it.
type pipelineRecord struct {
	server     *Server
	definition *Pipeline // with defaults; replaced, not changed in place
	arn        string
	created    time.Time
	updated    time.Time
	versions   map[int]*Pipeline
	stages     []*stageRecord
	executions []*execution // oldest first
	before     int          // executions of deleted pipelines of the name
	runs       []*run       // of all executions, in order of start
	rules      []*ruleRun   // likewise
	running    int          // of them, those that have not ended
	byID       map[string]*execution
	byToken    map[string]*execution // clientRequestToken
	revisions  map[string]Revision   // by source action, as SetRevision and PutActionRevision set them
}

func newPipeline(s *Server, definition *Pipeline) *pipelineRecord {
	now := s.clock()
	p := &pipelineRecord{
		server:     s,
		definition: definition,
		arn:        "arn:aws:codepipeline:" + region + ":" + accountID + ":" + definition.Name,
		created:    now,
		updated:    now,
		versions:   map[int]*Pipeline{definition.Version: definition},
		byID:       make(map[string]*execution),
		byToken:    make(map[string]*execution),
		revisions:  make(map[string]Revision),
	}
	for range definition.Stages {
		p.stages = append(p.stages, new(stageRecord))
	}
	return p
}

// stageIndex returns the index of the stage with the name, -1 if there is
// none.
func (p *Pipeline) stageIndex(name string) int {
	for i, stage := range p.Stages {
		if stage.Name == name {
			return i
		}
	}
	return -1
}

// action returns the action of the stage, nil if there is none.
func (s Stage) action(name string) *Action {
	for i := range s.Actions {
		if s.Actions[i].Name == name {
			return &s.Actions[i]
		}
	}
	return nil
}

// sourceActions returns the source actions.
func (p *Pipeline) sourceActions() []Action { return p.Stages[0].Actions }

// add adds an execution of the stages from first to last.
func (p *pipelineRecord) add(e *execution, first, last int) {
	e.pipeline = p
	e.definition = p.definition
	e.number = p.before + len(p.executions) + 1
	e.id = awsjson.UUID("execution", p.definition.Name, strconv.Itoa(e.number))
	e.attempt = 1
	e.last = last
	e.status = "InProgress"
	e.started = e.touch()
	e.stages = make([]stageRun, len(p.definition.Stages))
	if e.artifacts == nil {
		e.artifacts = make(map[string]Artifact)
	}
	if e.outputs == nil {
		e.outputs = make(map[string]map[string]string)
	}
	p.executions = append(p.executions, e)
	p.running++
	p.byID[e.id] = e
	if e.token != "" {
		p.byToken[e.token] = e
	}
	e.emit("STARTED")
	p.arrive(e, first)
}

// full reports whether no execution may be added.
func (p *pipelineRecord) full() bool {
	if p.definition.ExecutionMode == "SUPERSEDED" {
		return false
	}
	return p.running >= maxConcurrent
}

// Update changes the structure of the pipeline with the name, whose version
// becomes one more. Executions that have not ended are canceled. Update fails if the
// server has no such pipeline, or if the service would not accept the structure.
func (s *Server) Update(p Pipeline) error {
	definition, err := p.withDefaults()
	if err != nil {
		return fmt.Errorf("pipelinetest: pipeline %q: %w", p.Name, err)
	}
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.pipelines[p.Name]
	if old == nil {
		return fmt.Errorf("pipelinetest: there is no pipeline %q to update: give it to NewServer, Start or AddPipeline, or call CreatePipeline", p.Name)
	}
	old.update(&definition)
	return nil
}

// update replaces the structure.
func (p *pipelineRecord) update(definition *Pipeline) {
	definition.Version = p.definition.Version + 1
	for _, e := range p.executions {
		if e.phase != ended {
			e.cancel()
		}
	}
	stages := make([]*stageRecord, len(definition.Stages))
	for i, st := range definition.Stages {
		stages[i] = new(stageRecord)
		if was := p.definition.stageIndex(st.Name); was >= 0 {
			stages[i].latest, stages[i].runs = p.stages[was].latest, p.stages[was].runs
			if i > 0 {
				stages[i].disabled, stages[i].changed = p.stages[was].disabled, p.stages[was].changed
			}
		}
	}
	p.definition, p.stages = definition, stages
	p.versions[definition.Version] = definition
	p.updated = p.server.clock()
	p.server.learnConnections(definition)
}

// SetRevision changes what the source action finds from now on. It fails if the server
// has no such pipeline, or the pipeline no such source action.
func (s *Server) SetRevision(pipeline, action string, r Revision) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pipelines[pipeline]
	if p == nil {
		return fmt.Errorf("pipelinetest: there is no pipeline %q", pipeline)
	}
	if p.definition.Stages[0].action(action) == nil {
		return fmt.Errorf("pipelinetest: pipeline %s has no source action %q", pipeline, action)
	}
	p.revisions[action] = r
	return nil
}
