package codecommit

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// ErrTooLarge is content over the API's limit of 6 MB (6,291,456 bytes). Git
// accepts larger files; the API cannot return them. Package gitfetch fetches them by
// Git's protocol.
var ErrTooLarge = errors.New("content is over the API's limit of 6 MB")

// Error is a failed call of the API.
type Error struct {
	Operation  string // such as "GetFolder"
	Repository string
	Object     string // the reference, commit ID, path or blob ID that the call was about; may be empty
	Err        error  // of the SDK or the context, or the fault of the reply
}

// Error names the operation, its object, the missing IAM action if that is the
// cause, and the SDK's error.
func (e *Error) Error() string {
	return apierror.Call{
		Package: "codecommit", Service: "codecommit", Operation: e.Operation,
		Object: e.Object, Of: e.Repository, Err: e.Err,
	}.Text()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the service's error is of the class of target:
// [fs.ErrNotExist], [fs.ErrPermission] or [ErrTooLarge].
func (e *Error) Is(target error) bool {
	code := apierror.Code(e.Err)
	switch target {
	case fs.ErrNotExist:
		switch code {
		case "RepositoryDoesNotExistException", "BranchDoesNotExistException",
			"CommitDoesNotExistException", "CommitIdDoesNotExistException",
			"InvalidCommitException", "InvalidCommitIdException",
			"FolderDoesNotExistException", "FileDoesNotExistException", "PathDoesNotExistException",
			"BlobIdDoesNotExistException":
			return true
		}
	case fs.ErrPermission:
		return apierror.Denied(e.Err)
	case ErrTooLarge:
		return code == "FileTooLargeException"
	}
	return false
}

// malformed is the error for a reply that the service's model does not allow.
func (r *Repository) malformed(operation, object string, err error) error {
	return &Error{Operation: operation, Repository: r.name, Object: object, Err: err}
}

// IntegrityError is content that does not have the object ID it was asked for:
// a damaged blob, a folder listing that is not complete, or a wrong mode.
type IntegrityError struct {
	Folder bool   // the content is the listing of a folder
	Path   string // in the repository; empty for its root or where only the ID is known
	Want   string // the object ID asked for
	Got    string // the object ID of the content that arrived
}

// Error names the path and both object IDs.
func (e *IntegrityError) Error() string {
	if e.Folder {
		where := fmt.Sprintf("the folder %q", e.Path)
		if e.Path == "" {
			where = "the root folder"
		}
		return fmt.Sprintf("codecommit: the listing of %s makes the tree %s instead of %s: it is damaged or incomplete, "+
			"or another program than git wrote the tree, and SkipVerify reads it without the proof", where, e.Got, e.Want)
	}
	where := ""
	if e.Path != "" {
		where = fmt.Sprintf(" for %q", e.Path)
	}
	return fmt.Sprintf("codecommit: the data that arrived%s has the object ID %s instead of %s: it is damaged or incomplete",
		where, e.Got, e.Want)
}
