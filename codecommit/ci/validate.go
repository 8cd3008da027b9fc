package ci

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// flow is a Flow with its defaults, checked and compiled.
type flow struct {
	Flow
	repositories, branches, tags, destinations, sources, authors, paths globs
}

var (
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	projectPattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{1,254}$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// compile checks the flows. The error joins those of all flows.
func compile(flows []Flow) ([]*flow, error) {
	if len(flows) == 0 {
		return nil, errors.New("there are no flows: give at least one")
	}
	var (
		all    []*flow
		faults []error
	)
	for i := range flows {
		f, err := newFlow(flows[i])
		if err != nil {
			name := fmt.Sprintf("%.80q", flows[i].Name)
			if flows[i].Name == "" {
				name = fmt.Sprintf("number %d", i+1)
			}
			faults = append(faults, fmt.Errorf("flow %s: %w", name, err))
			continue
		}
		for _, other := range all {
			if err := f.against(other); err != nil {
				faults = append(faults, fmt.Errorf("flow %q: %w", f.Name, err))
			}
		}
		all = append(all, f)
	}
	return all, errors.Join(faults...)
}

func newFlow(from Flow) (*flow, error) {
	f := &flow{Flow: from}
	switch {
	case f.Name == "":
		return nil, errors.New("the name is missing")
	case !namePattern.MatchString(f.Name):
		return nil, errors.New("the name has other characters than letters, digits, '.', '_' and '-', or more than 64")
	case f.Project == "":
		return nil, errors.New("the project is missing: give the name of a CodeBuild project")
	case !projectPattern.MatchString(f.Project):
		return nil, fmt.Errorf("%.200q is not the name of a CodeBuild project: give its name, not its ARN", f.Project)
	}
	for _, check := range []func() error{f.checkKind, f.checkFields, f.checkVariables, f.checkResults, f.compileGlobs} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *flow) checkKind() error {
	kinds := []Kind{KindReview, KindBranch, KindTag, KindSchedule, KindOnDemand}
	if !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("unknown kind %.40q: it is one of %q", f.Kind, kinds)
	}
	return nil
}

// checkFields finds fields that are not for the flow's kind.
func (f *flow) checkFields() error {
	for _, field := range []struct {
		name  string
		set   bool
		kinds []Kind
		hint  string
	}{
		{"Branches", len(f.Branches) > 0, []Kind{KindBranch}, "a pull request has Destinations and Sources"},
		{"Tags", len(f.Tags) > 0, []Kind{KindTag}, ""},
		{"Destinations", len(f.Destinations) > 0, []Kind{KindReview}, ""},
		{"Sources", len(f.Sources) > 0, []Kind{KindReview}, ""},
		{"Authors", len(f.Authors) > 0, []Kind{KindReview}, ""},
		{"DraftPrefix", f.DraftPrefix != "", []Kind{KindReview}, ""},
		{"Paths", len(f.Paths) > 0, []Kind{KindReview, KindBranch}, "there is nothing to compare with"},
		{"Rule", f.Rule != "", []Kind{KindSchedule}, ""},
		{"SourceVersion", f.SourceVersion != "", []Kind{KindSchedule, KindOnDemand}, "the commit of the event is built"},
		{"Superseded", f.Superseded != "", []Kind{KindReview, KindBranch}, "nothing supersedes its builds"},
		{"Comments", f.Comments != "", []Kind{KindReview}, "there is no pull request to comment on"},
		{"DeleteOnSuccess", f.DeleteOnSuccess, []Kind{KindReview}, "there is no pull request to comment on"},
		{"Approve", f.Approve, []Kind{KindReview}, "there is no pull request to approve"},
		{"Merge", f.Merge != "", []Kind{KindReview}, "there is no pull request to merge"},
	} {
		if field.set && !slices.Contains(field.kinds, f.Kind) {
			hint := ""
			if field.hint != "" {
				hint = " (" + field.hint + ")"
			}
			return fmt.Errorf("%s is not for flows of the kind %q%s: remove it", field.name, f.Kind, hint)
		}
	}
	switch f.Kind {
	case KindSchedule, KindOnDemand:
		if len(f.Repositories) > 1 || len(f.Repositories) == 1 && strings.ContainsAny(f.Repositories[0], `*?[\!`) {
			return fmt.Errorf("a flow of the kind %q has one repository, without wildcards, or none", f.Kind)
		}
	default:
		if len(f.Repositories) == 0 {
			return errors.New("the repositories are missing: give their names, or * for all")
		}
	}
	switch {
	case f.Kind == KindSchedule && f.Rule == "":
		f.Rule = f.Name
	case strings.TrimSpace(f.DraftPrefix) != f.DraftPrefix:
		return fmt.Errorf("the draft prefix %.80q begins or ends with a space: remove it", f.DraftPrefix)
	case utf8.RuneCountInString(f.DraftPrefix) > 150:
		return errors.New("the draft prefix is longer than a title: it can match nothing")
	}
	switch f.Superseded {
	case SupersededStop, SupersededKeep:
	case "":
		f.Superseded = SupersededKeep
		if f.Kind == KindReview {
			f.Superseded = SupersededStop
		}
	default:
		return fmt.Errorf("unknown treatment %.40q of superseded builds: it is %q or %q", f.Superseded, SupersededStop, SupersededKeep)
	}
	return nil
}

func (f *flow) checkVariables() error {
	seen := map[string]bool{}
	for i, v := range f.Variables {
		switch {
		case !variablePattern.MatchString(v.Name):
			return fmt.Errorf("%.80q is not the name of a variable", v.Name)
		case strings.HasPrefix(v.Name, "FLOW_") || strings.HasPrefix(v.Name, "CODEBUILD_"):
			return fmt.Errorf("the name %.80q of a variable is reserved: names that begin with FLOW_ or CODEBUILD_ have other meanings", v.Name)
		case seen[v.Name]:
			return fmt.Errorf("the variable %s is there twice: remove one", v.Name)
		}
		seen[v.Name] = true
		switch v.Type {
		case "", VariableTypePlaintext:
			if redact.Likely(v.Value) != v.Value {
				return fmt.Errorf("the value of the variable %s looks like a secret, and a plaintext variable is in the events and the console of each build: "+
					"put it into Parameter Store or Secrets Manager and give its name with the type", v.Name)
			}
		case VariableTypeParameterStore, VariableTypeSecretsManager:
			if v.Value == "" {
				return fmt.Errorf("the variable %s lacks the name of its parameter or secret", v.Name)
			}
		default:
			return fmt.Errorf("unknown type %.40q of the variable %s: it is %q, %q or %q", v.Type, v.Name, VariableTypePlaintext, VariableTypeParameterStore, VariableTypeSecretsManager)
		}
		if v.Type == "" {
			f.Variables = slices.Clone(f.Variables)
			f.Variables[i].Type = VariableTypePlaintext
		}
	}
	return nil
}

func (f *flow) checkResults() error {
	modes := []CommentMode{CommentPerRevision, CommentPerPullRequest, CommentPerState, CommentFailuresOnly, CommentNone}
	switch {
	case f.Comments == "" && f.Kind == KindReview:
		f.Comments = CommentPerRevision
	case f.Comments == "":
		f.Comments = CommentNone
	case !slices.Contains(modes, f.Comments):
		return fmt.Errorf("unknown mode %.40q of comments: it is one of %q", f.Comments, modes)
	}
	if f.DeleteOnSuccess && (f.Comments == CommentNone || f.Comments == CommentPerState) {
		return fmt.Errorf("DeleteOnSuccess contradicts the mode %q of comments: remove one", f.Comments)
	}
	switch f.Merge {
	case "", events.MergeOptionFastForward, events.MergeOptionSquash, events.MergeOptionThreeWay:
	default:
		return fmt.Errorf("unknown merge option %.40q: it is %q, %q or %q", f.Merge, events.MergeOptionFastForward, events.MergeOptionSquash, events.MergeOptionThreeWay)
	}
	return nil
}

func (f *flow) compileGlobs() error {
	for _, list := range []struct {
		name     string
		patterns []string
		into     *globs
		cannot   func(string) error
	}{
		{"Repositories", f.Repositories, &f.repositories, cannotRepository},
		{"Branches", f.Branches, &f.branches, cannotReference},
		{"Tags", f.Tags, &f.tags, cannotReference},
		{"Destinations", f.Destinations, &f.destinations, cannotReference},
		{"Sources", f.Sources, &f.sources, cannotReference},
		{"Authors", f.Authors, &f.authors, cannotARN},
		{"Paths", f.Paths, &f.paths, cannotPath},
	} {
		var err error
		if *list.into, err = compileGlobs(list.patterns, list.cannot); err != nil {
			return fmt.Errorf("%s: %w", list.name, err)
		}
	}
	return nil
}

// against finds what makes no sense of two flows.
func (f *flow) against(other *flow) error {
	if f.Name == other.Name {
		return errors.New("the name is there twice: comments and variables tell flows apart by their names")
	}
	a, b := f.Flow, other.Flow
	a.Name, b.Name = "", ""
	if f.Kind != KindOnDemand && reflect.DeepEqual(a, b) {
		return fmt.Errorf("it repeats the flow %q but for the name: each event would start two builds; remove one", other.Name)
	}
	if f.Merge != "" && other.Merge != "" && f.Merge != other.Merge && f.overlaps(other) {
		return fmt.Errorf("it merges with %s and the flow %q with %s: a pull request of both is merged in one way", f.Merge, other.Name, other.Merge)
	}
	return nil
}

// overlaps reports whether both flows are known to have a repository in common.
func (f *flow) overlaps(other *flow) bool {
	return slices.ContainsFunc(f.Repositories, func(name string) bool {
		return slices.Contains(other.Repositories, name) || other.repositories.match(name)
	}) || slices.ContainsFunc(other.Repositories, f.repositories.match)
}

// ownSource reports whether the builds get the repository of the event as their
// source, because the project's own is one of several.
func (f *flow) ownSource() bool { return f.repositories.one == "" }
