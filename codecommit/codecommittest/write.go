package codecommittest

import (
	"context"
	"errors"
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

// advance adds a commit of the tree to the branch at the tip and tells of it. by
// describes the merge that makes it, nil if it is none. mu is held.
func (s *Server) advance(ctx context.Context, r *repository, t tip, c *gitobj.Commit, caller string, by *mergeDetail) (id string, err error) {
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
	return id, s.observe(ctx, r, caller, by)
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
		e, direct := changes[""]
		if direct && len(changes) > 1 {
			return "", awsjson.Errorf("PutFileEntryConflictException", "the commit has both a file and a folder %s", name)
		}
		if !direct {
			sub := gitobj.EmptyTreeID
			if i >= 0 {
				switch entries[i].Mode.Canonical() {
				case gitobj.ModeTree:
					sub = entries[i].ID
				case gitobj.ModeSubmodule:
					return "", awsjson.Errorf("FilePathConflictsWithSubmodulePathException", "%s is a submodule", name)
				default:
					return "", awsjson.Errorf("DirectoryNameConflictsWithFileNameException", "%s is a file", name)
				}
			}
			if sub, err = r.edit(ctx, sub, changes, keepFolders); err != nil {
				return "", err
			}
			if sub == gitobj.EmptyTreeID && keepFolders {
				blob, err := r.put(ctx, "blob", nil)
				if err != nil {
					return "", err
				}
				if sub, err = r.putTree(ctx, []gitobj.Entry{{Mode: gitobj.ModeFile, Name: ".gitkeep", ID: blob}}); err != nil {
					return "", err
				}
			}
			if e = nil; sub != gitobj.EmptyTreeID {
				e = &gitobj.Entry{Mode: gitobj.ModeTree, ID: sub}
			}
		} else if i >= 0 && e != nil {
			switch entries[i].Mode.Canonical() {
			case gitobj.ModeTree:
				return "", awsjson.Errorf("FileNameConflictsWithDirectoryNameException", "%s is a folder", name)
			case gitobj.ModeSubmodule:
				return "", awsjson.Errorf("FilePathConflictsWithSubmodulePathException", "%s is a submodule", name)
			}
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
