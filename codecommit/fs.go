package codecommit

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/flight"
)

// FS is the tree of one commit as an [io/fs.FS]. It also implements
// [fs.ReadDirFS], [fs.ReadFileFS], [fs.StatFS], [fs.SubFS] and
// [fs.ReadLinkFS]. It is safe for concurrent use; the methods of one open file
// are too.
//
// # What it shows
//
// Modes are 0644 and 0755 for files, 0777 for links and 0755 for folders; a
// submodule is an empty folder. Every modification time is the committer's
// time of the commit. [fs.FileInfo.Sys] returns the [Entry], with the blob ID.
//
// All methods but Lstat and ReadLink follow links as an operating system does,
// also in the middle of a name and in those of [FS.Sub]. Links lead anywhere in
// the repository. A link that is absolute, leads out of the repository or to
// nothing is an error that wraps [fs.ErrNotExist], and so is a name below a file.
// A name that leads through more than 40 links, as in a loop, is an error too.
//
// # Calls
//
// Nothing is fetched before it is needed. A folder costs one call of GetFolder
// when a name in it is first used, and its listing is kept; the same tree in two
// places costs one call. A walk, such as that of [fs.WalkDir], reads the listing
// of all files with GetDifferences from its fifth folder on, and then needs no
// more calls for folders; where it may not, or where the tree has over 200,000
// files, it goes on folder by folder. Content costs a call of GetBlob and is kept
// while it is among the last 16 MiB. Callers that need the same object at the same
// time share the call, and a call that failed is made again for the next caller.
//
// The API lists no sizes. Stat, Lstat and [fs.DirEntry.Info] of a file or link
// fetch the content, once for the life of the FS. Open and ReadDir fetch none: the
// first Read, ReadAt, Seek or Stat of a file does. A file that has been read holds
// its content until Close.
//
// Content over [MaxBlobSize] can neither be read (the error wraps
// [ErrTooLarge]) nor measured: its size is -1.
//
// For a whole tree, package archive is much faster: it makes many calls at once.
//
// # Proof
//
// The listing of a folder is checked against the tree ID that the folder above
// it lists, up to the commit's tree ID, and content against the blob ID. Other
// content than the committed one is an [*IntegrityError] with the path in the
// repository.
//
// Every error of a method is an [*fs.PathError].
type FS struct {
	tree   *tree
	root   *place
	places flight.Cache[resolved] // of folders, by the names that lead to them
}

func newFS(t *tree, root *place) *FS {
	return &FS{tree: t, root: root, places: flight.Cache[resolved]{Limit: maxPlaces, Size: func(resolved) int { return 1 }}}
}

var (
	_ fs.ReadDirFS  = (*FS)(nil)
	_ fs.ReadFileFS = (*FS)(nil)
	_ fs.StatFS     = (*FS)(nil)
	_ fs.SubFS      = (*FS)(nil)
	_ fs.ReadLinkFS = (*FS)(nil)
)

// FS returns the tree of the commit that specifier names in one of the forms
// of [Repository.Resolve], whose calls it makes and whose errors it returns.
// It does not follow a branch that moves later.
//
// The methods of io/fs take no context. The one given here bounds the lifetime
// of the FS and of all that is opened in it: after its end, every method but
// Close fails with its error.
func (r *Repository) FS(ctx context.Context, specifier string) (*FS, error) {
	commit, err := r.Resolve(ctx, specifier)
	if err != nil {
		return nil, err
	}
	return newFS(newTree(ctx, r, commit), &place{Entry: Entry{Mode: ModeFolder, ID: commit.TreeID}}), nil
}

// Commit returns the commit whose tree f is.
func (f *FS) Commit() *Commit { return f.tree.commit }

// find returns the place of the name. Errors are of type [*fs.PathError].
func (f *FS) find(op, name string, follow bool) (*place, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	at, err := f.resolve(name, follow)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return at, nil
}

// resolve follows the name from the nearest folder on its path whose place is
// known.
func (f *FS) resolve(name string, follow bool) (*place, error) {
	if err := f.tree.ctx.Err(); err != nil {
		return nil, err
	}
	if name == "." {
		return f.root, nil
	}
	at, rest := resolved{place: f.root}, name
	for end := strings.LastIndexByte(name, '/'); end > 0; end = strings.LastIndexByte(name[:end], '/') {
		if known, ok := f.places.Lookup(name[:end]); ok {
			at, rest = known, name[end+1:]
			break
		}
	}
	var err error
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		if at, err = f.tree.walk(at, rest[:i], true); err != nil {
			return nil, err
		}
		f.keep(name[:strings.LastIndexByte(name, '/')], at)
		rest = rest[i+1:]
	}
	if at, err = f.tree.walk(at, rest, follow); err != nil {
		return nil, err
	}
	f.keep(name, at)
	return at.place, nil
}

// keep keeps the place of a folder.
func (f *FS) keep(name string, at resolved) {
	if at.Mode.FileMode().IsDir() {
		f.places.Add(name, at)
	}
}

// Open opens a file or folder. A file is an [io.Seeker] and [io.ReaderAt], a
// folder an [fs.ReadDirFile].
func (f *FS) Open(name string) (fs.File, error) {
	e, err := f.find("open", name, true)
	if err != nil {
		return nil, err
	}
	n := node{tree: f.tree, name: name, entry: e.Entry}
	if e.Mode.FileMode().IsDir() {
		return &openFolder{node: n}, nil
	}
	return &openFile{node: n}, nil
}

// ReadDir lists a folder in the order of the names.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := f.find("readdir", name, true)
	if err != nil {
		return nil, err
	}
	return node{tree: f.tree, name: name, entry: e.Entry}.readDir()
}

// ReadFile returns the content of a file.
func (f *FS) ReadFile(name string) ([]byte, error) {
	e, err := f.find("readfile", name, true)
	if err != nil {
		return nil, err
	}
	content, err := node{tree: f.tree, name: name, entry: e.Entry}.content("readfile")
	return slices.Clone(content), err
}

// Stat describes a file or folder.
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	e, err := f.find("stat", name, true)
	if err != nil {
		return nil, err
	}
	return node{tree: f.tree, name: name, entry: e.Entry}.info("stat")
}

// Lstat describes a file, a folder or, unlike Stat, a link.
func (f *FS) Lstat(name string) (fs.FileInfo, error) {
	e, err := f.find("lstat", name, false)
	if err != nil {
		return nil, err
	}
	return node{tree: f.tree, name: name, entry: e.Entry}.info("lstat")
}

// ReadLink returns the target of a link as it was committed. For anything else
// the error wraps [fs.ErrInvalid].
func (f *FS) ReadLink(name string) (string, error) {
	e, err := f.find("readlink", name, false)
	if err != nil {
		return "", err
	}
	if e.Mode.Canonical() != ModeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: errNoLink}
	}
	target, err := f.tree.content(e.Entry)
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return string(target), nil
}

// Sub returns the FS of a folder, an [*FS] that shares what f has fetched. For
// a name that is no folder, the error wraps [fs.ErrNotExist] or
// [fs.ErrInvalid]. As with [fs.Sub], links may lead out of the folder.
func (f *FS) Sub(dir string) (fs.FS, error) {
	root, err := f.find("sub", dir, true)
	if err != nil {
		return nil, err
	}
	if !root.Mode.FileMode().IsDir() {
		return nil, &fs.PathError{Op: "sub", Path: dir, Err: errNoFolder}
	}
	return newFS(f.tree, root), nil
}

// fileError is a misuse of a file that exists.
type fileError string

func (e fileError) Error() string { return string(e) }

// Unwrap returns [fs.ErrInvalid].
func (fileError) Unwrap() error { return fs.ErrInvalid }

const (
	errNoFolder = fileError("not a folder")
	errIsFolder = fileError("is a folder")
	errNoLink   = fileError("not a link")
)

var errTooManyLinks = errors.New("too many links")
