package pipeline_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

const (
	sha      = "ddbe7ef257512f9455e9b74a5ebe8ef831e615b7"
	starARN  = "arn:aws:codestar-connections:us-west-2:123456789012:connection/221894bb-cd29-4356-ba84-c0cd816af416"
	codeARN  = "arn:aws:codeconnections:eu-central-1:123456789012:connection/0f1c2d3e-cd29-4356-ba84-c0cd816af416"
	govARN   = "arn:aws-us-gov:codestar-connections:us-gov-west-1:123456789012:connection/0f1c2d3e-cd29-4356-ba84-c0cd816af416"
	chinaARN = "arn:aws-cn:codeconnections:cn-north-1:123456789012:connection/0f1c2d3e-cd29-4356-ba84-c0cd816af416"
)

// redirect is the form in which connections report a revision, unescaped as the
// service has it.
func redirect(console, connection, repository string) string {
	return "https://" + console + "/codesuite/settings/connections/redirect?connectionArn=" + connection +
		"&referenceType=COMMIT&FullRepositoryId=" + repository + "&Commit=" + sha
}

func summary(provider, message string) string {
	return `{"ProviderType":"` + provider + `","CommitMessage":"` + message + `"}`
}

// A source is an action's run, what the service tells of its artifact (nil for
// nothing), and the revision that comes of the two.
type source struct {
	action, artifact object
	want             pipeline.Revision
}

const connectionType = "Source/AWS/CodeStarSourceConnection"

// connected is a source of a connection as the service tells it.
func connected(name, arn, region, repository, provider string) (a, artifact object) {
	link := redirect(region+".console.aws.amazon.com", arn, repository)
	return action(name, "Source", name, "Succeeded", 0, actionType(connectionType), outputs(name+"Artifact"),
			configured("ConnectionArn", arn, "FullRepositoryId", repository, "BranchName", "main", "DetectChanges", "true"),
			variables("ConnectionArn", arn, "FullRepositoryName", repository, "BranchName", "main", "CommitId", sha, "CommitMessage", "a message", "AuthorDate", "2024-01-01T00:00:00Z"),
			result(sha, summary(provider, "a message"), link)),
		object{"name": name + "Artifact", "revisionId": sha, "revisionSummary": summary(provider, "a message"), "revisionUrl": link, "revisionChangeIdentifier": "change", "created": 1700000000.5}
}

func sources() map[string]source {
	all := make(map[string]source)
	for _, c := range []struct {
		name, arn, region, repository, provider, host string
	}{
		{"github", starARN, "us-west-2", "owner/name", "GitHub", "github.com"},
		{"bitbucket", starARN, "us-west-2", "team/app", "Bitbucket", "bitbucket.org"},
		{"gitlab", codeARN, "eu-central-1", "group/sub/app", "GitLab", "gitlab.com"},
		{"azure", codeARN, "eu-central-1", "org/project/app", "AzureDevOps", "dev.azure.com"},
		{"enterprise", "arn:aws:codeconnections:eu-central-1:123456789012:connection/enterprise", "eu-central-1", "team/app", "GitHubEnterpriseServer", "git.example.com"},
		{"selfmanaged", "arn:aws:codestar-connections:eu-central-1:123456789012:connection/selfmanaged", "eu-central-1", "group/sub/app", "GitLabSelfManaged", "gitlab.example.com:8443"},
	} {
		s := source{want: pipeline.Revision{
			Stage: "Source", Action: c.name, Artifact: c.name + "Artifact", Provider: events.Provider(c.provider), Host: c.host,
			Region: c.region, Repository: c.repository, ID: sha, Branch: "main", ConnectionARN: c.arn, Message: "a message",
			URL: redirect(c.region+".console.aws.amazon.com", c.arn, c.repository), ChangeID: "change", Created: at(0),
		}}
		s.action, s.artifact = connected(c.name, c.arn, c.region, c.repository, c.provider)
		all[c.name] = s
	}
	all["codecommit"] = source{
		action: action("codecommit", "Source", "codecommit", "Succeeded", 0, actionType("Source/AWS/CodeCommit"), outputs("App"),
			configured("RepositoryName", "my-repo", "BranchName", "feature/x"), object{"input": object{"region": "eu-west-3"}},
			variables("RepositoryName", "my-repo", "BranchName", "feature/x", "CommitId", sha, "CommitMessage", "Fix\n"), result(sha, "Fix\n", "")),
		artifact: object{"name": "App", "revisionId": sha, "revisionSummary": "Fix\n", "revisionUrl": "https://eu-west-3.console.aws.amazon.com/codecommit/home#/repository/my-repo/commit/" + sha},
		want: pipeline.Revision{Stage: "Source", Action: "codecommit", Artifact: "App", Provider: "CodeCommit", Region: "eu-west-3", Repository: "my-repo",
			ID: sha, Branch: "feature/x", Message: "Fix\n", URL: "https://eu-west-3.console.aws.amazon.com/codecommit/home#/repository/my-repo/commit/" + sha},
	}
	all["githubv1"] = source{
		action: action("githubv1", "Source", "githubv1", "Succeeded", 0, actionType("Source/ThirdParty/GitHub"), outputs("MyApp"),
			configured("Owner", "o", "Repo", "r", "Branch", "master", "OAuthToken", "****"), result(sha, "Fix", "https://github.com/o/r/commit/"+sha)),
		artifact: object{"name": "MyApp", "revisionId": sha, "revisionSummary": "Fix", "revisionUrl": "https://github.com/o/r/commit/" + sha},
		want: pipeline.Revision{Stage: "Source", Action: "githubv1", Artifact: "MyApp", Provider: "GitHub", Host: "github.com", Repository: "o/r",
			ID: sha, Branch: "master", Message: "Fix", URL: "https://github.com/o/r/commit/" + sha},
	}
	all["s3"] = source{
		action: action("s3", "Source", "s3", "Succeeded", 0, actionType("Source/AWS/S3"), outputs("Zip"), object{"input": object{"region": "us-east-1"}},
			configured("S3Bucket", "uploads", "S3ObjectKey", "app/main.zip"), variables("ETag", "etag", "VersionId", "v1"), result("v1", "", "")),
		artifact: object{"name": "Zip", "revisionId": "v1", "revisionSummary": "Amazon S3 version id: v1", "revisionChangeIdentifier": "etag"},
		want: pipeline.Revision{Stage: "Source", Action: "s3", Artifact: "Zip", Provider: "S3", Region: "us-east-1", Repository: "uploads/app/main.zip",
			ID: "v1", Message: "Amazon S3 version id: v1", ChangeID: "etag"},
	}
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
	all["ecr"] = source{
		action: action("ecr", "Source", "ecr", "Succeeded", 0, actionType("Source/AWS/ECR"), outputs("Image"), object{"input": object{"region": "us-east-1"}},
			configured("RepositoryName", "base/app"),
			variables("RepositoryName", "base/app", "ImageTag", "latest", "ImageDigest", digest, "ImageURI", registry+"/base/app@"+digest, "RegistryId", "123456789012"),
			result(digest, "", "")),
		artifact: object{"name": "Image", "revisionId": digest},
		want: pipeline.Revision{Stage: "Source", Action: "ecr", Artifact: "Image", Provider: "ECR", Host: registry, Region: "us-east-1", Repository: "base/app",
			ID: digest, Tag: "latest"},
	}
	all["custom"] = source{
		action:   action("custom", "Source", "custom", "Succeeded", 0, actionType("Source/Custom/Mercurial"), outputs("Hg"), result("r12", "Fix", "https://hg.example.com/r12")),
		artifact: object{"name": "Hg", "revisionId": "r12", "revisionSummary": "Fix", "revisionUrl": "https://hg.example.com/r12"},
		want:     pipeline.Revision{Stage: "Source", Action: "custom", Artifact: "Hg", ID: "r12", Message: "Fix", URL: "https://hg.example.com/r12"},
	}
	return all
}

// connections answers GetConnection and GetHost for the sources.
func connections(operations map[string]func(object) (any, error)) map[string]func(object) (any, error) {
	operations["GetConnection"] = func(in object) (any, error) {
		switch arn := in["ConnectionArn"].(string); arn[len(arn)-10:] {
		case "enterprise":
			return object{"Connection": object{"ConnectionArn": arn, "ProviderType": "GitHubEnterpriseServer", "HostArn": "arn:aws:codeconnections:eu-central-1:123456789012:host/ghes"}}, nil
		case "elfmanaged":
			return object{"Connection": object{"ConnectionArn": arn, "ProviderType": "GitLabSelfManaged", "HostArn": "arn:aws:codestar-connections:eu-central-1:123456789012:host/gitlab"}}, nil
		default:
			return object{"Connection": object{"ConnectionArn": arn, "ProviderType": "GitHub"}}, nil
		}
	}
	operations["GetHost"] = func(in object) (any, error) {
		if arn := in["HostArn"].(string); arn[len(arn)-6:] == "gitlab" {
			return object{"Name": "gitlab", "ProviderEndpoint": "https://gitlab.example.com:8443/"}, nil
		}
		return object{"Name": "ghes", "ProviderEndpoint": "https://Git.Example.com:443"}, nil
	}
	return operations
}

// Each source comes out the same alone and with all others, in whatever order
// the service lists them.
func TestRevisions(t *testing.T) {
	t.Parallel()
	all := sources()
	serve := func(t *testing.T, details, artifacts []object) []pipeline.Revision {
		t.Helper()
		w := newWire(t, connections(map[string]func(object) (any, error){
			"GetPipelineExecution": reply(execution("InProgress", artifacts...)),
			"ListActionExecutions": reply(actions(details...)),
		}))
		e, err := w.open().Execution(t.Context(), web, run1)
		if err != nil {
			t.Fatal(err)
		}
		return e.Revisions
	}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff([]pipeline.Revision{s.want}, serve(t, []object{s.action}, []object{s.artifact})); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
		// GetPipelineExecution may be behind: then the action tells the same,
		// but for what only the artifact has.
		t.Run(name+" without the artifact", func(t *testing.T) {
			t.Parallel()
			opts := cmpopts.IgnoreFields(pipeline.Revision{}, "URL", "Message", "ChangeID", "Created")
			if diff := cmp.Diff([]pipeline.Revision{s.want}, serve(t, []object{s.action}, nil), opts); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		var names []string
		for name := range all {
			names = append(names, name)
		}
		slices.Sort(names)
		var want []pipeline.Revision
		var details, artifacts []object
		for _, name := range names {
			want = append(want, all[name].want)
			details = append(details, all[name].action)
			artifacts = append(artifacts, all[name].artifact)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			random.Shuffle(len(details), func(i, j int) { details[i], details[j] = details[j], details[i] })
			random.Shuffle(len(artifacts), func(i, j int) { artifacts[i], artifacts[j] = artifacts[j], artifacts[i] })
			if diff := cmp.Diff(want, serve(t, details, artifacts)); diff != "" {
				t.Fatalf("mismatch (-want +got):\n%s", diff)
			}
		}
	})
}

func TestRevisionsJoined(t *testing.T) {
	t.Parallel()
	github := actionType("Source/ThirdParty/GitHub")
	link := "https://github.com/o/r/commit/" + sha
	other := "0000000000000000000000000000000000000001"
	revision := func(name, id string) object {
		return object{"name": name, "revisionId": id, "revisionUrl": "https://github.com/o/r/commit/" + id}
	}
	for _, test := range []struct {
		name    string
		told    []object
		actions []object
		want    []pipeline.Revision
	}{
		{name: "nothing yet"},
		{name: "a source that runs", actions: []object{action("1", "Source", "a", "InProgress", 0, github, configured("Owner", "o", "Repo", "r"))}},
		{name: "a source that failed", actions: []object{action("1", "Source", "a", "Failed", 0, github, configured("Owner", "o", "Repo", "r"))}},
		{name: "actions that are no sources", actions: []object{action("1", "Build", "a", "Succeeded", 0, actionType("Build/AWS/CodeBuild"), outputs("App"), result("b:1", "", ""))}},
		{
			name: "a revision of an unknown action", told: []object{revision("App", sha)},
			want: []pipeline.Revision{{Artifact: "App", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, URL: link}},
		},
		{
			name:    "joined by the ID",
			told:    []object{revision("App", sha)},
			actions: []object{action("1", "Source", "a", "Succeeded", 0, github, configured("Owner", "o", "Repo", "r", "Branch", "main"), result(sha, "Fix", link))},
			want:    []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, Branch: "main", Message: "Fix", URL: link}},
		},
		{
			name: "two sources of one commit are not joined by the ID",
			told: []object{revision("A", sha)},
			actions: []object{
				action("1", "Source", "a", "Succeeded", 0, github, configured("Owner", "o", "Repo", "r"), result(sha, "", link)),
				action("2", "Source", "b", "Succeeded", 0, github, configured("Owner", "o", "Repo", "r"), result(sha, "", link)),
			},
			want: []pipeline.Revision{
				{Artifact: "A", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, URL: link},
				{Stage: "Source", Action: "a", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, URL: link},
				{Stage: "Source", Action: "b", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, URL: link},
			},
		},
		{
			name: "the newest run of a retried source",
			told: []object{revision("App", sha)},
			actions: []object{
				action("2", "Source", "a", "Succeeded", 10, github, outputs("App"), configured("Owner", "o", "Repo", "r"), result(sha, "", link)),
				action("1", "Source", "a", "Failed", 0, github, outputs("App"), configured("Owner", "o", "Repo", "r"), result(other, "", "")),
			},
			want: []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, URL: link}},
		},
		{
			name: "a source that runs again",
			told: []object{revision("App", sha)},
			actions: []object{
				action("2", "Source", "a", "InProgress", 10, github, configured("Owner", "o", "Repo", "r")),
				action("1", "Source", "a", "Succeeded", 0, github, outputs("App"), configured("Owner", "o", "Repo", "r"), result(sha, "", link)),
			},
			want: []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, URL: link}},
		},
		{
			name: "a message that looks like a connection's",
			told: []object{{"name": "App", "revisionId": sha, "revisionSummary": summary("GitHub", "x")}},
			actions: []object{action("1", "Source", "a", "Succeeded", 0, actionType("Source/AWS/CodeCommit"), outputs("App"),
				configured("RepositoryName", "r"), variables("CommitMessage", "x"))},
			want: []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "CodeCommit", Repository: "r", ID: sha, Message: summary("GitHub", "x")}},
		},
		{
			name: "a summary that was cut, and its message in a variable",
			told: []object{{"name": "App", "revisionId": sha, "revisionSummary": `{"ProviderType":"GitHub","CommitMessage":"Merge`}},
			actions: []object{action("1", "Source", "a", "Succeeded", 0, actionType(connectionType), outputs("App"),
				configured("ConnectionArn", starARN, "FullRepositoryId", "o/r", "BranchName", "main"), variables("CommitMessage", "Merge it"))},
			want: []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "GitHub", Host: "github.com", Region: "us-west-2",
				Repository: "o/r", ID: sha, Branch: "main", ConnectionARN: starARN, Message: "Merge it"}},
		},
		{
			name: "a source that is no connection, with the URL of one",
			told: []object{{"name": "App", "revisionId": sha, "revisionUrl": redirect("us-west-2.console.aws.amazon.com", starARN, "o/other")}},
			actions: []object{action("1", "Source", "a", "Succeeded", 0, actionType("Source/AWS/CodeCommit"), outputs("App"),
				configured("RepositoryName", "r"))},
			want: []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "CodeCommit", Repository: "r", ID: sha,
				URL: redirect("us-west-2.console.aws.amazon.com", starARN, "o/other")}},
		},
		{
			name: "a connection with the URL of CodeCommit",
			told: []object{{"name": "App", "revisionId": sha, "revisionSummary": "Fix", "revisionUrl": "https://eu-west-3.console.aws.amazon.com/codecommit/home#/repository/x/commit/" + sha}},
			actions: []object{action("1", "Source", "a", "Succeeded", 0, actionType(connectionType), outputs("App"),
				configured("ConnectionArn", codeARN, "FullRepositoryId", "o/r", "BranchName", "main"))},
			want: []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "App", Provider: "GitHub", Host: "github.com", Region: "eu-central-1",
				Repository: "o/r", ID: sha, Branch: "main", ConnectionARN: codeARN, Message: "Fix",
				URL: "https://eu-west-3.console.aws.amazon.com/codecommit/home#/repository/x/commit/" + sha}},
		},
		{
			name: "another key of the bucket",
			told: []object{{"name": "Zip", "revisionId": "v2"}},
			actions: []object{action("1", "Source", "a", "Succeeded", 0, actionType("Source/AWS/S3"), outputs("Zip"),
				configured("S3Bucket", "b", "S3ObjectKey", "main.zip"), variables("BucketName", "b", "ObjectKey", "branches/x.zip"))},
			want: []pipeline.Revision{{Stage: "Source", Action: "a", Artifact: "Zip", Provider: "S3", Repository: "b/branches/x.zip", ID: "v2"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, connections(map[string]func(object) (any, error){
				"GetPipelineExecution": reply(execution("InProgress", test.told...)),
				"ListActionExecutions": reply(actions(test.actions...)),
			}))
			e, err := w.open().Execution(t.Context(), web, run1)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, e.Revisions); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
