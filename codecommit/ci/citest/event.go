package citest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// event is an event of EventBridge.
type event struct {
	Version    string      `json:"version"`
	ID         string      `json:"id"`
	DetailType string      `json:"detail-type"`
	Source     string      `json:"source"`
	Account    string      `json:"account"`
	Time       string      `json:"time"`
	Region     string      `json:"region"`
	Resources  []string    `json:"resources"`
	Detail     eventDetail `json:"detail"`
}

// eventDetail is the detail of both kinds of events.
type eventDetail struct {
	Status         Status     `json:"build-status,omitempty"`
	CompletedPhase string     `json:"completed-phase,omitempty"`
	PhaseStatus    Status     `json:"completed-phase-status,omitempty"`
	PhaseSeconds   *int64     `json:"completed-phase-duration-seconds,omitempty"`
	PhaseStart     string     `json:"completed-phase-start,omitempty"`
	PhaseEnd       string     `json:"completed-phase-end,omitempty"`
	PhaseContext   string     `json:"completed-phase-context,omitempty"`
	Project        string     `json:"project-name"`
	BuildARN       string     `json:"build-id"`
	Information    eventBuild `json:"additional-information"`
	CurrentPhase   string     `json:"current-phase,omitempty"`
	CurrentContext string     `json:"current-phase-context,omitempty"`
	Version        string     `json:"version"`
}

type eventBuild struct {
	Cache         eventType        `json:"cache"`
	Number        int              `json:"build-number"`
	Timeout       int32            `json:"timeout-in-minutes"`
	Complete      bool             `json:"build-complete"`
	Initiator     string           `json:"initiator"`
	Start         string           `json:"build-start-time"`
	Source        eventSource      `json:"source"`
	SourceVersion string           `json:"source-version,omitempty"`
	Artifact      eventArtifact    `json:"artifact"`
	Environment   eventEnvironment `json:"environment"`
	Logs          eventLogs        `json:"logs"`
	Phases        []eventPhase     `json:"phases"`
	QueuedTimeout int32            `json:"queued-timeout-in-minutes"`
}

type eventType struct {
	Type string `json:"type"`
}

type eventSource struct {
	Buildspec  string `json:"buildspec,omitempty"`
	Location   string `json:"location,omitempty"`
	CloneDepth int32  `json:"git-clone-depth"`
	Type       string `json:"type"`
}

type eventArtifact struct {
	Location string `json:"location"`
}

type eventEnvironment struct {
	Image       string         `json:"image"`
	Privileged  bool           `json:"privileged-mode"`
	Credentials string         `json:"image-pull-credentials-type"`
	ComputeType string         `json:"compute-type"`
	Type        string         `json:"type"`
	Variables   []variableJSON `json:"environment-variables"`
}

type eventLogs struct {
	Group    string `json:"group-name,omitempty"`
	Stream   string `json:"stream-name,omitempty"`
	DeepLink string `json:"deep-link"`
}

type eventPhase struct {
	Context []string `json:"phase-context,omitempty"`
	Start   string   `json:"start-time"`
	End     string   `json:"end-time,omitempty"`
	Seconds *int64   `json:"duration-in-seconds,omitempty"`
	Type    string   `json:"phase-type"`
	Status  Status   `json:"phase-status,omitempty"`
}

// clock12 returns the time as details tell it, in UTC.
func clock12(t time.Time) string { return t.UTC().Format("Jan 2, 2006 3:04:05 PM") }

// emitState emits the event of the build's status.
func (b *build) emitState() {
	b.emit("CodeBuild Build State Change", eventDetail{
		Status:         b.status,
		CurrentPhase:   b.current().name,
		CurrentContext: b.lastContext(),
	})
}

// lastContext returns the context of the last phase that has ended.
func (b *build) lastContext() string {
	if len(b.phases) < 2 {
		return "[]"
	}
	last := b.lastEnd()
	return last.contextText()
}

// emitPhase emits the event of a phase that has ended.
func (b *build) emitPhase(p phase, status Status) {
	seconds := p.seconds()
	b.emit("CodeBuild Build Phase Change", eventDetail{
		CompletedPhase: p.name,
		PhaseStatus:    status,
		PhaseSeconds:   &seconds,
		PhaseStart:     clock12(p.start),
		PhaseEnd:       clock12(p.end),
		PhaseContext:   p.contextText(),
	})
}

func (p *phase) seconds() int64 { return int64(p.end.Sub(p.start) / time.Second) }

// context returns the context of a phase that has ended, as the service writes it.
func (p *phase) context() []string {
	if p.message == "" && p.code == "" && (p.name == phaseSubmitted || p.name == phaseQueued) {
		return []string{}
	}
	return []string{p.code + ": " + p.message}
}

func (p *phase) contextText() string { return "[" + strings.Join(p.context(), ", ") + "]" }

func (b *build) emit(detailType string, d eventDetail) {
	s := b.server
	d.Project, d.BuildARN, d.Version = b.project.Name, b.arn, "1"
	d.Information = b.information()
	payload := event{
		Version:    "0",
		ID:         awsjson.UUID("event", b.id, strconv.Itoa(s.events.Len())),
		DetailType: detailType,
		Source:     "aws.codebuild",
		Account:    accountID,
		Time:       s.now().UTC().Format(time.RFC3339),
		Region:     region,
		Resources:  []string{b.arn},
		Detail:     d,
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.Encode(payload) // cannot fail
	s.events.Add(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

func (b *build) information() eventBuild {
	c := &b.config
	info := eventBuild{
		Cache:         eventType{"NO_CACHE"},
		Number:        b.number,
		Timeout:       c.timeout,
		Complete:      b.ended(),
		Initiator:     initiator,
		Start:         clock12(b.start),
		Source:        eventSource{c.buildspec, c.sourceLocation, c.cloneDepth, c.sourceType},
		SourceVersion: c.sourceVersion,
		Environment:   eventEnvironment{c.image, c.privileged, "CODEBUILD", c.computeType, c.environment, variablesJSON(c.variables)},
		Logs:          eventLogs{DeepLink: "https://console.aws.amazon.com/cloudwatch/home?region=" + region + "#logEvent:group=null;stream=null"},
		QueuedTimeout: c.queuedTimeout,
	}
	if b.stream != nil {
		info.Logs = eventLogs{b.stream.Group, b.stream.Name, b.stream.DeepLink()}
	}
	for _, p := range b.phases {
		shown := eventPhase{Type: p.name, Status: p.status, Start: clock12(p.start)}
		if p.status != "" {
			seconds := p.seconds()
			shown.End, shown.Seconds, shown.Context = clock12(p.end), &seconds, p.context()
		}
		info.Phases = append(info.Phases, shown)
	}
	return info
}
