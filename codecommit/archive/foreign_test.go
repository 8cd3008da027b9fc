package archive_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// Trees that other programs than git wrote are proven, and archived in their order
// as git archives them.
func TestForeignTrees(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	blob := r.Blob("content")
	sub := rawTree(t, r, [3]string{"100644", "x", blob})
	byName := rawTree(t, r, [3]string{"40000", "lib", sub}, [3]string{"100644", "lib-x", blob}, [3]string{"100755", "lib.go", blob})
	padded := rawTree(t, r, [3]string{"100644", "a", blob}, [3]string{"040000", "s", sub})
	_, repo := serve(t, r.Dir)
	for name, tree := range map[string]string{
		"padded":              padded,
		"padded below padded": rawTree(t, r, [3]string{"040000", "p", padded}, [3]string{"040000", "q", sub}),
		"padded below git's":  rawTree(t, r, [3]string{"40000", "p", padded}),
		"sorted by name":      byName,
		"sorted by name, sub": rawTree(t, r, [3]string{"40000", "top", byName}),
		"in no order":         rawTree(t, r, [3]string{"100644", "z", blob}, [3]string{"100644", "a", blob}, [3]string{"120000", "m", blob}),
	} {
		commit := r.CommitTree(tree, name)
		r.Git("update-ref", "refs/heads/"+strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(name), commit)
		got, err := archive.New(repo).Tar(commit).Bytes(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameTar(t, r.Output(nil, "archive", "--format=tar", commit), got)
	}
}
