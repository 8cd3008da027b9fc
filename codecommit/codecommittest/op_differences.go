package codecommittest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// defaultPage is the number of differences in a page unless the call or the faults
// say another one.
const defaultPage = 100

type getDifferencesInput struct {
	RepositoryName        *string `json:"repositoryName"`
	BeforeCommitSpecifier *string `json:"beforeCommitSpecifier"`
	AfterCommitSpecifier  *string `json:"afterCommitSpecifier"`
	BeforePath            *string `json:"beforePath"`
	AfterPath             *string `json:"afterPath"`
	MaxResults            *int32  `json:"MaxResults"`
	NextToken             *string `json:"NextToken"`
}

type getDifferencesOutput struct {
	Differences []difference `json:"differences"`
	NextToken   *string      `json:"NextToken,omitempty"`
}

type difference struct {
	BeforeBlob *blobMetadata `json:"beforeBlob,omitempty"`
	AfterBlob  *blobMetadata `json:"afterBlob,omitempty"`
	ChangeType string        `json:"changeType"`
}

type blobMetadata struct {
	BlobID string `json:"blobId"`
	Path   string `json:"path"`
	Mode   string `json:"mode"`
}

// change is a difference whose path is the same on both sides; an empty ID
// says that there is nothing on that side.
type change struct{ before, after file }

func (s *Server) getDifferences(ctx context.Context, in *getDifferencesInput) (*getDifferencesOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	faults := s.faults.Load()
	if err := wait(ctx, faults.SlowPages); err != nil {
		return nil, err
	}
	size := defaultPage
	if faults.PageSize > 0 {
		size = faults.PageSize
	}
	if in.MaxResults != nil {
		if *in.MaxResults <= 0 {
			return nil, awsjson.Errorf("InvalidMaxResultsException", "%d is not a positive number of results", *in.MaxResults)
		}
		if n := int(*in.MaxResults); faults.PageSize <= 0 || n < size {
			size = n
		}
	}
	size = min(size, maxPage)
	list, beforePath, afterPath, err := s.changesOf(ctx, r, in, faults)
	if err != nil {
		return nil, err
	}
	if faults.OmitSubmodules {
		list = slices.DeleteFunc(slices.Clone(list), func(c change) bool {
			return c.before.mode.Canonical() == gitobj.ModeSubmodule || c.after.mode.Canonical() == gitobj.ModeSubmodule
		})
	}
	if n := faults.TruncateListing; n > 0 {
		list = list[:min(n, len(list))]
	}
	part, next, err := awsjson.Page(list, in.NextToken, size, invalidToken, "GetDifferences", r.name,
		aws.ToString(in.BeforeCommitSpecifier), aws.ToString(in.AfterCommitSpecifier), beforePath, afterPath)
	if err != nil {
		return nil, err
	}
	out := &getDifferencesOutput{Differences: make([]difference, len(part)), NextToken: next}
	for i, c := range part {
		d := difference{metadata(c.before, beforePath, faults), metadata(c.after, afterPath, faults), "M"}
		switch {
		case d.BeforeBlob == nil:
			d.ChangeType = "A"
		case d.AfterBlob == nil:
			d.ChangeType = "D"
		}
		out.Differences[i] = d
	}
	return out, nil
}

// metadata returns one side of a difference that is limited to the path.
func metadata(f file, limit string, faults *Faults) *blobMetadata {
	if f.id == "" {
		return nil
	}
	if faults.CanonicalModes {
		f.mode = f.mode.Canonical()
	}
	if faults.RelativePaths {
		if f.path == limit {
			limit = path.Dir(f.path)
		}
		f.path = relative(f.path, limit)
	}
	return &blobMetadata{f.id, f.path, f.mode.String()}
}

// relative returns the path relative to the folder that it is in or below.
func relative(path, folder string) string {
	rest, ok := strings.CutPrefix(path, folder)
	if !ok {
		return path
	}
	return strings.TrimPrefix(rest, "/")
}

// changesOf returns all changes that a call asks for, and the paths that limit it. A
// path that is given for one side only counts for the other side, too.
func (s *Server) changesOf(ctx context.Context, r *repository, in *getDifferencesInput, faults *Faults) (list []change, beforePath, afterPath string, err error) {
	if aws.ToString(in.AfterCommitSpecifier) == "" {
		return nil, "", "", awsjson.Errorf("CommitRequiredException", "afterCommitSpecifier is required")
	}
	for _, p := range []struct {
		in *string
		to *string
	}{{in.BeforePath, &beforePath}, {in.AfterPath, &afterPath}} {
		var ok bool
		if *p.to, ok = cleanPath(aws.ToString(p.in)); !ok {
			return nil, "", "", invalidPath(*p.in)
		}
	}
	after, err := s.revision(ctx, r, in.AfterCommitSpecifier)
	if err != nil {
		return nil, "", "", err
	}
	before := revision{Commit: &gitobj.Commit{TreeID: gitobj.EmptyTreeID}}
	either := false // the path need not exist on both sides
	switch {
	case in.BeforeCommitSpecifier == nil:
		beforePath = ""
	case in.BeforePath == nil:
		beforePath, either = afterPath, true
	case in.AfterPath == nil:
		afterPath, either = beforePath, true
	}
	if in.BeforeCommitSpecifier != nil {
		if before, err = s.revision(ctx, r, in.BeforeCommitSpecifier); err != nil {
			return nil, "", "", err
		}
	}
	key := fmt.Sprintf("%s %s %q %q %t %t %d", before.TreeID, after.TreeID, beforePath, afterPath, either, faults.ShuffleListing, faults.Seed)
	list, err = r.changes.Get(ctx, key, func() ([]change, error) {
		list, err := r.compare(ctx, before.TreeID, after.TreeID, beforePath, afterPath, either)
		if faults.ShuffleListing {
			random := rand.New(rand.NewPCG(faults.Seed, uint64(len(list))))
			random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
		}
		return list, err
	})
	return list, beforePath, afterPath, err
}

// compare returns the differences between two trees, limited to a path in
// each, sorted by path. Either says that one of the paths need not exist.
func (r *repository) compare(ctx context.Context, beforeTree, afterTree, beforePath, afterPath string, either bool) ([]change, error) {
	before, inBefore, err := r.below(ctx, beforeTree, beforePath)
	if err != nil {
		return nil, err
	}
	after, inAfter, err := r.below(ctx, afterTree, afterPath)
	if err != nil {
		return nil, err
	}
	if !inBefore && !(either && inAfter) {
		return nil, awsjson.Errorf("PathDoesNotExistException", "there is no path %q before", beforePath)
	}
	if !inAfter && !(either && inBefore) {
		return nil, awsjson.Errorf("PathDoesNotExistException", "there is no path %q after", afterPath)
	}
	var list []change
	for len(before)+len(after) > 0 {
		order := 0
		switch {
		case len(before) == 0:
			order = 1
		case len(after) == 0:
			order = -1
		default:
			order = strings.Compare(relative(before[0].path, beforePath), relative(after[0].path, afterPath))
		}
		var c change
		if order <= 0 {
			c.before, before = before[0], before[1:]
		}
		if order >= 0 {
			c.after, after = after[0], after[1:]
		}
		if order != 0 || c.before.mode.Canonical() != c.after.mode.Canonical() || c.before.id != c.after.id {
			list = append(list, c)
		}
	}
	return list, nil
}

// below returns the files at the path and below it, and whether the path exists.
func (r *repository) below(ctx context.Context, tree, path string) ([]file, bool, error) {
	e, ok, err := r.entry(ctx, tree, path)
	if err != nil || !ok {
		return nil, false, err
	}
	if e.Mode.Canonical() != gitobj.ModeTree {
		return []file{{path, e.Mode, e.ID}}, true, nil
	}
	prefix := path
	if prefix != "" {
		prefix += "/"
	}
	files, err := r.flatten(ctx, nil, prefix, e.ID)
	return files, true, err
}
