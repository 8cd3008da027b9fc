package codecommit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	const told = ": api error %s: told by the test"
	tests := []struct {
		err  error
		want string
		is   error
	}{
		{
			err:  &codecommit.Error{Operation: "GetFolder", Repository: "staging", Object: "docs", Err: apiError("FolderDoesNotExistException")},
			want: `codecommit: get folder "docs" of staging` + fmt.Sprintf(told, "FolderDoesNotExistException"),
			is:   fs.ErrNotExist,
		},
		{
			err:  &codecommit.Error{Operation: "GetRepository", Repository: "staging", Err: apiError("RepositoryDoesNotExistException")},
			want: `codecommit: get repository of staging` + fmt.Sprintf(told, "RepositoryDoesNotExistException"),
			is:   fs.ErrNotExist,
		},
		{
			err:  &codecommit.Error{Operation: "ListBranches", Repository: "staging", Err: httpError(http.StatusBadRequest, apiError("AccessDeniedException"))},
			want: `codecommit: list branches of staging: access denied, allow the IAM action codecommit:ListBranches: https response error StatusCode: 400, RequestID: , api error AccessDeniedException: told by the test`,
			is:   fs.ErrPermission,
		},
		{
			err:  &codecommit.Error{Operation: "GetBlob", Repository: "staging", Object: emptyBlobID, Err: apiError("FileTooLargeException")},
			want: `codecommit: get blob "` + emptyBlobID + `" of staging` + fmt.Sprintf(told, "FileTooLargeException"),
			is:   codecommit.ErrTooLarge,
		},
		{
			err:  &codecommit.Error{Operation: "GetBranch", Repository: "staging", Object: "a\nb", Err: errors.New("lost")},
			want: `codecommit: get branch "a\nb" of staging: lost`,
		},
		{
			err:  &codecommit.IntegrityError{Path: "docs/a", Want: emptyBlobID, Got: unknownID},
			want: `codecommit: the data that arrived for "docs/a" has the object ID ` + unknownID + ` instead of ` + emptyBlobID + `: it is damaged or incomplete`,
		},
		{
			err:  &codecommit.IntegrityError{Want: emptyBlobID, Got: unknownID},
			want: `codecommit: the data that arrived has the object ID ` + unknownID + ` instead of ` + emptyBlobID + `: it is damaged or incomplete`,
		},
		{
			err: &codecommit.IntegrityError{Folder: true, Path: "docs", Want: emptyBlobID, Got: unknownID},
			want: `codecommit: the listing of the folder "docs" makes the tree ` + unknownID + ` instead of ` + emptyBlobID +
				`: it is damaged or incomplete, or another program than git wrote the tree, and SkipVerify reads it without the proof`,
		},
		{
			err: &codecommit.IntegrityError{Folder: true, Want: emptyBlobID, Got: unknownID},
			want: `codecommit: the listing of the root folder makes the tree ` + unknownID + ` instead of ` + emptyBlobID +
				`: it is damaged or incomplete, or another program than git wrote the tree, and SkipVerify reads it without the proof`,
		},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("error text:\n got %s\nwant %s", got, test.want)
		}
		for _, class := range []error{fs.ErrNotExist, fs.ErrPermission, codecommit.ErrTooLarge} {
			if errors.Is(test.err, class) != (class == test.is) {
				t.Errorf("errors.Is(%q, %q) = %v", test.err, class, class != test.is)
			}
		}
	}
}
