package codecommit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// Folder is the listing of one folder at a commit.
type Folder struct {
	Path    string // empty for the root
	TreeID  string
	Entries []Entry // in the order of the tree, which is git's but for trees of other programs
}

// Folder lists one folder, without the content of folders in it, with a call of
// GetFolder. The path has slashes between its elements; the root is "". Name the
// commit by its ID: a reference works too, but the next call may see another
// commit.
//
// The listing is checked against the tree ID that comes with it; a listing that
// does not make that tree is an [*IntegrityError]. Compare the tree ID with the
// one that the folder above or the commit has, as [Repository.FS] does. A folder
// that does not exist is an error that wraps [io/fs.ErrNotExist]. Listings are
// whole: the API has no pages of them.
//
// The proof also finds the forms of trees that early versions of git and other
// programs wrote, and that the API does not show: files of mode 0100664 (in a
// folder of more than 14 files all of them, all but one, or one), folders of mode
// 040000, and entries sorted by their names alone. It hashes 256 MiB at most.
// Other forms are an IntegrityError; Options.SkipVerify reads them.
func (r *Repository) Folder(ctx context.Context, commitID, folderPath string) (*Folder, error) {
	out, err := r.getFolder(ctx, commitID, folderPath, folderPath)
	if err != nil {
		return nil, err
	}
	folder := &Folder{Path: folderPath, TreeID: aws.ToString(out.TreeId)}
	if !gitobj.IsID(folder.TreeID) {
		return nil, r.malformed("GetFolder", folderPath, errors.New("the reply has no tree ID"))
	}
	entries, err := folderEntries(out)
	if err != nil {
		return nil, r.malformed("GetFolder", folderPath, err)
	}
	if !r.options.SkipVerify {
		if entries, err = proveFolder(ctx, entries, folder.Path, folder.TreeID); ctx.Err() != nil && err != nil {
			return nil, r.malformed("GetFolder", folderPath, err)
		} else if err != nil {
			return nil, err
		}
	} else {
		gitobj.SortEntries(entries)
	}
	for _, e := range entries {
		folder.Entries = append(folder.Entries, Entry{Path: path.Join(folderPath, e.Name), Mode: Mode(e.Mode), ID: e.ID})
	}
	return folder, nil
}

func (r *Repository) getFolder(ctx context.Context, specifier, folderPath, object string) (*awscodecommit.GetFolderOutput, error) {
	return call(ctx, r, "GetFolder", object,
		func(ctx context.Context, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
			return r.api.GetFolder(ctx, &awscodecommit.GetFolderInput{
				RepositoryName:  &r.name,
				CommitSpecifier: &specifier,
				FolderPath:      aws.String(cmp.Or(folderPath, "/")),
			}, optFns...)
		})
}

// folderEntries returns the entries of the reply, in its order.
func folderEntries(out *awscodecommit.GetFolderOutput) ([]gitobj.Entry, error) {
	entries := make([]gitobj.Entry, 0, len(out.SubFolders)+len(out.Files)+len(out.SymbolicLinks)+len(out.SubModules))
	var err error
	add := func(name, id *string, mode gitobj.Mode) {
		e := gitobj.Entry{Mode: mode, Name: aws.ToString(name), ID: aws.ToString(id)}
		switch {
		case err != nil:
		case e.Name == "" || e.Name == "." || e.Name == ".." || strings.Contains(e.Name, "/"):
			err = fmt.Errorf("the reply lists %q, which is not a name", e.Name)
		case !gitobj.IsID(e.ID):
			err = fmt.Errorf("the reply lists %q with %q, which is not an object ID", e.Name, e.ID)
		}
		entries = append(entries, e)
	}
	for _, f := range out.SubFolders {
		add(f.RelativePath, f.TreeId, gitobj.ModeTree)
	}
	for _, f := range out.Files {
		mode := gitobj.ModeFile
		if f.FileMode == types.FileModeTypeEnumExecutable {
			mode = gitobj.ModeExecutable
		}
		add(f.RelativePath, f.BlobId, mode)
	}
	for _, l := range out.SymbolicLinks {
		add(l.RelativePath, l.BlobId, gitobj.ModeSymlink)
	}
	for _, m := range out.SubModules {
		add(m.RelativePath, m.CommitId, gitobj.ModeSubmodule)
	}
	return entries, err
}
