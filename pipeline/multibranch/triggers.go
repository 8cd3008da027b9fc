package multibranch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
)

// triggerSet returns the triggers of the repository.
func (h *Handler) triggerSet(repository *codecommit.Repository) *trigger.Set {
	return trigger.New(h.clients.CodeCommit, repository.Name(), func(o *trigger.Options) {
		o.Logger = h.options.Logger
		if h.options.Adopt {
			o.Adopt = trigger.Known
		}
		if h.options.Trigger != nil {
			h.options.Trigger(o)
		}
	})
}

// allName is the name of the one trigger of all branches. The name of a branch's
// trigger ends with a hash, so that it is never the same.
func (h *Handler) allName() string {
	return strings.TrimSuffix(trigger.NameFor(h.options.TriggerPrefix, ""), trigger.NameFor("", "")) + "all"
}

// wantedTrigger returns the trigger that reports updates of the branch.
func (h *Handler) wantedTrigger(b branch) trigger.Trigger {
	if h.options.Triggers == TriggersAll {
		return trigger.Trigger{Name: h.allName(), Destination: b.function, CustomData: b.customData(), Events: []trigger.Event{trigger.EventAll}}
	}
	return trigger.Trigger{
		Name:        trigger.NameFor(h.options.TriggerPrefix, b.name),
		Destination: b.function,
		CustomData:  b.customData(),
		Branches:    []string{b.name},
		Events:      []trigger.Event{trigger.EventUpdate},
	}
}

// ensure keeps the triggers of the repository. A trigger of one of their names
// that invokes another destination is another handler's.
func (h *Handler) ensure(ctx context.Context, repository *codecommit.Repository, wanted ...trigger.Trigger) (changed bool, err error) {
	set := h.triggerSet(repository)
	if !h.options.Adopt {
		list, err := set.List(ctx)
		if err != nil {
			return false, err
		}
		for _, t := range list {
			for _, w := range wanted {
				if t.Name == w.Name && t.Destination != w.Destination {
					return false, fmt.Errorf("the trigger %s of %s invokes %s and not %s: give this handler another TriggerPrefix, or, if that was its former destination, remove the trigger or set Adopt",
						t.Name, repository.Name(), t.Destination, w.Destination)
				}
			}
		}
	}
	return set.Ensure(ctx, wanted...)
}

// removeTrigger removes the trigger of a deleted branch.
func (h *Handler) removeTrigger(ctx context.Context, b branch) error {
	if h.options.Triggers != TriggersPerBranch {
		return nil
	}
	set := h.triggerSet(b.repository)
	names := []string{trigger.NameFor(h.options.TriggerPrefix, b.name)}
	if h.options.Adopt {
		list, err := set.List(ctx)
		if err != nil {
			return ifExists(err)
		}
		for _, t := range list {
			if trigger.Known(t, trigger.Trigger{Branches: []string{b.name}}) {
				names = append(names, t.Name)
			}
		}
	}
	_, err := set.Remove(ctx, names...)
	return ifExists(err)
}

// ifExists returns err, or nil if it says that the repository does not exist:
// its triggers are gone with it.
func ifExists(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// EnsureTriggers keeps the triggers of the repository that [Options].Triggers
// asks for, as an installation does: the one of all branches, or one for each
// existing branch that the globs match. It does nothing for [TriggersNone].
func (h *Handler) EnsureTriggers(ctx context.Context, repository string) error {
	if h.invalid != nil {
		return h.invalid
	}
	if err := h.options.target().check(&h.options, true); err != nil {
		return err
	}
	repo := codecommit.New(h.clients.CodeCommit, repository)
	var wanted []trigger.Trigger
	switch h.options.Triggers {
	case TriggersAll:
		wanted = append(wanted, h.wantedTrigger(branch{target: h.options.target(), repository: repo}))
	case TriggersPerBranch:
		for name, err := range repo.Branches(ctx) {
			if err != nil {
				return err
			}
			if len(h.branches) == 0 || h.branches.match(name) {
				wanted = append(wanted, h.wantedTrigger(branch{target: h.options.target(), repository: repo, name: name}))
			}
		}
	default:
		return nil
	}
	_, err := h.ensure(ctx, repo, wanted...)
	return err
}
