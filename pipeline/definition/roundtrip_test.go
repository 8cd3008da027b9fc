package definition_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/pipeline/definition"
)

const structures = 200

// decoded returns JSON as encoding/json reads it, with numbers as they are written.
func decoded(t *testing.T, data []byte) any {
	t.Helper()
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return tree
}

// Go to JSON and back, and JSON to Go and back, with members that nobody knows.
func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(structures) {
		r := random{rand.New(rand.NewPCG(seed, 1)), true}
		p := r.pipeline()
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var read definition.Pipeline
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatalf("seed %d: %v in %s", seed, err, text)
		}
		again, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(decoded(t, text), decoded(t, again)); diff != "" {
			t.Fatalf("seed %d: JSON (-before +after):\n%s", seed, diff)
		}
		if diff := gocmp.Diff(*p, read, cmpopts.EquateEmpty()); diff != "" && !zeroOnly(*p, read) {
			t.Fatalf("seed %d: structure (-before +after):\n%s", seed, diff)
		}
	}
}

// zeroOnly reports whether two structures have the same JSON. A pointer to an empty
// object, for one, has another form in Go once it has been read.
func zeroOnly(a, b definition.Pipeline) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// Structures to the SDK's declaration and back, and declarations to structures and
// back.
func TestDeclarationRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(structures) {
		p := random{rand.New(rand.NewPCG(seed, 2)), false}.pipeline()
		for _, stage := range p.Stages {
			for _, action := range stage.Actions { // inputs have no files
				for i := range action.Inputs {
					action.Inputs[i].Files = nil
				}
			}
			for _, conditions := range [][]definition.Condition{listed(stage.BeforeEntry), listed(stage.OnSuccess), onFailure(stage)} {
				for _, condition := range conditions {
					for _, rule := range condition.Rules {
						for i := range rule.Inputs {
							rule.Inputs[i].Files = nil
						}
					}
				}
			}
		}
		d, err := p.Declaration()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		read, err := definition.FromDeclaration(d)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		before, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		after, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(decoded(t, before), decoded(t, after)); diff != "" {
			t.Fatalf("seed %d: structure (-before +after):\n%s", seed, diff)
		}
		back, err := read.Declaration()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := gocmp.Diff(d, back, exported); diff != "" {
			t.Fatalf("seed %d: declaration (-before +after):\n%s", seed, diff)
		}
	}
}

func listed(c *definition.Conditions) []definition.Condition {
	if c == nil {
		return nil
	}
	return c.Conditions
}

func onFailure(s definition.Stage) []definition.Condition {
	if s.OnFailure == nil {
		return nil
	}
	return s.OnFailure.Conditions
}

// exported leaves out the private fields of the SDK's types.
var exported = gocmp.FilterPath(func(p gocmp.Path) bool {
	field, ok := p.Last().(gocmp.StructField)
	return ok && field.Name() == "noSmithyDocumentSerde"
}, gocmp.Ignore())

// wire keeps the body of a request.
type wire struct{ body []byte }

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	w.body, _ = io.ReadAll(r.Body)
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
}

// The SDK's own serializer makes of the declaration the JSON that the package makes.
func TestDeclarationOnTheWire(t *testing.T) {
	t.Parallel()
	w := new(wire)
	client := awscodepipeline.New(awscodepipeline.Options{
		Region: "eu-west-1", HTTPClient: w, Credentials: aws.AnonymousCredentials{},
	})
	for _, p := range []*definition.Pipeline{web(), everything()} {
		d, err := p.Declaration()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.UpdatePipeline(t.Context(), &awscodepipeline.UpdatePipelineInput{Pipeline: d}); err != nil {
			t.Fatal(err)
		}
		want, err := (&definition.Document{Pipeline: *p}).JSON()
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(decoded(t, want), decoded(t, w.body)); diff != "" {
			t.Errorf("%s (-package +SDK):\n%s", p.Name, diff)
		}
	}
}

// Blockers of a stage are kept, though they have no field.
func TestDeclarationBlockers(t *testing.T) {
	t.Parallel()
	declared, err := web().Declaration()
	if err != nil {
		t.Fatal(err)
	}
	declared.Stages[1].Blockers = []types.BlockerDeclaration{{Name: aws.String("Closed"), Type: types.BlockerTypeSchedule}}
	p, err := definition.FromDeclaration(declared)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Declaration()
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(declared.Stages[1].Blockers, again.Stages[1].Blockers, cmpopts.IgnoreUnexported(types.BlockerDeclaration{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDeclarationUnknown(t *testing.T) {
	t.Parallel()
	p := web()
	p.Stages[1].Actions[0].Other = definition.Members{"priority": json.RawMessage(`1`)}
	_, err := p.Declaration()
	var failure *definition.Error
	if !errors.As(err, &failure) || failure.Path != "stages[1].actions[0].priority" {
		t.Errorf("error %v", err)
	}
	if _, err := definition.FromDeclaration(nil); err == nil {
		t.Error("no error for nil")
	}
	read, err := definition.FromDeclaration(&types.PipelineDeclaration{})
	if err != nil || read.Name != "" {
		t.Errorf("%v, %v", read, err)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	const bare = `{"name":"web","roleArn":"r","stages":[{"name":"Source","actions":[{"name":"A","actionTypeId":{"category":"Approval","owner":"AWS","provider":"Manual","version":"1"},"configuration":{},"inputArtifacts":[],"runOrder":0,"region":null,"namespace":"","future":{"n":1.0}}]}],"version":3,"color":"blue"}`
	for _, text := range []string{
		bare,
		`{"pipeline":` + bare + `}`,
		`{"pipeline":` + bare + `,"metadata":{"pipelineArn":"arn","created":1.7e9,"updated":"2026-11-01T00:00:00Z"},"ResponseMetadata":{"RetryAttempts":0}}`,
	} {
		d, err := definition.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if d.Pipeline.Name != "web" || d.Pipeline.Version != 3 || string(d.Pipeline.Other["color"]) != `"blue"` {
			t.Errorf("pipeline %+v", d.Pipeline)
		}
		a := d.Pipeline.Stages[0].Actions[0]
		if _, ok := a.Provider.(definition.ManualApproval); !ok || string(a.Other["region"]) != "null" || string(a.Other["runOrder"]) != "0" {
			t.Errorf("action %+v", a)
		}
		got, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		want := text
		if text == bare {
			want = `{"pipeline":` + bare + `}`
		}
		if diff := gocmp.Diff(decoded(t, []byte(want)), decoded(t, got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for text, want := range map[string]string{
		``:                           "want a value",
		`[]`:                         "get-pipeline",
		`{}`:                         "get-pipeline",
		`{"pipelines":[]}`:           "get-pipeline",
		`{"name":"a"} x`:             "more text",
		`{"name":"a","name":"b"}`:    "twice",
		`{"name":1}`:                 "name: want a text, found a number",
		`{"name":"a","stages":{}}`:   "stages: want a list, found an object",
		`{"name":"a","stages":[1]}`:  "stages[0]: want an object, found a number",
		`{"name":"a","version":1.5}`: "version: want a whole number",
		`{"name":"a","version":"1"}`: "version: want a whole number, found a text",
		`{"pipeline":{"stages":[{"actions":[{"configuration":{"A.b":1}}]}]}}`: `pipeline.stages[0].actions[0].configuration["A.b"]: want a text`,
		`{"name":"a","artifactStores":[]}`:                                    "artifactStores: want an object, found a list",
	} {
		if _, err := definition.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// An error has the line and the column of the offending value, or of the next thing
// around it.
func TestParsePosition(t *testing.T) {
	t.Parallel()
	parse := func(data []byte) error { _, err := definition.Parse(data); return err }
	template := func(data []byte) error { _, err := definition.ParseTemplate(data); return err }
	for _, tt := range []struct {
		text         string
		read         func([]byte) error
		line, column int
		want         string
	}{
		{"{\n  \"name\": \"a\",\n  \"stages\": [{\"name\": \"ü\", x}]\n}", parse, 3, 28, "definition: line 3, column 28: want a member name"},
		{"{\"name\": \"a\",\r\n\"name\": \"b\"}", parse, 2, 8, "twice"},
		{"{\"name\": \"a\"", parse, 1, 13, "end of the text"},
		{"\xff", parse, 1, 1, "UTF-8"},
		{"{\n\"name\":\n\t\t1}", parse, 3, 3, "line 3, column 3: name: want a text, found a number"},
		{"{\"pipeline\": {\"name\": \"a\",\n \"stages\": [{}, {\"actions\":\n [{\"runOrder\": \"1\"}]}]}}", parse, 3, 16, "pipeline.stages[1].actions[0].runOrder: "},
		{"{\"name\": \"a\", \"stages\": [{\"actions\": [\n{\"configuration\": {\"A.b\": 1}}]}]}", parse, 2, 27, `configuration["A.b"]: `},
		{"{\n\"Stages\": []}", parse, 2, 11, "Stages: there is no structure (did you mean the member stages?)"},
		{"{\"x\": 1,\n\"pipelin\": {}}", parse, 2, 12, "did you mean the member pipeline?"},
		{"{\"Resources\": {}}", parse, 0, 0, "ParseTemplate"},
		{"{\"Resources\": {\n\"W\": {\"Type\": \"AWS::CodePipeline::Pipeline\",\n \"Properties\": {\"Stages\": [\n{\"Actions\": 7}]}}}}", template, 4, 13, "Resources.W.Properties.Stages[0].Actions: want a list"},
		{"{\"Resources\": {\n\"W\": {\"Type\": \"AWS::CodePipeline::Pipeline\",\n \"Properties\": {\"Stages\": \n{\"Fn::If\": [\"a\", [1], [2]]}}}}}", template, 4, 1, "Stages[0]: want an object"},
		{"{\"Resources\": \n", template, 2, 1, "end of the text"},
	} {
		err := tt.read([]byte(tt.text))
		var failure *definition.Error
		if !errors.As(err, &failure) {
			t.Errorf("%s: error %v", tt.text, err)
			continue
		}
		if failure.Line != tt.line || failure.Column != tt.column || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: line %d, column %d, error %v, want line %d, column %d, %q", tt.text, failure.Line, failure.Column, err, tt.line, tt.column, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"pipeline":{"name":"a","stages":[{"name":"s","actions":[{"actionTypeId":{"category":"Source","owner":"AWS","provider":"S3","version":"1"},"configuration":{"S3Bucket":"b","x":""},"runOrder":0}]}]},"metadata":{"pipelineArn":""}}`))
	f.Add([]byte(`{"name":"a","stages":[{"beforeEntry":{"conditions":[{"rules":[{"ruleTypeId":{"provider":"VariableCheck"},"configuration":null}]}]}}],"triggers":[{"gitConfiguration":{"push":[{}]}}]}`))
	f.Add([]byte(`{"name":"\ud800","stages":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := definition.Parse(data)
		if err != nil {
			var failure *definition.Error
			if !errors.As(err, &failure) || failure.Line > bytes.Count(data, []byte("\n"))+1 || failure.Column > len(data)+1 {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := definition.Parse(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if diff := gocmp.Diff(d, again); diff != "" {
			t.Fatalf("(-first +second):\n%s", diff)
		}
		d.Pipeline.Check()
		d.Pipeline.Check(func(o *definition.CheckOptions) { o.Placeholders, o.Region = true, "eu-west-1" })
		if _, err := d.Pipeline.EventRules(); err != nil {
			t.Log(err)
		}
		if diffs, err := definition.Diff(&d.Pipeline, &again.Pipeline); err != nil || len(diffs) > 0 {
			t.Fatalf("%v, %v", diffs, err)
		}
	})
}
