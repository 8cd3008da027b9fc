package pipelinetest_test

import (
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.SetJobOptions(pipelinetest.JobOptions{CredentialsLifetime: 15 * time.Minute})
	spec := pipelinetest.JobSpec{Type: makeType,
		Inputs:  []pipelinetest.Artifact{{Name: "In", Bucket: "artifacts", Key: "p/In/1"}},
		Outputs: []pipelinetest.Artifact{{Name: "Out", Bucket: "artifacts", Key: "p/Out/1"}},
	}
	id := s.add(spec)
	polled := *s.take().Data.ArtifactCredentials.AccessKeyId
	s.pass(10 * time.Minute)
	d, err := s.details(id)
	if err != nil {
		t.Fatal(err)
	}
	asked := *d.Data.ArtifactCredentials.AccessKeyId
	spec.Inputs, spec.Outputs = []pipelinetest.Artifact{{Name: "In", Bucket: "artifacts", Key: "p/In/2"}}, nil
	s.add(spec)
	other := *s.take().Data.ArtifactCredentials.AccessKeyId
	s.succeed(&id, "")
	valid := func(accessKeyID, bucket, key string, want bool) {
		t.Helper()
		if got := s.CredentialsValid(accessKeyID, bucket, key); got != want {
			t.Errorf("%s for %s/%s: %t", accessKeyID, bucket, key, got)
		}
	}
	valid(polled, "artifacts", "p/In/1", true)
	valid(polled, "artifacts", "p/Out/1", true)
	valid(polled, "artifacts", "p/In/2", false)
	valid(polled, "other", "p/In/1", false)
	valid(other, "artifacts", "p/In/2", true)
	valid(other, "artifacts", "p/In/1", false)
	valid("AKIDEXAMPLE", "artifacts", "p/In/1", false)
	s.pass(5*time.Minute - 1)
	valid(polled, "artifacts", "p/In/1", true)
	s.pass(1)
	valid(polled, "artifacts", "p/In/1", false)
	valid(asked, "artifacts", "p/In/1", true)
	s.pass(10 * time.Minute)
	valid(asked, "artifacts", "p/In/1", false)
}
