package definition

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Document is the reply of GetPipeline: a structure and its metadata.
type Document struct {
	Pipeline Pipeline
	Metadata *Metadata
	Other    Members // beside pipeline and metadata
}

// Metadata is what GetPipeline returns about a pipeline besides its structure.
type Metadata struct {
	ARN string `json:"pipelineArn"`
	// Other has the times created, updated and pollingDisabledAt in the spelling of
	// the tool that wrote them.
	Other Members `json:"-"`
}

// Parse reads the JSON that aws codepipeline get-pipeline prints, with or without
// its metadata, or a bare structure. Members that the package does not know are
// kept. Broken JSON, a member that is there twice, and one of another type than the
// API has are an [*Error] with the line. Call [Pipeline.Check] for the meaning of the
// structure.
func Parse(data []byte) (*Document, error) {
	tree, err := parseTree(data)
	if err != nil {
		return nil, err
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, &Error{Err: fmt.Errorf("there is no structure but %s: %w", kind(tree), errNoObject)}
	}
	d := new(Document)
	if err := d.decode(object); err != nil {
		return nil, withPlace(err, data)
	}
	return d, nil
}

// decode replaces d by the document of a tree.
func (d *Document) decode(object map[string]any) (err error) {
	if _, isReply := object["pipeline"].(map[string]any); !isReply {
		if object["stages"] == nil && object["name"] == nil {
			return noStructure(object)
		}
		return d.Pipeline.decode(object, "")
	}
	for name, tree := range object {
		switch name {
		case "pipeline":
			err = d.Pipeline.decode(tree, "pipeline")
		case "metadata":
			if tree == nil {
				break
			}
			d.Metadata = new(Metadata)
			err = decoder{}.decode(reflect.ValueOf(d.Metadata).Elem(), tree, name)
		default:
			if d.Other == nil {
				d.Other = make(Members)
			}
			d.Other[name] = rawJSON(tree)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ErrTemplate is the error of [Parse] for a template of CloudFormation.
var ErrTemplate = errors.New("the text is a template of CloudFormation, which ParseTemplate reads")

// noStructure returns the error of an object that is no structure.
func noStructure(object map[string]any) error {
	if object["Resources"] != nil {
		return &Error{Err: ErrTemplate}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if near := nearest(name, slices.Values([]string{"pipeline", "stages", "name"})); near != "" {
			return errorAt(member("", name), "there is no structure (did you mean the member %s?): %w", near, errNoObject)
		}
	}
	return &Error{Err: fmt.Errorf("there is no structure: %w", errNoObject)}
}

var errNoObject = errors.New("give the output of aws codepipeline get-pipeline as JSON")

// JSON returns the document as aws codepipeline get-pipeline prints it. Without
// metadata it is the input of aws codepipeline create-pipeline and
// update-pipeline with --cli-input-json.
func (d *Document) JSON() ([]byte, error) {
	object := make(map[string]any)
	for name, raw := range d.Other {
		tree, err := readTree(raw)
		if err != nil {
			return nil, errorAt(name, "Other holds no JSON: %w", err)
		}
		object[name] = tree
	}
	var err error
	if object["pipeline"], err = d.Pipeline.tree("pipeline"); err != nil {
		return nil, err
	}
	if d.Metadata != nil {
		if object["metadata"], err = encode(reflect.ValueOf(d.Metadata).Elem(), "metadata"); err != nil {
			return nil, err
		}
	}
	return append(appendTree(nil, object, memberOrder, "\n"), '\n'), nil
}

// MarshalJSON returns the bare structure as JSON.
func (p Pipeline) MarshalJSON() ([]byte, error) {
	tree, err := p.tree("")
	if err != nil {
		return nil, err
	}
	return appendTree(nil, tree, memberOrder, ""), nil
}

// UnmarshalJSON reads a bare structure.
func (p *Pipeline) UnmarshalJSON(data []byte) error {
	tree, err := readTree(data)
	if err != nil {
		return &Error{Err: err}
	}
	return p.decode(tree, "")
}

var (
	_ json.Marshaler   = Pipeline{}
	_ json.Unmarshaler = (*Pipeline)(nil)
)

// decode replaces p by the structure of a tree.
func (p *Pipeline) decode(tree any, path string) error {
	*p = Pipeline{}
	return decoder{}.decode(reflect.ValueOf(p).Elem(), tree, path)
}

// tree returns the structure as a tree. Path is for errors.
func (p *Pipeline) tree(path string) (map[string]any, error) {
	tree, err := encode(reflect.ValueOf(p).Elem(), path)
	if err != nil {
		return nil, err
	}
	return tree.(map[string]any), nil
}

// memberOrder is the order in which a reader looks for the members.
var memberOrder = []string{
	"pipeline", "metadata",
	"name", "description", "roleArn", "artifactStore", "artifactStores", "pipelineType", "executionMode",
	"actionTypeId", "ruleTypeId", "category", "owner", "provider", "version", "runOrder",
	"configuration", "commands", "inputArtifacts", "outputArtifacts", "namespace",
	"variables", "triggers", "beforeEntry", "actions", "onSuccess", "onFailure", "result", "retryConfiguration", "stages",
}
