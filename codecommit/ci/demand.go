package ci

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/codesuite-go/codesuite/events"
)

// handleSchedule handles the event of a rule with a schedule, or of a schedule of
// EventBridge Scheduler.
func (h *Handler) handleSchedule(ctx context.Context, e *events.ScheduledEvent) error {
	names := []string{e.Rule()}
	if group, name, ok := e.Schedule(); ok {
		names = []string{name, group + "/" + name}
	}
	var flows []*flow
	for _, f := range h.flows {
		if f.Kind == KindSchedule && slices.Contains(names, f.Rule) {
			flows = append(flows, f)
		}
	}
	if len(flows) == 0 {
		h.notMine(ctx, "no flow has the schedule", "schedule", names[len(names)-1])
		return nil
	}
	if err := h.foreign(e.Account, e.Region); err != nil {
		return fmt.Errorf("ci: schedule %.200q: %w", names[0], err)
	}
	if e.Time == "" {
		return fmt.Errorf("ci: schedule %.200q: the event has no time: a build of it could not be told from others", names[0])
	}
	var failures []error
	for _, f := range flows {
		s := subject{flow: f.Name, kind: string(f.Kind), repository: f.repositories.one, schedule: string(e.Time), version: f.SourceVersion}
		s.identify("")
		_, err := h.build(ctx, f, s, timeOf(e.Time), f.Variables)
		var refused *StartError
		if errors.As(err, &refused) {
			err = errors.Join(err, h.tellRefused(ctx, f, e.Account, e.Region, s, nil, refused))
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// DemandOptions configure [Handler.Start].
type DemandOptions struct {
	// SourceVersion is the branch, tag or commit to build. The default is that of
	// the flow.
	SourceVersion string
	// Variables are further variables. One of a name that the flow has replaces it.
	Variables []Variable
	// RequestID makes further calls with the same RequestID return the build that the first
	// one started, for five minutes. The default is a new one for each call.
	RequestID string
}

// Start starts the build of a flow of [KindOnDemand]. A build that CodeBuild refuses
// to start is a [*StartError].
func (h *Handler) Start(ctx context.Context, name string, optFns ...func(*DemandOptions)) (Build, error) {
	if h.invalid != nil {
		return Build{}, h.invalid
	}
	i := slices.IndexFunc(h.flows, func(f *flow) bool { return f.Name == name })
	if i < 0 {
		return Build{}, fmt.Errorf("ci: start: there is no flow %.80q", name)
	}
	from := h.flows[i]
	if from.Kind != KindOnDemand {
		return Build{}, fmt.Errorf("ci: start: the flow %q is of the kind %q: only one of the kind %q can be started", name, from.Kind, KindOnDemand)
	}
	var o DemandOptions
	for _, fn := range optFns {
		fn(&o)
	}
	f := *from
	for _, v := range o.Variables {
		f.Variables = slices.DeleteFunc(slices.Clone(f.Variables), func(of Variable) bool { return of.Name == v.Name })
	}
	f.Variables = slices.Concat(f.Variables, o.Variables)
	if err := f.checkVariables(); err != nil {
		return Build{}, fmt.Errorf("ci: start %s: %w", name, err)
	}
	if o.SourceVersion == "" {
		o.SourceVersion = f.SourceVersion
	}
	if o.RequestID == "" {
		o.RequestID = rand.Text()
	}
	s := subject{flow: f.Name, kind: string(f.Kind), repository: f.repositories.one, version: o.SourceVersion}
	s.identify(o.RequestID)
	r, err := h.build(ctx, &f, s, h.now(), f.Variables)
	if err != nil {
		return Build{}, fmt.Errorf("ci: start %s: %w", name, err)
	}
	return r.build, nil
}
