package citest

import (
	"fmt"
	"slices"
	"time"
)

// Status is the status of a build or a batch.
type Status string

// The statuses.
const (
	StatusInProgress Status = "IN_PROGRESS"
	StatusSucceeded  Status = "SUCCEEDED"
	StatusFailed     Status = "FAILED"
	StatusFault      Status = "FAULT"
	StatusTimedOut   Status = "TIMED_OUT"
	StatusStopped    Status = "STOPPED"
)

// The phases of a build, in order.
const (
	phaseSubmitted       = "SUBMITTED"
	phaseQueued          = "QUEUED"
	phaseProvisioning    = "PROVISIONING"
	phaseDownloadSource  = "DOWNLOAD_SOURCE"
	phaseInstall         = "INSTALL"
	phasePreBuild        = "PRE_BUILD"
	phaseBuild           = "BUILD"
	phasePostBuild       = "POST_BUILD"
	phaseUploadArtifacts = "UPLOAD_ARTIFACTS"
	phaseFinalizing      = "FINALIZING"
	phaseCompleted       = "COMPLETED"
)

// phaseTimes are the phases and how long they take, but for BUILD.
var phaseTimes = []struct {
	phase string
	takes time.Duration
}{
	{phaseSubmitted, 0},
	{phaseQueued, time.Second},
	{phaseProvisioning, 8 * time.Second},
	{phaseDownloadSource, 2 * time.Second},
	{phaseInstall, time.Second},
	{phasePreBuild, 0},
	{phaseBuild, 30 * time.Second},
	{phasePostBuild, 0},
	{phaseUploadArtifacts, 0},
	{phaseFinalizing, time.Second},
}

// phaseIndex returns the place of a phase, or -1.
func phaseIndex(phase string) int {
	for i, p := range phaseTimes {
		if p.phase == phase {
			return i
		}
	}
	return -1
}

// Outcome says how a build goes. The zero value succeeds after half a minute.
type Outcome struct {
	// Status is how the build ends, StatusSucceeded by default.
	Status Status
	// Phase is the phase in which a build ends that does not succeed: SUBMITTED, QUEUED,
	// PROVISIONING, DOWNLOAD_SOURCE, INSTALL, PRE_BUILD, BUILD, which is the default,
	// POST_BUILD, UPLOAD_ARTIFACTS or FINALIZING. A build that ends in PROVISIONING or
	// before has no log.
	Phase string
	// StatusCode and Message are the context of that phase. The code is
	// COMMAND_EXECUTION_ERROR by default, if there is a message.
	StatusCode string
	Message    string
	// Duration is how long the phase BUILD takes, 30 seconds by default.
	Duration time.Duration
	// Commit is the commit that the build has checked out. By default the source
	// version, if it is a commit ID, or else an ID that follows from it.
	Commit string
	// Log has the lines of the log. They come in the course of the phase BUILD, or of
	// the phase in which the build ends if that is an earlier one.
	Log []string
	// LogDelay is how long each line takes until GetLogEvents returns it.
	LogDelay time.Duration
	// Exported are the variables that the build exports.
	Exported []Variable
	// Reports are the build's test reports, at most 100.
	Reports []Report
	// Work is called when the phase BUILD begins, for what the build does to the
	// rest of the world, such as a push. Work may use the server.
	Work func()
	// Hold lets the phase BUILD take until Finish or StopBuild is called.
	Hold bool
}

// withDefaults returns the outcome with its defaults. An outcome that no build can
// have becomes a fault that says so.
func (o Outcome) withDefaults() Outcome {
	if o.Status == "" {
		o.Status = StatusSucceeded
	}
	if o.Phase == "" {
		o.Phase = phaseBuild
	}
	if o.Duration <= 0 {
		o.Duration = phaseTimes[phaseIndex(phaseBuild)].takes
	}
	if o.StatusCode == "" && o.Message != "" {
		o.StatusCode = "COMMAND_EXECUTION_ERROR"
	}
	if err := o.check(); err != nil {
		return Outcome{Status: StatusFault, Phase: phaseSubmitted, StatusCode: "TEST_SERVER_ERROR", Message: err.Error()}
	}
	return o
}

func (o *Outcome) check() error {
	if !slices.Contains([]Status{StatusSucceeded, StatusFailed, StatusFault, StatusTimedOut, StatusStopped}, o.Status) {
		return fmt.Errorf("Outcome.Status %q is not the status of an ended build", o.Status)
	}
	if phaseIndex(o.Phase) < 0 {
		return fmt.Errorf("Outcome.Phase %q is no phase in which a build ends", o.Phase)
	}
	if len(o.Reports) > 100 {
		return fmt.Errorf("Outcome.Reports has %d reports, and a build at most 100", len(o.Reports))
	}
	for _, r := range o.Reports {
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}
