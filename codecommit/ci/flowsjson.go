package ci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/codesuite-go/codesuite/events"
)

// flowJSON is a flow as ParseFlows reads it.
type flowJSON struct {
	Name            string             `json:"name"`
	Event           Kind               `json:"event"`
	Repositories    list               `json:"repo_name"`
	Branches        list               `json:"branch"`
	Tags            list               `json:"tag"`
	Destinations    list               `json:"destination_branch"`
	Sources         list               `json:"source_branch"`
	Authors         list               `json:"author"`
	DraftPrefix     string             `json:"draft_prefix"`
	Paths           list               `json:"paths"`
	Rule            string             `json:"rule"`
	Project         string             `json:"project"`
	Batch           bool               `json:"batch"`
	Buildspec       string             `json:"buildspec"`
	Variables       []variableJSON     `json:"environment_variables"`
	SourceVersion   string             `json:"source_version"`
	Superseded      Superseded         `json:"superseded"`
	Comments        CommentMode        `json:"comments"`
	DeleteOnSuccess bool               `json:"delete_on_success"`
	Approve         bool               `json:"approve"`
	Merge           events.MergeOption `json:"merge"`
}

type variableJSON struct {
	Name  string       `json:"name"`
	Value string       `json:"value"`
	Type  VariableType `json:"type"`
}

// list is a list of strings, or one string.
type list []string

func (l *list) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		var one string
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*l = nil
		if one != "" {
			*l = list{one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// ParseFlows reads flows from a JSON list of objects with these members:
//
//	name                   Name
//	event                  Kind: review, branch, tag, schedule or on-demand
//	repo_name              Repositories
//	branch                 Branches
//	tag                    Tags
//	destination_branch     Destinations
//	source_branch          Sources
//	author                 Authors
//	draft_prefix           DraftPrefix
//	paths                  Paths
//	rule                   Rule
//	project                Project
//	batch                  Batch
//	buildspec              Buildspec
//	environment_variables  Variables: objects with name, value and type
//	source_version         SourceVersion
//	superseded             Superseded: stop or keep
//	comments               Comments: per-revision, per-pull-request, per-state, failures-only or none
//	delete_on_success      DeleteOnSuccess
//	approve                Approve
//	merge                  Merge: FAST_FORWARD_MERGE, SQUASH_MERGE or THREE_WAY_MERGE
//
// A member that holds globs is a string or a list of strings. An empty string is as
// good as none. An unknown member is an error. New checks the flows.
func ParseFlows(data []byte) ([]Flow, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var raw []json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		return nil, fmt.Errorf("ci: parse flows: a JSON list of objects is wanted: %w", jsonError(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("ci: parse flows: there is text behind the list: remove it")
	}
	flows := make([]Flow, 0, len(raw))
	for i, text := range raw {
		var from flowJSON
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&from); err != nil {
			return nil, fmt.Errorf("ci: parse flows: flow number %d (%.80q): %w", i+1, from.Name, jsonError(err))
		}
		f := Flow{
			Name: from.Name, Kind: from.Event, Repositories: from.Repositories, Branches: from.Branches, Tags: from.Tags,
			Destinations: from.Destinations, Sources: from.Sources, Authors: from.Authors, DraftPrefix: from.DraftPrefix,
			Paths: from.Paths, Rule: from.Rule, Project: from.Project, Batch: from.Batch, Buildspec: from.Buildspec,
			SourceVersion: from.SourceVersion, Superseded: from.Superseded, Comments: from.Comments,
			DeleteOnSuccess: from.DeleteOnSuccess, Approve: from.Approve, Merge: from.Merge,
		}
		for _, v := range from.Variables {
			f.Variables = append(f.Variables, Variable(v))
		}
		flows = append(flows, f)
	}
	return flows, nil
}

// jsonError is the error of the decoder without values: they may be secrets.
func jsonError(err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		found, _, _ := strings.Cut(mismatch.Value, " ") // without the digits of a number
		if mismatch.Field == "" {
			return fmt.Errorf("found the type %s", found)
		}
		return fmt.Errorf("the member %q wants another type than %s", mismatch.Field, found)
	}
	return err
}
