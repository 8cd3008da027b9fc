package codecommittest

import (
	"context"
	"errors"
	"io"
	"io/fs"
)

// Repo is a repository to serve, as [Git] and [FS] describe it. Nothing is
// read before the server starts.
type Repo struct {
	name string
	open func() (store, error)
}

// Git returns the repository in the folder, a work tree or a bare repository,
// which the server reads through the git program. It serves commits, not the work
// tree. Branches and tags are read anew with every call, so that a push counts at
// once. The repository's HEAD decides the default branch. If
// HEAD is detached there is none, but the specifier HEAD still names its
// commit.
//
// The server writes to the repository only for calls that ask for it, such as
// PutFile: objects, references, and HEAD for UpdateDefaultBranch. As after a push,
// the work tree stays as it is, also where its branch moves. Serve a bare clone to
// keep a repository of yours unchanged.
//
// Git's environment variables, such as GIT_DIR, have no influence, and nothing
// is ever fetched. A repository with SHA-256 object IDs is
// an error, as CodeCommit has none.
func Git(name, dir string) Repo {
	return Repo{name: name, open: func() (store, error) { return openGit(dir) }}
}

// FS returns a repository with one commit, on the branch main, that holds the
// files of fsys. They are read when the server starts and kept in memory.
//
// The commit and everything in it have the IDs that git would give them. As in
// git, a file is executable if its owner may execute it, folders without files
// are left out, and so is everything called .git. The content of a symbolic
// link comes from [fs.ReadLink]. A file that is neither regular nor a link is
// an error. Author, committer, time and message of the commit are fixed, so
// that its ID depends on the files alone.
//
// A nil fsys makes an empty repository, without commits or branches.
func FS(name string, fsys fs.FS) Repo {
	return Repo{name: name, open: func() (store, error) { return openFS(fsys) }}
}

// store holds the references and objects of one repository. It is safe for
// concurrent use.
type store interface {
	// resolve returns the ID and the content of the commit that a full
	// reference name or HEAD stands for, with tags peeled, or errMissing.
	resolve(ctx context.Context, ref string) (id string, content []byte, err error)
	// head returns the short name of the branch that HEAD stands for, "" if
	// there is no such branch.
	head(ctx context.Context) (string, error)
	// branches returns the short names of all branches, sorted.
	branches(ctx context.Context) ([]string, error)
	// refs returns the commit IDs of all branches and tags by their full names.
	// Tags of other objects are left out.
	refs(ctx context.Context) (map[string]string, error)
	// object returns the content of a tree or commit, or errMissing if there
	// is none of that kind.
	object(ctx context.Context, kind, id string) ([]byte, error)
	// blob opens a blob. It returns errMissing if there is none, and
	// errTooLarge if it has more than maxFile bytes.
	blob(ctx context.Context, id string) (*blob, error)
	// put adds an object and returns its ID.
	put(ctx context.Context, kind string, data []byte) (id string, err error)
	// update lets a branch or tag stand for another commit. It is an error if it
	// did not stand for the one before. "" is no commit.
	update(ctx context.Context, ref, before, after string) error
	// setHead makes a branch the default.
	setHead(ctx context.Context, branch string) error
	close()
}

// blob is the content of a file.
type blob struct {
	io.Reader
	size  int64
	close func() // nil if there is nothing to do
}

func (b *blob) Close() error {
	if b.close != nil {
		b.close()
	}
	return nil
}

var (
	errMissing  = errors.New("no such object")
	errTooLarge = errors.New("file too large")
)
