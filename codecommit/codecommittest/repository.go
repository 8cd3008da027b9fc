package codecommittest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/flight"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// repository is a served repository: a store, the objects decoded so far, and the
// properties that git does not have.
type repository struct {
	store
	name    string
	id      string
	created time.Time

	commits flight.Cache[*gitobj.Commit]
	trees   flight.Cache[[]gitobj.Entry]
	changes flight.Cache[[]change]

	mu       sync.Mutex
	modified time.Time
	triggers triggers

	// Server.mu guards what follows.
	known   map[string]string // commit IDs by full names of branches and tags
	threads []*thread         // on commits
	tags    map[string]string
}

// The caches hold about this many commits, entries of trees, and differences.
const (
	cachedCommits = 1 << 12
	cachedEntries = 1 << 18
	cachedChanges = 1 << 18
)

func newRepository(name string, s store) *repository {
	now := time.Now()
	return &repository{
		store:    s,
		name:     name,
		id:       awsjson.UUID("repository", name),
		created:  now,
		modified: now,
		commits:  flight.Cache[*gitobj.Commit]{Limit: cachedCommits, Size: func(*gitobj.Commit) int { return 1 }},
		trees:    flight.Cache[[]gitobj.Entry]{Limit: cachedEntries, Size: func(list []gitobj.Entry) int { return 1 + len(list) }},
		changes:  flight.Cache[[]change]{Limit: cachedChanges, Size: func(list []change) int { return 1 + len(list) }},
		triggers: triggers{id: awsjson.UUID("triggers", name)},
	}
}

func (r *repository) arn() string {
	return "arn:aws:codecommit:" + awsjson.Region + ":" + awsjson.AccountID + ":" + r.name
}

// commit returns the commit with the ID, or errMissing.
func (r *repository) commit(ctx context.Context, id string) (*gitobj.Commit, error) {
	return r.commits.Get(ctx, id, func() (*gitobj.Commit, error) {
		data, err := r.object(ctx, "commit", id)
		if err != nil {
			return nil, err
		}
		return decodeCommit(id, data)
	})
}

func decodeCommit(id string, data []byte) (*gitobj.Commit, error) {
	c, err := gitobj.DecodeCommit(data)
	if err != nil {
		return nil, fmt.Errorf("commit %s: %w", id, err)
	}
	return c, nil
}

// tree returns the entries of the tree with the ID, which a commit or another
// tree refers to.
func (r *repository) tree(ctx context.Context, id string) ([]gitobj.Entry, error) {
	return r.trees.Get(ctx, id, func() ([]gitobj.Entry, error) {
		if id == gitobj.EmptyTreeID {
			return nil, nil // git need not have the object
		}
		data, err := r.object(ctx, "tree", id)
		if errors.Is(err, errMissing) {
			return nil, fmt.Errorf("the repository is incomplete: it lacks the tree %s", id)
		} else if err != nil {
			return nil, err
		}
		entries, err := gitobj.DecodeTree(data)
		if err != nil {
			return nil, fmt.Errorf("tree %s: %w", id, err)
		}
		return entries, nil
	})
}

// entry returns the entry at the path below the tree, which itself has the path
// "".
func (r *repository) entry(ctx context.Context, tree, path string) (e gitobj.Entry, ok bool, err error) {
	e = gitobj.Entry{Mode: gitobj.ModeTree, ID: tree}
	for path != "" {
		if e.Mode.Canonical() != gitobj.ModeTree {
			return e, false, nil
		}
		entries, err := r.tree(ctx, e.ID)
		if err != nil {
			return e, false, err
		}
		var name string
		name, path, _ = strings.Cut(path, "/")
		if e, ok = find(entries, name); !ok {
			return e, false, nil
		}
	}
	return e, true, nil
}

func find(entries []gitobj.Entry, name string) (gitobj.Entry, bool) {
	for _, e := range entries {
		if e.Name == name {
			return e, true
		}
	}
	return gitobj.Entry{}, false
}

// file is a file, a link or a submodule.
type file struct {
	path string
	mode gitobj.Mode
	id   string
}

// flatten appends everything below the tree that is not a folder, sorted by
// path.
func (r *repository) flatten(ctx context.Context, files []file, prefix, tree string) ([]file, error) {
	entries, err := r.tree(ctx, tree)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Mode.Canonical() != gitobj.ModeTree {
			files = append(files, file{prefix + e.Name, e.Mode, e.ID})
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if files, err = r.flatten(ctx, files, prefix+e.Name+"/", e.ID); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// revision is a commit that a specifier stands for.
type revision struct {
	id string
	*gitobj.Commit
}

// revision resolves a commit specifier: a commit ID, HEAD, a branch, a tag or
// a full reference name, in this order. Nil is the default branch.
func (r *repository) revision(ctx context.Context, specifier *string) (revision, error) {
	var names []string
	switch {
	case specifier == nil || *specifier == "HEAD":
		names = []string{"HEAD"}
	case gitobj.IsID(*specifier):
		c, err := r.commit(ctx, *specifier)
		if errors.Is(err, errMissing) {
			return revision{}, commitDoesNotExist(*specifier)
		}
		return revision{*specifier, c}, err
	case !validRefName(*specifier):
		return revision{}, awsjson.Errorf("InvalidCommitException", "%q is not a commit specifier", *specifier)
	case strings.HasPrefix(*specifier, "refs/"):
		names = []string{*specifier}
	default:
		names = []string{"refs/heads/" + *specifier, "refs/tags/" + *specifier}
	}
	for _, name := range names {
		id, data, err := r.resolve(ctx, name)
		if errors.Is(err, errMissing) {
			continue
		} else if err != nil {
			return revision{}, err
		}
		c, err := r.commits.Get(ctx, id, func() (*gitobj.Commit, error) { return decodeCommit(id, data) })
		return revision{id, c}, err
	}
	if specifier == nil {
		return revision{}, awsjson.Errorf("CommitDoesNotExistException", "no commit was specified, and %s has no default branch", r.name)
	}
	return revision{}, commitDoesNotExist(*specifier)
}

func commitDoesNotExist(specifier string) error {
	return awsjson.Errorf("CommitDoesNotExistException", "there is no commit %q", specifier)
}
