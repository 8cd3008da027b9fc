package citest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/logstest"
)

// Build is a build, as it was when the value was made.
type Build struct {
	ID            string // PROJECT:UUID
	ARN           string
	Project       string
	Number        int
	Status        Status
	Phase         string // in which it is, such as BUILD; COMPLETED at its end
	SourceVersion string
	Buildspec     string
	Variables     []Variable // of the project, the group and the call
	Token         string     // the idempotency token of the call that started it
	Start         time.Time
	End           time.Time // zero while it is in progress

	BatchARN string // of the batch that it belongs to; "" of none
	Group    string // identifier of its group in the batch
	Retries  string // the ARN of the build whose automatic retry it is
}

// Variable returns the value of a variable, "" if there is none.
func (b Build) Variable(name string) string {
	for _, v := range b.Variables {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// build is a build of the server.
type build struct {
	server  *Server
	project *project
	config  config
	batch   *batch // nil of a build of its own
	group   string

	id, arn, token string
	number         int
	status         Status
	start, end     time.Time
	phases         []phase
	decided        bool // outcome is there
	held           bool
	outcome        Outcome
	stream         *logstest.Stream // nil without a log
	commit         string
	reportARNs     []string

	retryNumber int
	previous    *build // whose automatic retry this is
	following   *build
}

// config is what a build is made of: settings of the project and overrides.
type config struct {
	sourceType     string
	sourceLocation string
	sourceVersion  string
	buildspec      string
	cloneDepth     int32
	variables      []Variable
	image          string
	computeType    string
	environment    string
	privileged     bool
	serviceRole    string
	timeout        int32
	queuedTimeout  int32
	logGroup       string
	logStream      string // prefix
	logsOff        bool
	autoRetryLimit int32
}

// phase is a phase of a build that has begun.
type phase struct {
	name       string
	status     Status // "" while it runs
	start, end time.Time
	code       string
	message    string
}

func (p *project) config() config {
	c := config{
		sourceType:     "NO_SOURCE",
		sourceVersion:  p.SourceVersion,
		buildspec:      p.Buildspec,
		variables:      p.Variables,
		image:          "aws/codebuild/amazonlinux-x86_64-standard:5.0",
		computeType:    "BUILD_GENERAL1_SMALL",
		environment:    "LINUX_CONTAINER",
		serviceRole:    "arn:aws:iam::" + accountID + ":role/" + p.Name,
		timeout:        60,
		queuedTimeout:  480,
		logGroup:       p.logGroup(),
		logsOff:        p.LogsOff,
		autoRetryLimit: int32(p.AutoRetryLimit),
	}
	if p.Repository != "" {
		c.sourceType = "CODECOMMIT"
		c.sourceLocation = "https://git-codecommit." + region + ".amazonaws.com/v1/repos/" + p.Repository
	}
	return c
}

// newBuild starts a build of the project.
func (s *Server) newBuild(p *project, c config) *build {
	p.started++
	b := &build{
		server:  s,
		project: p,
		config:  c,
		number:  p.started,
		id:      p.Name + ":" + awsjson.UUID("build", p.Name, strconv.Itoa(p.started)),
		status:  StatusInProgress,
		start:   s.now(),
	}
	b.arn = "arn:aws:codebuild:" + region + ":" + accountID + ":build/" + b.id
	s.builds = append(s.builds, b)
	s.running = append(s.running, b)
	s.byID[b.id] = b
	b.phases = []phase{{name: phaseSubmitted, start: b.start}}
	return b
}

// launch emits the first event of the build and has its outcome decided. The caller
// has set all that the build is.
func (b *build) launch() {
	b.emitState()
	run := b.project.Run
	if run == nil {
		b.decide(Outcome{})
		return
	}
	shown := b.shown()
	b.server.todo = append(b.server.todo, func() {
		outcome := run(shown)
		b.server.mu.Lock()
		defer b.server.mu.Unlock()
		b.decide(outcome)
	})
}

func (b *build) decide(o Outcome) {
	if b.decided || b.ended() {
		return
	}
	b.outcome = o.withDefaults()
	b.held = b.outcome.Hold
	b.decided = true
}

// shown returns the build as a value.
func (b *build) shown() Build {
	v := Build{
		ID: b.id, ARN: b.arn, Project: b.project.Name, Number: b.number, Status: b.status, Phase: b.current().name,
		SourceVersion: b.config.sourceVersion, Buildspec: b.config.buildspec, Variables: slices.Clone(b.config.variables),
		Token: b.token, Start: b.start, End: b.end, Group: b.group,
	}
	if b.batch != nil {
		v.BatchARN = b.batch.arn
	}
	if b.previous != nil {
		v.Retries = b.previous.arn
	}
	return v
}

func (b *build) ended() bool     { return b.status != StatusInProgress }
func (b *build) current() *phase { return &b.phases[len(b.phases)-1] }

// due returns when the current phase ends. ok is false if nothing ends it by itself.
func (b *build) due() (at time.Time, ok bool) {
	p := b.current()
	if !b.decided || b.ended() || b.held && p.name == phaseBuild {
		return time.Time{}, false
	}
	return p.start.Add(b.takes(p.name)), true
}

func (b *build) takes(phase string) time.Duration {
	if phase == phaseBuild {
		return b.outcome.Duration
	}
	return phaseTimes[phaseIndex(phase)].takes
}

// endPhase ends the current phase at the time and begins the next one.
func (b *build) endPhase(at time.Time) {
	p := b.current()
	p.end, p.status = at, StatusSucceeded
	failed := p.name == b.outcome.Phase && b.outcome.Status != StatusSucceeded
	if failed {
		p.status, p.code, p.message = b.outcome.Status, b.outcome.StatusCode, b.outcome.Message
	}
	switch {
	case p.name == phaseProvisioning && !failed && !b.config.logsOff:
		b.openLog()
	case p.name == phaseDownloadSource && !failed:
		b.commit = b.resolved()
	case p.name == phaseBuild:
		b.addReports(at)
	}
	b.emitPhase(*p, p.status)
	b.begin(b.after(p.name, failed), at)
}

// after returns the phase after another one.
func (b *build) after(name string, failed bool) string {
	i := phaseIndex(name)
	switch {
	case name == phaseFinalizing || failed && i < phaseIndex(phaseDownloadSource):
		return phaseCompleted
	case failed && (name != phaseBuild || b.outcome.Status != StatusFailed):
		return phaseFinalizing
	}
	return phaseTimes[i+1].phase
}

func (b *build) begin(name string, at time.Time) {
	b.phases = append(b.phases, phase{name: name, start: at})
	if name == phaseCompleted {
		b.finish(b.outcome.Status, at)
		return
	}
	if b.stream != nil && name == b.logPhase() {
		b.stream.Write(b.outcome.Log, at, b.takes(name))
	}
	if work := b.outcome.Work; name == phaseBuild && work != nil {
		b.server.todo = append(b.server.todo, work)
	}
}

// logPhase returns the phase in which the log is written.
func (b *build) logPhase() string {
	if b.outcome.Status != StatusSucceeded && phaseIndex(b.outcome.Phase) < phaseIndex(phaseBuild) {
		return b.outcome.Phase
	}
	return phaseBuild
}

var commitPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)

// resolved returns the commit that the build checks out.
func (b *build) resolved() string {
	switch version := b.config.sourceVersion; {
	case b.config.sourceType == "NO_SOURCE":
		return ""
	case b.outcome.Commit != "":
		return b.outcome.Commit
	case commitPattern.MatchString(version):
		return version
	default:
		return awsjson.Hex(40, "commit", b.config.sourceLocation, version)
	}
}

// finish ends the build, whose phase COMPLETED has begun.
func (b *build) finish(status Status, at time.Time) {
	s := b.server
	b.status, b.end = status, at
	s.running = slices.DeleteFunc(s.running, func(r *build) bool { return r == b })
	if status == StatusFailed && b.batch == nil && !s.retriesDenied && b.retryNumber < int(b.config.autoRetryLimit) {
		next := s.newBuild(b.project, b.config)
		next.retryNumber, next.previous = b.retryNumber+1, b
		b.following = next
		defer next.launch()
	}
	b.emitPhase(phase{name: phaseCompleted, start: b.lastEnd().start, end: b.lastEnd().end}, status)
	b.emitState()
	if b.batch != nil {
		b.batch.buildEnded(at)
	}
}

// lastEnd returns the last phase that has ended.
func (b *build) lastEnd() phase { return b.phases[len(b.phases)-2] }

// stop ends the build at once.
func (b *build) stop() {
	if b.ended() {
		return
	}
	at := b.server.now()
	p := b.current()
	p.end, p.status = at, StatusStopped
	if b.stream != nil {
		b.stream.Cut(at)
	}
	if p.name == phaseBuild {
		b.addReports(at)
	}
	b.decided = true
	b.emitPhase(*p, StatusStopped)
	b.phases = append(b.phases, phase{name: phaseCompleted, start: at})
	b.finish(StatusStopped, at)
}

// Builds returns all builds in the order of their start.
func (s *Server) Builds() []Build {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Build, len(s.builds))
	for i, b := range s.builds {
		list[i] = b.shown()
	}
	return list
}

// Build returns the build with the ID or the ARN.
func (s *Server) Build(id string) (b Build, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.find(id); found != nil {
		return found.shown(), true
	}
	return Build{}, false
}

// Finish decides the outcome of a build in progress anew: a build that Outcome.Hold
// has held ends by it. An outcome whose phase is over already is an error. Outcome.Work
// is called if the phase BUILD has not begun.
func (s *Server) Finish(id string, o Outcome) error {
	err := s.redecide(id, o)
	s.deliver()
	return err
}

func (s *Server) redecide(id string, o Outcome) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.find(id)
	if b == nil {
		return fmt.Errorf("citest: finish %s: there is no such build", id)
	}
	if b.ended() {
		return fmt.Errorf("citest: finish %s: the build has ended as %s", id, b.status)
	}
	if o = o.withDefaults(); phaseIndex(o.Phase) < phaseIndex(b.current().name) {
		return fmt.Errorf("citest: finish %s: Outcome.Phase %s is over, the build is in %s", id, o.Phase, b.current().name)
	}
	b.outcome, b.held, b.decided = o, o.Hold, true
	if at := s.now(); b.current().name == phaseBuild && !b.held {
		if b.stream != nil {
			b.stream.Write(o.Log, at, 0)
		}
		b.endPhase(at)
	}
	return nil
}

// find returns the build with the ID or the ARN, or nil.
func (s *Server) find(id string) *build { return s.byID[bare(id, "build")] }
