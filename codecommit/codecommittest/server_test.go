package codecommittest_test

import (
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

func TestSmoke(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t,
		codecommittest.FS("fs", fstest.MapFS{"a.txt": {Data: []byte("hello\n")}, "d/b": {Data: []byte("x"), Mode: 0o755}}),
		codecommittest.Git("git", "."))
	client := awscodecommit.NewFromConfig(s.Config())
	for _, name := range []string{"fs", "git"} {
		repo, err := client.GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: &name})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(aws.ToString(repo.RepositoryMetadata.DefaultBranch))
		folder, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: &name, FolderPath: aws.String("")})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(aws.ToString(folder.CommitId), len(folder.Files))
		d, err := client.GetDifferences(t.Context(), &awscodecommit.GetDifferencesInput{RepositoryName: &name, AfterCommitSpecifier: aws.String("HEAD")})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range d.Differences {
			b, err := client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: &name, BlobId: d.AfterBlob.BlobId})
			if err != nil {
				t.Fatal(err)
			}
			t.Log(*d.AfterBlob.Path, *d.AfterBlob.Mode, len(b.Content))
		}
	}
	t.Log(s.Calls())
}
