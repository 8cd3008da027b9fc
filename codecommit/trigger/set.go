package trigger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/apierror"
)

// API is what a [Set] calls of the AWS SDK's CodeCommit client.
// [*awscodecommit.Client] implements it. Embed the interface in a fake, as it
// may grow.
type API interface {
	GetRepository(context.Context, *awscodecommit.GetRepositoryInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetRepositoryOutput, error)
	GetRepositoryTriggers(context.Context, *awscodecommit.GetRepositoryTriggersInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetRepositoryTriggersOutput, error)
	PutRepositoryTriggers(context.Context, *awscodecommit.PutRepositoryTriggersInput, ...func(*awscodecommit.Options)) (*awscodecommit.PutRepositoryTriggersOutput, error)
	TestRepositoryTriggers(context.Context, *awscodecommit.TestRepositoryTriggersInput, ...func(*awscodecommit.Options)) (*awscodecommit.TestRepositoryTriggersOutput, error)
}

var _ API = (*awscodecommit.Client)(nil)

// Defaults of Options.
const (
	defaultSettle     = 500 * time.Millisecond
	defaultMaxElapsed = time.Minute
)

// Options configure a [Set]. The zero value holds the defaults.
type Options struct {
	// Settle is the time after a write at which the list is read once more. It
	// must be longer than another manager needs from reading the list to
	// having written it. The default is half a second; a negative value
	// reads the list only right after the write.
	Settle time.Duration

	// MaxElapsed is how long Ensure and Remove try against concurrent changes
	// and failed writes. The default is a minute; a negative value
	// tries until the context ends.
	MaxElapsed time.Duration

	// TestFirst lets Ensure test a trigger before it is written, and write
	// nothing if the test fails. The test sends a test event to the
	// destination.
	TestFirst bool

	// Adopt reports whether the existing trigger is an older form of the
	// wanted one, such as [Known]. Ensure then removes it in the same write.
	// The default adopts nothing.
	Adopt func(existing, wanted Trigger) bool

	// Logger is told about concurrent changes and writes that are tried again.
	// The default is silent.
	Logger *slog.Logger
}

// Set is the triggers of one repository. It is safe for concurrent use: its
// changes wait for each other.
type Set struct {
	api     API
	name    string
	options Options
	invalid error         // of the options
	turn    chan struct{} // holds a value while a change runs
}

// Open returns the triggers of the repository in the account and Region of cfg.
// It calls nothing.
func Open(cfg aws.Config, repository string, optFns ...func(*Options)) *Set {
	return New(awscodecommit.NewFromConfig(cfg), repository, optFns...)
}

// New returns the triggers of the repository as api sees it. Options that make no
// sense are the error of the first call.
func New(api API, repository string, optFns ...func(*Options)) *Set {
	s := &Set{api: api, name: repository, turn: make(chan struct{}, 1)}
	for _, fn := range optFns {
		fn(&s.options)
	}
	o := &s.options
	if o.Settle == 0 {
		o.Settle = defaultSettle
	}
	if o.MaxElapsed == 0 {
		o.MaxElapsed = defaultMaxElapsed
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case api == nil:
		s.invalid = errors.New("trigger: New was given no API")
	case repository == "":
		s.invalid = errors.New("trigger: the name of the repository is empty")
	case o.MaxElapsed > 0 && o.Settle >= o.MaxElapsed:
		s.invalid = fmt.Errorf("trigger: Settle of %s leaves no time in MaxElapsed of %s", o.Settle, o.MaxElapsed)
	}
	return s
}

// The operations of the API.
const (
	opGet  = "GetRepositoryTriggers"
	opPut  = "PutRepositoryTriggers"
	opTest = "TestRepositoryTriggers"
)

// failed returns the error of a call.
func (s *Set) failed(operation string, err error) error {
	return &codecommit.Error{Operation: operation, Repository: s.name, Err: err}
}

// List returns all triggers of the repository, also those of other managers, by
// GetRepositoryTriggers. A repository that does not exist is an
// [io/fs.ErrNotExist].
func (s *Set) List(ctx context.Context) ([]Trigger, error) {
	if s.invalid != nil {
		return nil, s.invalid
	}
	out, err := s.api.GetRepositoryTriggers(ctx, &awscodecommit.GetRepositoryTriggersInput{RepositoryName: &s.name})
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, s.failed(opGet, err)
	}
	return fromWire(out.Triggers), nil
}

// Ensure adds the triggers, or changes the existing ones of their names, and
// leaves all others as they are. It reports whether it wrote. Triggers that are
// there already cost one call.
//
// More than [MaxTriggers] triggers in all are an [ErrTooMany]; the error names
// the existing ones. With [Options].TestFirst a failed test is a [*TestError].
func (s *Set) Ensure(ctx context.Context, triggers ...Trigger) (changed bool, err error) {
	wanted := make([]Trigger, 0, len(triggers))
	for i, t := range triggers {
		if err := t.Validate(); err != nil {
			return false, fmt.Errorf("trigger: %s: %w", s.name, err)
		}
		if slices.ContainsFunc(triggers[:i], func(o Trigger) bool { return o.Name == t.Name }) {
			return false, fmt.Errorf("trigger: %s: the trigger %q is given twice", s.name, t.Name)
		}
		wanted = append(wanted, t.clone())
	}
	change := func(list []Trigger) ([]Trigger, error) { return s.with(list, wanted) }
	if s.options.TestFirst {
		if err := s.testFirst(ctx, change, wanted); err != nil {
			return false, err
		}
	}
	return s.edit(ctx, change)
}

// with returns the list with the wanted triggers, those that exist in their
// places.
func (s *Set) with(list, wanted []Trigger) ([]Trigger, error) {
	if s.options.Adopt != nil {
		list = slices.DeleteFunc(slices.Clone(list), func(existing Trigger) bool {
			return slices.ContainsFunc(wanted, func(w Trigger) bool {
				return existing.Name != w.Name && s.options.Adopt(existing, w)
			})
		})
	}
	result := slices.Clone(list)
	for _, w := range wanted {
		if i := slices.IndexFunc(result, func(t Trigger) bool { return t.Name == w.Name }); i >= 0 {
			result[i] = w
		} else {
			result = append(result, w)
		}
	}
	if len(result) > MaxTriggers && len(result) > len(list) {
		return nil, fmt.Errorf("trigger: %s would have %d triggers, the limit is %d: %w: remove some of %s, or use one trigger for all branches, or an EventBridge rule",
			s.name, len(result), MaxTriggers, ErrTooMany, names(list))
	}
	return result, nil
}

func names(list []Trigger) string {
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// Remove removes the triggers of these names and leaves all others as they are.
// It reports whether it wrote. Names that do not exist are no error.
func (s *Set) Remove(ctx context.Context, names ...string) (changed bool, err error) {
	return s.edit(ctx, func(list []Trigger) ([]Trigger, error) {
		return slices.DeleteFunc(slices.Clone(list), func(t Trigger) bool { return slices.Contains(names, t.Name) }), nil
	})
}
