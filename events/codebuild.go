package events

import "strings"

// BuildStateChange says that a build has a new status (AWS CodeBuild,
// "CodeBuild Build State Change").
type BuildStateChange struct {
	Header

	Status  BuildStatus `event:"detail/build-status,id"`
	Project string      `event:"detail/project-name,id"`
	// BuildARN is the ARN of the build, which events call its ID. See BuildID.
	BuildARN            string `event:"detail/build-id,id"`
	CurrentPhase        string `event:"detail/current-phase"`
	CurrentPhaseContext string `event:"detail/current-phase-context"` // such as [] or [: ]
	DetailVersion       string `event:"detail/version"`

	Build Build `event:"detail/additional-information"`
}

// BuildPhaseChange says that a phase of a build has ended (AWS CodeBuild,
// "CodeBuild Build Phase Change").
type BuildPhaseChange struct {
	Header

	Phase       string      `event:"detail/completed-phase,id"`        // such as PRE_BUILD
	PhaseStatus BuildStatus `event:"detail/completed-phase-status,id"` // "" for the phase COMPLETED
	// PhaseSeconds is how long the phase took.
	PhaseSeconds  int       `event:"detail/completed-phase-duration-seconds"`
	PhaseStart    Timestamp `event:"detail/completed-phase-start,id"`
	PhaseEnd      Timestamp `event:"detail/completed-phase-end"`
	PhaseContext  string    `event:"detail/completed-phase-context"` // the reason of a failure
	Project       string    `event:"detail/project-name,id"`
	BuildARN      string    `event:"detail/build-id,id"`
	DetailVersion string    `event:"detail/version"`

	Build Build `event:"detail/additional-information"`
}

// Build has the members of a build that both events of CodeBuild share. Times are
// in UTC.
type Build struct {
	Number        int64     `event:"build-number"`
	Complete      bool      `event:"build-complete"`
	Initiator     string    `event:"initiator"` // codepipeline/NAME for a build of a pipeline
	StartTime     Timestamp `event:"build-start-time"`
	SourceVersion string    `event:"source-version"`

	TimeoutMinutes       int `event:"timeout-in-minutes"`
	QueuedTimeoutMinutes int `event:"queued-timeout-in-minutes"`

	Source      BuildSource      `event:"source"`
	Artifact    BuildArtifact    `event:"artifact"`
	Environment BuildEnvironment `event:"environment"`
	Logs        BuildLogs        `event:"logs"`
	CacheType   string           `event:"cache/type"`
	Phases      []BuildPhase     `event:"phases"`
}

// BuildSource is where a build's source is from.
type BuildSource struct {
	Type              string `event:"type"` // CODECOMMIT, CODEPIPELINE, GITHUB, S3, NO_SOURCE, ...
	Location          string `event:"location"`
	Buildspec         string `event:"buildspec"`
	GitCloneDepth     int    `event:"git-clone-depth"`
	ReportBuildStatus bool   `event:"report-build-status"`
	FetchSubmodules   bool   `event:"git-submodules-config/fetch-submodules"`
}

// BuildArtifact is what a build made.
type BuildArtifact struct {
	Location  string `event:"location"`
	MD5Sum    string `event:"md5sum"`
	SHA256Sum string `event:"sha256sum"`
}

// BuildEnvironment is where a build runs.
type BuildEnvironment struct {
	Image                    string                `event:"image"`
	ComputeType              string                `event:"compute-type"`
	Type                     string                `event:"type"`
	PrivilegedMode           bool                  `event:"privileged-mode"`
	ImagePullCredentialsType string                `event:"image-pull-credentials-type"`
	Variables                []EnvironmentVariable `event:"environment-variables"`
}

// EnvironmentVariable is a variable of a build. Type is PLAINTEXT,
// PARAMETER_STORE or SECRETS_MANAGER; with the latter two Value is a name.
type EnvironmentVariable struct {
	Name  string `event:"name"`
	Type  string `event:"type"`
	Value string `event:"value"`
}

// BuildLogs says where a build's log is. DeepLink comes first; the names are
// there once the build has a container.
type BuildLogs struct {
	Group    string `event:"group-name"`
	Stream   string `event:"stream-name"`
	DeepLink string `event:"deep-link"`
}

// BuildPhase is one phase of a build. The last one, COMPLETED, has only a
// type and a start.
type BuildPhase struct {
	Type    string      `event:"phase-type"`
	Status  BuildStatus `event:"phase-status"`
	Start   Timestamp   `event:"start-time"`
	End     Timestamp   `event:"end-time"`
	Seconds int         `event:"duration-in-seconds"`
	Context []string    `event:"phase-context"`
}

// BuildStatus is the status of a build or of one of its phases; events and
// the CodeBuild API spell it the same.
type BuildStatus string

// The statuses of builds.
const (
	BuildInProgress BuildStatus = "IN_PROGRESS"
	BuildSucceeded  BuildStatus = "SUCCEEDED"
	BuildFailed     BuildStatus = "FAILED"
	BuildFault      BuildStatus = "FAULT"
	BuildTimedOut   BuildStatus = "TIMED_OUT"
	BuildStopped    BuildStatus = "STOPPED"
)

// Terminal reports whether the build has ended.
func (s BuildStatus) Terminal() bool { return s.rank() == rankTerminal }

func (s BuildStatus) rank() int {
	switch s {
	case BuildInProgress:
		return 1
	case BuildSucceeded, BuildFailed, BuildFault, BuildTimedOut, BuildStopped:
		return rankTerminal
	default:
		return 0
	}
}

// BuildID returns the ID of the build as the API wants it: project:uuid.
func (e *BuildStateChange) BuildID() string { return buildID(e.BuildARN) }

// BuildID returns the ID of the build as the API wants it: project:uuid.
func (e *BuildPhaseChange) BuildID() string { return buildID(e.BuildARN) }

func buildID(arn string) string {
	if id, ok := strings.CutPrefix(arnField(arn, 5), "build/"); ok {
		return id
	}
	return arn
}

// IdempotencyKey is made from build and status.
func (e *BuildStateChange) IdempotencyKey() string {
	return joinKey("build", e.BuildARN, string(e.Status))
}

// IdempotencyKey is made from build, phase and status.
func (e *BuildPhaseChange) IdempotencyKey() string {
	return joinKey("build-phase", e.BuildARN, e.Phase, string(e.PhaseStatus), string(e.PhaseStart))
}

// Supersedes reports whether e has a newer status of the same build than
// other: an ended build is newer than one in progress, and of two equals the
// one with the later Time. It is true for nil.
func (e *BuildStateChange) Supersedes(other *BuildStateChange) bool {
	if other == nil {
		return true
	}
	return e.BuildARN == other.BuildARN && supersedes(1, 1, e.Status.rank(), other.Status.rank(), e.Time, other.Time)
}

// MarshalJSON encodes the event; see [Event].
func (e BuildStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *BuildStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e BuildPhaseChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *BuildPhaseChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
