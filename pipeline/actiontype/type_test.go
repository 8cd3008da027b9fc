package actiontype_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// build is an action type that uses everything.
func build() actiontype.Type {
	return actiontype.Type{
		Category: "Build", Provider: "Make", Version: "1",
		EntityURLTemplate:    "https://ci.example.com/{Config:Project}",
		ExecutionURLTemplate: "https://ci.example.com/{Config:Project}/{ExternalExecutionId}",
		RevisionURLTemplate:  "https://ci.example.com/{Config:Project}/edit",
		ConfigurationURL:     "https://ci.example.com/signup",
		Properties: []actiontype.Property{
			{Name: "Project", Required: true, Key: true, Queryable: true, Description: "the project"},
			{Name: "Token", Required: true, Secret: true},
			{Name: "Jobs", Type: actiontype.PropertyTypeNumber},
			{Name: "Clean", Type: actiontype.PropertyTypeBoolean},
		},
		Inputs:  actiontype.ArtifactCount{Min: 1, Max: 5},
		Outputs: actiontype.ArtifactCount{Min: 0, Max: 1},
		Tags:    map[string]string{"team": "platform", "empty": ""},
	}
}

func TestActionTypeName(t *testing.T) {
	t.Parallel()
	b := build()
	if got, want := b.String(), "Custom/Build/Make/1"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	for region, want := range map[string]string{
		"eu-west-1":     "arn:aws:codepipeline:eu-west-1:111122223333:actiontype:Custom/Build/Make/1",
		"cn-north-1":    "arn:aws-cn:codepipeline:cn-north-1:111122223333:actiontype:Custom/Build/Make/1",
		"us-gov-west-1": "arn:aws-us-gov:codepipeline:us-gov-west-1:111122223333:actiontype:Custom/Build/Make/1",
	} {
		if got := b.ARN(region, "111122223333"); got != want {
			t.Errorf("ARN(%q) = %q, want %q", region, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("ä", n) }
	for name, test := range map[string]struct {
		change func(*actiontype.Type)
		want   string // in the error; "" is none
	}{
		"all": {func(*actiontype.Type) {}, ""},
		"least": {func(b *actiontype.Type) {
			*b = actiontype.Type{Category: "Test", Provider: "P", Version: "1"}
		}, ""},
		"owner":                 {func(b *actiontype.Type) { b.Owner = "AWS" }, `owner "AWS"`},
		"third party":           {func(b *actiontype.Type) { b.Owner = actiontype.OwnerThirdParty }, `owner "ThirdParty"`},
		"explicit owner":        {func(b *actiontype.Type) { b.Owner = actiontype.OwnerCustom }, ""},
		"no category":           {func(b *actiontype.Type) { b.Category = "" }, `category ""`},
		"category":              {func(b *actiontype.Type) { b.Category = "build" }, `category "build" is none of`},
		"provider":              {func(b *actiontype.Type) { b.Provider = "my build" }, `provider "my build"`},
		"long provider":         {func(b *actiontype.Type) { b.Provider = strings.Repeat("p", 36) }, "1 to 35"},
		"longest provider":      {func(b *actiontype.Type) { b.Provider = strings.Repeat("p", 35) }, ""},
		"dotted version":        {func(b *actiontype.Type) { b.Version = "1.0" }, `version "1.0"`},
		"long version":          {func(b *actiontype.Type) { b.Version = "1234567890" }, "1 to 9"},
		"no version":            {func(b *actiontype.Type) { b.Version = "" }, `version ""`},
		"too many properties":   {func(b *actiontype.Type) { add(b, 7) }, "11 properties"},
		"most properties":       {func(b *actiontype.Type) { add(b, 6) }, ""},
		"no property name":      {func(b *actiontype.Type) { b.Properties[3].Name = "" }, `property "": a name has 1 to 50`},
		"long property name":    {func(b *actiontype.Type) { b.Properties[3].Name = long(51) }, "a name has 1 to 50"},
		"longest property name": {func(b *actiontype.Type) { b.Properties[3].Name = long(50) }, ""},
		"same name":             {func(b *actiontype.Type) { b.Properties[3].Name = "Jobs" }, `property "Jobs": two`},
		"long description":      {func(b *actiontype.Type) { b.Properties[3].Description = long(161) }, "over 160"},
		"longest description":   {func(b *actiontype.Type) { b.Properties[3].Description = long(160) }, ""},
		"property type":         {func(b *actiontype.Type) { b.Properties[3].Type = "Bool" }, `type "Bool"`},
		"optional query":        {func(b *actiontype.Type) { b.Properties[2].Queryable = true }, `"Jobs": a queryable`},
		"secret query": {func(b *actiontype.Type) {
			b.Properties[0].Queryable = false
			b.Properties[1].Queryable = true
		}, `"Token": a queryable`},
		"two queries": {func(b *actiontype.Type) {
			b.Properties[2].Queryable, b.Properties[2].Required = true, true
		}, "a second queryable"},
		"unknown in template":   {func(b *actiontype.Type) { b.EntityURLTemplate = "https://{Config:Branch}/" }, `EntityURLTemplate: {Config:Branch}: there is no property "Branch"`},
		"secret in template":    {func(b *actiontype.Type) { b.RevisionURLTemplate = "https://{Config:Token}/" }, "RevisionURLTemplate: {Config:Token}: the property must"},
		"optional in template":  {func(b *actiontype.Type) { b.ExecutionURLTemplate = "https://x/{Config:Jobs}" }, "{Config:Jobs}: the property must"},
		"open template":         {func(b *actiontype.Type) { b.ExecutionURLTemplate = "https://x/{Config:Project" }, "no closing brace"},
		"misspelt config":       {func(b *actiontype.Type) { b.ExecutionURLTemplate = "https://x/{config:Project}" }, "{config:Project} is neither"},
		"misspelt execution ID": {func(b *actiontype.Type) { b.ExecutionURLTemplate = "https://x/{ExternalExecutionID}" }, "{ExternalExecutionID} is neither"},
		"long template":         {func(b *actiontype.Type) { b.EntityURLTemplate = long(2049) }, "EntityURLTemplate: over 2048"},
		"long URL":              {func(b *actiontype.Type) { b.ConfigurationURL = long(2049) }, "ConfigurationURL: over 2048"},
		"too many inputs":       {func(b *actiontype.Type) { b.Inputs.Max = 6 }, "Inputs: 1 to 6"},
		"less than none":        {func(b *actiontype.Type) { b.Outputs.Min = -1 }, "Outputs: -1 to 1"},
		"least over most":       {func(b *actiontype.Type) { b.Outputs = actiontype.ArtifactCount{Min: 2, Max: 1} }, "Outputs: 2 to 1"},
		"no tag key":            {func(b *actiontype.Type) { b.Tags[""] = "x" }, `tag "": a key`},
		"reserved tag":          {func(b *actiontype.Type) { b.Tags["AWS:x"] = "x" }, "belong to AWS"},
		"long tag":              {func(b *actiontype.Type) { b.Tags["k"] = long(257) }, `tag "k": the value`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := build()
			test.change(&b)
			err := b.Validate()
			switch {
			case test.want == "" && err != nil:
				t.Errorf("error %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}

	t.Run("everything at once", func(t *testing.T) {
		t.Parallel()
		err := actiontype.Type{Provider: "a b", Inputs: actiontype.ArtifactCount{Max: 9}}.Validate()
		for _, want := range []string{"category", "provider", "version", "Inputs"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v does not tell of %s", err, want)
			}
		}
	})
}

func add(b *actiontype.Type, n int) {
	for i := range n {
		b.Properties = append(b.Properties, actiontype.Property{Name: string(rune('a' + i))})
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	type diffs = []actiontype.Difference
	for name, test := range map[string]struct {
		change func(existing *actiontype.Type)
		want   diffs
	}{
		"same": {func(*actiontype.Type) {}, nil},
		"what does not count": {func(e *actiontype.Type) {
			e.Tags, e.Version, e.Owner = nil, "2", "Custom"
			e.Properties[0], e.Properties[3] = e.Properties[3], e.Properties[0]
			e.Properties[1].Type = actiontype.PropertyTypeString // the default
		}, nil},
		"fields": {func(e *actiontype.Type) {
			e.EntityURLTemplate, e.ConfigurationURL = "", "https://example.com"
			e.Inputs.Max = 2
		}, diffs{
			{"EntityURLTemplate", "https://ci.example.com/{Config:Project}", ""},
			{"ConfigurationURL", "https://ci.example.com/signup", "https://example.com"},
			{"Inputs", "1 to 5", "1 to 2"},
		}},
		"properties": {func(e *actiontype.Type) {
			e.Properties[0].Required, e.Properties[0].Description = false, ""
			e.Properties[2] = actiontype.Property{Name: "Zone", Secret: true, Required: true}
			e.Properties[3].Type = actiontype.PropertyTypeString
		}, diffs{
			{`property "Clean": Type`, "Boolean", "String"},
			{`property "Jobs"`, "Number", ""},
			{`property "Project": Description`, "the project", ""},
			{`property "Project": Required`, "true", "false"},
			{`property "Zone"`, "", "String required secret"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			existing := build()
			test.change(&existing)
			if diff := cmp.Diff(test.want, build().Diff(existing)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzValidate(f *testing.F) {
	f.Add("https://x/{Config:P}/{ExternalExecutionId}", "P", "1", "v1")
	f.Add("{", "", "}{Config:}", "x9")
	f.Fuzz(func(t *testing.T, template, property, provider, version string) {
		b := actiontype.Type{
			Category: "Build", Provider: provider, Version: version,
			ExecutionURLTemplate: template,
			Properties:           []actiontype.Property{{Name: property, Required: true}},
		}
		if err := b.Validate(); err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error without text")
		}
		if diffs := b.Diff(b); diffs != nil {
			t.Errorf("an action type differs from itself: %v", diffs)
		}
	})
}
