package pipelinetest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// typeInput returns a call that creates the type Make.
func typeInput(changes ...func(*awscodepipeline.CreateCustomActionTypeInput)) *awscodepipeline.CreateCustomActionTypeInput {
	in := &awscodepipeline.CreateCustomActionTypeInput{
		Category: "Build", Provider: aws.String("Make"), Version: aws.String("1"),
		InputArtifactDetails:  &types.ArtifactDetails{MinimumCount: 0, MaximumCount: 5},
		OutputArtifactDetails: &types.ArtifactDetails{MinimumCount: 0, MaximumCount: 1},
	}
	for _, change := range changes {
		change(in)
	}
	return in
}

func createType(t testing.TB, s jobServer, changes ...func(*awscodepipeline.CreateCustomActionTypeInput)) *awscodepipeline.CreateCustomActionTypeOutput {
	t.Helper()
	out, err := s.CreateCustomActionType(t.Context(), typeInput(changes...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func property(name string) types.ActionConfigurationProperty {
	return types.ActionConfigurationProperty{Name: &name}
}

func deleteType(t testing.TB, s jobServer, version string) string {
	_, err := s.DeleteCustomActionType(t.Context(), &awscodepipeline.DeleteCustomActionTypeInput{
		Category: "Build", Provider: aws.String("Make"), Version: &version,
	})
	return code(err)
}

func TestActionType(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	full := func(in *awscodepipeline.CreateCustomActionTypeInput) {
		in.Settings = &types.ActionTypeSettings{
			EntityUrlTemplate:          aws.String("https://ci.example.com/{Config:Project}/"),
			ExecutionUrlTemplate:       aws.String("https://ci.example.com/{Config:Project}/{ExternalExecutionId}"),
			RevisionUrlTemplate:        aws.String("https://ci.example.com/revisions"),
			ThirdPartyConfigurationUrl: aws.String("https://ci.example.com/sign-up"),
		}
		in.ConfigurationProperties = []types.ActionConfigurationProperty{
			{Name: aws.String("Project"), Required: true, Key: true, Queryable: true, Description: aws.String("The project"), Type: "String"},
			{Name: aws.String("Password"), Secret: true},
		}
		in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("ci")}}
	}
	out := createType(t, s, full)
	in := typeInput(full)
	want := types.ActionType{
		Id:                            typeID(makeType),
		Settings:                      in.Settings,
		ActionConfigurationProperties: in.ConfigurationProperties,
		InputArtifactDetails:          in.InputArtifactDetails,
		OutputArtifactDetails:         in.OutputArtifactDetails,
	}
	ignore := cmpopts.IgnoreUnexported(types.ActionType{}, types.ActionTypeId{}, types.ActionTypeSettings{}, types.ActionConfigurationProperty{}, types.ArtifactDetails{}, types.Tag{})
	diff(t, "created", &want, out.ActionType, ignore)
	diff(t, "tags", in.Tags, out.Tags, ignore)
	list, err := s.ListActionTypes(t.Context(), &awscodepipeline.ListActionTypesInput{ActionOwnerFilter: "Custom"})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "listed", []types.ActionType{want}, list.ActionTypes, ignore)

	if _, err := s.CreateCustomActionType(t.Context(), typeInput(full)); code(err) != "ActionTypeAlreadyExistsException" {
		t.Errorf("created twice: %v", err)
	}
	equal(t, "deleted", "<nil>", deleteType(t, s, "1"))
	equal(t, "deleted twice", "ValidationException", deleteType(t, s, "1"))
	equal(t, "deleted without a version", "ValidationException", deleteType(t, s, ""))
	if _, err := s.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType)}); code(err) != "ActionTypeNotFoundException" {
		t.Errorf("poll: %v", err)
	}
	if _, err := s.AddJob(makeJob); err == nil || !strings.Contains(err.Error(), "was deleted") {
		t.Errorf("job: %v", err)
	}
	if list, err := s.ListActionTypes(t.Context(), &awscodepipeline.ListActionTypesInput{ActionOwnerFilter: "Custom"}); err != nil || len(list.ActionTypes) > 0 {
		t.Errorf("listed: %v, %v", list, err)
	}
	if _, err := s.CreateCustomActionType(t.Context(), typeInput()); code(err) != "ActionTypeAlreadyExistsException" {
		t.Errorf("created with another definition: %v", err)
	}
	createType(t, s, full, func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Tags = nil })
	s.poll(1)
}

func TestCreateActionTypeErrors(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	x := func(n int) *string { return aws.String(strings.Repeat("x", n)) }
	properties := func(list ...types.ActionConfigurationProperty) func(*awscodepipeline.CreateCustomActionTypeInput) {
		return func(in *awscodepipeline.CreateCustomActionTypeInput) { in.ConfigurationProperties = list }
	}
	template := func(text string) func(*awscodepipeline.CreateCustomActionTypeInput) {
		return func(in *awscodepipeline.CreateCustomActionTypeInput) {
			in.Settings = &types.ActionTypeSettings{EntityUrlTemplate: &text}
			secret, required := property("Secret"), property("Required")
			secret.Required, secret.Secret, required.Required = true, true, true
			in.ConfigurationProperties = []types.ActionConfigurationProperty{secret, required, property("Optional")}
		}
	}
	tags := func(list ...string) func(*awscodepipeline.CreateCustomActionTypeInput) {
		return func(in *awscodepipeline.CreateCustomActionTypeInput) {
			for _, key := range list {
				in.Tags = append(in.Tags, types.Tag{Key: &key, Value: aws.String("v")})
			}
		}
	}
	var eleven []types.ActionConfigurationProperty
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprint(i))
		if i < 11 {
			eleven = append(eleven, property(fmt.Sprint(i)))
		}
	}
	with := func(f func(*types.ActionConfigurationProperty)) types.ActionConfigurationProperty {
		p := property("P")
		f(&p)
		return p
	}
	for name, test := range map[string]struct {
		change func(*awscodepipeline.CreateCustomActionTypeInput)
		want   string
	}{
		"category":     {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Category = "Make" }, "ValidationException"},
		"approval":     {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Category = "Approval" }, "ValidationException"},
		"provider":     {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Provider = x(36) }, "ValidationException"},
		"version":      {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Version = x(10) }, "ValidationException"},
		"dotted":       {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Version = aws.String("1.0") }, "ValidationException"},
		"six inputs":   {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.InputArtifactDetails.MaximumCount = 6 }, "ValidationException"},
		"minus one":    {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.InputArtifactDetails.MinimumCount = -1 }, "ValidationException"},
		"more or less": {func(in *awscodepipeline.CreateCustomActionTypeInput) { in.OutputArtifactDetails.MinimumCount = 2 }, "ValidationException"},
		"URL": {func(in *awscodepipeline.CreateCustomActionTypeInput) {
			in.Settings = &types.ActionTypeSettings{ThirdPartyConfigurationUrl: x(2049)}
		}, "ValidationException"},
		"eleven":        {properties(eleven...), "ValidationException"},
		"long name":     {properties(property(strings.Repeat("x", 51))), "ValidationException"},
		"no name":       {properties(property("")), "ValidationException"},
		"same name":     {properties(property("P"), property("P")), "ValidationException"},
		"description":   {properties(with(func(p *types.ActionConfigurationProperty) { p.Description = x(161) })), "ValidationException"},
		"property type": {properties(with(func(p *types.ActionConfigurationProperty) { p.Type = "Integer" })), "ValidationException"},
		"optional":      {properties(with(func(p *types.ActionConfigurationProperty) { p.Queryable = true })), "ValidationException"},
		"secret": {properties(with(func(p *types.ActionConfigurationProperty) { p.Queryable, p.Required, p.Secret = true, true, true })),
			"ValidationException"},
		"two queryable": {properties(with(func(p *types.ActionConfigurationProperty) { p.Queryable, p.Required = true, true }),
			with(func(p *types.ActionConfigurationProperty) { p.Queryable, p.Required, p.Name = true, true, x(1) })), "ValidationException"},
		"template, unknown":   {template("https://example.com/{Config:Other}"), "ValidationException"},
		"template, secret":    {template("https://example.com/{Config:Secret}"), "ValidationException"},
		"template, optional":  {template("https://example.com/{Config:Optional}"), "ValidationException"},
		"template, something": {template("https://example.com/{Thing}"), "ValidationException"},
		"template, open":      {template("https://example.com/{Config:Required"), "ValidationException"},
		"many tags":           {tags(many...), "TooManyTagsException"},
		"reserved tag":        {tags("aws:tag"), "InvalidTagsException"},
		"same tag":            {tags("a", "a"), "InvalidTagsException"},
		"long tag":            {tags(strings.Repeat("x", 129)), "InvalidTagsException"},
		"empty tag":           {tags(""), "InvalidTagsException"},
	} {
		if _, err := s.CreateCustomActionType(t.Context(), typeInput(test.change)); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	for body, want := range map[string]string{
		`{"category":"Build","provider":"P","version":"1"}`: "2 validation errors",
		`{"category":"Build","provider":"P","version":"1","inputArtifactDetails":{},"outputArtifactDetails":{"minimumCount":0,"maximumCount":0},` +
			`"configurationProperties":[{}]}`: "6 validation errors",
	} {
		if got := raw(t, s.URL(), "CreateCustomActionType", body); !strings.Contains(got, "ValidationException") || !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	createType(t, s, template("https://example.com/{Config:Required}/{ExternalExecutionId}/{Config:Required}"), tags(many[1:]...))
}

func TestActionTypeLimit(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.add(makeJob) // an action type that nobody has created does not count
	version := func(v string) func(*awscodepipeline.CreateCustomActionTypeInput) {
		return func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Version = &v }
	}
	for i := range 50 {
		createType(t, s, version(fmt.Sprint("v", i)))
	}
	if _, err := s.CreateCustomActionType(t.Context(), typeInput(version("v50"))); code(err) != "LimitExceededException" {
		t.Errorf("the 51st: %v", err)
	}
	equal(t, "deleted", "<nil>", deleteType(t, s, "v7"))
	createType(t, s, version("v50"))
	if _, err := s.CreateCustomActionType(t.Context(), typeInput(version("v7"))); code(err) != "LimitExceededException" {
		t.Errorf("restored: %v", err)
	}
}

func TestListActionTypes(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	for i := range 25 {
		createType(t, s, func(in *awscodepipeline.CreateCustomActionTypeInput) { in.Version = aws.String(fmt.Sprint(i)) })
	}
	list := func(in awscodepipeline.ListActionTypesInput) (names []string, pages int) {
		paginator := awscodepipeline.NewListActionTypesPaginator(s, &in)
		for paginator.HasMorePages() {
			out, err := paginator.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, a := range out.ActionTypes {
				names = append(names, fmt.Sprintf("%s/%s/%s/%s", a.Id.Category, a.Id.Owner, *a.Id.Provider, *a.Id.Version))
			}
		}
		return names, pages
	}
	all, pages := list(awscodepipeline.ListActionTypesInput{})
	if pages < 3 || !slices.Contains(all, "Build/AWS/CodeBuild/1") || !slices.Contains(all, "Source/ThirdParty/GitHub/1") {
		t.Errorf("%d pages: %v", pages, all)
	}
	names := make(map[string]bool)
	for _, name := range all {
		names[name] = true
	}
	equal(t, "different ones", len(all), len(names))
	rest := len(all)
	for _, owner := range []types.ActionOwner{"AWS", "ThirdParty", "Custom"} {
		names, _ := list(awscodepipeline.ListActionTypesInput{ActionOwnerFilter: owner, RegionFilter: aws.String("us-east-1")})
		for _, name := range names {
			if !strings.Contains(name, "/"+string(owner)+"/") {
				t.Errorf("%s: %s", owner, name)
			}
		}
		rest -= len(names)
		if owner == "Custom" {
			equal(t, "custom action types", 25, len(names))
		}
	}
	equal(t, "those of no owner", 0, rest)
	if names, _ := list(awscodepipeline.ListActionTypesInput{RegionFilter: aws.String("eu-west-1")}); len(names) > 0 {
		t.Errorf("of another Region: %v", names)
	}
	for name, test := range map[string]struct {
		in   awscodepipeline.ListActionTypesInput
		want string
	}{
		"owner":  {awscodepipeline.ListActionTypesInput{ActionOwnerFilter: "Me"}, "ValidationException"},
		"Region": {awscodepipeline.ListActionTypesInput{RegionFilter: aws.String("US")}, "ValidationException"},
		"token":  {awscodepipeline.ListActionTypesInput{NextToken: aws.String("x")}, "InvalidNextTokenException"},
	} {
		if _, err := s.ListActionTypes(t.Context(), &test.in); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
