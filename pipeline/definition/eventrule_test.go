package definition_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/definition"
)

func TestEventRules(t *testing.T) {
	t.Parallel()
	p := everything()
	p.Stages[0].Actions = append(p.Stages[0].Actions,
		definition.Action{Name: "Same@again", Outputs: definition.Artifacts("Same"), Provider: p.Stages[0].Actions[0].Provider},
		definition.Action{Name: "Any", Outputs: definition.Artifacts("Any"), Provider: definition.CodeCommitSource{RepositoryName: "web", BranchName: "#{variables.Level}"}},
	)
	rules, err := p.EventRules()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, r := range rules {
		got = append(got, []string{r.Name, strings.Join(r.Actions, " "), r.Pattern.String()})
	}
	want := [][]string{
		{"everything-Fetch", "Fetch Same@again", `{"source":["aws.codecommit"],"detail-type":["CodeCommit Repository State Change"],"detail":{"event":["referenceCreated","referenceUpdated"],"referenceName":["main"],"referenceType":["branch"],"repositoryName":["web"]}}`},
		{"everything-Image", "Image", `{"source":["aws.ecr"],"detail-type":["ECR Image Action"],"detail":{"action-type":["PUSH"],"image-tag":["latest"],"repository-name":["base"],"result":["SUCCESS"]}}`},
		{"everything-Data", "Data", `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["data"]},"object":{"key":["data.zip"]}}}`},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The events as AWS documents them.
	for i, event := range []string{
		`{"version":"0","id":"1","detail-type":"CodeCommit Repository State Change","source":"aws.codecommit","account":"111122223333","time":"2026-01-01T00:00:00Z","region":"eu-west-1","resources":["arn:aws:codecommit:eu-west-1:111122223333:web"],"detail":{"event":"referenceUpdated","repositoryName":"web","repositoryId":"1","referenceType":"branch","referenceName":"main","referenceFullName":"refs/heads/main","commitId":"c","oldCommitId":"o"}}`,
		`{"version":"0","id":"1","detail-type":"ECR Image Action","source":"aws.ecr","account":"111122223333","time":"2026-01-01T00:00:00Z","region":"eu-west-1","resources":[],"detail":{"result":"SUCCESS","repository-name":"base","image-digest":"sha256:1","action-type":"PUSH","image-tag":"latest"}}`,
		`{"version":"0","id":"1","detail-type":"Object Created","source":"aws.s3","account":"111122223333","time":"2026-01-01T00:00:00Z","region":"eu-west-1","resources":["arn:aws:s3:::data"],"detail":{"version":"0","bucket":{"name":"data"},"object":{"key":"data.zip","size":5,"etag":"e","sequencer":"1"},"request-id":"r","requester":"1","reason":"PutObject"}}`,
	} {
		if ok, err := rules[i].Pattern.Match([]byte(event)); !ok || err != nil {
			t.Errorf("rule %s: %v, %v", rules[i].Name, ok, err)
		}
	}
	p.Name = strings.Repeat("n", 100)
	if rules, err = p.EventRules(); err != nil || len(rules[0].Name) != 64 || rules[0].Name == rules[1].Name {
		t.Errorf("names %q and %q, %v", rules[0].Name, rules[1].Name, err)
	}
	policy := definition.TargetPolicy("arn:aws:codepipeline:eu-west-1:111122223333:web")
	if want := `{"Statement":[{"Action":"codepipeline:StartPipelineExecution","Effect":"Allow","Resource":"arn:aws:codepipeline:eu-west-1:111122223333:web"}],"Version":"2012-10-17"}`; policy != want {
		t.Errorf("policy %s", policy)
	}
}
