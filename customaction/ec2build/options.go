package ec2build

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// The defaults of the options.
const (
	defaultStartTimeout     = 10 * time.Minute
	defaultTimeout          = time.Hour
	defaultContinuationWait = 10 * time.Second
	defaultMaxElapsed       = time.Minute
	defaultSweepWindow      = 30 * time.Minute
	defaultBatch            = 10
)

// grace is how long an instance may live longer than its build, before it shuts
// itself down.
const grace = 15 * time.Minute

// Documents are the names of the documents of Systems Manager.
type Documents struct {
	Linux, Windows string
	WindowsDocker  string // installs Docker before
}

// Options configure a [Handler]. Name, LogGroup, one of Documents, and
// InstanceProfile or LaunchTemplateID have no default.
type Options struct {
	// Name is the name of this installation, such as that of its stack. It is the
	// value of the tag [TagBuilder] of all its instances; the sweep looks at those,
	// and policies can name the tag.
	Name string

	// Account and Region are those of the clients. Events of others are an
	// [ErrForeign]. An empty one is not compared. Builds get the Region as
	// AWS_REGION.
	Account, Region string

	// Documents are the documents that run builds, see [Document]. One is enough.
	Documents Documents
	// DocumentVersion is the version of the documents. The default is the default
	// version of each.
	DocumentVersion string

	// LogGroup is the log group for the output of builds.
	LogGroup string

	// InstanceProfile is the name or ARN of the instance profile.
	InstanceProfile string
	// LaunchTemplateID and LaunchTemplateVersion are the launch template, which
	// has all that neither the action nor the options say.
	LaunchTemplateID, LaunchTemplateVersion string
	// Network is where instances are. The default is that of the launch template.
	Network Network
	// Tags are put on instances, volumes and network interfaces.
	Tags map[string]string
	// Boot is a script for the user data of instances of a platform, in bash or
	// PowerShell, such as one that installs the agent of Systems Manager.
	Boot map[Platform]string

	// VariablesBucket and VariablesPrefix are where builds put their output
	// variables for the state machine, with the default encryption of the bucket.
	// Without a bucket, builds have no output variables of their own. The key of an
	// object is the prefix, followed by the ID of the instance. End the prefix with
	// the unique ID of the instances' role and ":", and the role's policy can keep
	// builds from the objects of others by the variable ${aws:userid}.
	VariablesBucket, VariablesPrefix string

	// StartTimeout is how long an instance may take until it takes the command, and
	// Timeout how long the build may take if the action does not say. The defaults
	// are 10 minutes and an hour.
	StartTimeout, Timeout time.Duration
	// Market is how instances are paid for if the action does not say. The default
	// is [MarketOnDemand].
	Market Market
	// Relaunches is how often another instance is launched for one that does not
	// start. The default is 1; a negative value is never.
	Relaunches int

	// ContinuationWait is how long Poll waits for the jobs that continue those it
	// has answered. The default is 10 seconds; with a negative value
	// it does not wait, and the next poll finds them.
	ContinuationWait time.Duration
	// MaxElapsed bounds the repetition of one failing call about a job. The default
	// is a minute; a negative value is no limit but the context's.
	MaxElapsed time.Duration
	// SweepWindow is how long ago an execution may have ended whose job the sweep
	// looks after. The default is 30 minutes.
	SweepWindow time.Duration
	// Batch is for how many jobs one call polls, which are then served at once.
	// The default is 10.
	Batch int

	// Input changes the input of an execution. It runs last, before the input is
	// checked, and must give the same for the same job.
	Input func(in *Input, job action.Details)

	// Logger is told of jobs, executions and instances. The default is silent.
	Logger *slog.Logger
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// settle fills in the defaults and returns what is wrong with the options.
func (o *Options) settle() error {
	o.StartTimeout = cmp.Or(o.StartTimeout, defaultStartTimeout)
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.Market = cmp.Or(o.Market, MarketOnDemand)
	o.Relaunches = cmp.Or(o.Relaunches, 1)
	o.ContinuationWait = cmp.Or(o.ContinuationWait, defaultContinuationWait)
	o.MaxElapsed = cmp.Or(o.MaxElapsed, defaultMaxElapsed)
	o.SweepWindow = cmp.Or(o.SweepWindow, defaultSweepWindow)
	o.Batch = cmp.Or(o.Batch, defaultBatch)
	o.Tags, o.Boot = maps.Clone(o.Tags), maps.Clone(o.Boot)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	var errs []error
	if !namePattern.MatchString(o.Name) {
		errs = append(errs, fmt.Errorf("option Name: %q is not 1 to 128 letters, digits, '_' and '-'", o.Name))
	}
	if o.Documents == (Documents{}) {
		errs = append(errs, errors.New("option Documents: there is no document of Systems Manager"))
	}
	if o.LogGroup == "" {
		errs = append(errs, errors.New("option LogGroup: there is no log group"))
	}
	if o.InstanceProfile == "" && o.LaunchTemplateID == "" {
		errs = append(errs, errors.New("options InstanceProfile and LaunchTemplateID: set one of them, as instances need a role"))
	}
	if _, ok := markets[o.Market]; !ok {
		errs = append(errs, fmt.Errorf("option Market: %w", errMarket(o.Market)))
	}
	if o.StartTimeout < time.Minute || o.StartTimeout > seconds(maxStartTimeout) {
		errs = append(errs, fmt.Errorf("option StartTimeout: %s is not between a minute and %s", o.StartTimeout, seconds(maxStartTimeout)))
	}
	if o.Timeout < time.Second || o.Timeout > seconds(maxTimeout) || o.SweepWindow < 0 || o.Batch < 1 || o.Relaunches > maxRelaunches {
		errs = append(errs, fmt.Errorf("options Timeout, SweepWindow, Batch and Relaunches: %s, %s, %d and %d: use at least a second, nothing and one job, and at most %s and %d relaunches",
			o.Timeout, o.SweepWindow, o.Batch, o.Relaunches, seconds(maxTimeout), maxRelaunches))
	}
	for _, key := range []string{TagBuilder, tagLifetime, TagExecution, TagTerminated} {
		if _, ok := o.Tags[key]; ok {
			errs = append(errs, fmt.Errorf("option Tags: %s is the key of a tag that the handler sets: without its value the sweep would miss instances", key))
		}
	}
	for platform := range o.Boot {
		if platform != PlatformLinux && platform != PlatformWindows {
			errs = append(errs, fmt.Errorf("option Boot: there is no platform %q", platform))
		}
	}
	return errors.Join(errs...)
}

var markets = map[Market]bool{MarketOnDemand: true, MarketSpot: true, MarketSpotThenOnDemand: true}

func errMarket(m Market) error {
	return fmt.Errorf("there is no market %q: it is %s, %s or %s", m, MarketOnDemand, MarketSpot, MarketSpotThenOnDemand)
}
