package pipeline_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

func TestWebURL(t *testing.T) {
	t.Parallel()
	const (
		before = "00000000000000000000000000000000000000aa"
		after  = "11111111111111111111111111111111111111bb"
		object = "https://s3.console.aws.amazon.com/s3/object/uploads?region=eu-west-1&prefix=web.zip&versionId=v1"
	)
	for _, test := range []struct {
		revision      pipeline.Revision
		web, compared string
	}{
		{pipeline.Revision{Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/web", ID: after},
			"https://github.com/octo/web/commit/" + after, "https://github.com/octo/web/compare/" + before + "..." + after},
		{pipeline.Revision{Provider: events.ProviderGitHubEnterpriseServer, Host: "git.example.com:8443", Repository: "team/web", ID: after},
			"https://git.example.com:8443/team/web/commit/" + after, "https://git.example.com:8443/team/web/compare/" + before + "..." + after},
		{pipeline.Revision{Provider: events.ProviderGitLab, Host: "gitlab.com", Repository: "group/sub/web", ID: after},
			"https://gitlab.com/group/sub/web/-/commit/" + after, "https://gitlab.com/group/sub/web/-/compare/" + before + "..." + after},
		{pipeline.Revision{Provider: events.ProviderGitLabSelfManaged, Host: "gitlab.example.com", Repository: "group/web", ID: after},
			"https://gitlab.example.com/group/web/-/commit/" + after, "https://gitlab.example.com/group/web/-/compare/" + before + "..." + after},
		{pipeline.Revision{Provider: events.ProviderBitbucket, Host: "bitbucket.org", Repository: "team/web", ID: after},
			"https://bitbucket.org/team/web/commits/" + after, "https://bitbucket.org/team/web/branches/compare/" + after + ".." + before},
		{pipeline.Revision{Provider: events.ProviderAzureDevOps, Host: "dev.azure.com", Repository: "org/my project/web", ID: after},
			"https://dev.azure.com/org/my%20project/_git/web/commit/" + after,
			"https://dev.azure.com/org/my%20project/_git/web/branchCompare?baseVersion=GC" + before + "&targetVersion=GC" + after},
		{pipeline.Revision{Provider: events.ProviderCodeCommit, Region: "eu-west-1", Repository: "web", ID: after},
			"https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/web/commit/" + after + "?region=eu-west-1",
			"https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/web/compare/" + after + "/.../" + before + "?region=eu-west-1"},
		{pipeline.Revision{Provider: events.ProviderS3, Repository: "uploads/web.zip", ID: "v1", URL: object}, "", ""}, // no host of a Region
		{pipeline.Revision{Provider: events.ProviderS3, Repository: "uploads/web.zip", ID: "v1", URL: "https://eu-west-1.console.aws.amazon.com/s3/object/uploads"}, "https://eu-west-1.console.aws.amazon.com/s3/object/uploads", ""},
		// What is not known, or not safe to show as a link.
		{pipeline.Revision{Provider: events.ProviderGitHubEnterpriseServer, Repository: "team/web", ID: after}, "", ""},
		{pipeline.Revision{Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/web", ID: "main"}, "", ""},
		{pipeline.Revision{Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/../web", ID: after}, "", ""},
		{pipeline.Revision{Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/..", ID: after}, "", ""},
		{pipeline.Revision{Provider: events.ProviderGitHub, Host: "github.com@evil.example", Repository: "octo/web", ID: after}, "", ""},
		{pipeline.Revision{Provider: events.ProviderGitHub, Host: "evil.example/x", Repository: "octo/web", ID: after}, "", ""},
		{pipeline.Revision{Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/we b)", ID: after},
			"https://github.com/octo/we%20b%29/commit/" + after, "https://github.com/octo/we%20b%29/compare/" + before + "..." + after},
		{pipeline.Revision{Provider: "Gitea", Host: "gitea.example.com", Repository: "octo/web", ID: after}, "", ""},
		{pipeline.Revision{ID: after, URL: "https://evil.example/" + after}, "", ""},
		{pipeline.Revision{ID: after, URL: "javascript:alert(1)"}, "", ""},
	} {
		if got := test.revision.WebURL(); got != test.web {
			t.Errorf("%+v: WebURL %q, want %q", test.revision, got, test.web)
		}
		if got := test.revision.CompareURL(before); got != test.compared {
			t.Errorf("%+v: CompareURL %q, want %q", test.revision, got, test.compared)
		}
		for _, previous := range []string{"", "main", test.revision.ID} {
			if got := test.revision.CompareURL(previous); got != "" {
				t.Errorf("%+v: CompareURL of %q is %q", test.revision, previous, got)
			}
		}
	}
}
