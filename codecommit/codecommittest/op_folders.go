package codecommittest

import (
	"context"
	"errors"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

type getFolderInput struct {
	RepositoryName  *string `json:"repositoryName"`
	CommitSpecifier *string `json:"commitSpecifier"`
	FolderPath      *string `json:"folderPath"`
}

type getFolderOutput struct {
	CommitID      string         `json:"commitId"`
	FolderPath    string         `json:"folderPath"`
	TreeID        string         `json:"treeId"`
	SubFolders    []folder       `json:"subFolders"`
	Files         []folderFile   `json:"files"`
	SymbolicLinks []folderFile   `json:"symbolicLinks"`
	SubModules    []folderModule `json:"subModules"`
}

type folder struct {
	TreeID       string `json:"treeId"`
	AbsolutePath string `json:"absolutePath"`
	RelativePath string `json:"relativePath"`
}

type folderFile struct {
	BlobID       string `json:"blobId"`
	AbsolutePath string `json:"absolutePath"`
	RelativePath string `json:"relativePath"`
	FileMode     string `json:"fileMode"`
}

type folderModule struct {
	CommitID     string `json:"commitId"`
	AbsolutePath string `json:"absolutePath"`
	RelativePath string `json:"relativePath"`
}

func (s *Server) getFolder(ctx context.Context, in *getFolderInput) (*getFolderOutput, error) {
	f, ok, err := s.find(ctx, in.RepositoryName, in.FolderPath, in.CommitSpecifier)
	if err != nil {
		return nil, err
	}
	r, rev, path, e := f.repository, f.revision, f.path, f.entry
	if !ok || e.Mode.Canonical() != gitobj.ModeTree {
		return nil, awsjson.Errorf("FolderDoesNotExistException", "there is no folder %q in commit %s", path, rev.id)
	}
	entries, err := r.tree(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	out := &getFolderOutput{
		CommitID:      rev.id,
		FolderPath:    path,
		TreeID:        e.ID,
		SubFolders:    []folder{},
		Files:         []folderFile{},
		SymbolicLinks: []folderFile{},
		SubModules:    []folderModule{},
	}
	prefix := path
	if prefix != "" {
		prefix += "/"
	}
	for _, e := range entries {
		switch e.Mode.Canonical() {
		case gitobj.ModeTree:
			out.SubFolders = append(out.SubFolders, folder{e.ID, prefix + e.Name, e.Name})
		case gitobj.ModeSubmodule:
			out.SubModules = append(out.SubModules, folderModule{e.ID, prefix + e.Name, e.Name})
		case gitobj.ModeSymlink:
			out.SymbolicLinks = append(out.SymbolicLinks, folderFile{e.ID, prefix + e.Name, e.Name, fileMode(e.Mode)})
		default:
			out.Files = append(out.Files, folderFile{e.ID, prefix + e.Name, e.Name, fileMode(e.Mode)})
		}
	}
	return out, nil
}

// fileMode returns the API's name of a mode.
func fileMode(m gitobj.Mode) string {
	switch m.Canonical() {
	case gitobj.ModeExecutable:
		return "EXECUTABLE"
	case gitobj.ModeSymlink:
		return "SYMLINK"
	}
	return "NORMAL"
}

// found is the entry of a path at a commit.
type found struct {
	repository *repository
	revision   revision
	path       string // clean
	entry      gitobj.Entry
}

// find returns the entry that a call names, of any kind, and whether the commit
// has it.
func (s *Server) find(ctx context.Context, name, path, specifier *string) (f found, ok bool, err error) {
	if f.repository, err = s.repository(name); err != nil {
		return found{}, false, err
	}
	if f.path, err = requiredPath(path); err != nil {
		return found{}, false, err
	}
	if f.revision, err = s.revision(ctx, f.repository, specifier); err != nil {
		return found{}, false, err
	}
	f.entry, ok, err = f.repository.entry(ctx, f.revision.TreeID, f.path)
	return f, ok, err
}

// requiredPath returns a path that a call must have.
func requiredPath(path *string) (string, error) {
	if path == nil {
		return "", awsjson.Errorf("PathRequiredException", "a path is required")
	}
	clean, ok := cleanPath(*path)
	if !ok {
		return "", invalidPath(*path)
	}
	return clean, nil
}

func invalidPath(path string) error {
	return awsjson.Errorf("InvalidPathException", "%.200q is not a path in a repository", path)
}

// revision is [repository.revision] with the error codes that the faults ask
// for.
func (s *Server) revision(ctx context.Context, r *repository, specifier *string) (revision, error) {
	rev, err := r.revision(ctx, specifier)
	var e *awsjson.Error
	if errors.As(err, &e) {
		err = s.missingCommit(e)
	}
	return rev, err
}
