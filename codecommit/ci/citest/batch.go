package citest

import (
	"slices"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Batch is a batch of builds, as it was when the value was made.
type Batch struct {
	ID     string // PROJECT:UUID
	ARN    string
	Status Status
	Builds []string // IDs of its builds so far
}

// batch is a batch of the server.
type batch struct {
	server  *Server
	project *project
	config  config

	id, arn, token string
	number         int
	status         Status
	start, end     time.Time
	phases         []phase
	groups         []*group
	stopped        bool
}

// group is a group of a batch, with its build once that has started.
type group struct {
	Group
	build *build
}

// The phases of a batch, in order; the last one is its status.
const (
	batchSubmitted  = "SUBMITTED"
	batchDownload   = "DOWNLOAD_BATCHSPEC"
	batchInProgress = "IN_PROGRESS"
	batchCombine    = "COMBINE_ARTIFACTS"
)

// newBatch starts a batch of the project.
func (s *Server) newBatch(p *project, c config) *batch {
	p.batches++
	b := &batch{
		server:  s,
		project: p,
		config:  c,
		number:  p.batches,
		id:      p.Name + ":" + awsjson.UUID("batch", p.Name, strconv.Itoa(p.batches)),
		status:  StatusInProgress,
		start:   s.now(),
	}
	b.arn = "arn:aws:codebuild:" + region + ":" + accountID + ":build-batch/" + b.id
	for _, g := range p.Groups {
		b.groups = append(b.groups, &group{Group: g})
	}
	b.phases = []phase{{name: batchSubmitted, start: b.start}}
	s.batches = append(s.batches, b)
	s.batchID[b.id] = b
	return b
}

func (b *batch) ended() bool     { return b.status != StatusInProgress }
func (b *batch) current() *phase { return &b.phases[len(b.phases)-1] }

// due returns when the current phase ends. That of the builds ends with them.
func (b *batch) due() (at time.Time, ok bool) {
	p := b.current()
	return p.start.Add(time.Second), !b.ended() && p.name != batchInProgress
}

// endPhase ends the current phase at the time and begins the next one.
func (b *batch) endPhase(at time.Time) {
	p := b.current()
	p.end, p.status = at, StatusSucceeded
	switch p.name {
	case batchSubmitted:
		b.begin(batchDownload, at)
	case batchDownload:
		b.begin(batchInProgress, at)
		b.startGroups()
	case batchInProgress:
		if b.result() != StatusSucceeded {
			p.status = b.result()
		}
		b.begin(batchCombine, at)
	case batchCombine:
		b.finish(b.result(), at)
	}
}

func (b *batch) begin(name string, at time.Time) {
	b.phases = append(b.phases, phase{name: name, start: at})
}

// startGroups starts the builds whose dependencies have succeeded.
func (b *batch) startGroups() {
	if b.stopped {
		return
	}
	for _, g := range b.groups {
		if g.build != nil || !b.ready(g) {
			continue
		}
		c := b.config
		c.variables = merged(c.variables, g.Variables)
		g.build = b.server.newBuild(b.project, c)
		g.build.batch, g.build.group = b, g.Identifier
		g.build.launch()
	}
}

// ready reports whether all groups that the group depends on let it start.
func (b *batch) ready(g *group) bool {
	return !slices.ContainsFunc(g.DependsOn, func(id string) bool {
		d := b.groups[slices.IndexFunc(b.groups, func(other *group) bool { return other.Identifier == id })]
		return d.build == nil || d.build.status != StatusSucceeded && (!d.IgnoreFailure || !d.build.ended())
	})
}

// buildEnded is called when a build of the batch has ended.
func (b *batch) buildEnded(at time.Time) {
	b.startGroups()
	if b.stopped || b.current().name != batchInProgress {
		return
	}
	for _, g := range b.groups {
		if g.build != nil && !g.build.ended() {
			return
		}
	}
	b.endPhase(at)
}

// result returns the status that the groups give the batch.
func (b *batch) result() Status {
	if b.stopped {
		return StatusStopped
	}
	for _, g := range b.groups {
		if (g.build == nil || g.build.status != StatusSucceeded) && !g.IgnoreFailure {
			return StatusFailed
		}
	}
	return StatusSucceeded
}

func (b *batch) finish(status Status, at time.Time) {
	b.status, b.end = status, at
	b.phases = append(b.phases, phase{name: string(status), start: at, end: at, status: status})
}

// stop ends the batch and its builds at once.
func (b *batch) stop() {
	if b.ended() {
		return
	}
	b.stopped = true
	for _, g := range b.groups {
		if g.build != nil {
			g.build.stop()
		}
	}
	at := b.server.now()
	p := b.current()
	p.end, p.status = at, StatusStopped
	b.finish(StatusStopped, at)
}

// Batches returns all batches in the order of their start.
func (s *Server) Batches() []Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Batch, len(s.batches))
	for i, b := range s.batches {
		list[i] = Batch{ID: b.id, ARN: b.arn, Status: b.status}
		for _, g := range b.groups {
			if g.build != nil {
				list[i].Builds = append(list[i].Builds, g.build.id)
			}
		}
	}
	return list
}
