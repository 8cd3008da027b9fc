package codecommittest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// The limits of commits through the API.
const (
	maxMessage     = 256 << 10 // bytes
	maxAuthorName  = 1024
	maxEmail       = 256
	maxFileEntries = 100
	maxDepth       = 20       // folders of a path
	maxWrite       = 24 << 20 // bytes of a request
)

// tip is where a commit is added to a branch.
type tip struct {
	branch string // full name
	commit string // "" in an empty repository
	tree   string
}

// tipOf returns the tip of the branch that a call adds a commit to. The call must
// name it.
func (s *Server) tipOf(ctx context.Context, r *repository, branchName, parentCommitID *string) (tip, error) {
	name, err := branchNameOf(branchName)
	if err != nil {
		return tip{}, err
	}
	t := tip{branch: branchPrefix + name, commit: r.known[branchPrefix+name], tree: gitobj.EmptyTreeID}
	parent := valueOf(parentCommitID)
	switch {
	case t.commit == "" && r.known[tagPrefix+name] != "":
		return tip{}, awsjson.Errorf("BranchNameIsTagNameException", "%s is a tag", name)
	case t.commit == "" && !r.empty():
		return tip{}, awsjson.Errorf("BranchDoesNotExistException", "there is no branch %s", name)
	case t.commit == "" && parent == "":
		return t, nil
	case parent == "":
		return tip{}, awsjson.Errorf("ParentCommitIdRequiredException", "the ID of the branch's last commit is required")
	case !gitobj.IsID(parent):
		return tip{}, awsjson.Errorf("InvalidParentCommitIdException", "%q is not a full commit ID", parent)
	}
	c, err := r.commit(ctx, parent)
	switch {
	case errors.Is(err, errMissing):
		return tip{}, awsjson.Errorf("ParentCommitDoesNotExistException", "there is no commit %s", parent)
	case err != nil:
		return tip{}, err
	case parent != t.commit:
		return tip{}, awsjson.Errorf("ParentCommitIdOutdatedException", "the last commit of %s is %s, not %s", name, t.commit, parent)
	}
	t.tree = c.TreeID
	return t, nil
}

// empty reports whether the repository has no branch. Server.mu is held.
func (r *repository) empty() bool {
	for ref := range r.known {
		if strings.HasPrefix(ref, branchPrefix) {
			return false
		}
	}
	return true
}

// signature returns the author and committer that a call names. They are the caller
// by default.
func (s *Server) signature(caller string, name, email *string) (gitobj.Signature, error) {
	sig := gitobj.Signature{Name: valueOf(name), Email: valueOf(email), Seconds: s.now().Unix(), Zone: "+0000"}
	if sig.Name == "" {
		sig.Name = caller
	}
	if characters(sig.Name) > maxAuthorName {
		return sig, awsjson.Errorf("NameLengthExceededException", "the author's name has more than %d characters", maxAuthorName)
	}
	if characters(sig.Email) > maxEmail || strings.ContainsAny(sig.Email, "<>\n\x00") {
		return sig, awsjson.Errorf("InvalidEmailException", "%.200q is not an email address", sig.Email)
	}
	sig.Name = strings.NewReplacer("<", "", ">", "", "\n", " ", "\x00", "").Replace(sig.Name)
	return sig, nil
}

// message returns the message that a call gives.
func message(given *string, otherwise string) (string, error) {
	text := valueOf(given)
	switch {
	case len(text) > maxMessage:
		return "", awsjson.Errorf("CommitMessageLengthExceededException", "the message has %d bytes, more than %d", len(text), maxMessage)
	case strings.ContainsRune(text, 0):
		return strings.ReplaceAll(text, "\x00", ""), nil
	case text == "":
		return otherwise, nil
	}
	return text, nil
}

// advance adds a commit to the branch at the tip and sends its events. mu is held.
func (s *Server) advance(ctx context.Context, r *repository, t tip, c *gitobj.Commit, caller string) (id string, err error) {
	if id, err = r.put(ctx, "commit", c.Encode()); err != nil {
		return "", err
	}
	first := r.empty()
	if err := r.update(ctx, t.branch, t.commit, id); err != nil {
		return "", err
	}
	if first {
		if err := r.setHead(ctx, strings.TrimPrefix(t.branch, branchPrefix)); err != nil {
			return "", err
		}
	}
	return id, s.observe(ctx, r, caller, nil)
}

// edits are changes of a tree by path. A nil entry deletes the path.
type edits map[string]*gitobj.Entry

// edit returns the tree with the changes. Folders that lose their last file go
// too, or keep a file .gitkeep.
func (r *repository) edit(ctx context.Context, tree string, changes edits, keepFolders bool) (id string, err error) {
	entries, err := r.tree(ctx, tree)
	if err != nil {
		return "", err
	}
	entries = slices.Clone(entries)
	below := make(map[string]edits)
	for path, e := range changes {
		name, rest, nested := strings.Cut(path, "/")
		if below[name] == nil {
			below[name] = make(edits)
		}
		if !nested {
			rest = ""
		}
		below[name][rest] = e
	}
	for name, changes := range below {
		i := slices.IndexFunc(entries, func(e gitobj.Entry) bool { return e.Name == name })
		var before *gitobj.Entry
		if i >= 0 {
			before = &entries[i]
		}
		e, err := r.editEntry(ctx, name, before, changes, keepFolders)
		if err != nil {
			return "", err
		}
		if i >= 0 {
			entries = slices.Delete(entries, i, i+1)
		}
		if e != nil {
			entries = append(entries, gitobj.Entry{Mode: e.Mode, Name: name, ID: e.ID})
		}
	}
	return r.putTree(ctx, entries)
}

// editEntry returns what becomes of an entry of a tree; nil is none. The changes are
// by path below the entry, "" for the entry itself.
func (r *repository) editEntry(ctx context.Context, name string, before *gitobj.Entry, changes edits, keepFolders bool) (*gitobj.Entry, error) {
	after, direct := changes[""]
	folder, submodule := false, false
	if before != nil {
		folder, submodule = before.Mode.Canonical() == gitobj.ModeTree, before.Mode.Canonical() == gitobj.ModeSubmodule
	}
	removed := direct && after == nil
	switch {
	case submodule && !removed && (!direct || after.Mode != gitobj.ModeSubmodule):
		return nil, awsjson.Errorf("FilePathConflictsWithSubmodulePathException", "%s is a submodule", name)
	case direct && len(changes) == 1 && folder && after != nil:
		return nil, awsjson.Errorf("FileNameConflictsWithDirectoryNameException", "%s is a folder", name)
	case direct && len(changes) == 1:
		return after, nil
	case before != nil && !folder && !removed:
		return nil, awsjson.Errorf("DirectoryNameConflictsWithFileNameException", "%s is a file", name)
	}
	tree := gitobj.EmptyTreeID
	if folder {
		tree = before.ID
	}
	below := maps.Clone(changes)
	delete(below, "")
	tree, err := r.edit(ctx, tree, below, keepFolders)
	switch {
	case err != nil:
		return nil, err
	case after != nil && tree != gitobj.EmptyTreeID:
		return nil, awsjson.Errorf("PutFileEntryConflictException", "the commit has both a file and a folder %s", name)
	case after != nil:
		return after, nil
	case tree == gitobj.EmptyTreeID && keepFolders && !direct:
		blob, err := r.put(ctx, "blob", nil)
		if err != nil {
			return nil, err
		}
		if tree, err = r.putTree(ctx, []gitobj.Entry{{Mode: gitobj.ModeFile, Name: ".gitkeep", ID: blob}}); err != nil {
			return nil, err
		}
	case tree == gitobj.EmptyTreeID:
		return nil, nil
	}
	return &gitobj.Entry{Mode: gitobj.ModeTree, ID: tree}, nil
}

func (r *repository) putTree(ctx context.Context, entries []gitobj.Entry) (id string, err error) {
	data, err := gitobj.EncodeTree(entries)
	if err != nil {
		return "", err
	}
	if len(data) > maxFile {
		return "", awsjson.Errorf("FolderContentSizeLimitExceededException", "a folder has more than %d bytes of names", maxFile)
	}
	return r.put(ctx, "tree", data)
}
