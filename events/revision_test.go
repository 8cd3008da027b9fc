package events_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
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

func TestParseRevision(t *testing.T) {
	t.Parallel()
	const west = "us-west-2.console.aws.amazon.com"
	tests := []struct {
		name             string
		url, summary, id string
		want             events.SourceRevision // URL is added, and Message and ID if they are empty
	}{
		{
			name: "F1 connection to GitHub",
			url:  redirect(west, starARN, "owner/documentdb-example"), summary: summary("GitHub", "initial commit"), id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "us-west-2", Repository: "owner/documentdb-example", ConnectionARN: starARN, Message: "initial commit"},
		},
		{
			name: "F1 without an ID of its own",
			url:  redirect(west, starARN, "owner/documentdb-example"),
			want: events.SourceRevision{Region: "us-west-2", Repository: "owner/documentdb-example", ConnectionARN: starARN, ID: sha},
		},
		{
			name: "F1 with escapes",
			url: "https://us-west-2.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" +
				strings.NewReplacer(":", "%3A", "/", "%2F").Replace(starARN) + "&referenceType=COMMIT&FullRepositoryId=owner%2Fname&Commit=" + sha,
			summary: summary("GitHub", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "us-west-2", Repository: "owner/name", ConnectionARN: starARN, Message: "a"},
		},
		{
			name: "F2 connection to Bitbucket",
			url:  redirect(west, starARN, "quicken/aws-meerkat"), summary: summary("Bitbucket", `A bit more basic validation\n`), id: sha,
			want: events.SourceRevision{Provider: "Bitbucket", Host: "bitbucket.org", Region: "us-west-2", Repository: "quicken/aws-meerkat", ConnectionARN: starARN, Message: "A bit more basic validation\n"},
		},
		{
			name: "F2 in another spelling",
			url:  redirect(west, starARN, "quicken/aws-meerkat"), summary: summary("BitBucket", "a"), id: sha,
			want: events.SourceRevision{Provider: "Bitbucket", Host: "bitbucket.org", Region: "us-west-2", Repository: "quicken/aws-meerkat", ConnectionARN: starARN, Message: "a"},
		},
		{
			name: "F3 branch of a connection",
			url:  "https://us-west-2.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" + starARN + "&referenceType=BRANCH&FullRepositoryId=owner/repo&Branch=samrat/ci-cd-test-v2",
			want: events.SourceRevision{Region: "us-west-2", Repository: "owner/repo", Branch: "samrat/ci-cd-test-v2", ConnectionARN: starARN},
		},
		{
			name: "F3 branch with a plus sign",
			url:  "https://us-west-2.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" + starARN + "&referenceType=BRANCH&FullRepositoryId=owner/repo&Branch=c++/100%",
			want: events.SourceRevision{Region: "us-west-2", Repository: "owner/repo", Branch: "c++/100%", ConnectionARN: starARN},
		},
		{
			name: "F3 branch with a number sign",
			url:  "https://us-west-2.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" + starARN + "&referenceType=BRANCH&FullRepositoryId=owner/repo&Branch=fix#12",
			want: events.SourceRevision{Region: "us-west-2", Repository: "owner/repo", Branch: "fix#12", ConnectionARN: starARN},
		},
		{
			name: "F4 GitHub",
			url:  "https://github.com/hmrc/telemetry-terraform/commit/" + sha, summary: "TEL-3481 create", id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "hmrc/telemetry-terraform"},
		},
		{
			name: "F4 merge",
			url:  "https://github.com/hmrc/telemetry-terraform/commit/" + sha, summary: "Merge pull request #1413 from hmrc/a\n\nAllow b", id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "hmrc/telemetry-terraform"},
		},
		{
			name: "F4 branch",
			url:  "https://github.com/o/r.js/tree/feature/x",
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "o/r.js", Branch: "feature/x"},
		},
		{
			name: "F5 API of GitHub",
			url:  "https://api.github.com/repos/anycompany/MyApp/git/commits/7636d59f3c461cEXAMPLE8417dbc6371",
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "anycompany/MyApp", ID: "7636d59f3c461cEXAMPLE8417dbc6371"},
		},
		{
			name: "F5 the other endpoint",
			url:  "https://api.github.com/repos/anycompany/MyApp/commits/" + sha, id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "anycompany/MyApp"},
		},
		{
			name: "F6 CodeCommit in the fragment",
			url:  "https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/TestProject/commit/64d7fa205c844ab07a516a10a515f1422023bbc3",
			want: events.SourceRevision{Provider: "CodeCommit", Region: "us-east-1", Repository: "TestProject", ID: "64d7fa205c844ab07a516a10a515f1422023bbc3"},
		},
		{
			name: "F6 branch",
			url:  "https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/TestProject/browse/master/--/",
			want: events.SourceRevision{Provider: "CodeCommit", Region: "us-east-1", Repository: "TestProject", Branch: "master"},
		},
		{
			name: "F6 branch with a folder",
			url:  "https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/TestProject/browse/feature/x/--/docs/a.md",
			want: events.SourceRevision{Provider: "CodeCommit", Region: "us-east-1", Repository: "TestProject", Branch: "feature/x"},
		},
		{
			name: "F7 CodeCommit with the Region in the query",
			url:  "https://console.aws.amazon.com/codecommit/home?region=ap-northeast-2#/repository/tftest-repo/commit/" + sha, summary: "Renamed api/x.controller\n", id: sha,
			want: events.SourceRevision{Provider: "CodeCommit", Region: "ap-northeast-2", Repository: "tftest-repo"},
		},
		{
			name: "F7 CodeCommit in the newer console",
			url:  "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/my.repo_1/commit/" + sha + "?region=eu-west-1", id: sha,
			want: events.SourceRevision{Provider: "CodeCommit", Region: "eu-west-1", Repository: "my.repo_1"},
		},
		{
			name: "newer console, branch",
			url:  "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse/refs/heads/a/b/--/docs?region=eu-west-1",
			want: events.SourceRevision{Provider: "CodeCommit", Region: "eu-west-1", Repository: "r", Branch: "a/b"},
		},
		{
			name: "newer console, tag",
			url:  "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse/refs/tags/v1?region=eu-west-1",
			want: events.SourceRevision{Provider: "CodeCommit", Region: "eu-west-1", Repository: "r", Tag: "v1"},
		},
		{
			name: "newer console, repository alone",
			url:  "https://console.aws.amazon.com/codesuite/codecommit/repositories/r?region=nowhere",
			want: events.SourceRevision{Provider: "CodeCommit", Repository: "r"},
		},
		{
			name: "CodeCommit in China",
			url:  "https://console.amazonaws.cn/codecommit/home?region=cn-north-1#/repository/r/commit/" + sha, id: sha,
			want: events.SourceRevision{Provider: "CodeCommit", Region: "cn-north-1", Repository: "r"},
		},
		{
			name: "CodeCommit in GovCloud",
			url:  "https://us-gov-east-1.console.amazonaws-us-gov.com/codesuite/codecommit/repositories/r/commit/" + sha, id: sha,
			want: events.SourceRevision{Provider: "CodeCommit", Region: "us-gov-east-1", Repository: "r"},
		},
		{
			name: "a commit message that looks like a connection's",
			url:  "https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/r/commit/" + sha, summary: summary("GitHub", "x"), id: sha,
			want: events.SourceRevision{Provider: "CodeCommit", Region: "us-east-1", Repository: "r"},
		},
		{
			name: "F8 S3",
			url:  "https://console.aws.amazon.com/s3/home?#", summary: "Amazon S3 version id: abc", id: "abc",
			want: events.SourceRevision{Provider: "S3"},
		},
		{
			name: "F8 S3 without a URL", summary: "Amazon S3 version id: CXkyGc4T_6.0ZrS3vwWYfF1NHHYqGtmh", id: "CXkyGc4T_6.0ZrS3vwWYfF1NHHYqGtmh",
			want: events.SourceRevision{Provider: "S3"},
		},
		{name: "another object's version", summary: "Amazon S3 version id: abc", id: "def"},
		{name: "F8 nothing"},
		{name: "F8 no URL", url: "not a url", summary: "a", id: "b"},
		{name: "F9 no JSON", url: redirect(west, starARN, "o/r"), summary: "{not json", id: sha,
			want: events.SourceRevision{Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN}},
		{name: "F9 JSON without a message", url: redirect(west, starARN, "o/r"), summary: `{"ProviderType":"GitHub"}`, id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN}},
		{name: "F9 JSON that was cut", url: redirect(west, starARN, "o/r"), summary: `{"ProviderType":"GitHub","CommitMessage":"Merge pull request #1 from Test`, id: sha,
			want: events.SourceRevision{Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN}},
		{name: "JSON of another kind", url: redirect(west, starARN, "o/r"), summary: `{"CommitMessage":"a"}`, id: sha,
			want: events.SourceRevision{Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN}},
		{name: "JSON with a tail", url: redirect(west, starARN, "o/r"), summary: summary("GitHub", "a") + " b", id: sha,
			want: events.SourceRevision{Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN}},
		{name: "JSON list", url: redirect(west, starARN, "o/r"), summary: `["ProviderType"]`, id: sha,
			want: events.SourceRevision{Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN}},
		{name: "an empty message", url: redirect(west, starARN, "o/r"), summary: summary("GitLab", ""), id: sha,
			want: events.SourceRevision{Provider: "GitLab", Host: "gitlab.com", Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN, Message: "-"}},
		{name: "F9 another alphabet", url: redirect(west, starARN, "o/r"), summary: summary("GitHub", `修正 é`), id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN, Message: "修正 é"}},
		{name: "a summary alone", summary: summary("GitHub", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Message: "a"}},

		// Assumed: no revision of these has been seen. They are as F1 with other
		// values.
		{name: "assumed: GitHub Enterprise Server", url: redirect(west, starARN, "team/app"), summary: summary("GitHubEnterpriseServer", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitHubEnterpriseServer", Region: "us-west-2", Repository: "team/app", ConnectionARN: starARN, Message: "a"}},
		{name: "assumed: GitLab with subgroups", url: redirect(west, starARN, "group/sub/deeper/app"), summary: summary("GitLab", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitLab", Host: "gitlab.com", Region: "us-west-2", Repository: "group/sub/deeper/app", ConnectionARN: starARN, Message: "a"}},
		{name: "assumed: self-managed GitLab", url: redirect(west, starARN, "group/sub/app"), summary: summary("GitLabSelfManaged", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitLabSelfManaged", Region: "us-west-2", Repository: "group/sub/app", ConnectionARN: starARN, Message: "a"}},
		{name: "assumed: Azure DevOps", url: redirect("eu-central-1.console.aws.amazon.com", codeARN, "org/My%20Project/app"), summary: summary("AzureDevOps", "a"), id: sha,
			want: events.SourceRevision{Provider: "AzureDevOps", Host: "dev.azure.com", Region: "eu-central-1", Repository: "org/My Project/app", ConnectionARN: codeARN, Message: "a"}},
		{name: "assumed: the newer ARN", url: redirect("eu-central-1.console.aws.amazon.com", codeARN, "o/r"), summary: summary("GitHub", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "eu-central-1", Repository: "o/r", ConnectionARN: codeARN, Message: "a"}},
		{name: "assumed: GovCloud", url: redirect("us-gov-west-1.console.amazonaws-us-gov.com", govARN, "o/r"), summary: summary("GitHub", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "us-gov-west-1", Repository: "o/r", ConnectionARN: govARN, Message: "a"}},
		{name: "assumed: China", url: redirect("cn-north-1.console.amazonaws.cn", chinaARN, "o/r"), summary: summary("GitHub", "a"), id: sha,
			want: events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "cn-north-1", Repository: "o/r", ConnectionARN: chinaARN, Message: "a"}},
		{name: "a provider that comes later", url: redirect(west, starARN, "o/r"), summary: summary("Forgejo", "a"), id: sha,
			want: events.SourceRevision{Provider: "Forgejo", Region: "us-west-2", Repository: "o/r", ConnectionARN: starARN, Message: "a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			want.URL = test.url
			if want.ID == "" {
				want.ID = test.id
			}
			switch want.Message {
			case "":
				want.Message = test.summary
			case "-":
				want.Message = ""
			}
			if diff := cmp.Diff(want, events.ParseRevision(events.ActionType{}, test.url, test.summary, test.id)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// hostileURLs must not be taken for a repository.
var hostileURLs = []string{
	"https://us-west-2.console.aws.amazon.com/codesuite/settings/connections",
	"https://us-west-2.console.aws.amazon.com/codesuite/settings/connections/redirect",
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner"),
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner/../admin"),
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner%2F%2E%2E"),
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner//name"),
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner/na%00me"),
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner/na%0d%0ame"),
	redirect("us-west-2.console.aws.amazon.com", starARN, `owner/na%5cme`),
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner/name%3fref"),
	redirect("us-west-2.console.aws.amazon.com", starARN, "owner/name#ref"),
	redirect("us-west-2.console.aws.amazon.com", "arn:aws:s3:::bucket", "owner/name"),
	redirect("us-west-2.console.aws.amazon.com", "arn:aws:codestar-connections:../x:1:connection/a", "owner/name"),
	redirect("us-west-2.console.aws.amazon.com", "", "owner/name"),
	redirect("evil.example", starARN, "owner/name"),
	redirect("us-west-2.console.aws.amazon.com.evil.example", starARN, "owner/name"),
	redirect("evilconsole.aws.amazon.com", starARN, "owner/name"),
	redirect("evil.console.aws.amazon.com", starARN, "owner/name"),
	redirect("cn-north-1.console.aws.amazon.com:8443", starARN, "owner/name"),
	redirect("us-west-2.console.amazonaws.cn", chinaARN, "owner/name"),
	redirect("user:secret@us-west-2.console.aws.amazon.com", starARN, "owner/name"),
	strings.Replace(redirect("us-west-2.console.aws.amazon.com", starARN, "owner/name"), "https", "http", 1),
	strings.Replace(redirect("us-west-2.console.aws.amazon.com", starARN, "owner/name"), "https", "javascript", 1),
	"https://github.com",
	"https://github.com/settings/tokens",
	"https://github.com/owner/name",
	"https://github.com/owner/name/commit",
	"https://github.com/owner/name/commit/" + sha + "/../../../../settings",
	"https://github.com/owner/name/settings/commit/" + sha,
	"https://github.com/owner%2Fx/name/commit/" + sha,
	"https://github.com/%2e%2e/name/commit/" + sha,
	"https://github.com/own er/name/commit/" + sha,
	"https://github.com//name/commit/" + sha,
	"https://github.com.evil.example/owner/name/commit/" + sha,
	"https://evil.example/github.com/owner/name/commit/" + sha,
	"https://owner@github.com/owner/name/commit/" + sha,
	"https://github.com:443@evil.example/owner/name/commit/" + sha,
	"https://github.com:8443/owner/name/commit/" + sha,
	"http://github.com/owner/name/commit/" + sha,
	"//github.com/owner/name/commit/" + sha,
	"github.com/owner/name/commit/" + sha,
	"https:github.com/owner/name/commit/" + sha,
	"https://api.github.com/repos/owner/name",
	"https://api.github.com/orgs/owner/name/commits/" + sha,
	"https://api.github.com/repos/owner/../git/commits/" + sha,
	"https://us-east-1.console.aws.amazon.com/codecommit/home",
	"https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/../commit/" + sha,
	"https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/a%2fb/commit/" + sha,
	"https://us-east-1.console.aws.amazon.com/codecommit/home#javascript:alert(1)",
	"https://us-east-1.console.aws.amazon.com/codesuite/codecommit/repositories/",
	"https://us-east-1.console.aws.amazon.com/codesuite/codecommit/repositories/a%20b/commit/" + sha,
	"https://us-east-1.console.aws.amazon.com/codebuild/home?region=us-east-1#/builds/p:1/view/new",
	"javascript:alert(1)//github.com/owner/name/commit/" + sha,
	"data:text/html,https://github.com/owner/name/commit/" + sha,
	"https://[::1/owner/name/commit/" + sha,
	"https://github.com/owner/name/commit/%zz",
	"\x00https://github.com/owner/name/commit/" + sha,
	"https://" + strings.Repeat("a", 1<<20),
	"https://github.com/" + strings.Repeat("a/", 1<<19),
}

func TestParseRevisionHostile(t *testing.T) {
	t.Parallel()
	for _, link := range hostileURLs {
		want := events.SourceRevision{ID: sha, Message: "message", URL: link}
		if diff := cmp.Diff(want, events.ParseRevision(events.ActionType{}, link, "message", sha)); diff != "" {
			t.Errorf("%.200q: mismatch (-want +got):\n%s", link, diff)
		}
	}
}

func TestParseRevisionHuge(t *testing.T) {
	t.Parallel()
	deep := `{"ProviderType":"GitHub","CommitMessage":` + strings.Repeat("[", 1<<20)
	if got := events.ParseRevision(events.ActionType{}, "", deep, sha); got.Provider != "" || got.Message != deep {
		t.Errorf("provider %q of what is no summary", got.Provider)
	}
	long := strings.Repeat("x", 1<<20)
	if got := events.ParseRevision(events.ActionType{}, "", summary("GitHub", long), sha); got.Message != long {
		t.Errorf("a long message has %d bytes, want %d", len(got.Message), len(long))
	}
}

func FuzzParseRevision(f *testing.F) {
	for _, link := range hostileURLs {
		if len(link) < 1000 {
			f.Add(link, "message", sha)
		}
	}
	f.Add(redirect("us-west-2.console.aws.amazon.com", starARN, "group/sub/name"), summary("GitLab", "a"), sha)
	f.Add("https://github.com/owner/name/commit/"+sha, "", "")
	f.Add("https://api.github.com/repos/owner/name/git/commits/"+sha, `{"ProviderType":"GitHub"}`, "")
	f.Add("https://console.aws.amazon.com/codecommit/home?region=ap-northeast-2#/repository/r/commit/"+sha, "", "")
	f.Add("https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse/refs/tags/v1", "", "")
	f.Add("https://console.aws.amazon.com/s3/home?#", "Amazon S3 version id: a", "a")
	f.Fuzz(func(t *testing.T, link, text, id string) {
		r := events.ParseRevision(events.ActionType{}, link, text, id)
		if r.URL != link {
			t.Errorf("URL %q of %q", r.URL, link)
		}
		if id != "" && r.ID != id {
			t.Errorf("ID %q of %q", r.ID, id)
		}
		if r.Repository == "" && (r.Branch != "" || r.ConnectionARN != "") {
			t.Errorf("without a repository: %+v", r)
		}
		if utf8.ValidString(link) && !utf8.ValidString(r.Repository) {
			t.Errorf("repository %q", r.Repository)
		}
		for part := range strings.SplitSeq(r.Repository, "/") {
			if r.Repository != "" && (part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\?#%&\x00\r\n")) {
				t.Errorf("repository %q", r.Repository)
			}
		}
	})
}

func BenchmarkParseRevision(b *testing.B) {
	link, text := redirect("us-west-2.console.aws.amazon.com", starARN, "owner/name"), summary("GitHub", "initial commit")
	b.ReportAllocs()
	for b.Loop() {
		if r := events.ParseRevision(events.ActionType{}, link, text, sha); r.Repository != "owner/name" {
			b.Fatal(r)
		}
	}
}
