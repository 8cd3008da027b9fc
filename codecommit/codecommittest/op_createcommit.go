package codecommittest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// filePath returns the clean path of a file that a call names.
func filePath(path *string) (string, error) {
	if valueOf(path) == "" {
		return "", awsjson.Errorf("PathRequiredException", "a path is required")
	}
	clean, ok := cleanPath(*path)
	if !ok || clean == "" || strings.Count(clean, "/") > maxDepth {
		return "", invalidPath(*path)
	}
	for element := range strings.SplitSeq(clean, "/") {
		if strings.EqualFold(element, ".git") {
			return "", invalidPath(*path)
		}
	}
	return clean, nil
}

// modeOf returns the mode that a call names.
func modeOf(mode *string, otherwise gitobj.Mode) (gitobj.Mode, error) {
	switch {
	case mode == nil:
		return otherwise, nil
	case *mode == "NORMAL":
		return gitobj.ModeFile, nil
	case *mode == "EXECUTABLE":
		return gitobj.ModeExecutable, nil
	case *mode == "SYMLINK":
		return gitobj.ModeSymlink, nil
	}
	return 0, awsjson.Errorf("InvalidFileModeException", "%q is none of NORMAL, EXECUTABLE and SYMLINK", *mode)
}

// fileAt returns the file, link or submodule at the path, nil if there is none.
func (r *repository) fileAt(ctx context.Context, tree, path string) (*gitobj.Entry, error) {
	e, ok, err := r.entry(ctx, tree, path)
	if err != nil || !ok || e.Mode.Canonical() == gitobj.ModeTree {
		return nil, err
	}
	return &e, nil
}

type putFileInput struct {
	RepositoryName *string `json:"repositoryName"`
	BranchName     *string `json:"branchName"`
	FileContent    []byte  `json:"fileContent"`
	FilePath       *string `json:"filePath"`
	FileMode       *string `json:"fileMode"`
	ParentCommitID *string `json:"parentCommitId"`
	Message        *string `json:"commitMessage"`
	Name           *string `json:"name"`
	Email          *string `json:"email"`
}

type putFileOutput struct {
	CommitID string `json:"commitId"`
	BlobID   string `json:"blobId"`
	TreeID   string `json:"treeId"`
}

func (s *Server) putFile(ctx context.Context, in *putFileInput) (*putFileOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	path, err := filePath(in.FilePath)
	if err != nil {
		return nil, err
	}
	if len(in.FileContent) == 0 {
		return nil, awsjson.Errorf("FileContentRequiredException", "the content of %s is required; the service adds no empty files with PutFile", path)
	}
	if len(in.FileContent) > maxFile {
		return nil, awsjson.Errorf("FileContentSizeLimitExceededException", "%s has more than %d bytes", path, maxFile)
	}
	mode, err := modeOf(in.FileMode, gitobj.ModeFile)
	if err != nil {
		return nil, err
	}
	tip, err := s.tipOf(ctx, r, in.BranchName, in.ParentCommitID)
	if err != nil {
		return nil, err
	}
	before, err := r.fileAt(ctx, tip.tree, path)
	if err != nil {
		return nil, err
	}
	blob := gitobj.BlobID(in.FileContent)
	if before != nil && before.ID == blob && before.Mode.Canonical() == mode {
		return nil, awsjson.Errorf("SameFileContentException", "%s has this content already", path)
	}
	commit, err := s.commitOf(ctx, in.Name, in.Email, in.Message, "Edited "+path)
	if err != nil {
		return nil, err
	}
	if _, err := r.put(ctx, "blob", in.FileContent); err != nil {
		return nil, err
	}
	id, tree, err := s.commitEdits(ctx, r, tip, commit, edits{path: {Mode: mode, ID: blob}}, false)
	if err != nil {
		return nil, err
	}
	return &putFileOutput{id, blob, tree}, nil
}

// commitOf returns a commit by the caller, without tree and parents.
func (s *Server) commitOf(ctx context.Context, name, email, text *string, otherwise string) (*gitobj.Commit, error) {
	sig, err := s.signature(s.caller(ctx), name, email)
	if err != nil {
		return nil, err
	}
	c := &gitobj.Commit{Author: sig, Committer: sig}
	c.Message, err = message(text, otherwise)
	return c, err
}

// commitEdits adds a commit of the tip's tree with the changes to the branch.
func (s *Server) commitEdits(ctx context.Context, r *repository, t tip, c *gitobj.Commit, changes edits, keepFolders bool) (id, tree string, err error) {
	if tree, err = r.edit(ctx, t.tree, changes, keepFolders); err != nil {
		return "", "", err
	}
	c.TreeID = tree
	if t.commit != "" {
		c.Parents = []string{t.commit}
	}
	id, err = s.advance(ctx, r, t, c, s.caller(ctx))
	return id, tree, err
}

type deleteFileInput struct {
	RepositoryName   *string `json:"repositoryName"`
	BranchName       *string `json:"branchName"`
	FilePath         *string `json:"filePath"`
	ParentCommitID   *string `json:"parentCommitId"`
	KeepEmptyFolders bool    `json:"keepEmptyFolders"`
	Message          *string `json:"commitMessage"`
	Name             *string `json:"name"`
	Email            *string `json:"email"`
}

type deleteFileOutput struct {
	putFileOutput
	FilePath string `json:"filePath"`
}

func (s *Server) deleteFile(ctx context.Context, in *deleteFileInput) (*deleteFileOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	path, err := filePath(in.FilePath)
	if err != nil {
		return nil, err
	}
	tip, err := s.tipOf(ctx, r, in.BranchName, in.ParentCommitID)
	if err != nil {
		return nil, err
	}
	before, err := r.fileAt(ctx, tip.tree, path)
	if err != nil {
		return nil, err
	}
	if before == nil {
		return nil, awsjson.Errorf("FileDoesNotExistException", "there is no file %s", path)
	}
	commit, err := s.commitOf(ctx, in.Name, in.Email, in.Message, "Deleted "+path)
	if err != nil {
		return nil, err
	}
	id, tree, err := s.commitEdits(ctx, r, tip, commit, edits{path: nil}, in.KeepEmptyFolders)
	if err != nil {
		return nil, err
	}
	return &deleteFileOutput{putFileOutput{id, before.ID, tree}, path}, nil
}

type createCommitInput struct {
	RepositoryName   *string        `json:"repositoryName"`
	BranchName       *string        `json:"branchName"`
	ParentCommitID   *string        `json:"parentCommitId"`
	AuthorName       *string        `json:"authorName"`
	Email            *string        `json:"email"`
	Message          *string        `json:"commitMessage"`
	KeepEmptyFolders bool           `json:"keepEmptyFolders"`
	PutFiles         []putFileEntry `json:"putFiles"`
	DeleteFiles      []fileEntry    `json:"deleteFiles"`
	SetFileModes     []fileEntry    `json:"setFileModes"`
}

type putFileEntry struct {
	FilePath    *string     `json:"filePath"`
	FileMode    *string     `json:"fileMode"`
	FileContent []byte      `json:"fileContent"`
	SourceFile  *sourceFile `json:"sourceFile"`
}

type sourceFile struct {
	FilePath *string `json:"filePath"`
	IsMove   bool    `json:"isMove"`
}

type fileEntry struct {
	FilePath *string `json:"filePath"`
	FileMode *string `json:"fileMode"` // of setFileModes
}

type createCommitOutput struct {
	CommitID string         `json:"commitId"`
	TreeID   string         `json:"treeId"`
	Added    []fileMetadata `json:"filesAdded"`
	Updated  []fileMetadata `json:"filesUpdated"`
	Deleted  []fileMetadata `json:"filesDeleted"`
}

type fileMetadata struct {
	Path   string `json:"absolutePath"`
	BlobID string `json:"blobId"`
	Mode   string `json:"fileMode"`
}

func (s *Server) createCommit(ctx context.Context, in *createCommitInput) (*createCommitOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	tip, err := s.tipOf(ctx, r, in.BranchName, in.ParentCommitID)
	if err != nil {
		return nil, err
	}
	changes, err := r.editsOf(ctx, tip.tree, in)
	if err != nil {
		return nil, err
	}
	out := &createCommitOutput{Added: []fileMetadata{}, Updated: []fileMetadata{}, Deleted: []fileMetadata{}}
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		before, err := r.fileAt(ctx, tip.tree, path)
		if err != nil {
			return nil, err
		}
		after := changes[path]
		switch {
		case after == nil:
			out.Deleted = append(out.Deleted, fileMetadata{path, before.ID, fileMode(before.Mode)})
		case before == nil:
			out.Added = append(out.Added, fileMetadata{path, after.ID, fileMode(after.Mode)})
		case before.ID != after.ID || before.Mode.Canonical() != after.Mode.Canonical():
			out.Updated = append(out.Updated, fileMetadata{path, after.ID, fileMode(after.Mode)})
		}
	}
	if len(out.Added)+len(out.Updated)+len(out.Deleted) == 0 {
		return nil, awsjson.Errorf("NoChangeException", "the commit would change nothing")
	}
	commit, err := s.commitOf(ctx, in.AuthorName, in.Email, in.Message, "Changed files")
	if err != nil {
		return nil, err
	}
	if out.CommitID, out.TreeID, err = s.commitEdits(ctx, r, tip, commit, changes, in.KeepEmptyFolders); err != nil {
		return nil, err
	}
	return out, nil
}

// editsOf returns the changes of a tree that a call asks for.
func (r *repository) editsOf(ctx context.Context, tree string, in *createCommitInput) (edits, error) {
	switch n := len(in.PutFiles) + len(in.DeleteFiles) + len(in.SetFileModes); {
	case n == 0:
		return nil, awsjson.Errorf("FileEntryRequiredException", "a file to put or delete, or a mode to set, is required")
	case n > maxFileEntries:
		return nil, awsjson.Errorf("MaximumFileEntriesExceededException", "%d files are more than %d", n, maxFileEntries)
	}
	changes := make(edits)
	set := func(path string, e *gitobj.Entry) error {
		if _, ok := changes[path]; ok {
			return awsjson.Errorf("SamePathRequestException", "the commit changes %s twice", path)
		}
		changes[path] = e
		return nil
	}
	existing := func(given *string) (string, *gitobj.Entry, error) {
		path, err := filePath(given)
		if err != nil {
			return "", nil, err
		}
		e, err := r.fileAt(ctx, tree, path)
		if err == nil && e == nil {
			err = awsjson.Errorf("FileDoesNotExistException", "there is no file %s", path)
		}
		return path, e, err
	}
	for _, f := range in.PutFiles {
		path, err := filePath(f.FilePath)
		if err != nil {
			return nil, err
		}
		e := &gitobj.Entry{Mode: gitobj.ModeFile}
		switch {
		case f.SourceFile == nil && f.FileContent == nil:
			return nil, awsjson.Errorf("SourceFileOrContentRequiredException", "%s needs content or a source file", path)
		case f.SourceFile != nil && f.FileContent != nil:
			return nil, awsjson.Errorf("FileContentAndSourceFileSpecifiedException", "%s has both content and a source file", path)
		case len(f.FileContent) > maxFile:
			return nil, awsjson.Errorf("FileContentSizeLimitExceededException", "%s has more than %d bytes", path, maxFile)
		case f.SourceFile != nil:
			from, source, err := existing(f.SourceFile.FilePath)
			switch {
			case err != nil:
				return nil, err
			case strings.HasSuffix("/"+from, "/.gitkeep"):
				return nil, awsjson.Errorf("RestrictedSourceFileException", "%s cannot be copied or moved", from)
			}
			e.ID, e.Mode = source.ID, source.Mode
			if f.SourceFile.IsMove {
				if err := set(from, nil); err != nil {
					return nil, err
				}
			}
		default:
			if e.ID, err = r.put(ctx, "blob", f.FileContent); err != nil {
				return nil, err
			}
		}
		if e.Mode, err = modeOf(f.FileMode, e.Mode); err != nil {
			return nil, err
		}
		if err := set(path, e); err != nil {
			return nil, err
		}
	}
	for _, f := range in.DeleteFiles {
		path, _, err := existing(f.FilePath)
		if err != nil {
			return nil, err
		}
		if err := set(path, nil); err != nil {
			return nil, err
		}
	}
	for _, f := range in.SetFileModes {
		path, e, err := existing(f.FilePath)
		if err != nil {
			return nil, err
		}
		if f.FileMode == nil {
			return nil, awsjson.Errorf("FileModeRequiredException", "a mode for %s is required", path)
		}
		mode, err := modeOf(f.FileMode, 0)
		if err != nil {
			return nil, err
		}
		if err := set(path, &gitobj.Entry{Mode: mode, ID: e.ID}); err != nil {
			return nil, err
		}
	}
	return changes, nil
}
